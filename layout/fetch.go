package layout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Fetch opens the blob that d describes, and compares it with the descriptor's size and
// digest while it is read. Where they differ, reading ends in an error that wraps
// [ErrMismatch], never in io.EOF, and the last bytes are not handed out: nobody gets a
// wrong blob whole. At most d.Size bytes come, in memory that does not grow. Who stops
// before io.EOF has compared nothing. A blob that is absent is replaced by d.Data, if
// that is what d describes.
//
// A blob of another size is ErrMismatch at once. Other errors are those of
// [blobs.Store.Stat], and digest.ErrDigestUnsupported. ctx is looked at before each
// read. The caller calls Close, at any time. The reader is not safe for concurrent use.
func (l *Layout) Fetch(ctx context.Context, d *model.Descriptor) (io.ReadCloser, error) {
	info, err := l.blobs.Stat(d.Digest)
	var from io.ReadCloser
	if data := substitute(d, err); data != nil {
		info.Size, from, err = int64(len(data)), io.NopCloser(bytes.NewReader(data)), nil
	}
	if err != nil {
		return nil, err
	}
	if info.Size != d.Size {
		return nil, fmt.Errorf("%w: %s has %d bytes, not %d", ErrMismatch, info.Path, info.Size, d.Size)
	}
	sum, err := model.NewHash(d.Digest.Algorithm())
	if err != nil {
		return nil, &blobs.Error{Op: "read", Digest: d.Digest, Err: err}
	}
	if from == nil {
		if from, err = l.blobs.Open(d.Digest); err != nil {
			return nil, err
		}
	}
	return &fetched{ctx: ctx, from: from, path: info.Path, want: d.Digest, left: d.Size, sum: sum}, nil
}

// fetched is a blob that is compared while it is read.
type fetched struct {
	ctx  context.Context
	from io.ReadCloser
	path string
	want digest.Digest
	left int64 // bytes of it
	sum  hash.Hash
	err  error // how it ended
}

func (f *fetched) Close() error { return f.from.Close() }

func (f *fetched) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n := 0
	if f.left > 0 {
		n, f.err = f.next(p[:min(int64(len(p)), f.left)])
		f.left -= int64(n)
		f.sum.Write(p[:n])
	}
	switch {
	case f.left > 0 && f.err == io.EOF:
		f.err = fmt.Errorf("%w: %s ends %d bytes early", ErrMismatch, f.path, f.left)
	case f.left > 0:
	case f.err == nil || f.err == io.EOF:
		if f.err = f.end(); f.err == io.EOF && n > 0 {
			return n, nil
		}
		n = 0
	default:
		n = 0
	}
	return n, f.err
}

// end returns io.EOF where all bytes were read, there are no more, and they are those
// that are wanted.
func (f *fetched) end() error {
	switch n, err := f.next(make([]byte, 1)); {
	case n > 0:
		return fmt.Errorf("%w: %s has more bytes than its descriptor says", ErrMismatch, f.path)
	case err != io.EOF:
		return err
	}
	if got := digest.NewDigest(f.want.Algorithm(), f.sum); got != f.want {
		return fmt.Errorf("%w: %s hashes to %s", ErrMismatch, f.path, got)
	}
	return io.EOF
}

var errImpossibleRead = errors.New("the reader returned an impossible count")

// next reads on. It relies on nothing that a file system of somebody else could do wrong.
func (f *fetched) next(p []byte) (n int, err error) {
	for range 100 {
		if f.ctx.Err() != nil {
			return 0, context.Cause(f.ctx)
		}
		n, err = f.from.Read(p)
		if n < 0 || n > len(p) {
			n, err = 0, errImpossibleRead
		}
		if err != nil && err != io.EOF {
			err = &blobs.Error{Op: "read", Digest: f.want, Err: err}
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, &blobs.Error{Op: "read", Digest: f.want, Err: io.ErrNoProgress}
}
