package model

import "github.com/opencontainers/go-digest"

// The ways in which a digest is of no use, for errors.Is; they are the errors of
// go-digest. [ErrDigest] is found beside the first two.
var (
	// ErrDigestFormat: the text breaks the grammar, or has characters that its
	// algorithm does not use.
	ErrDigestFormat = digest.ErrDigestInvalidFormat
	// ErrDigestLength: the encoded part is longer or shorter than its algorithm
	// makes it.
	ErrDigestLength = digest.ErrDigestInvalidLength
	// ErrDigestUnsupported: the text can be a digest, and its algorithm cannot be
	// computed here.
	ErrDigestUnsupported = digest.ErrDigestUnsupported
)

// digestError says what is wrong with a digest in words, and keeps the kind.
type digestError struct {
	kind error
	text string
}

func (e *digestError) Error() string   { return ErrDigest.Error() + ": " + e.text }
func (e *digestError) Unwrap() []error { return []error{ErrDigest, e.kind} }

// encodedError is the error for an encoded part that should have size
// characters.
func encodedError(encoded string, size int, text string) error {
	if len(encoded) != size {
		return &digestError{ErrDigestLength, text}
	}
	return &digestError{ErrDigestFormat, text}
}
