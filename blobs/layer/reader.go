package layer

import (
	"bufio"
	"context"
	"errors"
	"io"
)

// Reader unpacks a stream that may be compressed, as an archive may be that is
// no layer. It is for one goroutine.
type Reader struct {
	decompressor decompressor
	limited      *limited
}

// NewReader looks at the start of r, and returns what unpacks it. The limits
// that count are those on bytes. While others unpack what takes much memory, a
// stream that does so too waits for them, until ctx ends. The error is that of
// reading r, or wraps ErrFormat or ErrCorrupt. The caller calls Close, and closes r.
func NewReader(ctx context.Context, r io.Reader, limits Limits) (*Reader, error) {
	source := &counting{r: r}
	buffered := bufio.NewReaderSize(failing{source}, chunkSize)
	start, err := buffered.Peek(sniffLength)
	if failed, ok := errors.AsType[*readError](err); ok {
		return nil, failed.err
	}
	d, err := newDecompressor(ctx, true, Sniff(start), buffered, nil)
	if err != nil {
		return nil, unmarked(err)
	}
	return &Reader{d, &limited{d, limits.WithDefaults(), func() int64 { return source.n }, 0}}, nil
}

// Read returns io.EOF only at the true end of the stream. Any other error is
// that of reading below, or wraps one of this package's; those of limits come
// with bytes beyond the limit.
func (u *Reader) Read(p []byte) (int, error) {
	n, err := u.limited.Read(p)
	return n, unmarked(err)
}

// Close releases the decompressor.
func (u *Reader) Close() error {
	if u.decompressor != nil {
		u.decompressor.close()
		u.decompressor = nil
	}
	return nil
}

// unmarked takes the mark of failing off an error.
func unmarked(err error) error {
	if failed, ok := errors.AsType[*readError](err); ok {
		return failed.err
	}
	return err
}

// counting counts the bytes that are read. It takes no count on trust.
type counting struct {
	r     io.Reader
	n     int64
	empty int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	switch {
	case n < 0 || n > len(p):
		return 0, errInvalidRead
	case n > 0:
		c.empty = 0
	case err == nil:
		if c.empty++; c.empty == 100 {
			return 0, io.ErrNoProgress
		}
	}
	c.n += int64(n)
	return n, err
}
