package verify_test

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go/v1"
)

// vector is a document that image-spec's own tests hold to be valid, or not.
type vector struct {
	name string
	kind model.Kind
	raw  string
	fail bool
}

// schemaTables are the tables of image-spec's package schema, with the field
// that holds the document and how many cases v1.1.1 has.
var schemaTables = []struct {
	file, function, field string
	kind                  model.Kind
	floor                 int
}{
	{"config_test.go", "TestConfig", "config", model.KindImage, 10},
	{"descriptor_test.go", "TestDescriptor", "descriptor", model.KindDescriptor, 23},
	{"imageindex_test.go", "TestImageIndex", "imageIndex", model.KindIndex, 12},
	{"imagelayout_test.go", "TestImageLayout", "imageLayout", model.KindLayout, 2},
	{"manifest_test.go", "TestManifest", "manifest", model.KindManifest, 11},
	{"backwards_compatibility_test.go", "TestBackwardsCompatibilityImageIndex", "imageIndex", model.KindIndex, 1},
	{"backwards_compatibility_test.go", "TestBackwardsCompatibilityManifest", "manifest", model.KindManifest, 1},
	{"backwards_compatibility_test.go", "TestBackwardsCompatibilityConfig", "config", model.KindImage, 2},
}

// toOCI is how upstream's tests turn Docker's documents into OCI's.
var toOCI = strings.NewReplacer(
	model.MediaTypeDockerManifestList, specs.MediaTypeImageIndex,
	model.MediaTypeDockerManifest, specs.MediaTypeImageManifest,
	model.MediaTypeDockerLayerGzip, specs.MediaTypeImageLayerGzip,
	model.MediaTypeDockerImageConfig, specs.MediaTypeImageConfig,
)

// upstreamVectors returns the tables of image-spec's package schema and the
// examples of its pages, each document named by where it stands. Where a table
// gives a document's digest, it is held against the document that was read.
func upstreamVectors(t testing.TB) []vector {
	t.Helper()
	var all []vector
	for _, source := range schemaTables {
		for i, r := range table(t, source.floor, source.function, imageSpec, "schema", source.file) {
			raw, ok := r[source.field].(string)
			if !ok {
				t.Fatalf("%s[%d] has no %s", source.function, i, source.field)
			}
			name := fmt.Sprintf("%s[%d]", source.function, i)
			fail, _ := r["fail"].(bool)
			if want, ok := r["digest"].(string); ok {
				if got := digest.FromString(raw); string(got) != want {
					t.Errorf("%s: read as %s, want %s", name, got, want)
				}
				all = append(all, vector{name + " as it is", source.kind, raw, fail})
				raw = toOCI.Replace(raw)
			}
			all = append(all, vector{name, source.kind, raw, fail})
		}
	}
	return append(all, pageExamples(t)...)
}

// specKinds are the kinds of the media types that examples are marked with.
var specKinds = map[string]model.Kind{
	specs.MediaTypeImageIndex:    model.KindIndex,
	specs.MediaTypeImageManifest: model.KindManifest,
	specs.MediaTypeImageConfig:   model.KindImage,
	specs.MediaTypeDescriptor:    model.KindDescriptor,
	specs.MediaTypeLayoutHeader:  model.KindLayout,
}

// fence is a block of JSON with attributes after a comma, in the form of a query.
// It may be indented, as it is within a list.
var fence = regexp.MustCompile("(?ms)^( *)```json,(\\S+)\n(.*?)^ *```$")

// pageExamples returns the examples of the pages that upstream's spec_test.go
// reads. All of them are valid.
func pageExamples(t testing.TB) []vector {
	t.Helper()
	var all []vector
	for page, floor := range map[string]int{"config": 1, "descriptor": 3, "image-index": 2, "image-layout": 2, "manifest": 5} {
		found := fence.FindAllStringSubmatch(string(moduleFile(t, imageSpec, page+".md")), -1)
		if len(found) < floor {
			t.Fatalf("%s.md has %d examples, want %d or more", page, len(found), floor)
		}
		for i, m := range found {
			attributes, err := url.ParseQuery(m[2])
			kind := specKinds[attributes.Get("mediatype")]
			if err != nil || kind == model.KindOpaque {
				t.Fatalf("%s.md: the example marked %q is of no known kind: %v", page, m[2], err)
			}
			all = append(all, vector{name: fmt.Sprintf("%s.md[%d]", page, i), kind: kind, raw: m[3]})
		}
	}
	slices.SortFunc(all, func(a, b vector) int { return strings.Compare(a.name, b.name) })
	return all
}

