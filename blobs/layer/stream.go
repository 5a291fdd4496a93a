package layer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// What errors.Is finds in ScanResult.Stream.
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

// decompressor yields the tar archive that a blob holds. Its Read returns io.EOF
// only at the true end of the stream, and an error that wraps one of this
// package's otherwise, unless reading the blob failed.
type decompressor interface {
	io.Reader
	close()
}

// newDecompressor returns the decompressor of a blob, which reads from r. One that
// waits may do so, while ctx lasts, for others to be closed that take much memory:
// it is not for streams that somebody may keep open. begins, unless nil, is called
// where r is at the beginning of a gzip member or zstd frame, and all that those
// before it unpack to has been read.
func newDecompressor(ctx context.Context, waits bool, c Compression, r *bufio.Reader, begins func()) (decompressor, error) {
	switch c {
	case None, Empty:
		return plain{r}, nil
	case Gzip:
		return newMembers(r, begins)
	case Zstd:
		return newFrames(ctx, waits, r, begins)
	}
	return nil, ErrFormat
}

type plain struct{ *bufio.Reader }

func (plain) close() {}

// members reads all members of a gzip stream, one after the other. The library
// would do so itself, but not tell padding from damage.
type members struct {
	source *bufio.Reader
	member *gunzip
	begins func()
}

func newMembers(r *bufio.Reader, begins func()) (*members, error) {
	m := &members{r, lendGunzip(), begins}
	if err := m.begin(); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// begin goes into the member that the source is at.
func (m *members) begin() error {
	if m.begins != nil {
		m.begins()
	}
	return corrupt(m.member.Reset(m.source))
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
		return m.begin()
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

func (m *members) close() {
	m.member.Close()
	returnGunzip(m.member)
}

// corrupt tells what a decoder says of the stream from what reading the blob
// says.
func corrupt(err error) error {
	var blob *readError
	switch {
	case err == nil:
		return nil
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
