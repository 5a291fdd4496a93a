package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// fuzzedTypes are the media types that the fuzzer chooses from.
var fuzzedTypes = []string{model.MediaTypeIndex, model.MediaTypeManifest, model.MediaTypeImageConfig}

var fuzzSeeds = []string{
	``, `{}`, `[]`, `null`, `{"schemaVersion":2,"manifests":[` + someManifest + `]}`,
	`{"schemaVersion":2,"config":` + someConfig + `,"layers":[` + someLayer + `],"subject":` + fullDescriptor + `}`,
	fullImage, `{"manifests":[null,{"size":"1"},{"SIZE":1,"size":1,"size":2}],"annotations":{"a":null}}`,
	`{"layers":[{"data":"e3\n0=","annotations":{"a":"\ud800"},"urls":["",1]}],"x":{"a":[1.0,1e5,{"a":1,"a":2}]}}`,
	"\xef\xbb\xbf{\"mediaType\":\"\xff\",\"\xfe\":{\"\xff\":\"\\ud83d\\ude00\"}} trailing", `{"config":{"Labels":{"a":"b"},"Volumes":{"/":{}},"Env":null},"history":null}`,
	imageWith(`"config":{"User":":","ExposedPorts":{"":{"x":1},"1-2/tcp":{}},"Env":["A=","A=b","x"],"Volumes":{"a/~":{}},"StopSignal":"9","ArgsEscaped":null,"Memory":"1"},"history":[{"created":"2020-01-01t00:00:60z"}]`),
	indexOf(platformed(`"os":"windows","architecture":"arm64","os.version":"10","os.features":["x"],"features":null`), platformed(`"os":"unknown"`), with(typed(model.MediaTypeEmptyJSON), `"data":"e30=","urls":["a:%","b:c d"]`)),
	with(manifestOf(someConfig, someLayer), `"annotations":{"":"","a":"","org.opencontainers.image.source":"git@a:b","org.opencontainers.image.base.name":"a.b/c:d@e","org.opencontainers.image.licenses":"(A OR B) AND C WITH d"}`),
	`{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","layers":[` + someLayer + `],"fsLayers":[],"subject":null}`, `{"imageLayoutVersion":"1.0.0"}`,
	`{"config":{"size":9223372036854775807},"layers":[{"size":-0}],"schemaVersion":9223372036854775808}`,
}

// What is loaded without an error is what encoding/json reads, and encoding
// keeps it.
func FuzzDecode(f *testing.F) {
	for i := range fuzzedTypes {
		for _, seed := range fuzzSeeds {
			f.Add(uint8(i), []byte(seed))
		}
	}
	// Each document is one of its own kind to begin with, and what is none an index.
	seen := make(map[string]bool)
	for _, raw := range layoutFiles(f) {
		if len(raw) < 1<<16 && !seen[string(raw)] {
			seen[string(raw)] = true
			f.Add(uint8(max(0, slices.IndexFunc(fuzzedTypes, func(m string) bool { return model.KindOf(m) == model.Detect(raw) }))), raw)
		}
	}
	if len(seen) < 120 {
		f.Fatalf("only %d documents to begin with", len(seen))
	}
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		mediaType := fuzzedTypes[int(which)%len(fuzzedTypes)]
		original := bytes.Clone(raw)
		doc, problems := model.Decode(mediaType, raw, model.Limits{})
		if !bytes.Equal(raw, original) {
			t.Fatal("the bytes were changed")
		}
		wantBounded(t, problems)
		if doc == nil {
			if problems.Err() == nil {
				t.Fatal("there is no document, and no error")
			}
			return
		}
		if !bytes.Equal(doc.Raw(), raw) {
			t.Fatal("the bytes were not kept")
		}
		wantBounded(t, collect(doc.ValidateAs(model.As{MediaType: mediaType})))
		wantBounded(t, collect(doc.ValidateAs(model.As{IndexJSON: true})))
		if image, ok := doc.(*model.Image); ok {
			wantBounded(t, collect(image.Nulls()))
		}
		variant := func(p model.Problem) bool {
			return p.Rule == rule.JSONCaseVariant || p.Rule == rule.JSONCaseVariantContent
		} // which encoding/json takes
		if problems.Err() == nil && !slices.ContainsFunc(problems, variant) {
			wantAgreement(t, doc)
		}
		wantStable(t, mediaType, doc, problems)
	})
}

func wantBounded(t *testing.T, problems []model.Problem) {
	t.Helper()
	pointers := 0
	for _, p := range problems {
		if _, ok := rule.Lookup(p.Rule); !ok {
			t.Fatalf("the rule %q is in no table", p.Rule)
		}
		if len(p.Message)+len(p.Actual)+len(p.Expected) > 600 {
			t.Fatalf("a problem quotes %d bytes", len(p.Message)+len(p.Actual)+len(p.Expected))
		}
		if p.Pointer != "" && !strings.HasPrefix(p.Pointer, "/") {
			t.Fatalf("%q is no pointer", p.Pointer)
		}
		pointers += len(p.Pointer)
	}
	if pointers > 5<<20 {
		t.Fatalf("the pointers have %d bytes", pointers)
	}
}

