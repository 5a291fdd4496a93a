package model_test

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

// Digests and descriptors that tests need and that say nothing by themselves:
// someDigest is that of the empty JSON, and otherDigest that of 11 bytes.
const (
	someDigest    = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	nothingDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	otherDigest   = "sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	someConfig    = `{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"` + otherDigest + `","size":11}`
	someLayer     = `{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"` + otherDigest + `","size":11}`
	someManifest  = `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"` + otherDigest + `","size":11}`

	// What a document says that it is, which it should say.
	asIndex    = `"mediaType":"application/vnd.oci.image.index.v1+json",`
	asManifest = `"mediaType":"application/vnd.oci.image.manifest.v1+json",`
)

// place writes a problem as "rule pointer": what it is and where. Wording is
// free to change, and no test holds it.
func place(p model.Problem) string { return string(p.Rule) + " " + p.Pointer }

func places[S ~[]model.Problem](problems S) []string {
	var out []string
	for _, p := range problems {
		out = append(out, place(p))
	}
	return out
}

func collect(problems iter.Seq[model.Problem]) []model.Problem { return slices.Collect(problems) }

// wantPlaces compares problems, in order, with places separated by line breaks.
func wantPlaces(t *testing.T, got []model.Problem, want string) {
	t.Helper()
	if diff := cmp.Diff(want, strings.Join(places(got), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for _, p := range got {
		if p.Message == "" || strings.HasSuffix(p.Message, ".") || strings.Contains(p.Message, "\n") {
			t.Errorf("%s: the message %q is not one sentence without a full stop", place(p), p.Message)
		}
	}
}

// sameMembers compares what a document keeps beside its fields, but for the
// bytes it was read from.
var sameMembers = cmp.Comparer(func(a, b model.Members) bool {
	return slices.Equal(unknownOf(&a), unknownOf(&b)) && a.Loaded() == b.Loaded()
})

// unknownOf returns the unknown members, each as "name value", compacted.
func unknownOf(m *model.Members) []string {
	var out []string
	for name, value := range m.Unknown() {
		var compact bytes.Buffer
		if json.Compact(&compact, value) != nil {
			compact.Write(value)
		}
		out = append(out, name+" "+compact.String())
	}
	return out
}

func mustEncode(t *testing.T, v any) string {
	t.Helper()
	raw, err := model.Encode(v)
	if err != nil {
		t.Fatalf("Encode(%T): %v", v, err)
	}
	return string(raw)
}
