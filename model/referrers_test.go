package model_test

import (
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// The examples are those of distribution-spec's Referrers Tag Schema in form:
// algorithm and encoded part are cut, and what no tag can hold becomes a hyphen.
func TestReferrersTag(t *testing.T) {
	hex := strings.Repeat("0123456789abcdef", 8)
	for d, want := range map[digest.Digest]string{
		digest.Digest("sha256:" + hex[:64]): "sha256-" + hex[:64],
		digest.Digest("sha512:" + hex):      "sha512-" + hex[:64],
		"test+algorithm+using+algorithm+separators+and+lots+of+characters+to+excercise+overall+truncation:alsoSome=InTheEncodedSectionToShowHyphenReplacementAndLotsAndLotsOfCharactersToExcerciseEncodedTruncation": "test-algorithm-using-algorithm-s-alsoSome-InTheEncodedSectionToShowHyphenReplacementAndLotsAndLot",
		"":             "",
		"sha256":       "",
		"sha256:":      "",
		"SHA256:ab":    "",
		"sha256:../..": "",
	} {
		if got := model.ReferrersTag(d); got != want {
			t.Errorf("ReferrersTag(%q) = %q, want %q", d, got, want)
		}
	}
}

func TestSplitReferrersTag(t *testing.T) {
	for name, want := range map[string]struct {
		tag    string
		cosign bool
	}{
		"sha256-ab":                      {"sha256-ab", false},
		"sha256-ab.sig":                  {"sha256-ab", true},
		"example.com/app:sha256-ab.att":  {"sha256-ab", true},
		"example.com:5000/app:sha256-ab": {"sha256-ab", false},
		"sha256-ab.sbom":                 {"sha256-ab", true},
		"v1.signature":                   {"v1.signature", false},
		"":                               {"", false},
		":":                              {"", false},
	} {
		if tag, cosign := model.SplitReferrersTag(name); tag != want.tag || cosign != want.cosign {
			t.Errorf("SplitReferrersTag(%q) = %q, %v", name, tag, cosign)
		}
	}
}

func TestSubjectAndAnnotationsOf(t *testing.T) {
	subject, annotations := model.EmptyDescriptor(), map[string]string{"com.example.a": "b"}
	for _, doc := range []model.Document{
		&model.Index{Subject: &subject, Annotations: annotations}, &model.Manifest{Subject: &subject, Annotations: annotations},
	} {
		if model.SubjectOf(doc) != &subject || model.AnnotationsOf(doc)["com.example.a"] != "b" {
			t.Errorf("%T: %v, %v", doc, model.SubjectOf(doc), model.AnnotationsOf(doc))
		}
	}
	for _, doc := range []model.Document{nil, new(model.Image), new(model.Index), new(model.Manifest)} {
		if model.SubjectOf(doc) != nil || model.AnnotationsOf(doc) != nil {
			t.Errorf("%T has a subject or annotations", doc)
		}
	}
}
