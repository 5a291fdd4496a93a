package model

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/opencontainers/go-digest"
)

// ErrDigest is what errors.Is finds in the error of ParseDigest, and wherever else
// a digest breaks the grammar.
var ErrDigest = errors.New("not a digest")

var (
	algorithmGrammar = regexp.MustCompile(`^[a-z0-9]+(?:[+._-][a-z0-9]+)*$`)
	encodedGrammar   = regexp.MustCompile(`^[a-zA-Z0-9=_-]+$`)
)

// ValidAlgorithm says whether s keeps the grammar of a digest's algorithm
// (descriptor.md, Digests): such a name is safe as one element of a path.
func ValidAlgorithm(s string) bool { return algorithmGrammar.MatchString(s) }

// ValidEncoded says whether s keeps the grammar of a digest's encoded part:
// such a name is safe as one element of a path.
func ValidEncoded(s string) bool { return encodedGrammar.MatchString(s) }

// ParseDigest checks a digest that comes from outside: what it returns is safe to
// split and to make a path of. The error wraps ErrDigest, and
// digest.ErrDigestInvalidLength where the encoded part has not the length that a
// registered algorithm demands, digest.ErrDigestInvalidFormat for all else. An
// algorithm that nobody registered passes if the grammar holds (descriptor.md,
// Digests); [Computable] says whether it can be checked.
func ParseDigest(s string) (digest.Digest, error) {
	if plainSHA256(s) {
		return digest.Digest(s), nil
	}
	algorithm, encoded, ok := strings.Cut(s, ":")
	if !ok || !ValidAlgorithm(algorithm) || !ValidEncoded(encoded) {
		return "", &digestError{digest.ErrDigestInvalidFormat, "the grammar is <algorithm>:<encoded>"}
	}
	if h, ok := hashes[digest.Algorithm(algorithm)]; ok && !lowerHex(encoded, h.size*2) {
		kind := digest.ErrDigestInvalidFormat
		if len(encoded) != h.size*2 {
			kind = digest.ErrDigestInvalidLength
		}
		return "", &digestError{kind, fmt.Sprintf("%s has %d lower-case hexadecimal digits", algorithm, h.size*2)}
	}
	return digest.Digest(s), nil
}

// digestError says what is wrong with a digest, and of which kind that is.
type digestError struct {
	kind error // of go-digest
	text string
}

func (e *digestError) Error() string   { return ErrDigest.Error() + ": " + e.text }
func (e *digestError) Unwrap() []error { return []error{ErrDigest, e.kind} }

// plainSHA256 spares the digest that nearly every descriptor holds the regular
// expressions.
func plainSHA256(s string) bool {
	const prefix = "sha256:"
	return strings.HasPrefix(s, prefix) && lowerHex(s[len(prefix):], 64)
}

// lowerHex is the form that every registered algorithm demands of the encoded
// part.
func lowerHex(s string, digits int) bool {
	if len(s) != digits {
		return false
	}
	for i := range len(s) {
		if !isLowerHex[s[i]] {
			return false
		}
	}
	return true
}

// isLowerHex is a table, as each digest of a layout is looked at several times.
var isLowerHex = func() (is [256]bool) {
	for _, c := range []byte("0123456789abcdef") {
		is[c] = true
	}
	return is
}()
