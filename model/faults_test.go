package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/model/distribution"
	"github.com/opencontainers/go-digest"
)

// These tests hold what other libraries for the same documents are known to get
// wrong: each is a fault that users of oci-python have met.

// foundIn returns the places of all that loading and validating find.
func foundIn[T any, P interface {
	*T
	model.Document
}](t *testing.T, text string) []string {
	t.Helper()
	doc, problems := model.Load[T]([]byte(text), model.Limits{})
	if doc == nil {
		t.Fatalf("%s is no object", text)
	}
	return append(places(problems), places(collect(P(doc).Validate()))...)
}

// wantNoErrors checks that neither loading nor validating finds an error.
func wantNoErrors[T any, P interface {
	*T
	model.Document
}](t *testing.T, text string) {
	t.Helper()
	doc, problems := model.Load[T]([]byte(text), model.Limits{})
	if err := errors.Join(problems.Err(), model.Problems(collect(P(doc).Validate())).Err()); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

// wantFound checks that place is, or is not, among what is found.
func wantFound(t *testing.T, text string, found []string, place string, want bool) {
	t.Helper()
	if slices.Contains(found, place) != want {
		t.Errorf("%s\nfound %q\n%q among it: want %t", text, found, place, want)
	}
}

const minimalImage = `"architecture":"amd64","os":"linux"`

func TestFaultVerifierTrustsAnything(t *testing.T) {
	v, err := model.Verifier(digest.FromString("right"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Write([]byte("wrong")); err != nil || v.Verified() {
		t.Errorf("wrong bytes are verified, %v", err)
	}
}

func TestFaultMediaTypeRefused(t *testing.T) {
	wantNoErrors[model.Manifest](t, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"a/b","config":`+someConfig+
		`,"layers":[`+someLayer+`],"subject":`+someManifest+`}`)
	wantNoErrors[model.Index](t, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"a/b","manifests":[`+someManifest+`],"subject":`+someManifest+`}`)
}

func TestFaultDockerImageRefused(t *testing.T) {
	image, problems := model.LoadImage([]byte(`{` + minimalImage + `,"rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]},"docker_version":"20.10","container":"x",
		"container_config":{"Hostname":"h","Image":""},"variant":"v8","os.version":"1","os.features":["f"],"created":null,
		"config":{"Hostname":"h","Healthcheck":{"Test":["CMD"]},"ArgsEscaped":true,"OnBuild":null,"Cmd":null}}`))
	if err := errors.Join(problems.Err(), model.Problems(collect(image.Validate())).Err()); err != nil {
		t.Error(err)
	}
	if !image.Has("docker_version") || image.Has("created") || !image.Config.Has("Healthcheck") {
		t.Error("members are lost")
	}
}

func TestFaultRootFSUnchecked(t *testing.T) {
	for text, place := range map[string]string{
		`{` + minimalImage + `,"rootfs":{"type":"tar","diff_ids":["` + someDigest + `"]}}`: "config-rootfs-type /rootfs/type",
		`{` + minimalImage + `,"rootfs":{"type":"","diff_ids":["` + someDigest + `"]}}`:    "config-rootfs-type /rootfs/type",
		`{` + minimalImage + `,"rootfs":{"diff_ids":["` + someDigest + `"]}}`:              "config-member-missing /rootfs/type",
		`{` + minimalImage + `,"rootfs":{"type":"layers"}}`:                                "config-member-missing /rootfs/diff_ids",
		`{` + minimalImage + `}`: "config-member-missing /rootfs",
	} {
		wantFound(t, text, foundIn[model.Image](t, text), place, true)
	}
}

func TestFaultSchemaVersionUnchecked(t *testing.T) {
	for _, version := range []string{"1", "7", "99", "0"} {
		text := `{"schemaVersion":` + version + `,"manifests":[]}`
		wantFound(t, text, foundIn[model.Index](t, text), "schema-version /schemaVersion", true)
	}
	text := `{"schemaVersion":true,"manifests":[]}`
	wantFound(t, text, foundIn[model.Index](t, text), "json-type /schemaVersion", true)
}

func TestFaultSizes(t *testing.T) {
	descriptor := func(size string) string {
		return `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"` + someDigest + `","size":` + size + `}]}`
	}
	for size, rule := range map[string]string{"0": "", "-1": "descriptor-size-negative", "true": "json-type", "9223372036854775808": "json-integer"} {
		found := foundIn[model.Index](t, descriptor(size))
		if rule != "" {
			wantFound(t, size, found, rule+" /manifests/0/size", true)
			continue
		}
		for _, place := range found {
			if strings.HasSuffix(place, "/size") {
				t.Errorf("size %s: found %q", size, found)
			}
		}
	}
}

func TestFaultUnregisteredDigestRefused(t *testing.T) {
	text := `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564","size":1}]}`
	wantFound(t, text, foundIn[model.Index](t, text), "digest-grammar /manifests/0/digest", false)
}

func TestFaultValidateIsShallow(t *testing.T) {
	m, problems := model.LoadManifest([]byte(`{"schemaVersion":2,"config":{"size":2,"mediaType":"a/b"},"layers":[` + someLayer + `,{"digest":"x:","size":-1}],"subject":{}}`))
	wantPlaces(t, problems, "")
	found := places(collect(m.Validate()))
	for _, place := range []string{
		"descriptor-member-missing /config/digest", "descriptor-member-missing /layers/1/mediaType", "digest-grammar /layers/1/digest",
		"descriptor-size-negative /layers/1/size", "descriptor-member-missing /subject/digest",
	} {
		wantFound(t, "manifest", found, place, true)
	}
	// Nor does it rest on what loading has seen.
	sound := loadedSoundly(t, `{"schemaVersion":2,"config":`+someConfig+`,"layers":[`+someLayer+`]}`, model.LoadManifest)
	sound.Layers[0].Digest = "changed"
	wantFound(t, "changed manifest", places(collect(sound.Validate())), "digest-grammar /layers/0/digest", true)
}

func TestFaultMediaTypeGrammar(t *testing.T) {
	for _, c := range "();,:<=>?@[\\]*/ \n" {
		if s := "text/pl" + string(c) + "ain"; model.ValidMediaType(s) {
			t.Errorf("%q is taken for a media type", s)
		}
	}
	if model.ValidMediaType("text/plain\n") {
		t.Error("a line is taken for a media type")
	}
}

func TestFaultTimes(t *testing.T) {
	i := new(model.Image)
	for _, created := range []string{"2015-10-31", "2015-10-31Tlunch", "2015-10-31T24:00:00Z", "2015-10-31T22:22:56+0530", "2015-1-1T00:00:00Z", "x"} {
		wantRefused(t, i, created, func() error { return i.AddLayer(someDigest, model.History{Created: created}) })
	}
	if err := i.AddLayer(someDigest, model.History{Created: "2015-10-31T22:22:56.015925234Z"}); err != nil {
		t.Error(err)
	}
}

// A document that is nothing but faults is an answer, and not the end of the
// program: every problem is told, with its place.
func TestFaultProcessExit(t *testing.T) {
	m, problems := model.LoadManifest([]byte(`{"schemaVersion":"2","config":[],"layers":{"a":1},"subject":7,"annotations":{"a":1},"unknown":true}`))
	wantPlaces(t, problems, "json-type /schemaVersion\njson-type /config\njson-type /layers\njson-type /subject\njson-type /annotations/a")
	if m == nil || !m.Has("unknown") {
		t.Error("what could be loaded is lost")
	}
	for _, text := range []string{"", "null", "5", "[]", "\x00", `{"a":`} {
		if _, problems := model.LoadManifest([]byte(text)); problems.Err() == nil {
			t.Errorf("%q is no document, and has no problem", text)
		}
	}
}

func TestFaultEmptyListRefused(t *testing.T) {
	wantNoErrors[model.Index](t, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`)
	text := `{"schemaVersion":2,"config":` + someConfig + `,"layers":[]}`
	wantFound(t, text, foundIn[model.Manifest](t, text), "manifest-member-missing /layers", false)
}

// What cannot be used at all there can be used here.
func TestFaultUnusable(t *testing.T) {
	tags, problems := model.Load[distribution.TagList]([]byte(`{"name":"a/b","tags":["v1"]}`), model.Limits{})
	if err := errors.Join(problems.Err(), tags.Validate()); err != nil {
		t.Error(err)
	}
	var err error = &distribution.ErrorResponse{Errors: []distribution.ErrorInfo{{Code: "DENIED"}}}
	if err.Error() != "DENIED" {
		t.Errorf("got %q", err)
	}
	if d, n, err := model.DigestReader(digest.SHA256, strings.NewReader("{}")); d != someDigest || n != 2 || err != nil {
		t.Errorf("got %s, %d, %v", d, n, err)
	}
	if err := new(digest.Algorithm).Set("sha512"); err != nil {
		t.Error(err)
	}
	if !model.ValidAlgorithm("sha256") || !model.ValidEncoded(someDigest[len("sha256:"):]) {
		t.Error("the grammar of digests fits no digest")
	}
}
