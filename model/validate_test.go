package model_test

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// validators load a document of each kind, refuse problems of loading, and
// validate.
var validators = map[string]func(*testing.T, string) iter.Seq[model.Problem]{
	"index": func(t *testing.T, s string) iter.Seq[model.Problem] {
		return loadedSoundly(t, s, model.LoadIndex).Validate()
	},
	"manifest": func(t *testing.T, s string) iter.Seq[model.Problem] {
		return loadedSoundly(t, s, model.LoadManifest).Validate()
	},
	"image": func(t *testing.T, s string) iter.Seq[model.Problem] {
		return loadedSoundly(t, s, model.LoadImage).Validate()
	},
	"descriptor": func(t *testing.T, s string) iter.Seq[model.Problem] {
		return loadedSoundly(t, s, model.LoadDescriptor).Validate()
	},
	"layout": func(t *testing.T, s string) iter.Seq[model.Problem] {
		return loadedSoundly(t, s, model.LoadImageLayout).Validate()
	},
}

func loadedSoundly[T any](t *testing.T, text string, load func([]byte) (*T, model.Problems)) *T {
	t.Helper()
	value, problems := load([]byte(text))
	for _, p := range problems {
		t.Fatalf("loading %s: %v", text, p)
	}
	return value
}

func TestValidate(t *testing.T) {
	tests := []struct{ name, document, text, want string }{
		{"sound", "descriptor", someLayer, ``},
		{"empty", "descriptor", `{}`, "descriptor-member-missing /mediaType\ndescriptor-member-missing /digest\ndescriptor-member-missing /size"},
		{"size 0", "descriptor", `{"mediaType":"a/b","digest":"` + someDigest + `","size":0}`, `descriptor-empty-blob /digest`},
		{"size 0 of nothing", "descriptor", `{"mediaType":"a/b","digest":"` + nothingDigest + `","size":0}`, ``},
		{"size 1 of nothing", "descriptor", `{"mediaType":"a/b","digest":"` + nothingDigest + `","size":1}`, `descriptor-empty-blob /size`},
		{"size -1 of nothing", "descriptor", `{"mediaType":"a/b","digest":"` + nothingDigest + `","size":-1}`, `descriptor-size-negative /size`},
		{"no size of nothing", "descriptor", `{"mediaType":"a/b","digest":"` + nothingDigest + `"}`, `descriptor-member-missing /size`},
		{"size 0 of an algorithm that is not computed", "descriptor", `{"mediaType":"a/b","digest":"x:y","size":0}`, `digest-algorithm-unregistered /digest`},
		{"negative size", "descriptor", `{"mediaType":"a/b","digest":"` + someDigest + `","size":-1}`, `descriptor-size-negative /size`},
		{"empty strings", "descriptor", `{"mediaType":"","digest":"","size":1,"artifactType":""}`,
			"media-type-grammar /mediaType\nmedia-type-grammar /artifactType\ndigest-grammar /digest"},
		{"bad values", "descriptor", `{"mediaType":"a","digest":"sha256:ABC","size":1,"artifactType":"a/b;c=d"}`,
			"media-type-grammar /mediaType\nmedia-type-grammar /artifactType\ndigest-encoding /digest"},
		{"unregistered digest", "descriptor", `{"mediaType":"a/b","digest":"sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564","size":1}`, `digest-algorithm-unregistered /digest`},
		{"empty platform", "descriptor", `{"mediaType":"a/b","digest":"` + someDigest + `","size":1,"platform":{}}`,
			"platform-member-missing /platform/architecture\nplatform-member-missing /platform/os"},
		{"empty strings in platform", "descriptor", `{"mediaType":"a/b","digest":"` + someDigest + `","size":1,"platform":{"os":"","architecture":""}}`,
			"platform-member-empty /platform/architecture\nplatform-member-empty /platform/os"},

		{"sound", "index", `{` + asIndex + `"schemaVersion":2,"manifests":[` + someManifest + `]}`, ``},
		{"no entries", "index", `{` + asIndex + `"schemaVersion":2,"manifests":[]}`, ``},
		{"empty", "index", `{}`, "document-media-type-missing /mediaType\nindex-member-missing /schemaVersion\nindex-member-missing /manifests"},
		{"schema version 0", "index", `{` + asIndex + `"schemaVersion":0,"manifests":[]}`, `schema-version /schemaVersion`},
		{"schema version 1", "index", `{` + asIndex + `"schemaVersion":1,"manifests":[]}`, `schema-version /schemaVersion`},
		{"schema version -2", "index", `{` + asIndex + `"schemaVersion":-2,"manifests":[]}`, `schema-version /schemaVersion`},
		{"another media type", "index", `{"schemaVersion":2,"mediaType":"a/b","manifests":[]}`, `document-media-type /mediaType`},
		{"empty media type", "index", `{"schemaVersion":2,"mediaType":"","manifests":[]}`, `media-type-grammar /mediaType`},
		{"empty artifact type", "index", `{` + asIndex + `"schemaVersion":2,"artifactType":"","manifests":[]}`, `media-type-grammar /artifactType`},
		{"everywhere below", "index", `{` + asIndex + `"schemaVersion":3,"artifactType":"x","manifests":[{},` + someManifest +
			`,{"mediaType":"a/b","digest":"x","size":-5,"platform":{"os":"linux"}}],"subject":{"digest":""}}`,
			"schema-version /schemaVersion\nmedia-type-grammar /artifactType\n" +
				"descriptor-member-missing /manifests/0/mediaType\ndescriptor-member-missing /manifests/0/digest\ndescriptor-member-missing /manifests/0/size\n" +
				"digest-grammar /manifests/2/digest\ndescriptor-size-negative /manifests/2/size\nplatform-member-missing /manifests/2/platform/architecture\nindex-entry-type-unknown /manifests/2/mediaType\n" +
				"descriptor-member-missing /subject/mediaType\ndescriptor-member-missing /subject/size\ndigest-grammar /subject/digest"},

		{"sound", "manifest", `{` + asManifest + `"schemaVersion":2,"config":` + someConfig + `,"layers":[` + someLayer + `]}`, ``},
		{"no layers", "manifest", `{` + asManifest + `"schemaVersion":2,"config":` + someConfig + `,"layers":[]}`, `manifest-layers-empty /layers`},
		{"empty", "manifest", `{}`, "document-media-type-missing /mediaType\nmanifest-member-missing /schemaVersion\nmanifest-member-missing /config\nmanifest-member-missing /layers"},
		{"empty config", "manifest", `{` + asManifest + `"schemaVersion":2,"config":{},"layers":[` + someLayer + `]}`,
			"descriptor-member-missing /config/mediaType\ndescriptor-member-missing /config/digest\ndescriptor-member-missing /config/size"},
		{"unknown types are told of, and no fault", "manifest", `{` + asManifest + `"schemaVersion":2,"artifactType":"application/vnd.example","config":{"mediaType":"application/vnd.example.config+json","digest":"` +
			otherDigest + `","size":2},"layers":[{"mediaType":"text/plain","digest":"` + someDigest + `","size":2}]}`, "config-type-unknown /config/mediaType\nlayer-type-unknown /layers/0/mediaType"},
		{"empty descriptor as config", "manifest", `{` + asManifest + `"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` +
			someDigest + `","size":2},"layers":[` + someLayer + `]}`, `manifest-artifact-type-missing /artifactType`},
		{"and an artifact type that is empty", "manifest", `{` + asManifest + `"schemaVersion":2,"artifactType":"","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` +
			someDigest + `","size":2},"layers":[` + someLayer + `]}`, "media-type-grammar /artifactType\nmanifest-artifact-type-missing /artifactType"},
		{"and one that is not", "manifest", `{` + asManifest + `"schemaVersion":2,"artifactType":"a/b","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` +
			someDigest + `","size":2},"layers":[` + someLayer + `]}`, ``},
		{"everywhere below", "manifest", `{"schemaVersion":1,"mediaType":"x","config":{"mediaType":"a/b","digest":"sha512:00","size":0},"layers":[{},{"size":-1}],"subject":{}}`,
			"media-type-grammar /mediaType\nschema-version /schemaVersion\ndigest-encoding /config/digest\nconfig-type-unknown /config/mediaType\nconfig-zero-size /config/size\n" +
				"descriptor-member-missing /layers/0/mediaType\ndescriptor-member-missing /layers/0/digest\ndescriptor-member-missing /layers/0/size\n" +
				"descriptor-member-missing /layers/1/mediaType\ndescriptor-member-missing /layers/1/digest\ndescriptor-size-negative /layers/1/size\n" +
				"descriptor-member-missing /subject/mediaType\ndescriptor-member-missing /subject/digest\ndescriptor-member-missing /subject/size"},

		{"sound", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]}}`, ``},
		{"no layers", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`, ``},
		{"empty", "image", `{}`, "config-member-missing /architecture\nconfig-member-missing /os\nconfig-member-missing /rootfs\nconfig-of-artifact "},
		{"empty rootfs", "image", `{"architecture":"amd64","os":"linux","rootfs":{}}`, "config-member-missing /rootfs/type\nconfig-member-missing /rootfs/diff_ids"},
		{"another type of rootfs", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"tar","diff_ids":[]}}`, `config-rootfs-type /rootfs/type`},
		{"empty type of rootfs", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"","diff_ids":[]}}`, `config-rootfs-type /rootfs/type`},
		{"letter case of the type", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"Layers","diff_ids":[]}}`, `config-rootfs-type /rootfs/type`},
		{"diff ids", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["","nope","` + someDigest + `","sha256:0"]}}`,
			"diff-id-grammar /rootfs/diff_ids/0\ndiff-id-grammar /rootfs/diff_ids/1\ndiff-id-grammar /rootfs/diff_ids/3"},

		{"sound", "layout", `{"imageLayoutVersion":"1.0.0"}`, ``},
		{"more members", "layout", `{"imageLayoutVersion":"1.0.0","x":1}`, ``},
		{"empty", "layout", `{}`, `oci-layout-version-missing /imageLayoutVersion`},
		{"empty version", "layout", `{"imageLayoutVersion":""}`, `oci-layout-version-unknown /imageLayoutVersion`},
		{"version of the specification", "layout", `{"imageLayoutVersion":"1.1.0"}`, `oci-layout-version-unknown /imageLayoutVersion`},
		{"line break", "layout", `{"imageLayoutVersion":"1.0.0\n"}`, `oci-layout-version-unknown /imageLayoutVersion`},
	}
	for _, test := range tests {
		t.Run(test.document+" "+test.name, func(t *testing.T) {
			wantPlaces(t, collect(validators[test.document](t, test.text)), test.want)
		})
	}
}

// What loading has told is not told again, and nothing is missing whose name
// was there.
func TestValidateAfterProblems(t *testing.T) {
	m, _ := model.LoadManifest([]byte(`{"schemaVersion":"2","mediaType":5,"artifactType":[],"config":"x","layers":null}`))
	wantPlaces(t, collect(m.Validate()), ``)
	m, _ = model.LoadManifest([]byte(`{` + asManifest + `"schemaVersion":2,"config":` + someConfig + `,"layers":[5,{"mediaType":1,"digest":2,"size":"3","platform":4},null]}`))
	wantPlaces(t, collect(m.Validate()), ``)
	x, _ := model.LoadIndex([]byte(`{` + asIndex + `"schemaVersion":2.0,"manifests":{},"subject":[]}`))
	wantPlaces(t, collect(x.Validate()), ``)
	i, _ := model.LoadImage([]byte(`{"os":1,"architecture":null,"rootfs":[]}`))
	wantPlaces(t, collect(i.Validate()), ``)
	i, _ = model.LoadImage([]byte(`{"os":"linux","architecture":"amd64","rootfs":{"type":null,"diff_ids":[5,"x"]}}`))
	wantPlaces(t, collect(i.Validate()), `diff-id-grammar /rootfs/diff_ids/1`)
	l, _ := model.LoadImageLayout([]byte(`{"imageLayoutVersion":1}`))
	wantPlaces(t, collect(l.Validate()), ``)
	d, _ := model.LoadDescriptor([]byte(`{"Digest":"x","digest":5,"mediaType":"a/b"}`))
	wantPlaces(t, collect(d.Validate()), `descriptor-member-missing /size`)
	// An artifactType that cannot be loaded is there all the same.
	m, _ = model.LoadManifest([]byte(`{` + asManifest + `"schemaVersion":2,"artifactType":5,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` + someDigest + `","size":2},"layers":[` + someLayer + `]}`))
	wantPlaces(t, collect(m.Validate()), ``)
}

