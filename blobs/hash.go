package blobs

import (
	"context"
	"io"
	"sync"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Sum is the digest and length of bytes that were read to their end.
type Sum struct {
	Digest digest.Digest
	Size   int64 // bytes read
}

// chunk is read and hashed at a time: it stays in the processor's cache, and it
// bounds how long a cancelled context goes unnoticed.
const chunk = 128 << 10

// buffers are lent to one reading at a time: a layout may have more blobs than
// the allocator should be asked for buffers.
var buffers = sync.Pool{New: func() any { return new([chunk]byte) }}

// Hash reads r to its end and returns the digest of all its bytes and their
// number. The memory it takes does not grow with r. ctx is looked at before
// each read; a read that blocks is not interrupted. On an error the Sum holds
// the bytes read so far and no digest. An algorithm that cannot be computed is
// digest.ErrDigestUnsupported, and nothing is read.
func Hash(ctx context.Context, r io.Reader, a digest.Algorithm) (Sum, error) {
	return hash(ctx, r, a, nil)
}

// hash is Hash, with a call for each chunk that was read.
func hash(ctx context.Context, r io.Reader, a digest.Algorithm, progress func(n int)) (Sum, error) {
	h, err := model.NewHash(a)
	if err != nil {
		return Sum{}, err
	}
	var size int64
	err = each(ctx, r, func(p []byte) error {
		h.Write(p) // a hash.Hash never fails
		size += int64(len(p))
		if progress != nil {
			progress(len(p))
		}
		return nil
	})
	if err != nil {
		return Sum{Size: size}, err
	}
	return Sum{Digest: digestOf(a, h.Sum(nil)), Size: size}, nil
}

// each calls do with every chunk of r. It is the one loop that reads blobs: it
// takes nothing for granted of a reader that somebody else wrote.
func each(ctx context.Context, r io.Reader, do func([]byte) error) error {
	pooled := buffers.Get().(*[chunk]byte)
	defer buffers.Put(pooled)
	buffer := pooled[:]
	for empty := 0; ; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		n, err := r.Read(buffer)
		if n < 0 || n > len(buffer) {
			return errInvalidRead
		}
		if n > 0 {
			empty = 0
			if err := do(buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case n == 0:
			if empty++; empty == 100 {
				return io.ErrNoProgress
			}
		}
	}
}
