package model_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

func TestAnnotationKeys(t *testing.T) {
	const form, reserved, label = "annotation-key-form", "annotation-reserved", "annotation-label-schema"
	for key, want := range map[string]string{
		"com.example": ``, "com.example.key": ``, "com.example/key": ``, "com.example.a_b": ``, "com.example.a-b/C d": ``, "COM.EXAMPLE": ``, "io.k8s.1.2": ``, "a.b/": ``, "a.b/ä~1": ``, "1.2": ``, "com.example._key": ``,
		"key": form, "a/b": form, "com..example": form, ".com.example": form, "com.example.": form, "com.-a": form, "com.a-": form, "-com.a": form, "com.a-/b": form, "com example.a": form, "com.exämple": form,
		"com.example:key": form, " com.example": form, "com.example ": form, "com.example\n": form, "/": form, "~": form, "a/b~c": form, ".": form, "_a.b": form,
		"": "annotation-key-empty",

		"org.opencontainers": reserved, "org.opencontainers.": reserved, "org.opencontainers.x": reserved, "org.opencontainers.image": reserved, "org.opencontainers.image.": reserved,
		"org.opencontainers.image.x": reserved, "org.opencontainers.image.Created": reserved, "org.opencontainers.image.created.x": reserved, "org.opencontainers.image.x/y~z": reserved,
		"org.opencontainers.image.enc.keys.jwe": ``, "org.opencontainers.image.enc.keys.provider.x": ``, "org.opencontainers.image.enc.pubopts": ``, "org.opencontainers.image.enc": reserved, "org.opencontainers.image.encx": reserved,
		"org.opencontainersx": ``, "org.opencontainersx.a": ``, "org.opencontainers-x": ``, "Org.OpenContainers.x": ``, "com.org.opencontainers.x": ``,
		"org.opencontainers.image.os": ``, "org.opencontainers.image.architecture": ``, "org.opencontainers.image.variant": ``, "org.opencontainers.image.os.version": ``, "org.opencontainers.image.os.features": ``,
		"org.opencontainers.image.author": ``, "org.opencontainers.image.stopSignal": ``, "org.opencontainers.image.exposedPorts": ``,
		"org.opencontainers.image.created": ``, "org.opencontainers.image.authors": ``, "org.opencontainers.image.url": ``, "org.opencontainers.image.documentation": ``, "org.opencontainers.image.source": ``,
		"org.opencontainers.image.version": ``, "org.opencontainers.image.revision": ``, "org.opencontainers.image.vendor": ``, "org.opencontainers.image.licenses": ``, "org.opencontainers.image.ref.name": ``,
		"org.opencontainers.image.title": ``, "org.opencontainers.image.description": ``, "org.opencontainers.image.base.digest": ``, "org.opencontainers.image.base.name": ``,

		"org.label-schema.name": label, "org.label-schema.": label, "org.label-schema.a/b": label, "org.label-schema": ``, "org.label-schemax.a": ``, "org.label-schema/a": ``,
	} {
		t.Run(key, func(t *testing.T) {
			at := func(tokens ...string) string {
				if want == "" {
					return ""
				}
				return want + " " + model.Pointer(append(tokens, key)...)
			}
			one := `{` + strconv.QuoteToGraphic(key) + `:""}`
			wantPlaces(t, collect(validators["index"](t, with(indexOf(with(someManifest, `"annotations":`+one)), `"annotations":`+one))),
				strings.TrimPrefix(at("manifests", "0", "annotations")+"\n"+at("annotations"), "\n"))
			wantPlaces(t, collect(validators["manifest"](t, with(manifestOf(someConfig, someLayer), `"annotations":`+one))), at("annotations"))
			wantPlaces(t, collect(validators["image"](t, configWith(`"Labels":`+one))), at("config", "Labels"))
		})
	}
}

func TestAnnotationValues(t *testing.T) {
	const prefix = "org.opencontainers.image."
	for key, values := range map[string]struct {
		rule       string
		sound, not []string
	}{
		"created":       {"annotation-time", []string{"", "2020-01-01T00:00:00Z"}, []string{" ", "2020-01-01", "2020-01-01t00:00:00z"}},
		"url":           {"annotation-url", []string{"", "https://example.com", "ftp://example.com/a"}, []string{" ", "example.com", "https://example.com/a b", "/a"}},
		"documentation": {"annotation-url", []string{"", "https://example.com"}, []string{"see https://example.com", "docs/a.md"}},
		"source":        {"annotation-url", []string{"", "https://example.com", "git+https://example.com/a.git", "ssh://git@example.com/a"}, []string{"github.com/a/b", "git@example.com", "git@example.com:", "git@example.com:a b"}},
		"licenses":      {"annotation-licenses", []string{"", "MIT"}, []string{"MIT, ISC"}},
		"base.digest":   {"annotation-base-digest", []string{"", someDigest, "md5:0"}, []string{" ", "x", "sha256:0", strings.ToUpper(someDigest), someDigest + "\n"}},
		"version":       {"", []string{"", "anything"}, nil},
		"title":         {"", []string{"", "any\nthing"}, nil},
		"ref.name":      {"", []string{"", "any thing"}, nil}, // which is judged where it is known what it names
		"revision":      {"", []string{"", "\x01"}, nil},
	} {
		t.Run(key, func(t *testing.T) {
			annotated := func(value string) []model.Problem {
				return collect((&model.Index{SchemaVersion: 2, MediaType: model.MediaTypeIndex, Annotations: map[string]string{prefix + key: value}}).Validate())
			}
			for _, value := range values.sound {
				wantPlaces(t, annotated(value), ``)
			}
			for _, value := range values.not {
				wantPlaces(t, annotated(value), values.rule+" /annotations/"+prefix+key)
			}
		})
	}
	for _, key := range []string{"url", "documentation", "source"} {
		for _, value := range []string{"git@github.com:a/b.git", "me@host:a", "a.b-c_d@host.example:/a"} {
			text := descriptorWith(`"annotations":{"` + prefix + key + `":"` + value + `"}`)
			wantPlaces(t, collect(validators["descriptor"](t, text)), "annotation-url-scp /annotations/"+prefix+key)
		}
	}
}

