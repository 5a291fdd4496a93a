package model

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/opencontainers/go-digest"
)

// What errors.Is finds in the errors of VerifyReader and [Descriptor.DataDefect].
var (
	// ErrSize: there are more or fewer bytes than the descriptor says.
	ErrSize = errors.New("the size does not match")
	// ErrDigestMismatch: the bytes hash to another digest.
	ErrDigestMismatch = errors.New("the digest does not match")
)

// namedHash is [NewHash] with the algorithm's name in the error.
func namedHash(a digest.Algorithm) (hash.Hash, error) {
	h, err := NewHash(a)
	if err != nil {
		return nil, fmt.Errorf("%w: %q", err, clip(string(a)))
	}
	return h, nil
}

// DigestVerifier compares what is written to it with a digest. It is not safe for
// concurrent use.
type DigestVerifier struct {
	want digest.Digest
	hash hash.Hash
}

// Verifier returns a verifier that has seen no bytes yet. The error is that of
// [ParseDigest], or digest.ErrDigestUnsupported for an algorithm that cannot be
// computed here.
func Verifier(d digest.Digest) (*DigestVerifier, error) {
	want, err := ParseDigest(string(d))
	if err != nil {
		return nil, err
	}
	h, err := namedHash(want.Algorithm())
	if err != nil {
		return nil, err
	}
	return &DigestVerifier{want: want, hash: h}, nil
}

// Write adds to the bytes that are verified. It never fails.
func (v *DigestVerifier) Write(p []byte) (int, error) { return v.hash.Write(p) }

// Digest returns the digest of the bytes written so far.
func (v *DigestVerifier) Digest() digest.Digest {
	return digest.NewDigest(v.want.Algorithm(), v.hash)
}

// Verified says whether the bytes written so far are exactly those that the
// digest stands for. It can be asked at any time, and more can be written then.
func (v *DigestVerifier) Verified() bool {
	return subtle.ConstantTimeCompare([]byte(v.Digest()), []byte(v.want)) == 1
}

// VerifyReader reads r and returns nil where it holds exactly the blob that d
// describes. It reads at most one byte more than d.Size, in memory that does not
// grow. The error is [ErrSize], [ErrDigestMismatch], that of [Verifier], or one
// of r, wrapped. It looks at no other member of d.
func VerifyReader(r io.Reader, d Descriptor) error {
	v, err := Verifier(d.Digest)
	if err != nil {
		return err
	}
	if d.Size < 0 {
		return fmt.Errorf("%w: %d is no size", ErrSize, d.Size)
	}
	n, err := io.Copy(v, io.LimitReader(r, d.Size))
	if err != nil {
		return fmt.Errorf("reading %s: %w", v.want, err)
	}
	if n < d.Size {
		return fmt.Errorf("%w: %s has %d bytes, not %d", ErrSize, v.want, n, d.Size)
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); {
	case err == nil:
		return fmt.Errorf("%w: %s has more than %d bytes", ErrSize, v.want, d.Size)
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("reading %s: %w", v.want, err)
	}
	if !v.Verified() {
		return fmt.Errorf("%w: the bytes of %s hash to %s", ErrDigestMismatch, v.want, v.Digest())
	}
	return nil
}

// DigestReader reads r to its end, however long that is, in memory that does not
// grow, and returns the digest of its bytes and their number. The error is
// digest.ErrDigestUnsupported, or one of r with the number of bytes read until then.
func DigestReader(a digest.Algorithm, r io.Reader) (digest.Digest, int64, error) {
	h, err := namedHash(a)
	if err != nil {
		return "", 0, err
	}
	n, err := io.Copy(h, r)
	if err != nil {
		return "", n, err
	}
	return digest.NewDigest(a, h), n, nil
}
