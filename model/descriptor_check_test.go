package model_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func TestMediaTypesOfDescriptors(t *testing.T) {
	name := func(n int) string { return strings.Repeat("a", n) }
	for mediaType, rules := range map[string]string{
		"a/b": ``, name(64) + "/" + name(64): ``, "A/B": ``, "Text/Plain": ``, model.MediaTypeEmptyJSON + "x": ``,
		name(65) + "/b": `media-type-long`, "a/" + name(65): `media-type-long`, name(127) + "/" + name(127): `media-type-long`,
		name(128) + "/b": `media-type-grammar`, "a/" + name(128): `media-type-grammar`,
		"": `media-type-grammar`, "a": `media-type-grammar`, "a/b; c=d": `media-type-grammar`, "a/b;c": `media-type-grammar`, "a/b/c": `media-type-grammar`, "a/b ": `media-type-grammar`,
		strings.ToUpper(model.MediaTypeLayerGzip): `media-type-case`, "Application/vnd.oci.image.manifest.v1+json": `media-type-case`, strings.ToUpper(model.MediaTypeDockerManifest): `media-type-case`,
		strings.ToUpper(model.MediaTypeDockerSchema1): `media-type-case`, "application/vnd.oci.IMAGE.manifest.v2+json": ``,
	} {
		at := func(member string) string {
			if rules == "" {
				return ""
			}
			return rules + " " + member
		}
		text := `{"mediaType":"` + mediaType + `","digest":"` + otherDigest + `","size":11}`
		wantPlaces(t, collect(validators["descriptor"](t, text)), at("/mediaType"))
		wantPlaces(t, collect(validators["descriptor"](t, descriptorWith(`"artifactType":"`+mediaType+`"`))), at("/artifactType"))
		wantPlaces(t, collect(validators["index"](t, `{"artifactType":"`+mediaType+`",`+indexOf()[1:])), at("/artifactType"))
		if t.Failed() {
			t.Fatalf("%q", mediaType)
		}
	}
	// The empty media type in capitals is one of these; what it names is not asked then.
	wantPlaces(t, collect(validators["descriptor"](t, `{"mediaType":"`+strings.ToUpper(model.MediaTypeEmptyJSON)+`","digest":"`+otherDigest+`","size":11}`)), `media-type-case /mediaType`)
}

// A digest outside of the grammar, and one within it whose algorithm asks for more.
func TestDigestsOfDescriptors(t *testing.T) {
	const grammar, encoding = "digest-grammar /digest", "digest-encoding /digest"
	hex := func(n int) string { return strings.Repeat("0", n) }
	for value, want := range map[string]string{
		"sha256:" + hex(64): ``, "sha512:" + hex(128): `digest-not-sha256 /digest`, "blake3:" + hex(64): `digest-not-sha256 /digest`,
		"sha384:" + hex(96): `digest-algorithm-unregistered /digest`, "md5:0": `digest-algorithm-unregistered /digest`, "sha256+b64u:Ab=_-": `digest-algorithm-unregistered /digest`, "a.b_c-d+e:0": `digest-algorithm-unregistered /digest`,
		"sha256:" + hex(63): encoding, "sha256:" + hex(65): encoding, "sha256:" + hex(63) + "A": encoding, "sha256:" + hex(63) + "g": encoding, "sha256:=": encoding,
		"sha512:" + hex(64): encoding, "blake3:" + hex(128): encoding, "blake3:" + hex(63) + "F": encoding,
		"": grammar, ":": grammar, "sha256": grammar, "sha256:": grammar, ":" + hex(64): grammar, "SHA256:" + hex(64): grammar, "sha256:" + hex(64) + ":": grammar, "sha256:a:b": grammar,
		"sha256:" + hex(63) + "/": grammar, "sha256:../x": grammar, "../x:0": grammar, "a..b:0": grammar, "a+:0": grammar, "+a:0": grammar, "sha256:" + hex(64) + "\\n": grammar, " sha256:" + hex(64): grammar, "sha256:" + hex(63) + "ä": grammar,
	} {
		wantPlaces(t, collect(validators["descriptor"](t, `{"mediaType":"a/b","digest":"`+value+`","size":1}`)), want)
		id := ``
		if want == grammar || want == encoding {
			id = "diff-id-grammar /rootfs/diff_ids/0"
		}
		wantPlaces(t, collect(validators["image"](t, `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["`+value+`"]}}`)), id)
		if t.Failed() {
			t.Fatalf("%q", value)
		}
	}
}

