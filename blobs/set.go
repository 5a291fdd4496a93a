package blobs

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"strings"

	"github.com/opencontainers/go-digest"
)

// Set is a set of digests, each with its number: from 0 up, in the order in which
// they were added. It takes some 45 bytes for a digest by sha256, however many
// there are, and is not safe for concurrent use. The zero value is empty.
type Set struct {
	sums   List[[sha256.Size]byte]
	others map[int]digest.Digest // not by sha256, of which sums has the hash
	slots  []uint32              // by hash: a number and 1; at most two thirds are in use
}

var setSeed = maphash.MakeSeed() // so that nobody can make digests that share a slot

// Len returns how many digests there are.
func (s *Set) Len() int { return s.sums.Len() }

// Add adds a digest that [model.ParseDigest] has let through, and returns its
// number. isNew says that it was not in the set before.
func (s *Set) Add(d digest.Digest) (n int, isNew bool) {
	sum, other := sumOf(d)
	slot, n := s.find(sum, other)
	if n >= 0 {
		return n, false
	}
	n = s.sums.Add(sum)
	if other {
		if s.others == nil {
			s.others = make(map[int]digest.Digest)
		}
		s.others[n] = digest.Digest(strings.Clone(string(d)))
	}
	if 3*s.sums.Len() > 2*len(s.slots) {
		s.grow()
		return n, true
	}
	s.slots[slot] = uint32(n + 1)
	return n, true
}

// Find returns the number of a digest, and whether it is in the set.
func (s *Set) Find(d digest.Digest) (n int, ok bool) {
	sum, other := sumOf(d)
	_, n = s.find(sum, other)
	return n, n >= 0
}

// At returns digest number n. Each call makes it again.
func (s *Set) At(n int) digest.Digest {
	if d, ok := s.others[n]; ok {
		return d
	}
	return digestOf(digest.SHA256, s.sums.At(n)[:])
}

// digestOf is digest.NewDigestFromBytes, which takes its time.
func digestOf(a digest.Algorithm, sum []byte) digest.Digest {
	text := make([]byte, 0, 160) // on the stack
	text = append(append(text, a...), ':')
	return digest.Digest(hex.AppendEncode(text, sum))
}

// Algorithm returns the algorithm of digest number n, and makes nothing for it.
func (s *Set) Algorithm(n int) digest.Algorithm {
	if d, ok := s.others[n]; ok {
		return d.Algorithm()
	}
	return digest.SHA256
}

// sumOf returns what a digest is known by: the bytes of one by sha256, and else
// the hash of its text.
func sumOf(d digest.Digest) (sum [sha256.Size]byte, other bool) {
	encoded, ok := strings.CutPrefix(string(d), "sha256:")
	if ok && len(encoded) == hex.EncodedLen(sha256.Size) {
		if _, err := hex.Decode(sum[:], []byte(encoded)); err == nil {
			return sum, false
		}
	}
	return sha256.Sum256([]byte(d)), true
}

// find returns the number that the sum has, or -1 and the slot for it.
func (s *Set) find(sum [sha256.Size]byte, other bool) (slot, n int) {
	if len(s.slots) == 0 {
		return 0, -1
	}
	mask := len(s.slots) - 1
	for slot = int(maphash.Bytes(setSeed, sum[:])) & mask; s.slots[slot] != 0; slot = (slot + 1) & mask {
		n = int(s.slots[slot] - 1)
		if *s.sums.At(n) == sum && other == s.isOther(n) {
			return slot, n
		}
	}
	return slot, -1
}

func (s *Set) isOther(n int) bool {
	_, other := s.others[n]
	return other
}

// grow doubles the slots, and puts every digest in its new one.
func (s *Set) grow() {
	s.slots = make([]uint32, max(16, 2*len(s.slots)))
	mask := len(s.slots) - 1
	for n := range s.sums.Len() {
		slot := int(maphash.Bytes(setSeed, s.sums.At(n)[:])) & mask
		for s.slots[slot] != 0 {
			slot = (slot + 1) & mask
		}
		s.slots[slot] = uint32(n + 1)
	}
}
