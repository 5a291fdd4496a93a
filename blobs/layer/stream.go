package layer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// What errors.Is finds in a [Fault].
var (
	// ErrCorrupt: the compressed stream breaks off, or is not what its format
	// demands, a checksum included.
	ErrCorrupt = errors.New("the compressed stream is corrupt")
	// ErrTrailingZeros and ErrTrailingData: after the last gzip member stand
	// zeros, or something else. Everything before them was read.
	ErrTrailingZeros = errors.New("zeros follow the last gzip member")
	ErrTrailingData  = errors.New("bytes that are no gzip member follow the last one")
	// ErrBytes, ErrRatio and ErrWindow: a limit on decompression was hit.
	ErrBytes  = errors.New("the layer unpacks to more bytes than the limit")
	ErrRatio  = errors.New("the layer unpacks to more than the limit's multiple of its size")
	ErrWindow = errors.New("the layer needs more memory to unpack than the limit")
	// ErrFormat: the stream is compressed in a way that is not known here.
	ErrFormat = errors.New("the compression is not known")
)

// maxWindow bounds the memory that a zstd frame may ask for. The format knows
// larger windows, and wants decoders to take 8 MiB; zstd --long takes 128 MiB.
const maxWindow = 128 << 20

// decompressor yields the tar archive that a blob holds. Its Read returns io.EOF
// only at the true end of the stream, and an error that wraps one of this
// package's otherwise, unless reading the blob failed.
type decompressor interface {
	io.Reader
	close()
}

// newDecompressor returns the decompressor of a blob, which reads from r.
func newDecompressor(c Compression, r *bufio.Reader) (decompressor, error) {
	switch c {
	case None, Empty:
		return plain{r}, nil
	case Gzip:
		return newMembers(r)
	case Zstd:
		return newFrames(r)
	}
	return nil, ErrFormat
}

type plain struct{ *bufio.Reader }

func (plain) close() {}

// members reads all members of a gzip stream, one after the other. The library
// would do so itself, but not tell padding from damage.
type members struct {
	source *bufio.Reader
	member *gzip.Reader
}

func newMembers(r *bufio.Reader) (*members, error) {
	member := gzipReaders.Get().(*gzip.Reader)
	if err := member.Reset(r); err != nil {
		return nil, corrupt(err)
	}
	member.Multistream(false)
	return &members{r, member}, nil
}

func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.member.Read(p)
		if err == nil || n > 0 && err == io.EOF {
			return n, nil // the end is asked for again
		}
		if err != io.EOF {
			return n, corrupt(err)
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
}

// next goes on to the next member, or returns io.EOF or what else there is.
func (m *members) next() error {
	start, err := m.source.Peek(2)
	switch {
	case len(start) == 2 && start[0] == 0x1f && start[1] == 0x8b:
		if err := m.member.Reset(m.source); err != nil {
			return corrupt(err)
		}
		m.member.Multistream(false)
		return nil
	case err != nil && err != io.EOF:
		return err
	case len(start) == 0:
		return io.EOF
	}
	return m.trailing()
}

func (m *members) trailing() error {
	zeros := true
	for {
		chunk, err := m.source.Peek(1)
		if len(chunk) == 0 {
			if err != io.EOF {
				return err
			}
			if zeros {
				return ErrTrailingZeros
			}
			return ErrTrailingData
		}
		chunk, _ = m.source.Peek(m.source.Buffered())
		for _, c := range chunk {
			zeros = zeros && c == 0
		}
		m.source.Discard(len(chunk))
	}
}

func (m *members) close() { gzipReaders.Put(m.member) }

// Decoders are lent to one stream at a time: making one costs more than a small
// layer.
var (
	gzipReaders  = sync.Pool{New: func() any { return new(gzip.Reader) }}
	zstdDecoders sync.Pool
)

// frames reads all frames of a zstd stream, and passes over skippable ones.
type frames struct{ decoder *zstd.Decoder }

func newFrames(r io.Reader) (*frames, error) {
	if pooled, ok := zstdDecoders.Get().(*zstd.Decoder); ok {
		if err := pooled.Reset(r); err != nil {
			return nil, corrupt(err)
		}
		return &frames{pooled}, nil
	}
	// One goroutine, the caller's: overlap is made further out, and a decoder
	// with goroutines of its own is slower where other cores are busy.
	decoder, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
	if err != nil {
		return nil, corrupt(err)
	}
	return &frames{decoder}, nil
}

func (f *frames) Read(p []byte) (int, error) {
	n, err := f.decoder.Read(p)
	if err != nil && err != io.EOF {
		err = corrupt(err)
	}
	return n, err
}

// close lets go of the stream. A decoder that has no goroutine of its own needs
// no closing.
func (f *frames) close() {
	if err := f.decoder.Reset(nil); err == nil {
		zstdDecoders.Put(f.decoder)
	}
}

// corrupt tells what a decoder says of the stream from what reading the blob
// says.
func corrupt(err error) error {
	var blob *readError
	switch {
	case errors.As(err, &blob):
		return blob
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("%w: %v", ErrWindow, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it breaks off", ErrCorrupt)
	}
	return fmt.Errorf("%w: %v", ErrCorrupt, err)
}

// readError is a failure to read the blob, which decoders hand on as their own.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }
