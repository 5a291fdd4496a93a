package model_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// edges writes each edge as "role pointer digest".
func edges(doc model.Document) []string {
	var out []string
	for e := range doc.Edges() {
		out = append(out, string(e.Role)+" "+e.Pointer+" "+string(e.Descriptor.Digest))
	}
	return out
}

func TestEdges(t *testing.T) {
	index := func(s string) model.Document { x, _ := model.LoadIndex([]byte(s)); return x }
	decode := func(mediaType, s string) model.Document {
		doc, _ := model.Decode(mediaType, []byte(s), model.Limits{})
		return doc
	}
	manifest := func(s string) model.Document { m, _ := model.LoadManifest([]byte(s)); return m }
	tests := []struct {
		name string
		doc  model.Document
		want []string
	}{
		{"index", index(`{"subject":{"digest":"s"},"manifests":[{"digest":"a"},{"digest":"b"},{"digest":"a"}]}`),
			[]string{"manifest /manifests/0 a", "manifest /manifests/1 b", "manifest /manifests/2 a", "subject /subject s"}},
		{"manifest", manifest(`{"subject":{"digest":"s"},"layers":[{"digest":"a"},{"digest":"b"}],"config":{"digest":"c"}}`),
			[]string{"config /config c", "layer /layers/0 a", "layer /layers/1 b", "subject /subject s"}},
		{"artifact manifest", decode(model.MediaTypeArtifactManifest, `{"subject":{"digest":"s"},"blobs":[{"digest":"a"},{"digest":"b"}]}`),
			[]string{"blob /blobs/0 a", "blob /blobs/1 b", "subject /subject s"}},
		{"artifact manifest of nothing", decode(model.MediaTypeORASArtifactManifest, `{}`), nil},
		{"schema 1", decode(model.MediaTypeDockerSchema1Signed, `{"fsLayers":[{"blobSum":"a"},{},{"blobSum":"a"}]}`),
			[]string{"fsLayer /fsLayers/0 a", "fsLayer /fsLayers/1 ", "fsLayer /fsLayers/2 a"}},
		{"elements that cannot be loaded keep their places", index(`{"manifests":[null,{"digest":"b"},5]}`),
			[]string{"manifest /manifests/0 ", "manifest /manifests/1 b", "manifest /manifests/2 "}},
		{"descriptors without digest are edges", manifest(`{"config":{},"layers":[{}],"subject":{}}`),
			[]string{"config /config ", "layer /layers/0 ", "subject /subject "}},
		{"what is no descriptor is none", manifest(`{"config":null,"layers":{},"subject":"x"}`), nil},
		{"no config", manifest(`{"layers":[{"digest":"a"}]}`), []string{"layer /layers/0 a"}},
		{"another letter case is another name", index(`{"Manifests":[{"digest":"a"}]}`), nil},
		{"cut off", manifest(`{"config":{"digest":"c"},"layers":[{"digest":"a"},{"dig`),
			[]string{"config /config c", "layer /layers/0 a", "layer /layers/1 "}},
		{"made in Go", model.NewManifest(model.Descriptor{Digest: "c"}, model.Descriptor{Digest: "a"}), []string{"config /config c", "layer /layers/0 a"}},
		{"made in Go, without config", model.NewManifest(model.Descriptor{}), nil},
		{"image", func() model.Document { i, _ := model.LoadImage([]byte(fullImage)); return i }(), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := edges(test.doc)
			if !slices.Equal(got, test.want) {
				t.Errorf("edges %q, want %q", got, test.want)
			}
			for n := 1; n <= len(got); n++ {
				met := 0
				for range test.doc.Edges() {
					if met++; met == n {
						break
					}
				}
				if met != n {
					t.Errorf("%d edges came, want to leave after %d", met, n)
				}
			}
		})
	}
	// The descriptors are the document's own.
	x := model.NewIndex(model.Descriptor{Digest: "a"})
	for e := range x.Edges() {
		e.Descriptor.Digest = "b"
	}
	if x.Manifests[0].Digest != "b" {
		t.Error("an edge has a copy of the descriptor")
	}
}

