package inflate

import "encoding/binary"

// A round takes at most inMargin bytes of the input: three times the seven that a
// refill moves on by are fewer than those and the eight that are loaded.
const (
	inMargin  = 16
	fastInput = inMargin + 8
)

// fast decodes a compressed block while there is input for a round, and room. No
// access is outside its buffer, whatever the stream says: lit and dist are indexed by
// as many bits as their first tables have, or by what was compared with their size;
// in and out modulo their size, behind which there is room for the widest access; and
// where w is no masked index, the compiler's own check stays. What a wrong index
// could do is to give wrong bytes, which checksum and digest tell.
func (z *inflater) fast() error {
	var err error
	bb, bc := z.bits, z.count
	w, ip := uint(z.w), uint(z.ip)
	limit := uint(z.ie) - inMargin
	bb |= z.load(ip) << (bc & 63)
	ip += 7 - uint(bc>>3&7)
	bc |= 56
	e := z.lit[bb&(1<<litBits-1)]
	for ip <= limit && w < most {
		if e&isLiteral != 0 {
			bb >>= e & 63
			bc -= e
			z.out[w] = byte(e >> 16)
			w++
			e = z.lit[bb&(1<<litBits-1)]
			if e&isLiteral != 0 {
				bb >>= e & 63
				bc -= e
				z.out[w] = byte(e >> 16)
				w++
				e = z.lit[bb&(1<<litBits-1)]
				if e&isLiteral != 0 {
					bb >>= e & 63
					bc -= e
					z.out[w] = byte(e >> 16)
					w++
					e = z.lit[bb&(1<<litBits-1)]
					bb |= z.load(ip) << (bc & 63)
					ip += 7 - uint(bc>>3&7)
					bc |= 56
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
					bb >>= e & 63
					bc -= e
					z.out[w%outSize] = byte(e >> 16)
					w++
					e = z.lit[bb&(1<<litBits-1)]
					bb |= z.load(ip) << (bc & 63)
					ip += 7 - uint(bc>>3&7)
					bc |= 56
					continue
				}
			}
			if e&isSpecial != 0 {
				bb >>= e & 63
				bc -= e
				if e&isEnd != isEnd {
					err = errSymbol
				} else {
					z.state = atBlock
				}
				break
			}
		}
		length := uint(e>>16) + uint((bb&(1<<(e&63)-1))>>(e>>8&63))
		bb >>= e & 63
		bc -= e
		e = z.dist[bb&(1<<distBits-1)]
		if uint8(bc) < 39 {
			bb |= z.load(ip) << (bc & 63)
			ip += 7 - uint(bc>>3&7)
			bc |= 56
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
		distance := uint(e>>16) + uint((bb&(1<<(e&63)-1))>>(e>>8&63))
		bb >>= e & 63
		bc -= e
		e = z.lit[bb&(1<<litBits-1)]
		bb |= z.load(ip) << (bc & 63)
		ip += 7 - uint(bc>>3&7)
		bc |= 56
		if distance > w-uint(z.low) {
			err = errDistance
			break
		}
		s := w - distance
		end := w + length
		if distance >= 8 {
			for {
				from, to := z.out[s%outSize:][:16], z.out[w%outSize:][:16]
				binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
				binary.LittleEndian.PutUint64(to[8:], binary.LittleEndian.Uint64(from[8:]))
				w += 16
				s += 16
				if w >= end {
					break
				}
			}
		} else {
			p := &patterns[distance%8]
			v := binary.LittleEndian.Uint64(z.out[s%outSize:][:8]) & p.mask * p.times
			for w < end {
				binary.LittleEndian.PutUint64(z.out[w%outSize:][:8], v)
				w += p.step
			}
		}
		w = end
	}
	bc &= 63
	z.bits, z.count, z.w, z.ip = bb, bc, int(w), int(ip)
	z.giveBack()
	return err
}

// pattern is how the bytes of a short distance come to fill eight bytes.
type pattern struct {
	mask, times uint64
	step        uint
}

var patterns = func() (p [8]pattern) {
	for d := uint(1); d < 8; d++ {
		p[d].mask = 1<<(8*d) - 1
		for i := uint(0); i < 8; i += d {
			p[d].times |= 1 << (8 * i)
		}
		p[d].step = 8 / d * d
	}
	return p
}()
