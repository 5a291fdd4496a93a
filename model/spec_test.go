package model_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
	spec "github.com/opencontainers/image-spec/specs-go/v1"
)

// A converted document is what encoding/json reads of the same bytes, and
// converting it back and forth changes nothing.
func wantConverted[S any](t *testing.T, raw []byte, converted S, back func(S) (again S, doc model.Document)) {
	t.Helper()
	var read S
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read, converted); diff != "" {
		t.Errorf("read by encoding/json and converted (-read +converted):\n%s", diff)
	}
	again, doc := back(converted)
	if diff := cmp.Diff(converted, again); diff != "" {
		t.Errorf("there and back (-before +after):\n%s", diff)
	}
	if doc.Loaded() || doc.Raw() != nil {
		t.Error("what was converted claims to be loaded")
	}
	var encoded S
	if err := json.Unmarshal([]byte(mustEncode(t, doc)), &encoded); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(converted, encoded); diff != "" {
		t.Errorf("converted and encoded (-before +after):\n%s", diff)
	}
}

func wantConvertedDocument(t *testing.T, raw []byte) (converted bool) {
	t.Helper()
	switch model.Detect(raw) {
	case model.KindIndex:
		wantConverted(t, raw, loadedSoundly(t, string(raw), model.LoadIndex).Spec(), func(s spec.Index) (spec.Index, model.Document) {
			x := model.IndexFromSpec(s)
			return x.Spec(), x
		})
	case model.KindManifest:
		wantConverted(t, raw, loadedSoundly(t, string(raw), model.LoadManifest).Spec(), func(s spec.Manifest) (spec.Manifest, model.Document) {
			m := model.ManifestFromSpec(s)
			return m.Spec(), m
		})
	case model.KindImage:
		image, err := loadedSoundly(t, string(raw), model.LoadImage).Spec()
		if err != nil {
			t.Fatal(err)
		}
		wantConverted(t, raw, image, func(s spec.Image) (spec.Image, model.Document) {
			i := model.ImageFromSpec(s)
			again, err := i.Spec()
			if err != nil {
				t.Fatal(err)
			}
			return again, i
		})
	default:
		return false
	}
	return true
}

func TestSpecReal(t *testing.T) {
	n := 0
	for path, raw := range realFiles(t) {
		if filepath.Base(path) == model.LayoutFile || !json.Valid(raw) {
			continue
		}
		t.Run(path, func(t *testing.T) {
			if wantConvertedDocument(t, raw) {
				n++
			}
		})
	}
	if n < 20 {
		t.Errorf("only %d documents were converted", n)
	}
}

// Every member that image-spec's types have is kept.
func TestSpecFull(t *testing.T) {
	for _, text := range []string{
		`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"a/b","manifests":[` + fullDescriptor + `],"subject":` + fullDescriptor + `,"annotations":{"k":"v"}}`,
		`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"a/b","config":` + fullDescriptor + `,"layers":[` + fullDescriptor + `],"subject":` + fullDescriptor + `}`,
		fullImage,
		`{"architecture":"a","os":"b","rootfs":{"type":"layers","diff_ids":[]},"config":null}`,
	} {
		if !wantConvertedDocument(t, []byte(text)) {
			t.Errorf("what is this? %s", text)
		}
	}
}

// Nothing but a time cannot be converted. How it was written is lost.
func TestSpecTimes(t *testing.T) {
	for _, text := range []string{`{"created":"2015-10-31Tlunch"}`, `{"history":[{},{"created":"yesterday"}]}`} {
		i, _ := model.LoadImage([]byte(text))
		if _, err := i.Spec(); err == nil {
			t.Errorf("%s was converted", text)
		}
	}
	at := time.Date(2020, 1, 2, 3, 4, 5, 500, time.FixedZone("", 3600))
	i := model.ImageFromSpec(spec.Image{Created: &at, History: []spec.History{{Created: &at}}})
	if want := "2020-01-02T03:04:05.0000005+01:00"; i.Created != want || i.History[0].Created != want {
		t.Errorf("%q and %q, want %s", i.Created, i.History[0].Created, want)
	}
}
