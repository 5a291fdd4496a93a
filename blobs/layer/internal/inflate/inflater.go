package inflate

import (
	"bufio"
	"fmt"
	"io"
)

// What is wrong with a stream, all of which is ErrCorrupt.
var (
	errBlock    = fmt.Errorf("%w: a block of no known type", ErrCorrupt)
	errStored   = fmt.Errorf("%w: a stored block whose length is damaged", ErrCorrupt)
	errLengths  = fmt.Errorf("%w: a block whose code lengths make no code", ErrCorrupt)
	errSymbol   = fmt.Errorf("%w: a code that stands for nothing", ErrCorrupt)
	errDistance = fmt.Errorf("%w: a match that begins before the first byte", ErrCorrupt)
)

// The sizes are powers of two where a mask limits an index to them.
const (
	inSize  = 32 << 10
	outSize = 128 << 10

	window = 32 << 10 // how far back a match may begin
	most   = outSize - slack

	// slack is room behind most, where the last symbol begins at the latest: for
	// two literals and the longest match, and what copying writes beyond it.
	slack    = 512
	maxMatch = 258

	wide = 16 // bytes that may be read or written from any masked index on
)

type state uint8

const (
	atBlock  state = iota // a block begins, or the last one is over
	inStored              // a stored block goes on
	inCoded               // a compressed block goes on
)

// inflater unpacks a DEFLATE stream.
type inflater struct {
	input
	state state
	final bool // no block follows
	fixed bool // the tables are those of the fixed codes
	left  int  // of a stored block
	err   error

	// What was unpacked is in out up to w. It is unpacked from window on, and what
	// a match may refer to begins at low.
	w, low int

	// How many bits there are at least where a symbol is looked up.
	leastLit, leastDist uint32

	lit  [litSize]uint32
	dist [distSize]uint32 // and that of the code lengths, while they are read
	of   [maxLit + maxDist]uint8
	out  [outSize + wide]byte
}

func (z *inflater) reset(src *bufio.Reader) {
	z.input.reset(src)
	z.state, z.final, z.err = atBlock, false, nil
	z.w, z.low = window, window
}

// next returns what comes next, at most out and good until the next call, and why
// it ends there: nil, io.EOF for the end of the stream, which is where the source
// is then, or what is wrong.
func (z *inflater) next() ([]byte, error) {
	keep := min(window, z.w-z.low)
	copy(z.out[window-keep:window], z.out[z.w-keep:z.w])
	z.w, z.low = window, window-keep
	for z.err == nil && z.w < most {
		switch z.state {
		case atBlock:
			z.err = z.block()
		case inStored:
			z.err = z.stored()
		case inCoded:
			z.err = z.coded()
		}
	}
	return z.out[window:z.w], z.err
}

func (z *inflater) block() error {
	if z.final {
		z.release()
		return io.EOF
	}
	if err := z.need(3); err != nil {
		return err
	}
	z.final = z.take(1) == 1
	switch z.take(2) {
	case 0:
		z.state = inStored
		return z.storedHeader()
	case 1:
		z.state = inCoded
		z.useFixed()
		return nil
	case 2:
		z.state = inCoded
		return z.dynamic()
	}
	return errBlock
}

func (z *inflater) storedHeader() error {
	z.align()
	if err := z.need(32); err != nil {
		return err
	}
	n, inverted := z.take(16), z.take(16)
	if n != ^inverted&0xffff {
		return errStored
	}
	z.align()
	z.left = int(n)
	return nil
}

// stored copies what is in the input, if that is all, and else straight from the
// source.
func (z *inflater) stored() error {
	if z.left == 0 {
		z.state = atBlock
		return nil
	}
	to := z.out[z.w:min(z.w+z.left, most)]
	var n int
	if z.left <= z.ie-z.ip {
		n = copy(to, z.in[z.ip:z.ie])
		z.ip += n
	} else {
		z.release()
		z.share = firstShare // the next block may be like this one
		if _, err := z.src.Peek(1); err != nil {
			return cut(err)
		}
		n, _ = z.src.Read(to) // of what is buffered
	}
	z.w += n
	z.left -= n
	return nil
}

func (z *inflater) useFixed() {
	if !z.fixed {
		z.lit, z.dist = fixedLit, fixedDist
		z.leastLit, z.leastDist = 7, 5
		z.fixed = true
	}
}

func (z *inflater) coded() error {
	z.giveBack()
	if z.ie-z.ip < fastInput && z.src.Buffered() > z.ie {
		z.fill()
	}
	if z.ie-z.ip >= fastInput {
		return z.fast()
	}
	return z.careful()
}
