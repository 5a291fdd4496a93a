package verify_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// platforms builds an index of images for three platforms, with an artifact for
// none, and returns the layers and manifests by platform.
func platforms(t *testing.T) (fsys afero.Fs, layers, manifests map[string]string) {
	layers, manifests = make(map[string]string), make(map[string]string)
	return build(t, func(b *layouttest.Builder) {
		var entries []model.Descriptor
		for _, p := range []string{"linux/amd64", "linux/arm64/v8", "windows/amd64"} {
			layer := b.Layer(layouttest.Files{"arch": p})
			d := b.Image(p, layer)
			entries = append(entries, d)
			layers[p], manifests[p] = blobs.Path(layer.Digest), blobs.Path(d.Digest)
		}
		artifact := b.Document(model.MediaTypeManifest, model.NewManifest(b.Blob("text/plain", []byte("about all\n"))))
		b.Entry(b.Index(append(entries, artifact)...), "v1")
	}), layers, manifests
}

func platform(t *testing.T, s string) model.Platform {
	t.Helper()
	p, err := model.ParsePlatform(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Blobs of other platforms may be missing, but not wrong.
func TestPlatforms(t *testing.T) {
	_, layers, manifests := platforms(t)
	amd64, arm64, windows := layers["linux/amd64"], layers["linux/arm64/v8"], layers["windows/amd64"]
	for _, tc := range []struct {
		name      string
		platforms []string
		remove    []string
		corrupt   []string
		want      []string
	}{
		{"all is there", []string{"linux/amd64"}, nil, nil, nil},
		{"others' layers are missing", []string{"linux/amd64"}, []string{arm64, windows}, nil, nil},
		{"others' manifests and layers are missing", []string{"linux/amd64"}, []string{arm64, manifests["linux/arm64/v8"], windows}, nil, nil},
		{"its own layer is missing", []string{"linux/amd64"}, []string{amd64}, nil, []string{"blob-missing " + amd64}},
		{"another's layer is wrong", []string{"linux/amd64"}, []string{windows}, []string{arm64}, []string{"blob-digest-mismatch " + arm64}},
		{"another's manifest is wrong", []string{"linux/amd64"}, nil, []string{manifests["windows/amd64"]}, []string{"blob-digest-mismatch " + manifests["windows/amd64"]}},
		{"two are wanted", []string{"linux/amd64", "windows/amd64"}, []string{arm64, windows}, nil, []string{"blob-missing " + windows}},
		{"any variant", []string{"linux/arm64"}, []string{amd64, windows}, nil, nil},
		{"the variant", []string{"linux/arm64/v8"}, []string{amd64, arm64}, nil, []string{"blob-missing " + arm64}},
		{"another variant", []string{"linux/arm64/v9"}, []string{amd64, arm64}, nil, nil},
		{"none is wanted", nil, []string{amd64}, nil, []string{"blob-missing " + amd64}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fsys, _, _ := platforms(t)
			for _, name := range tc.remove {
				if err := layouttest.Remove(fsys, name); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range tc.corrupt {
				if err := layouttest.Corrupt(fsys, name, 20); err != nil {
					t.Fatal(err)
				}
			}
			o := terse(t, verify.Options{})
			for _, p := range tc.platforms {
				o.Platforms = append(o.Platforms, platform(t, p))
			}
			r := verifyFs(t, fsys, o)
			checkPlaces(t, r, tc.want...)
			if len(tc.want) == 0 && !r.stats.Complete {
				t.Errorf("%+v", r.stats)
			}
		})
	}
}

// Selected entries alone are verified, with all that they lead to.
func TestSelect(t *testing.T) {
	var sound, broken, shared model.Descriptor
	var missing digest.Digest
	fsys := build(t, func(b *layouttest.Builder) {
		layer := b.Layer(layouttest.Files{"a": "sound"})
		gone := layouttest.Layer{Descriptor: model.Describe(model.MediaTypeLayer, []byte("gone"))}
		gone.DiffID = gone.Digest
		missing = gone.Digest
		sound, broken = b.Image("linux/amd64", layer), b.Image("linux/amd64", layer, gone)
		shared = b.Index(sound)
		b.Entry(sound, "sound")
		b.Entry(broken, "broken")
		b.Entry(sound, "both")
		b.Entry(broken, "both")
		b.Entry(shared, "")
		b.Entry(sound, "sound")
		b.Blob("text/plain", []byte("loose"))
		b.File("manifest.json", nil)
	})
	for _, tc := range []struct {
		name     string
		selector layout.Selector
		want     []string
		manifest int64
		err      error
	}{
		{"reference", layout.Selector{RefName: "sound"}, []string{"ref-name-duplicate index.json /manifests/5/annotations/org.opencontainers.image.ref.name"}, 1, nil},
		{"broken", layout.Selector{RefName: "broken"}, []string{"blob-missing " + blobs.Path(missing)}, 1, nil},
		{"digest", layout.Selector{Digest: shared.Digest}, nil, 1, nil},
		{"both", layout.Selector{RefName: "both", Digest: sound.Digest}, nil, 1, nil},
		{"both, broken", layout.Selector{RefName: "both", Digest: broken.Digest}, []string{"blob-missing " + blobs.Path(missing)}, 1, nil},
		{"unknown reference", layout.Selector{RefName: "Sound"}, nil, 0, layout.ErrNoEntry},
		{"unknown digest", layout.Selector{Digest: missing}, nil, 0, layout.ErrNoEntry},
		{"other digest", layout.Selector{RefName: "broken", Digest: sound.Digest}, nil, 0, layout.ErrNoEntry},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := run(t, layout.New(fsys), verify.Options{Select: tc.selector})
			if !errors.Is(r.err, tc.err) {
				t.Errorf("error %v, want %v", r.err, tc.err)
			}
			checkPlaces(t, r, tc.want...)
			if r.stats.Manifests != tc.manifest || r.stats.Complete != (tc.err == nil) {
				t.Errorf("%+v", r.stats)
			}
		})
	}
	t.Run("ambiguous", func(t *testing.T) {
		r := run(t, layout.New(fsys), verify.Options{Select: layout.Selector{RefName: "both"}})
		ambiguous, ok := errors.AsType[*layout.AmbiguousError](r.err)
		if !ok || len(r.findings) > 0 {
			t.Fatalf("error %v, findings:\n%s", r.err, describe(r.findings))
		}
		if diff := cmp.Diff([]digest.Digest{sound.Digest, broken.Digest}, ambiguous.Digests); diff != "" {
			t.Errorf("digests (-want +got):\n%s", diff)
		}
	})
}