// wantAgreement holds a document against what encoding/json makes of the same
// bytes, which is what most tools in Go see.
func wantAgreement(t *testing.T, doc model.Document) {
	t.Helper()
	var want, got []string
	var err error
	switch doc := doc.(type) {
	case *model.Index:
		var plain plainIndex
		err = json.Unmarshal(doc.Raw(), &plain)
		want = append([]string{plain.head()}, plain.edges()...)
		got = append(got, plainHead{doc.SchemaVersion, doc.MediaType, doc.ArtifactType, doc.Annotations}.head())
	case *model.Manifest:
		var plain plainManifest
		err = json.Unmarshal(doc.Raw(), &plain)
		want = append([]string{plain.head()}, plain.edges()...)
		got = append(got, plainHead{doc.SchemaVersion, doc.MediaType, doc.ArtifactType, doc.Annotations}.head())
	case *model.Image:
		var plain plainImage
		err = json.Unmarshal(doc.Raw(), &plain)
		want = plain.lines()
		got = append(got, fmt.Sprintf("%q %q %q %q", doc.Architecture, doc.OS, doc.Created, doc.Variant),
			fmt.Sprintf("%q %q", doc.RootFS.Type, doc.RootFS.DiffIDs), fmt.Sprintf("%q %q %q %t", doc.Config.Env, doc.Config.Cmd, doc.Config.Labels, doc.Config.ArgsEscaped))
		for _, h := range doc.History {
			got = append(got, fmt.Sprintf("%q %t", h.CreatedBy, h.EmptyLayer))
		}
	}
	if err != nil {
		t.Fatalf("loaded without an error, and encoding/json says %v", err)
	}
	for e := range doc.Edges() {
		d := e.Descriptor
		p := plainDescriptor{d.MediaType, string(d.Digest), d.Size, d.URLs, d.Annotations, d.Data, nil, d.ArtifactType}
		if d.Platform != nil {
			p.Platform = &plainPlatform{d.Platform.Architecture, d.Platform.OS, d.Platform.OSVersion, d.Platform.Variant}
		}
		got = append(got, p.line(e.Pointer))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("encoding/json reads another document (-json +loaded):\n%s", diff)
	}
}

// wantStable checks that encoding loses nothing and comes to rest.
func wantStable(t *testing.T, mediaType string, doc model.Document, problems model.Problems) {
	t.Helper()
	first := mustEncode(t, doc)
	again, _ := model.Decode(mediaType, []byte(first), model.Limits{Items: 1 << 20, Values: 1 << 30, String: 1 << 30, Depth: 1 << 10})
	if again == nil {
		t.Fatalf("%q was encoded, and loads to nothing", first)
	}
	if second := mustEncode(t, again); second != first {
		t.Fatalf("encoded to\n%s\nand the second time to\n%s", first, second)
	}
	for _, p := range problems {
		if p.Rule == rule.JSONSyntax || p.Rule == rule.LimitJSON {
			return // part of the document was not read, and of a value cut in two nothing is kept
		}
	}
	if diff := cmp.Diff(doc, again, sameMembers); diff != "" {
		t.Fatalf("encoding changes the document (-first +second):\n%s", diff)
	}
}

// Whatever the bytes are, they are of some kind, and nothing of them is changed;
// what is canonical stays so, and is the same document.
func FuzzDetect(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		original := bytes.Clone(raw)
		kind := model.Detect(raw)
		canonical, err := model.Canonical(raw)
		if !bytes.Equal(raw, original) {
			t.Fatal("the bytes were changed")
		}
		if kind != model.KindOpaque {
			if first := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), " \t\r\n"); len(first) == 0 || first[0] != '{' {
				t.Fatalf("%q is a %v, and no object", raw, kind)
			}
		}
		if err != nil {
			if canonical != nil {
				t.Fatalf("%v, and yet %q", err, canonical)
			}
			return
		}
		if again, err := model.Canonical(canonical); err != nil || !bytes.Equal(again, canonical) {
			t.Fatalf("%q becomes %q the second time: %v", canonical, again, err)
		}
		if of := model.Detect(canonical); of != kind {
			t.Fatalf("%q is a %v, and its canonical form a %v", raw, kind, of)
		}
	})
}

func FuzzParseDigest(f *testing.F) {
	for _, s := range append(soundDigests, hostileDigests...) {
		if len(s) < 1000 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := model.ParseDigest(s)
		if err != nil {
			if !errors.Is(err, model.ErrDigest) || d != "" {
				t.Fatalf("%q, %v: want none and ErrDigest", d, err)
			}
		} else {
			if string(d) != s {
				t.Fatalf("%q became %q", s, d)
			}
			wantSplit(t, d)
		}
		algorithm, _, _ := strings.Cut(s, ":")
		switch invalid := digest.Digest(s).Validate(); {
		case model.Computable(digest.Algorithm(algorithm)):
			if algorithm != string(model.BLAKE3) && (invalid == nil) != (err == nil) {
				t.Fatalf("%q: %v, and go-digest says %v", s, err, invalid)
			}
		case errors.Is(invalid, digest.ErrDigestUnsupported):
			if err != nil {
				t.Fatalf("%q: %v, though nobody registered the algorithm", s, err)
			}
		case err == nil:
			t.Fatalf("%q is taken, and go-digest says %v", s, invalid)
		}
	})
}
