package model

import (
	"strings"

	"github.com/opencontainers/go-digest"
)

// ReferrersTag returns the tag under which clients look for the list of what
// refers to the manifest of that digest, where there is no referrers API: the
// algorithm, at most 32 characters of it, a hyphen, and at most 64 characters of
// the encoded part; what a tag cannot hold becomes a hyphen (distribution-spec,
// Referrers Tag Schema). It is "" for anything that is not a digest.
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

// SplitReferrersTag takes apart the reference name of an entry of index.json by
// which clients look for what refers to a manifest: what stands behind the name of
// a repository, if there is one, and without the suffix that cosign gives to
// signatures, attestations and SBOMs. cosign says whether there was one. The tag is
// any word: compare it with [ReferrersTag].
func SplitReferrersTag(refName string) (tag string, cosign bool) {
	tag = refName[strings.LastIndexByte(refName, ':')+1:]
	for _, suffix := range []string{".sig", ".att", ".sbom"} {
		if before, ok := strings.CutSuffix(tag, suffix); ok {
			return before, true
		}
	}
	return tag, false
}

// SubjectOf returns the subject of an index or manifest, and nil where there is
// none, or where doc is no such document.
func SubjectOf(doc Document) *Descriptor {
	switch doc := doc.(type) {
	case *Index:
		return doc.Subject
	case *Manifest:
		return doc.Subject
	case *ArtifactManifest:
		return doc.Subject
	}
	return nil
}

// AnnotationsOf returns the annotations of an index or manifest, and nil where
// there are none, or where doc is no such document. The map is the document's own.
func AnnotationsOf(doc Document) map[string]string {
	switch doc := doc.(type) {
	case *Index:
		return doc.Annotations
	case *Manifest:
		return doc.Annotations
	case *ArtifactManifest:
		return doc.Annotations
	}
	return nil
}
