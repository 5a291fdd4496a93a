package model

import (
	"strings"

	"github.com/opencontainers/go-digest"
)

// ReferrersTag returns the tag under which clients look for the list of what
// refers to the manifest of that digest, where there is no referrers API: the
// algorithm, at most 32 characters of it, a hyphen, and at most 64 characters of
// the encoded part; what a tag cannot hold becomes a hyphen (distribution-spec,
// Referrers Tag Schema). It is "" for what is no digest.
func ReferrersTag(d digest.Digest) string {
	algorithm, encoded, ok := strings.Cut(string(d), ":")
	if !ok || !ValidAlgorithm(algorithm) || !ValidEncoded(encoded) {
		return ""
	}
	tag := algorithm[:min(len(algorithm), 32)] + "-" + encoded[:min(len(encoded), 64)]
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, tag)
}