func TestValidateMadeInGo(t *testing.T) {
	empty := model.EmptyDescriptor()
	artifact := model.NewManifest(empty, empty)
	artifact.ArtifactType = "application/vnd.example"
	image := &model.Image{Architecture: "amd64", OS: "linux", RootFS: model.RootFS{Type: "layers"}}
	for name, problems := range map[string]iter.Seq[model.Problem]{
		"descriptor":        empty.Validate(),
		"index":             model.NewIndex().Validate(),
		"index of entries":  model.NewIndex(model.Describe(model.MediaTypeManifest, []byte("x"))).Validate(),
		"manifest":          model.NewManifest(model.Describe(model.MediaTypeImageConfig, []byte("x")), model.Describe(model.MediaTypeLayer, nil), model.Describe(model.MediaTypeLayer, []byte("x"))).Validate(),
		"artifact":          artifact.Validate(),
		"image":             image.Validate(),
		"layout":            model.NewImageLayout().Validate(),
		"blob of no bytes":  new(model.Describe("text/plain", nil)).Validate(),
		"index as its type": model.NewIndex().ValidateAs(model.As{MediaType: model.MediaTypeIndex}),
	} {
		for p := range problems {
			t.Errorf("%s: %v", name, p)
		}
	}
	wantPlaces(t, collect(new(model.Descriptor).Validate()), "descriptor-member-missing /mediaType\ndescriptor-member-missing /digest")
	wantPlaces(t, collect(new(model.Index).Validate()), "document-media-type-missing /mediaType\nindex-member-missing /schemaVersion")
	wantPlaces(t, collect(new(model.Manifest).Validate()),
		"document-media-type-missing /mediaType\nmanifest-member-missing /schemaVersion\nmanifest-member-missing /config\nmanifest-layers-empty /layers")
	wantPlaces(t, collect(new(model.Image).Validate()), "config-member-missing /architecture\nconfig-member-missing /os\nconfig-member-missing /rootfs\nconfig-of-artifact ")
	wantPlaces(t, collect(new(model.ImageLayout).Validate()), `oci-layout-version-missing /imageLayoutVersion`)
	wantPlaces(t, collect((&model.Index{SchemaVersion: 2, MediaType: model.MediaTypeIndex, Manifests: []model.Descriptor{{MediaType: "x", Digest: "y", Size: -1}}}).Validate()),
		"media-type-grammar /manifests/0/mediaType\ndigest-grammar /manifests/0/digest\ndescriptor-size-negative /manifests/0/size")
}

