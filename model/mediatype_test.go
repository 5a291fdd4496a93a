package model_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

func TestValidMediaType(t *testing.T) {
	name := func(n int) string { return strings.Repeat("a", n) }
	for _, s := range []string{
		"a/b", "0/0", "A/B", "application/vnd.oci.image.manifest.v1+json", "text/plain",
		"a!#$&^_.+-/b!#$&^_.+-", "application/vnd.example.v1.tar+gzip", "a/b.", "a/b+", "a/b-",
		name(127) + "/" + name(127), "application/VND.OCI.Image.Manifest.V1+JSON",
		model.MediaTypeEmptyJSON, model.MediaTypeDescriptor, model.MediaTypeLayout, model.MediaTypeDockerManifestList,
	} {
		if !model.ValidMediaType(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{
		"", "/", "a", "a/", "/b", "a/b/c", "a//b", " a/b", "a/b ", "a /b", "a/b\n", "\na/b", "a/b\x00", "a/b\r\n",
		"text/plain; charset=utf-8", "text/plain;charset=utf-8", "a/b,c/d", "*/*", "a/*",
		// What the range &-^ of an older schema lets through.
		"a/b(", "a/b)", "a/b*", "a/b,", "a/b:", "a/b;", "a/b<", "a/b=", "a/b>", "a/b?", "a/b@", "a/b[", `a/b\`, "a/b]", "a/b'",
		".a/b", "a/.b", "+a/b", "a/-b", "a/_b", "a%20/b", "a/b~", "a/b|", `a/"b"`, "ä/b", "a/ｂ", "a/b\xff",
		name(128) + "/b", "a/" + name(128), "application/vnd.oci.image.manifest.v1+json\n",
	} {
		if model.ValidMediaType(s) {
			t.Errorf("%q is taken", s)
		}
	}
}

// Every byte, as the first of a name and further on, against the grammar of RFC 6838
// section 4.2 as a regular expression.
func TestValidMediaTypeBytes(t *testing.T) {
	grammar := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)
	for c := range 256 {
		b := string([]byte{byte(c)})
		for _, s := range []string{b + "a/b", "a" + b + "/b", "a/" + b + "b", "a/b" + b} {
			if got, want := model.ValidMediaType(s), grammar.MatchString(s); got != want {
				t.Errorf("%q: %t, want %t", s, got, want)
			}
		}
	}
}

func TestKindOf(t *testing.T) {
	kinds := map[model.Kind][]string{
		model.KindLayout:     {"application/vnd.oci.layout.header.v1+json"},
		model.KindDescriptor: {"application/vnd.oci.descriptor.v1+json"},
		model.KindIndex: {
			"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
		},
		model.KindManifest: {
			"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
		},
		model.KindImage: {
			"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json",
		},
		model.KindLayer: {
			"application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+zstd",
			"application/vnd.oci.image.layer.nondistributable.v1.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
			"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
			"application/vnd.docker.image.rootfs.diff.tar", "application/vnd.docker.image.rootfs.diff.tar.gzip",
			"application/vnd.docker.image.rootfs.diff.tar.zstd", "application/vnd.docker.image.rootfs.foreign.diff.tar",
			"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
		},
		model.KindArtifact: {"application/vnd.oci.artifact.manifest.v1+json", "application/vnd.cncf.oras.artifact.manifest.v1+json"},
		model.KindSchema1:  {"application/vnd.docker.distribution.manifest.v1+json", "application/vnd.docker.distribution.manifest.v1+prettyjws"},
		model.KindOpaque: {
			"", "application/vnd.oci.empty.v1+json", "text/plain", "application/json",
			"Application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.index.v1+json ", "application/vnd.oci.image.index.v2+json",
		},
	}
	for kind, types := range kinds {
		for _, s := range types {
			if got := model.KindOf(s); got != kind {
				t.Errorf("KindOf(%q) = %v, want %v", s, got, kind)
			}
			foreign := strings.Contains(s, "nondistributable") || strings.Contains(s, "foreign")
			if model.NonDistributable(s) != foreign {
				t.Errorf("NonDistributable(%q) = %t", s, !foreign)
			}
		}
	}
	words := map[model.Kind]string{
		model.KindOpaque: "blob", model.KindLayout: "layout", model.KindIndex: "index",
		model.KindManifest: "manifest", model.KindImage: "config", model.KindLayer: "layer", model.KindDescriptor: "descriptor",
	}
	for kind, word := range words {
		if kind.String() != word {
			t.Errorf("%d is called %q, want %q", kind, kind, word)
		}
		document := kind == model.KindIndex || kind == model.KindManifest || kind == model.KindImage
		if kind.Document() != document {
			t.Errorf("%v.Document() = %t", kind, !document)
		}
	}
}

// The media type of a document against the one of its descriptor.
func TestValidateAs(t *testing.T) {
	const (
		none, other  = "", "application/vnd.example+json"
		index, list  = model.MediaTypeIndex, model.MediaTypeDockerManifestList
		oci, docker  = model.MediaTypeManifest, model.MediaTypeDockerManifest
		image, layer = model.MediaTypeImageConfig, model.MediaTypeLayer
		ok           = ``
		mismatch     = `media-type-mismatch /mediaType`
		mixed        = `media-type-mismatch-docker /mediaType`
		wrong        = `document-media-type /mediaType`
		missing      = `document-media-type-missing /mediaType`
		ofDocker     = `docker-document /mediaType`
	)
	tests := []struct{ kind, own, declared, want string }{
		{"index", none, none, missing}, {"index", none, index, missing}, {"index", none, list, missing + "\n" + ofDocker},
		{"index", index, none, ok}, {"index", index, index, ok}, {"index", index, list, mixed},
		{"index", list, none, ofDocker}, {"index", list, index, mixed}, {"index", list, list, ofDocker},
		{"index", oci, none, wrong}, {"index", oci, index, mismatch}, {"index", oci, list, mismatch},
		{"index", docker, none, wrong}, {"index", docker, index, mismatch}, {"index", docker, list, mismatch},
		{"index", image, none, wrong}, {"index", image, index, mismatch},
		{"index", layer, none, wrong}, {"index", layer, index, wrong},
		{"index", other, none, wrong}, {"index", other, index, wrong}, {"index", other, list, wrong},
		{"manifest", none, none, missing}, {"manifest", none, oci, missing}, {"manifest", none, docker, missing + "\n" + ofDocker},
		{"manifest", oci, none, ok}, {"manifest", oci, oci, ok}, {"manifest", oci, docker, mixed},
		{"manifest", docker, none, ofDocker}, {"manifest", docker, oci, mixed}, {"manifest", docker, docker, ofDocker},
		{"manifest", index, none, wrong}, {"manifest", index, oci, mismatch}, {"manifest", index, docker, mismatch},
		{"manifest", list, none, wrong}, {"manifest", list, oci, mismatch}, {"manifest", list, docker, mismatch},
		{"manifest", image, none, wrong}, {"manifest", image, oci, mismatch},
		{"manifest", other, none, wrong}, {"manifest", other, oci, wrong}, {"manifest", other, docker, wrong},
	}
	for _, test := range tests {
		t.Run(test.kind+" "+test.own+" as "+test.declared, func(t *testing.T) {
			member := ""
			if test.own != none {
				member = `"mediaType":"` + test.own + `",`
			}
			var doc model.Document
			if test.kind == "index" {
				doc = loadedSoundly(t, `{`+member+`"schemaVersion":2,"manifests":[]}`, model.LoadIndex)
			} else {
				doc = loadedSoundly(t, `{`+member+`"schemaVersion":2,"config":`+someConfig+`,"layers":[]}`, model.LoadManifest)
				if test.want != mismatch { // which ends the judging
					test.want = strings.TrimPrefix(test.want+"\nmanifest-layers-empty /layers", "\n")
				}
			}
			wantPlaces(t, collect(doc.ValidateAs(model.As{MediaType: test.declared})), test.want)
			if test.declared == "" {
				wantPlaces(t, collect(doc.Validate()), test.want)
			}
		})
	}
	// An empty string is a media type that is there, and none.
	x := loadedSoundly(t, `{"mediaType":"","schemaVersion":2,"manifests":[]}`, model.LoadIndex)
	wantPlaces(t, collect(x.ValidateAs(model.As{MediaType: index})), `media-type-grammar /mediaType`)
	// Which kind's rules a document breaks that says it is of another kind, nobody
	// knows; where nobody said what it is, it is what it was loaded as.
	x = loadedSoundly(t, `{"mediaType":"`+oci+`","layers":[{}]}`, model.LoadIndex)
	wantPlaces(t, collect(x.ValidateAs(model.As{MediaType: index})), mismatch)
	wantPlaces(t, collect(x.Validate()), wrong+"\nindex-member-missing /schemaVersion\ndocument-ambiguous /layers\nindex-member-missing /manifests")
	m := loadedSoundly(t, `{"mediaType":"`+list+`","manifests":[{}]}`, model.LoadManifest)
	wantPlaces(t, collect(m.ValidateAs(model.As{MediaType: oci})), mismatch)
	// An image configuration has no media type of its own to compare.
	i := loadedSoundly(t, `{"mediaType":"x","os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}`, model.LoadImage)
	wantPlaces(t, collect(i.ValidateAs(model.As{MediaType: image})), ok)
}

// A document with members of another kind can be taken for one of that kind,
// whatever their values and letter case.
func TestValidateAmbiguous(t *testing.T) {
	index := func(media, members string) model.Document {
		x, _ := model.LoadIndex([]byte(`{` + media + `"schemaVersion":2,"manifests":[]` + members + `}`))
		return x
	}
	manifest := func(media, members string) model.Document {
		layer := someLayer
		if strings.Contains(media, "docker") {
			layer = strings.Replace(layer, model.MediaTypeLayerGzip, model.MediaTypeDockerLayerGzip, 1)
		}
		m, _ := model.LoadManifest([]byte(`{` + media + `"schemaVersion":2,"config":` + someConfig + `,"layers":[` + layer + `]` + members + `}`))
		return m
	}
	for _, foreign := range []struct {
		load  func(media, members string) model.Document
		types []string
		names []string
	}{
		{index, []string{model.MediaTypeIndex, model.MediaTypeDockerManifestList},
			[]string{"config", "layers", "fsLayers", "history", "Config", "LAYERS", "layer\u017f", "fslayers", "HISTORY"}},
		{manifest, []string{model.MediaTypeManifest, model.MediaTypeDockerManifest},
			[]string{"manifests", "fsLayers", "history", "signatures", "Manifests", "MANIFESTS", "manifest\u017f", "FSLayers", "SIGNATURES"}},
	} {
		for _, name := range foreign.names {
			for _, value := range []string{`null`, `[]`, `{}`, `[{}]`, `5`, `""`, `false`} {
				members := `,"` + name + `":` + value
				wantPlaces(t, collect(foreign.load("", members).Validate()), "document-media-type-missing /mediaType\ndocument-ambiguous /"+name)
				for i, own := range foreign.types {
					doc := foreign.load(`"mediaType":"`+own+`",`, members)
					want := []string{"document-ambiguous-typed /" + name, "document-ambiguous-typed /" + name + "\ndocker-document /mediaType"}[i]
					wantPlaces(t, collect(doc.ValidateAs(model.As{MediaType: own})), want)
				}
				wantPlaces(t, collect(foreign.load(`"mediaType":"a/b",`, members).Validate()), "document-media-type /mediaType\ndocument-ambiguous /"+name)
			}
		}
	}
	wantPlaces(t, collect(index(`"mediaType":"a/b",`, `,"layers":[],"Layers":null,"config":1,"x":2`).Validate()),
		"document-media-type /mediaType\ndocument-ambiguous /layers\ndocument-ambiguous /Layers\ndocument-ambiguous /config")
	// An escape hides nothing.
	wantPlaces(t, collect(index(asIndex, `,"l\u0061yers":[]`).Validate()), "document-ambiguous-typed /layers")
	// Members of a document's own kind, and below it, are none of that.
	wantPlaces(t, collect(index(asIndex, `,"signatures":[],"blobs":[],"x":{"layers":[]}`).Validate()), ``)
	wantPlaces(t, collect(manifest(asManifest, `,"Layers":[],"x":{"manifests":[]}`).Validate()), ``)
}
