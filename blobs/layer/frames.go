package layer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"math/bits"
)

// MaxWindow is how many bytes of memory a zstd frame may ask for. The format knows
// larger windows, and wants decoders to take 8 MiB; zstd --long takes 128 MiB.
const MaxWindow = 128 << 20

// frames reads all frames of a zstd stream, and passes over skippable ones.
type frames struct {
	ctx    context.Context
	waits  bool
	source *frameSource
	lent   *decoder
}

// newFrames returns the frames of r. One that waits takes the memory of windows
// from what all streams share, and waits for it as long as ctx lasts. begins, unless
// nil, is called where a frame begins, after all before it was read.
func newFrames(ctx context.Context, waits bool, r *bufio.Reader, begins func()) (*frames, error) {
	f := &frames{ctx: ctx, waits: waits, source: &frameSource{r: r, begins: begins}}
	if err := f.next(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// next gets a decoder for the frame that the source is at.
func (f *frames) next() error {
	f.close()
	n := f.source.wanted()
	lent, err := lendDecoder(f.ctx, f.waits, n)
	if err != nil {
		return &readError{err}
	}
	f.lent, f.source.window, f.source.begun = lent, n, false
	return corrupt(lent.Reset(f.source))
}

func (f *frames) Read(p []byte) (int, error) {
	for {
		if f.lent == nil {
			return 0, io.EOF
		}
		n, err := f.lent.Read(p)
		switch {
		case err == nil || n > 0 && err == io.EOF:
			return n, nil // the end is asked for again
		case err != io.EOF:
			return n, corrupt(err)
		case !f.source.more:
			return 0, io.EOF
		}
		if err := f.next(); err != nil {
			return 0, err
		}
	}
}

// close lets go of the stream. A decoder that has no goroutine of its own needs
// no closing.
func (f *frames) close() {
	lent := f.lent
	f.lent = nil // so that nothing keeps what may be thrown away
	if lent != nil {
		lent.giveBack()
	}
}

// frameSource hands on a zstd stream, and ends before each frame whose window is
// larger than window, and where begins is set before each frame but the first. It knows no more of the format than where a frame ends
// (RFC 8878, 3.1): what it does not understand it hands on, for the decoder to
// tell what is wrong with it.
type frameSource struct {
	r        *bufio.Reader
	window   int64
	more     bool  // it ended before a frame
	left     int64 // bytes up to the next header, of a frame or block
	inFrame  bool
	checksum bool // the frame ends with one
	begins   func()
	begun    bool // a frame, since it ended last
}

func (s *frameSource) Read(p []byte) (int, error) {
	for s.left == 0 {
		if s.inFrame {
			s.block()
			continue
		}
		if s.wanted() > s.window || s.begins != nil && s.begun && s.atFrame() {
			s.more = true
			return 0, io.EOF
		}
		s.more = false
		s.frame()
	}
	n, err := s.r.Read(p[:min(int64(len(p)), s.left)])
	if n > 0 {
		s.left -= int64(n)
	}
	return n, err
}

// What headers begin with, and how long they can be.
var frameMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

const (
	frameHeaderLength     = 18
	skippableHeaderLength = 8
	blockHeaderLength     = 3
	checksumLength        = 4
	restOfStream          = math.MaxInt64
)

// wanted returns how large a window the frame that comes next needs: a power of
// two, so that decoders are of few sizes, and not too little, as a decoder takes
// memory beside the window. What no decoder takes a window for wants the least.
func (s *frameSource) wanted() int64 {
	const least = 1 << 20
	start, _ := s.r.Peek(frameHeaderLength)
	window, _, ok := frameHeader(start)
	if !ok || window <= least || window > MaxWindow {
		return least
	}
	return 1 << bits.Len64(uint64(window-1))
}

// atFrame says whether a frame comes next, and not one to skip.
func (s *frameSource) atFrame() bool {
	start, _ := s.r.Peek(len(frameMagic))
	return bytes.Equal(start, frameMagic)
}

// frame goes into the frame that comes next, or past a skippable one.
func (s *frameSource) frame() {
	start, _ := s.r.Peek(frameHeaderLength)
	_, length, ok := frameHeader(start)
	switch {
	case ok:
		if s.begun = true; s.begins != nil {
			s.begins()
		}
		s.left, s.inFrame, s.checksum = int64(length), true, start[len(frameMagic)]&4 != 0
	case len(start) >= skippableHeaderLength && isZstd(start) && !bytes.HasPrefix(start, frameMagic):
		s.left = skippableHeaderLength + int64(binary.LittleEndian.Uint32(start[4:]))
	default:
		s.left = restOfStream
	}
}

// block goes into the block that comes next.
func (s *frameSource) block() {
	start, _ := s.r.Peek(blockHeaderLength)
	if len(start) < blockHeaderLength {
		s.left = restOfStream
		return
	}
	header := int64(start[0]) | int64(start[1])<<8 | int64(start[2])<<16
	size := header >> 3
	switch header >> 1 & 3 {
	case 1: // one byte that repeats
		size = 1
	case 3: // reserved
		s.left = restOfStream
		return
	}
	s.left = blockHeaderLength + size
	if last := header&1 != 0; last {
		s.inFrame = false
		if s.checksum {
			s.left += checksumLength
		}
	}
}

// frameHeader returns the window that a frame asks for and the length of its
// header, and whether start is the beginning of a frame at all.
func frameHeader(start []byte) (window int64, length int, ok bool) {
	const fixed = 5 // the magic number and the descriptor
	if len(start) < fixed || !bytes.HasPrefix(start, frameMagic) {
		return 0, 0, false
	}
	descriptor := start[fixed-1]
	single := descriptor&(1<<5) != 0
	windowLength, dictionaryLength, sizeLength := 1, [...]int{0, 1, 2, 4}[descriptor&3], [...]int{0, 2, 4, 8}[descriptor>>6]
	if single {
		windowLength, sizeLength = 0, max(sizeLength, 1)
	}
	length = fixed + windowLength + dictionaryLength + sizeLength
	if len(start) < length {
		return 0, 0, false
	}
	if !single {
		exponent, mantissa := start[fixed]>>3, int64(start[fixed]&7)
		base := int64(1) << (10 + exponent)
		return base + base/8*mantissa, length, true
	}
	var field [8]byte
	copy(field[:], start[length-sizeLength:length])
	size := binary.LittleEndian.Uint64(field[:])
	if sizeLength == 2 {
		size += 256
	}
	return int64(min(size, math.MaxInt64)), length, true
}
