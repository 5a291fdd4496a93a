package model

import (
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	"github.com/opencontainers/go-digest"
	"github.com/zeebo/blake3"
)

// BLAKE3 is the algorithm that the specification registers after v1.1.1, with
// the 256 bits that BLAKE3 gives unless asked for more.
const BLAKE3 digest.Algorithm = "blake3"

// hashes are the algorithms that are computed here. go-digest's own table is not
// asked: it has no BLAKE3, and none can be added.
var hashes = map[digest.Algorithm]struct {
	size int // bytes
	make func() hash.Hash
}{
	digest.SHA256: {sha256.Size, sha256.New},
	digest.SHA384: {sha512.Size384, sha512.New384},
	digest.SHA512: {sha512.Size, sha512.New},
	BLAKE3:        {32, func() hash.Hash { return blake3.New() }},
}

// Computable says whether digests of the algorithm can be computed here:
// sha256, sha384, sha512 and blake3.
func Computable(a digest.Algorithm) bool {
	_, ok := hashes[a]
	return ok
}

// NewHash returns a new hash of the algorithm, of which [digest.NewDigest] makes
// a digest. Where the algorithm is not [Computable], it returns nil and
// digest.ErrDigestUnsupported. Use it in place of the method Hash of the
// algorithm, which panics there and knows no blake3.
func NewHash(a digest.Algorithm) (hash.Hash, error) {
	h, ok := hashes[a]
	if !ok {
		return nil, digest.ErrDigestUnsupported
	}
	return h.make(), nil
}

// FromBytes returns the digest of raw by the algorithm. Where the algorithm is
// not [Computable], it returns "" and digest.ErrDigestUnsupported. Use it in
// place of the method FromBytes of the algorithm, for the reason that NewHash
// gives. It takes time linear in raw.
func FromBytes(a digest.Algorithm, raw []byte) (digest.Digest, error) {
	h, err := NewHash(a)
	if err != nil {
		return "", err
	}
	h.Write(raw) // a hash.Hash never fails
	return digest.NewDigest(a, h), nil
}
