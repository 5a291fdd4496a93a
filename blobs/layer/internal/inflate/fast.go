package inflate

import "encoding/binary"

// Within one turn of the loop of fast at most two loads of eight bytes come, and the
// first of them brings the second forward by seven at most. One more comes before.
const (
	inMargin  = 7 + 8
	fastInput = inMargin + 7 + 8
)

// How many bits are still there, of the 56 that every turn begins with, where a
// symbol is looked up with no load before it: two literals of the first table may
// have come, and a length.
const (
	litMost  = maxCode + 5 // bits of a length
	distMost = maxCode + 13
	_        = uint(56 - 2*litBits - litMost - distBits)
	_        = uint(56 - 3*litBits - litBits)
	_        = uint(56 - 2*litBits - maxCode - litBits)
)

// fast decodes symbols of a compressed block while there is so much input, and so
// much room for output, that nothing has to be asked for within a symbol.
//
// What bounds its speed are chains of loads that wait for one another, from one
// entry of a table to the next, and jumps that cannot be foreseen. So the next entry
// is looked up before the bits are filled up, and so is that of a distance; and a
// match is copied by 16 bytes, of which what is too much is written over again.
//
// No index leaves its array, whatever the stream says:
//   - lit and dist: an index has as many bits as the first table, or was compared
//     with the size of all tables, which only a wrong table could reach.
//   - in: load takes an index modulo inSize, and in has eight bytes more. That no
//     index is that large follows from limit.
//   - out: w is below most where a turn begins, and up to three literals follow it.
//     Elsewhere an index is taken modulo outSize, and out has wide bytes more. That
//     none is that large follows from slack: a match begins two literals behind
//     most at the latest. It refers to low or what is above it, which is compared.
//
// The compiler follows the first half of each, and so checks nothing again (see
// TestNoChecks). A mistake in the other half could give wrong bytes, which checksum
// and digest tell.
func (z *inflater) fast() error {
	var err error
	bb, bc := z.bits, z.count // of which only the low 8 bits count
	w, ip := uint(z.w), uint(z.ip)
	limit := uint(z.ie) - inMargin
	bb, bc, ip = z.filled(bb, bc, ip)
	e := z.lit[bb%(1<<litBits)]
	for ip <= limit && w < most {
		if e&isLiteral != 0 {
			bb >>= e & bitsMask
			bc -= e
			z.out[w] = byte(e >> 16)
			w++
			e = z.lit[bb%(1<<litBits)]
			if e&isLiteral != 0 {
				bb >>= e & bitsMask
				bc -= e
				z.out[w] = byte(e >> 16)
				w++
				e = z.lit[bb%(1<<litBits)]
				if e&isLiteral != 0 {
					bb >>= e & bitsMask
					bc -= e
					z.out[w] = byte(e >> 16)
					w++
					e = z.lit[bb%(1<<litBits)]
					bb, bc, ip = z.filled(bb, bc, ip)
					continue
				}
			}
		}
		if e&isSpecial != 0 {
			if e&isLink != 0 {
				bb >>= litBits
				bc -= litBits
				i := e>>16 + uint32(bb)&(1<<(e>>8&linkMask)-1)
				if i >= litSize {
					err = errSymbol
					break
				}
				e = z.lit[i]
				if e&isLiteral != 0 {
					bb >>= e & bitsMask
					bc -= e
					z.out[w%outSize] = byte(e >> 16)
					w++
					e = z.lit[bb%(1<<litBits)]
					bb, bc, ip = z.filled(bb, bc, ip)
					continue
				}
			}
			if e&isSpecial != 0 {
				bb >>= e & bitsMask
				bc -= e
				if e&isEnd != isEnd {
					err = errSymbol
				} else {
					z.state = atBlock
				}
				break
			}
		}

		length := uint(e>>16) + uint(bb&(1<<(e&bitsMask)-1)>>(e>>8&bitsMask))
		bb >>= e & bitsMask
		bc -= e
		e = z.dist[bb%(1<<distBits)]
		if uint8(bc) < distMost+litBits {
			bb, bc, ip = z.filled(bb, bc, ip)
		}
		if e&isSpecial != 0 {
			if e&isLink == 0 {
				err = errSymbol
				break
			}
			bb >>= distBits
			bc -= distBits
			i := e>>16 + uint32(bb)&(1<<(e>>8&linkMask)-1)
			if i >= distSize {
				err = errSymbol
				break
			}
			e = z.dist[i]
			if e&isSpecial != 0 {
				err = errSymbol
				break
			}
		}
		distance := uint(e>>16) + uint(bb&(1<<(e&bitsMask)-1)>>(e>>8&bitsMask))
		bb >>= e & bitsMask
		bc -= e
		e = z.lit[bb%(1<<litBits)]
		bb, bc, ip = z.filled(bb, bc, ip)

		s, end := w-distance, w+length
		if int(s) < z.low { // also where it is below 0
			err = errDistance
			break
		}
		if distance < 8 {
			z.repeat(w, end, distance)
			w = end
			continue
		}
		for {
			// The second half may be what the first one wrote.
			from, to := z.out[s%outSize:][:wide], z.out[w%outSize:][:wide]
			binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
			binary.LittleEndian.PutUint64(to[8:], binary.LittleEndian.Uint64(from[8:]))
			w += wide
			s += wide
			if w >= end {
				break
			}
		}
		w = end
	}
	z.bits, z.count, z.w, z.ip = bb, bc&63, int(w), int(ip)
	z.giveBack()
	return err
}

// filled has at least 56 bits: what is loaded covers those above bc, and is the same
// where they were there already.
func (z *input) filled(bb uint64, bc uint32, ip uint) (uint64, uint32, uint) {
	return bb | z.load(ip)<<(bc&63), bc | 56, ip + 7 - uint(bc>>3&7)
}

// repeat writes the bytes from w on that a match makes of fewer than eight before
// it. It writes eight at a time, and up to seven too many.
func (z *inflater) repeat(w, end, distance uint) {
	p := &patterns[distance%8]
	v := binary.LittleEndian.Uint64(z.out[(w-distance)%outSize:][:8]) & p.mask * p.times
	for ; w < end; w += p.step {
		binary.LittleEndian.PutUint64(z.out[w%outSize:][:8], v)
	}
}

// pattern is how the bytes of a short distance come to fill eight: those that count,
// what spreads them, and how far on the eight are the same again.
type pattern struct {
	mask, times uint64
	step        uint
}

var patterns = func() (all [8]pattern) {
	for distance := uint(1); distance < 8; distance++ {
		p := &all[distance]
		p.mask = 1<<(8*distance) - 1
		for i := uint(0); i < 8; i += distance {
			p.times |= 1 << (8 * i)
		}
		p.step = 8 / distance * distance
	}
	return all
}()