func TestDecode(t *testing.T) {
	tests := []struct {
		mediaType string
		want      model.Kind
	}{
		{model.MediaTypeIndex, model.KindIndex}, {model.MediaTypeDockerManifestList, model.KindIndex},
		{model.MediaTypeManifest, model.KindManifest}, {model.MediaTypeDockerManifest, model.KindManifest},
		{model.MediaTypeImageConfig, model.KindImage}, {model.MediaTypeDockerImageConfig, model.KindImage},
		{model.MediaTypeArtifactManifest, model.KindArtifact}, {model.MediaTypeORASArtifactManifest, model.KindArtifact},
		{model.MediaTypeDockerSchema1, model.KindSchema1}, {model.MediaTypeDockerSchema1Signed, model.KindSchema1},
	}
	for _, test := range tests {
		doc, problems := model.Decode(test.mediaType, []byte(`{"x":1,"x":2}`), model.Limits{})
		if doc == nil || doc.Kind() != test.want || string(doc.Raw()) != `{"x":1,"x":2}` || !doc.Loaded() {
			t.Errorf("%s: %v, want %v", test.mediaType, doc, test.want)
		}
		wantPlaces(t, problems, `json-duplicate-name /x`)
		if _, problems = model.Decode(test.mediaType, []byte(`{"x":[[]]}`), model.Limits{Depth: 2}); len(problems) != 1 {
			t.Errorf("%s: the limits do not count", test.mediaType)
		}
	}
	for _, mediaType := range []string{
		"", "application/json", "text/plain", model.MediaTypeEmptyJSON, model.MediaTypeLayer, model.MediaTypeLayout, model.MediaTypeDescriptor,
		"APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON", model.MediaTypeIndex + " ",
	} {
		if doc, problems := model.Decode(mediaType, []byte(`{"x":1,"x":2}`), model.Limits{}); doc != nil || problems != nil {
			t.Errorf("%q is read as %v with %v, want nothing to be made of it", mediaType, doc, problems)
		}
	}
}

func TestProblemsErr(t *testing.T) {
	if err := model.Problems(nil).Err(); err != nil {
		t.Errorf("no problems are the error %v", err)
	}
	_, problems := model.LoadManifest([]byte(`{"ANNOTATIONS":{}}`))
	if err := problems.Err(); len(problems) != 1 || err != nil {
		t.Errorf("a warning is the error %v", err)
	}
	_, problems = model.LoadDescriptor([]byte(`{"x":"\ud800","size":"x","digest":5}`))
	err := problems.Err()
	first, ok := errors.AsType[model.Problem](err)
	if !ok || place(first) != "json-type /size" {
		t.Errorf("the first error of %v is %v", err, first)
	}
}

func TestEffectiveArtifactType(t *testing.T) {
	m := model.NewManifest(model.Descriptor{MediaType: "a/config"})
	if got := m.EffectiveArtifactType(); got != "a/config" {
		t.Errorf("without an artifactType: %q", got)
	}
	m.ArtifactType = "a/artifact"
	if got := m.EffectiveArtifactType(); got != "a/artifact" {
		t.Errorf("with an artifactType: %q", got)
	}
}

func TestDescribe(t *testing.T) {
	d := model.Describe(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON))
	if d.MediaType != model.MediaTypeEmptyJSON || d.Digest != someDigest || d.Size != 2 {
		t.Errorf("Describe = %+v", d)
	}
	if e := model.EmptyDescriptor(); e.MediaType != d.MediaType || e.Digest != d.Digest || e.Size != d.Size {
		t.Errorf("EmptyDescriptor = %+v", e)
	}
	if d := model.Describe("a/b", nil); d.Digest != "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" || d.Size != 0 {
		t.Errorf("Describe of nothing = %+v", d)
	}
}

func TestPointer(t *testing.T) {
	for _, test := range []struct {
		tokens []string
		want   string
	}{
		{nil, ""}, {[]string{""}, "/"}, {[]string{"a", "0"}, "/a/0"}, {[]string{"a/b", "m~n", "~1", "/~"}, "/a~1b/m~0n/~01/~1~0"}, {[]string{"ä b"}, "/ä b"},
	} {
		if got := model.Pointer(test.tokens...); got != test.want {
			t.Errorf("Pointer(%q) = %q, want %q", test.tokens, got, test.want)
		}
	}
}