// A selection says nothing about the blobs that it does not lead to, but still
// reads all that it does.
func TestSelectReads(t *testing.T) {
	var chosen, other layouttest.Layer
	s := spy(build(t, func(b *layouttest.Builder) {
		chosen, other = b.Layer(layouttest.Files{"a": "1"}), b.Layer(layouttest.Files{"a": "2"})
		b.Entry(b.Image("linux/amd64", chosen), "chosen")
		b.Entry(b.Image("linux/amd64", other), "other")
	}))
	for _, layer := range []layouttest.Layer{chosen, other} {
		if err := layouttest.Corrupt(s.base, blobs.Path(layer.Digest), 20); err != nil {
			t.Fatal(err)
		}
	}
	r := verifyFs(t, s, verify.Options{Select: layout.Selector{RefName: "chosen"}})
	checkPlaces(t, r, "blob-digest-mismatch "+blobs.Path(chosen.Digest))
	if n := s.Count(faultfs.OpOpen, blobs.Path(other.Digest)); n > 0 {
		t.Errorf("the other layer was opened %d times", n)
	}
}

// Without an index.json that can be read, nothing can be selected.
func TestSelectWithoutIndex(t *testing.T) {
	fsys, _, _, _ := oneImage(t)
	s := spy(fsys)
	s.Plan = refuse("open", model.IndexFile, fs.ErrPermission)
	r := run(t, layout.New(s), verify.Options{Select: layout.Selector{RefName: "v1"}})
	if !errors.Is(r.err, fs.ErrPermission) || !errors.Is(r.err, layout.ErrNoEntry) {
		t.Errorf("error %v, want that index.json may not be read", r.err)
	}
	if len(r.findings) > 0 {
		t.Errorf("findings:\n%s", describe(r.findings))
	}
}