func TestAnnotations(t *testing.T) {
	const base = "org.opencontainers.image.base."
	judge(t, "descriptor", []judged{
		{"none", descriptorWith(`"annotations":{}`), ``},
		{"in the order of the keys", descriptorWith(`"annotations":{"z":"","a":"","":"","org.opencontainers.x":""}`),
			"annotation-key-empty /annotations/\nannotation-key-form /annotations/a\nannotation-reserved /annotations/org.opencontainers.x\nannotation-key-form /annotations/z"},
		{"base without digest", descriptorWith(`"annotations":{"` + base + `name":"a.b/c"}`), "annotation-base-pair /annotations/" + base + "digest"},
		{"base with digest", descriptorWith(`"annotations":{"` + base + `name":"a.b/c","` + base + `digest":"` + someDigest + `"}`), ``},
		{"base with an empty digest", descriptorWith(`"annotations":{"` + base + `name":"a.b/c","` + base + `digest":""}`), ``},
		{"digest alone", descriptorWith(`"annotations":{"` + base + `digest":"` + someDigest + `"}`), ``},
		{"empty name", descriptorWith(`"annotations":{"` + base + `name":""}`), ``},
		{"bad name without digest", descriptorWith(`"annotations":{"` + base + `name":"A B"}`),
			"annotation-base-name /annotations/" + base + "name\nannotation-base-pair /annotations/" + base + "digest"},
	})
	judge(t, "image", []judged{
		{"labels", configWith(`"Labels":{"org.opencontainers.image.ref.name":"a b","` + base + `name":"alpine","maintainer":"me"}`),
			"annotation-key-form /config/Labels/maintainer\nannotation-base-name-short /config/Labels/" + base + "name\nannotation-base-pair /config/Labels/" + base + "digest"},
		{"no labels", configWith(`"Labels":null`), ``},
	})
	judgeLoaded(t, model.MediaTypeManifest, []judged{
		{"a digest of the wrong type is there", with(manifestOf(someConfig, someLayer), `"annotations":{"`+base+`name":"a.b/c","`+base+`digest":5,"x":""}`), `annotation-key-form /annotations/x`},
		{"annotations of the wrong type", with(manifestOf(someConfig, someLayer), `"annotations":[]`), ``},
		{"null", with(manifestOf(with(someConfig, `"annotations":null`), someLayer), `"annotations":{"x":null}`), ``},
	})
	judgeLoaded(t, model.MediaTypeImageConfig, []judged{
		{"labels of the wrong type", configWith(`"Labels":[]`), ``},
		{"a label of the wrong type", configWith(`"Labels":{"` + base + `name":"a.b/c","x":1}`), ``},
	})
}

// A key as long as a string may be, and as many keys as a map may hold, are
// judged without more than one look at each byte: this ends.
func TestAnnotationsHostile(t *testing.T) {
	long := &model.Descriptor{MediaType: "a/b", Digest: someDigest, Size: 2, Annotations: make(map[string]string)}
	for _, key := range []string{strings.Repeat("a", 1<<20), strings.Repeat("a.", 1<<19), strings.Repeat("-", 1<<20), "a.b/" + strings.Repeat("~", 1<<18)} {
		long.Annotations[key] = ""
	}
	found := collect(long.Validate())
	if len(found) != 3 {
		t.Errorf("%d problems with long keys, want 3", len(found))
	}
	for _, p := range found {
		if n := len(p.Message) + len(p.Actual); n > 500 {
			t.Errorf("a problem quotes %d bytes", n)
		}
	}
	many := &model.Descriptor{MediaType: "a/b", Digest: someDigest, Size: 2, Annotations: make(map[string]string)}
	for n := range 1 << 16 {
		many.Annotations["k"+strconv.Itoa(n)] = ""
	}
	if found := collect(many.Validate()); len(found) != 1<<16 {
		t.Errorf("%d problems with %d keys", len(found), 1<<16)
	}
	value := strings.Repeat("(", 1<<20)
	for _, key := range []string{"created", "url", "source", "licenses", "base.digest", "base.name"} {
		text := &model.Descriptor{MediaType: "a/b", Digest: someDigest, Size: 2, Annotations: map[string]string{"org.opencontainers.image." + key: value, model.AnnotationBaseDigest: value}}
		found := collect(text.Validate())
		wantBounded(t, found)
		if len(found) == 0 {
			t.Errorf("%s: a megabyte of parentheses is sound", key)
		}
	}
}