func TestEmbeddedData(t *testing.T) {
	sha512 := digest.SHA512.FromString("{}").String()
	described := func(digest, size, data string) string {
		return `{"mediaType":"a/b","digest":"` + digest + `","size":` + size + `,"data":"` + data + `"}`
	}
	judge(t, "descriptor", []judged{
		{"sound", described(someDigest, "2", "e30="), ``},
		{"sound by sha512", described(sha512, "2", "e30="), `digest-not-sha256 /digest`},
		{"of no bytes", described("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "0", ""), ``},
		{"none where there is some", described(someDigest, "2", ""), `data-mismatch /data`},
		{"longer", described(someDigest, "1", "e30="), `data-mismatch /data`},
		{"shorter", described(someDigest, "3", "e30="), `data-mismatch /data`},
		{"another content", described(otherDigest, "2", "e30="), `data-mismatch /data`},
		{"another content by sha512", described("sha512:"+strings.Repeat("0", 128), "2", "e30="), "digest-not-sha256 /digest\ndata-mismatch /data"},
		{"longer and another", described(otherDigest, "3", "e30="), `data-mismatch /data`},
		{"negative size", described(someDigest, "-1", "e30="), `descriptor-size-negative /size`},
		{"digest that cannot be computed", described("md5:0", "2", "e30="), `digest-algorithm-unregistered /digest`},
		{"and another length", described("md5:0", "3", "e30="), "digest-algorithm-unregistered /digest\ndata-mismatch /data"},
		{"bad digest", described("x", "2", "e30="), `digest-grammar /digest`},
		{"no digest", `{"mediaType":"a/b","size":2,"data":"e30="}`, `descriptor-member-missing /digest`},
		{"no size", `{"mediaType":"a/b","digest":"` + someDigest + `","data":"e30="}`, `descriptor-member-missing /size`},
	})
	judgeLoaded(t, model.MediaTypeIndex, []judged{
		{"size of the wrong type", indexOf(`{"mediaType":"` + model.MediaTypeManifest + `","digest":"` + someDigest + `","size":"2","data":"e30="}`), ``},
		{"digest of the wrong type", indexOf(`{"mediaType":"` + model.MediaTypeManifest + `","digest":5,"size":2,"data":"e30="}`), ``},
		{"data that is no base64", indexOf(`{"mediaType":"` + model.MediaTypeManifest + `","digest":"` + someDigest + `","size":2,"data":"e30"}`), ``},
		{"URLs of the wrong type", indexOf(with(someManifest, `"urls":"x"`)), ``},
		{"one URL", indexOf(with(someManifest, `"urls":[5,"x"]`)), `url-grammar /manifests/0/urls/1`},
	})
	const large = 64 << 10
	for n, want := range map[int]string{large: ``, large + 1: `data-large /data`, 2 * large: `data-large /data`} {
		d := model.Describe("a/b", make([]byte, n))
		d.Data = make([]byte, n)
		wantPlaces(t, collect(d.Validate()), want)
	}
	text := described(someDigest, "2", base64.StdEncoding.EncodeToString(make([]byte, large+1)))
	wantPlaces(t, collect(validators["descriptor"](t, text)), "data-large /data\ndata-mismatch /data")
}

func TestDataDefect(t *testing.T) {
	sound := model.Describe("a/b", []byte("x"))
	for name, test := range map[string]struct {
		digest digest.Digest
		size   int64
		data   string
		want   error
	}{
		"sound":             {sound.Digest, 1, "x", nil},
		"nothing":           {"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0, "", nil},
		"sha512":            {digest.SHA512.FromString("x"), 1, "x", nil},
		"size first":        {"", 2, "x", model.ErrSize},
		"negative size":     {sound.Digest, -1, "x", model.ErrSize},
		"no data":           {sound.Digest, 1, "", model.ErrSize},
		"another digest":    {otherDigest, 1, "x", model.ErrDigestMismatch},
		"another by sha512": {digest.SHA512.FromString("y"), 1, "x", model.ErrDigestMismatch},
		"no digest":         {"", 1, "x", model.ErrDigest},
		"bad encoding":      {"sha256:0", 1, "x", model.ErrDigest},
		"unregistered":      {"md5:0", 1, "x", digest.ErrDigestUnsupported},
	} {
		d := model.Descriptor{MediaType: "a/b", Digest: test.digest, Size: test.size, Data: []byte(test.data)}
		if err := d.DataDefect(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// The empty media type names two bytes, by whatever digest.
func TestEmptyDescriptors(t *testing.T) {
	empty := func(digest, size, more string) string {
		return `{"mediaType":"` + model.MediaTypeEmptyJSON + `","digest":"` + digest + `","size":` + size + behind(more) + `}`
	}
	blake3, err := model.FromBytes(model.BLAKE3, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	judge(t, "descriptor", []judged{
		{"sound", empty(someDigest, "2", ""), ``},
		{"sha512", empty(digest.SHA512.FromString("{}").String(), "2", ""), `digest-not-sha256 /digest`},
		{"blake3", empty(blake3.String(), "2", ""), `digest-not-sha256 /digest`},
		{"an algorithm that cannot be computed", empty("md5:99914b932bd37a50b983c5e7c90ae93b", "2", ""), `digest-algorithm-unregistered /digest`},
		{"another sha256", empty(otherDigest, "2", ""), `empty-descriptor /digest`},
		{"another sha512", empty("sha512:"+strings.Repeat("0", 128), "2", ""), "digest-not-sha256 /digest\nempty-descriptor /digest"},
		{"another size", empty(someDigest, "3", ""), `empty-descriptor /size`},
		{"size 0", empty(someDigest, "0", ""), `empty-descriptor /size`},
		{"negative size", empty(someDigest, "-2", ""), `descriptor-size-negative /size`},
		{"both", empty(otherDigest, "11", ""), "empty-descriptor /size\nempty-descriptor /digest"},
		{"bad digest", empty("x", "2", ""), `digest-grammar /digest`},
		{"data", empty(someDigest, "2", `"data":"e30="`), ``},
		{"other data", empty(someDigest, "2", `"data":"e30K"`), `data-mismatch /data`},
		{"other data of two bytes", empty(someDigest, "2", `"data":"W10="`), `data-mismatch /data`},
		{"no size", `{"mediaType":"` + model.MediaTypeEmptyJSON + `","digest":"` + someDigest + `"}`, `descriptor-member-missing /size`},
		{"no digest", `{"mediaType":"` + model.MediaTypeEmptyJSON + `","size":2}`, `descriptor-member-missing /digest`},
	})
	wantPlaces(t, collect((&model.Descriptor{MediaType: model.MediaTypeEmptyJSON, Digest: someDigest}).Validate()), `empty-descriptor /size`)
	d, _ := model.LoadDescriptor([]byte(`{"mediaType":"` + model.MediaTypeEmptyJSON + `","digest":5,"size":"2"}`))
	wantPlaces(t, collect(d.Validate()), ``)
}

// Documents that registries may refuse for their length, to the byte.
func TestDocumentSizes(t *testing.T) {
	const promise, limit = 4_000_000, 4 << 20
	sized := func(text string, n int) string { return text + strings.Repeat(" ", n-len(text)) }
	manifest := manifestOf(someConfig, someLayer)
	for n, want := range map[int]string{
		promise - 1: ``, promise: ``, promise + 1: `document-large `, limit: `document-large `, limit + 1: `document-too-large `,
	} {
		wantPlaces(t, collect(validators["manifest"](t, sized(manifest, n))), want)
		x := loadedSoundly(t, sized(indexOf(), n), model.LoadIndex)
		wantPlaces(t, collect(x.Validate()), want)
		wantPlaces(t, collect(x.ValidateAs(model.As{IndexJSON: true})), ``)
		wantPlaces(t, collect(validators["image"](t, sized(imageWith(``), n))), ``) // which is no manifest
	}
}

// index.json is named by no descriptor, and nobody is to be told what it is.
func TestIndexJSON(t *testing.T) {
	bare := loadedSoundly(t, `{"schemaVersion":2,"manifests":[]}`, model.LoadIndex)
	wantPlaces(t, collect(bare.Validate()), `document-media-type-missing /mediaType`)
	wantPlaces(t, collect(bare.ValidateAs(model.As{IndexJSON: true})), `index-json-media-type-missing /mediaType`)
	for own, want := range map[string]string{
		model.MediaTypeIndex: ``, model.MediaTypeDockerManifestList: `docker-document /mediaType`, model.MediaTypeManifest: `document-media-type /mediaType`,
		"": `media-type-grammar /mediaType`, strings.ToUpper(model.MediaTypeIndex): `document-media-type /mediaType`,
	} {
		x := loadedSoundly(t, `{"mediaType":"`+own+`","schemaVersion":2,"manifests":[]}`, model.LoadIndex)
		wantPlaces(t, collect(x.ValidateAs(model.As{IndexJSON: true})), want)
	}
	x, _ := model.LoadIndex([]byte(`{"mediaType":5,"schemaVersion":2,"manifests":[]}`))
	wantPlaces(t, collect(x.ValidateAs(model.As{IndexJSON: true})), ``)
}
