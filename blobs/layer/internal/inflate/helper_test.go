package inflate

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// outcome is what a stream of DEFLATE gives.
type outcome struct {
	plain []byte
	end   error // nil for the true end, io.ErrUnexpectedEOF, or ErrCorrupt
	rest  int   // how much of the source is left, at the true end
}

// standard is what the standard library makes of a stream, up to a limit.
func standard(stream []byte, limit int64) outcome {
	source := bytes.NewReader(stream)
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(source), limit))
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
		err = ErrCorrupt
	}
	return outcome{plain, err, source.Len()}
}

// own is what this package makes of it, from a source that buffers size bytes.
func own(z *inflater, r io.Reader, size int, limit int64) outcome {
	source := bufio.NewReaderSize(r, size)
	z.reset(source)
	var o outcome
	for o.end == nil && int64(len(o.plain)) < limit {
		var next []byte
		next, o.end = z.next()
		o.plain = append(o.plain, next...)
	}
	switch {
	case int64(len(o.plain)) >= limit:
		o.plain, o.end = o.plain[:limit], nil
	case o.end == io.EOF:
		rest, _ := io.ReadAll(source)
		o.end, o.rest = nil, len(rest)
	case errors.Is(o.end, ErrCorrupt):
		o.end = ErrCorrupt
	}
	return o
}

// chunked are ways to read a stream, by name.
var chunked = map[string]func(io.Reader) io.Reader{
	"whole":        func(r io.Reader) io.Reader { return r },
	"bytes":        iotest.OneByteReader,
	"halves":       iotest.HalfReader,
	"data and end": iotest.DataErrReader,
}

const noLimit = 1 << 40

// same holds this package against the standard library, however the stream is read.
// It returns what both make of it.
func same(t *testing.T, z *inflater, stream []byte) outcome {
	t.Helper()
	want := standard(stream, noLimit)
	for name, chunks := range chunked {
		for _, size := range []int{16, 4096} {
			check(t, name, own(z, chunks(bytes.NewReader(stream)), size, noLimit), want)
		}
	}
	return want
}

func check(t *testing.T, what string, got, want outcome) {
	t.Helper()
	if !bytes.Equal(got.plain, want.plain) || got.end != want.end || got.end == nil && got.rest != want.rest {
		at := 0
		for at < min(len(got.plain), len(want.plain)) && got.plain[at] == want.plain[at] {
			at++
		}
		t.Fatalf("%s: %d bytes, %v, %d left; want %d bytes, %v, %d left; the first %d bytes are the same",
			what, len(got.plain), got.end, got.rest, len(want.plain), want.end, want.rest, at)
	}
}

// stream writes a stream of DEFLATE bit by bit.
type stream struct {
	b    []byte
	free uint // bits of the last byte
}

// bits writes n bits, the lowest first.
func (s *stream) bits(v uint, n uint) *stream {
	for ; n > 0; n-- {
		if s.free == 0 {
			s.b = append(s.b, 0)
			s.free = 8
		}
		s.b[len(s.b)-1] |= byte(v&1) << (8 - s.free)
		s.free--
		v >>= 1
	}
	return s
}

// code writes a Huffman code, whose highest bit is the first.
func (s *stream) code(v uint, n uint) *stream {
	for ; n > 0; n-- {
		s.bits(v>>(n-1), 1)
	}
	return s
}

// bytes writes whole bytes from the next one on.
func (s *stream) bytes(b ...byte) *stream {
	s.b = append(s.b, b...)
	s.free = 0
	return s
}

// fixed writes symbols with the fixed codes.
func (s *stream) fixed(symbols ...int) *stream {
	for _, v := range symbols {
		switch v := uint(v); {
		case v < 144:
			s.code(0x30+v, 8)
		case v < 256:
			s.code(0x190+v-144, 9)
		case v < 280:
			s.code(v-256, 7)
		default:
			s.code(0xc0+v-280, 8)
		}
	}
	return s
}

// last and more begin a block.
func last(kind uint) *stream { return new(stream).last(kind) }

func (s *stream) last(kind uint) *stream { return s.bits(1|kind<<1, 3) }
func (s *stream) more(kind uint) *stream { return s.bits(kind<<1, 3) }

// The types of blocks.
const (
	storedBlock = iota
	fixedBlock
	dynamicBlock
	noBlock
)

// codes writes the header of a dynamic block whose code lengths are of, of which
// lits are those of literals and lengths: each as it is, in four bits.
func (s *stream) codes(lits int, of ...uint8) *stream {
	s.plainCodes(lits-257, len(of)-lits-1)
	for _, n := range of {
		s.lengthOf(uint(n))
	}
	return s
}

// plainCodes writes the numbers, and a code of code lengths that has 13 codes of
// four bits, for 0 to 12, and 6 of five bits, for 13 to 18.
func (s *stream) plainCodes(hlit, hdist int) *stream {
	s.bits(uint(hlit), 5).bits(uint(hdist), 5).bits(15, 4)
	for _, symbol := range order {
		if symbol < 13 {
			s.bits(4, 3)
		} else {
			s.bits(5, 3)
		}
	}
	return s
}

func (s *stream) lengthOf(symbol uint) *stream {
	if symbol < 13 {
		return s.code(symbol, 4)
	}
	return s.code(26+symbol-13, 5)
}

// zeros writes n code lengths of zero.
func (s *stream) zeros(n int) *stream {
	for ; n > 0; n-- {
		s.lengthOf(0)
	}
	return s
}
