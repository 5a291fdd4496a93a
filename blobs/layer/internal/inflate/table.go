package inflate

import "math/bits"

// An entry of a table says what the next bits of the stream mean, so that a symbol
// is decoded by one load:
//
//	bits 0-5    how many bits it takes in all: its code, and what follows the code
//	bits 6-7    zero, so that taking all of bits 0-7 off a count of bits is right
//	bits 8-13   the length of the code alone, or of the index of a second table
//	bit 14      isLink: the code is longer than the index, go on in a second table
//	bit 15      isSpecial: isLink, the end of the block, or no code that counts
//	bits 16-30  the literal, the least length or distance, or where a second table begins
//	bit 31      isLiteral
const (
	isLink    = 1 << 14
	isSpecial = 1 << 15
	isEnd     = 1<<16 | isSpecial
	isLiteral = 1 << 31

	bitsMask = 63
	linkMask = 15
)

// isLinked says that an entry is a link, and no literal.
func isLinked(e uint32) bool { return e&(isLiteral|isSpecial|isLink) == isSpecial|isLink }

const (
	maxCode = 15 // bits of a code

	litBits    = 11 // of the index of a first table
	distBits   = 8
	lengthBits = 7 // no code of code lengths is longer

	// The first table and all second ones, at their most: zlib's program enough
	// computes 2342 for 288 symbols and an index of 11 bits, 402 for 32 and 8.
	litSize  = 2342
	distSize = 402

	maxLit  = 286 // symbols that a block may have codes for
	maxDist = 30
	fixLit  = 288 // symbols that the fixed codes have codes for
	fixDist = 32
	lengths = 19 // symbols of the code of code lengths

	endOfBlock = 256
)

// What the symbols stand for, as entries that lack the length of the code.
var (
	litSymbols    [fixLit]uint32
	distSymbols   [fixDist]uint32
	lengthSymbols [lengths]uint32
)

// The tables of the fixed codes (RFC 1951, 3.2.6).
var (
	fixedLit  [litSize]uint32
	fixedDist [distSize]uint32
)

func init() {
	for i := range endOfBlock {
		litSymbols[i] = isLiteral | uint32(i)<<16
	}
	litSymbols[endOfBlock] = isEnd
	ranges(litSymbols[endOfBlock+1:maxLit-1], 3, 8, 4)
	litSymbols[maxLit-1] = 258 << 16
	ranges(distSymbols[:maxDist], 1, 4, 2)
	for i := maxLit; i < fixLit; i++ {
		litSymbols[i] = isSpecial
	}
	for i := maxDist; i < fixDist; i++ {
		distSymbols[i] = isSpecial
	}
	for i := range lengthSymbols {
		lengthSymbols[i] = uint32(i) << 16
	}
	buildFixed()
}

// ranges gives the symbols the numbers from base on: one each to the first plain of
// them, and then twice as many as before to each every symbols.
func ranges(symbols []uint32, base uint32, plain, every int) {
	extra := 0
	for i := range symbols {
		if i >= plain && (i-plain)%every == 0 {
			extra++
		}
		symbols[i] = base<<16 | uint32(extra)
		base += 1 << extra
	}
}

func buildFixed() {
	var of [fixLit]uint8
	for i := range of {
		switch {
		case i < 144:
			of[i] = 8
		case i < 256:
			of[i] = 9
		case i < 280:
			of[i] = 7
		default:
			of[i] = 8
		}
	}
	build(fixedLit[:], litBits, of[:], litSymbols[:])
	for i := range fixDist {
		of[i] = 5
	}
	build(fixedDist[:], distBits, of[:fixDist], distSymbols[:])
}

// build makes the table of the code that the symbols' code lengths make, with an
// index of width bits, and returns the length of the shortest code. It takes the
// codes that the standard library takes: complete ones, a single code of one bit,
// and none at all, which fails when it is used.
func build(table []uint32, width uint, of []uint8, symbols []uint32) (shortest uint32, ok bool) {
	var count [maxCode + 1]uint16
	for _, n := range of {
		count[n&maxCode]++
	}
	count[0] = 0
	var next [maxCode + 1]uint16 // where the symbols of each length begin
	used, total := 0, uint16(0)
	for n := 1; n <= maxCode; n++ {
		next[n] = total
		total += count[n]
		used += int(count[n]) << (maxCode - n)
	}
	switch {
	case total == 0:
		table[0] = isSpecial
		double(table, 1, 1<<width)
		return 0, true
	case total == 1 && count[1] == 1:
		table[1] = isSpecial | 1 // what the one code is not
	case used != 1<<maxCode:
		return 0, false
	}
	var sorted [fixLit]uint32 // by the length of their codes
	for i, n := range of {
		if n &= maxCode; n != 0 {
			sorted[next[n]] = symbols[i]
			next[n]++
		}
	}
	return fill(table, width, sorted[:total], &count), true
}

// double writes what is in the first size places of a table again behind them, up to
// a place.
func double(table []uint32, size, to int) {
	for ; size < to; size *= 2 {
		copy(table[size:2*size], table[:size])
	}
}

// fill writes the codes into the table, the shortest first: what is there of the
// codes up to a length is doubled before the next length.
func fill(table []uint32, width uint, sorted []uint32, count *[maxCode + 1]uint16) uint32 {
	shortest := uint(1)
	for count[shortest&maxCode] == 0 {
		shortest++
	}
	code, size := uint16(0), 1<<shortest
	for n := shortest; n <= width && len(sorted) > 0; n++ {
		double(table, size, 1<<n)
		size = 1 << n
		some := sorted[:count[n&maxCode]]
		sorted = sorted[len(some):]
		for _, symbol := range some {
			table[bits.Reverse16(code)>>(16-n)] = symbol + uint32(n)*0x101
			code++
		}
		code <<= 1
	}
	double(table, size, 1<<width)
	if len(sorted) > 0 {
		fillLinks(table, width, sorted, count, code)
	}
	return uint32(shortest)
}

// fillLinks writes the codes that are longer than the index of the first table into
// second ones. A second table is as large as the longest code in it needs.
func fillLinks(table []uint32, width uint, sorted []uint32, count *[maxCode + 1]uint16, code uint16) {
	prefix, start, end := -1, 0, 1<<width
	for n := width + 1; n <= maxCode; n++ {
		some := sorted[:count[n&maxCode]]
		sorted = sorted[len(some):]
		for i, symbol := range some {
			reversed := int(bits.Reverse16(code) >> (16 - n))
			if at := reversed & (1<<width - 1); at != prefix {
				prefix, start = at, end
				more := n - width
				for room := len(some) - i; room < 1<<more && width+more < maxCode; {
					more++
					room = room<<1 + int(count[(width+more)&maxCode])
				}
				end = start + 1<<more
				table[prefix] = uint32(start)<<16 | isSpecial | isLink | uint32(more)<<8 | uint32(width)
			}
			spread(table[start+reversed>>width:end], 1<<(n-width), symbol+uint32(n-width)*0x101)
			code++
		}
		code <<= 1
	}
}

// spread puts an entry into every place whose index modulo step is 0.
func spread(table []uint32, step int, entry uint32) {
	for i := 0; i < len(table); i += step {
		table[i] = entry
	}
}