// judged returns what is found in a document under a profile.
func judged(t testing.TB, kind model.Kind, raw string, profile rule.Profile) []verify.Finding {
	t.Helper()
	report, err := verify.Document("document", []byte(raw), verify.DocumentOptions{Kind: kind, Policy: rule.NewPolicy(profile)})
	if err != nil {
		t.Fatal(err)
	}
	return report.Findings
}

// errorsOf lists the findings that are errors, as rule and pointer.
func errorsOf(findings []verify.Finding) []string {
	var all []string
	for _, f := range findings {
		if f.Severity == rule.Error {
			all = append(all, string(f.Rule)+" "+f.Pointer)
		}
	}
	return all
}

// vectorExceptions are the vectors that are judged otherwise than upstream does.
var vectorExceptions = map[rule.Profile]map[string]string{
	rule.ProfileDefault: {
		"TestManifest[5]": "layers is empty, which manifest.md allows: it SHOULD have an entry",
	},
	rule.ProfileSchema: {
		"TestConfig[9]":      "an environment entry, which upstream's code looks at and its schema does not",
		"TestDescriptor[14]": "the form of a sha256 digest, which upstream's code looks at and its schema does not",
		"TestDescriptor[28]": "base64, which upstream's code looks at and its schema does not",
	},
}

// Upstream's own vectors are judged as upstream does.
func TestUpstreamVectors(t *testing.T) {
	vectors := upstreamVectors(t)
	for profile, exceptions := range vectorExceptions {
		t.Run(profile.String(), func(t *testing.T) {
			unused := make(map[string]bool)
			for name := range exceptions {
				unused[name] = true
			}
			for _, v := range vectors {
				found := errorsOf(judged(t, v.kind, v.raw, profile))
				agrees := v.fail == (len(found) > 0)
				if reason, ok := exceptions[v.name]; ok == agrees {
					t.Errorf("%s: upstream refuses it: %v; errors: %q; exception: %q", v.name, v.fail, found, reason)
				}
				delete(unused, v.name)
			}
			if len(unused) > 0 {
				t.Errorf("exceptions for no vector: %v", unused)
			}
		})
	}
}

// Upstream's vectors for digests are parsed as upstream does, but that an
// algorithm which go-digest cannot compute is no error here (descriptor.md,
// Digests: implementations should not fail on an unrecognized algorithm).
func TestUpstreamDigests(t *testing.T) {
	for _, r := range table(t, 13, "TestParseDigest", goDigest, "digest_test.go") {
		input := r["input"].(string)
		got, err := model.ParseDigest(input)
		switch r["err"] {
		case "invalid":
			if !errors.Is(err, model.ErrDigest) {
				t.Errorf("%q is parsed as %q, %v", input, got, err)
			}
			continue
		case "unsupported":
			if model.Computable(got.Algorithm()) {
				t.Errorf("%q can be computed", input)
			}
		case nil:
			if got.Algorithm().String() != r["algorithm"] || got.Encoded() != r["encoded"] {
				t.Errorf("%q: algorithm %q, encoded %q", input, got.Algorithm(), got.Encoded())
			}
		}
		if err != nil || string(got) != input {
			t.Errorf("%q is parsed as %q, %v", input, got, err)
		}
	}
}

// Upstream's vectors for ChainID, of which each names the ChainID of every layer.
func TestUpstreamChainIDs(t *testing.T) {
	for _, r := range table(t, 5, "TestChainID", imageSpec, "identity", "chainid_test.go") {
		layers, _ := r["Digests"].([]string)
		want, _ := r["Expected"].([]string)
		if len(layers) != len(want) {
			t.Fatalf("%s: %d layers, %d chain ids", r["Name"], len(layers), len(want))
		}
		var diffIDs []digest.Digest
		for i, layer := range layers {
			diffIDs = append(diffIDs, digest.Digest(layer))
			if got := model.ChainID(diffIDs); string(got) != want[i] {
				t.Errorf("%s: ChainID of %d layers is %s, want %s", r["Name"], i+1, got, want[i])
			}
		}
		if got := model.ChainID(diffIDs); len(layers) == 0 && got != "" {
			t.Errorf("%s: ChainID of no layers is %s", r["Name"], got)
		}
	}
}