// A document that was loaded can be mended in Go.
func TestValidateMended(t *testing.T) {
	m := loadedSoundly(t, `{}`, model.LoadManifest)
	m.SchemaVersion, m.MediaType = 2, model.MediaTypeManifest
	m.Config = *loadedSoundly(t, `{"digest":"x"}`, model.LoadDescriptor)
	m.Config.MediaType, m.Config.Digest, m.Config.Size = model.MediaTypeImageConfig, otherDigest, 11
	m.Layers = []model.Descriptor{model.Describe(model.MediaTypeLayer, []byte("x"))}
	wantPlaces(t, collect(m.Validate()), ``)
	if n := len(slices.Collect(m.Edges())); n != 2 {
		t.Errorf("%d edges, want the config and the layer that were set", n)
	}
	x := loadedSoundly(t, `{`+asIndex+`"schemaVersion":2}`, model.LoadIndex)
	x.Manifests = append(x.Manifests, model.Describe(model.MediaTypeManifest, []byte("x")))
	wantPlaces(t, collect(x.Validate()), ``)
	for _, text := range []string{`{"os":"linux","architecture":"arm"}`, `{"os":"linux","architecture":"arm","rootfs":{}}`} {
		i := loadedSoundly(t, text, model.LoadImage)
		i.RootFS.Type, i.RootFS.DiffIDs = "layers", append(i.RootFS.DiffIDs, "x")
		wantPlaces(t, collect(i.Validate()), `diff-id-grammar /rootfs/diff_ids/0`)
		i.RootFS.DiffIDs[0] = someDigest
		wantPlaces(t, collect(i.Validate()), ``)
	}
}

func TestValidateStops(t *testing.T) {
	x := loadedSoundly(t, `{`+asIndex+`"manifests":[`+strings.TrimSuffix(strings.Repeat("{},", 50), ",")+`],"subject":{}}`, model.LoadIndex)
	total := len(collect(x.Validate()))
	if total != 1+50*3+3 {
		t.Fatalf("%d problems", total)
	}
	for n := 1; n < total; n++ {
		met := 0
		for range x.Validate() {
			if met++; met == n {
				break
			}
		}
		if met != n {
			t.Fatalf("%d problems came, want to leave after %d", met, n)
		}
	}
}
