package show_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func (s site) inspect(t *testing.T, sel layout.Selector, platforms ...string) (*show.Inspection, error) {
	t.Helper()
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	var o show.InspectOptions
	for _, name := range platforms {
		p, err := model.ParsePlatform(name)
		if err != nil {
			t.Fatal(err)
		}
		o.Platforms = append(o.Platforms, p)
	}
	return show.Inspect(context.Background(), layout.New(s.fs), sel, o)
}

// twoLayers enters an image of two layers, with that history and those diff ids.
func (s site) twoLayers(history []model.History, more ...digest.Digest) (a, b layouttest.Layer) {
	a, b = s.Layer(layouttest.Files{"a": "a"}), s.Layer(layouttest.Files{"b": "b"})
	config := s.Document(model.MediaTypeImageConfig, &model.Image{OS: "linux", Architecture: "amd64", History: history,
		RootFS: model.RootFS{Type: "layers", DiffIDs: append([]digest.Digest{a.DiffID, b.DiffID}, more...)}})
	s.Entry(s.Document(model.MediaTypeManifest, model.NewManifest(config, a.Descriptor, b.Descriptor)), "v1")
	return a, b
}

// by writes what made each layer, and the layer that each entry of the history
// made.
func by(m *show.Manifest) (layers []string, places []int) {
	for _, l := range m.Layers {
		if l.History == nil {
			layers = append(layers, "?")
		} else {
			layers = append(layers, l.History.CreatedBy)
		}
	}
	for _, h := range m.History {
		places = append(places, h.Layer)
	}
	return layers, places
}

func TestHistory(t *testing.T) {
	empty := model.History{CreatedBy: "ENV", EmptyLayer: true}
	one, two := model.History{CreatedBy: "one"}, model.History{CreatedBy: "two"}
	for name, test := range map[string]struct {
		history []model.History
		layers  []string
		places  []int
		notes   int
	}{
		"none":     {nil, []string{"?", "?"}, nil, 0},
		"each":     {[]model.History{one, two}, []string{"one", "two"}, []int{0, 1}, 0},
		"empty":    {[]model.History{empty, one, empty, two, empty}, []string{"one", "two"}, []int{-1, 0, -1, 1, -1}, 0},
		"too few":  {[]model.History{one, empty}, []string{"?", "?"}, []int{-1, -1}, 1},
		"too many": {[]model.History{one, two, one}, []string{"?", "?"}, []int{-1, -1, -1}, 1},
	} {
		s := newSite()
		s.twoLayers(test.history)
		r, err := s.inspect(t, layout.Selector{RefName: "v1"})
		if err != nil {
			t.Fatal(err)
		}
		layers, places := by(r.Manifest)
		if diff := cmp.Diff(test.layers, layers) + cmp.Diff(test.places, places); diff != "" || len(r.Manifest.Notes) != test.notes {
			t.Errorf("%s: %s\n%q", name, diff, r.Manifest.Notes)
		}
	}
}

func TestChainIDs(t *testing.T) {
	s := newSite()
	a, b := s.twoLayers(nil)
	r, err := s.inspect(t, layout.Selector{})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Manifest.Layers
	if l[0].ChainID != string(a.DiffID) || l[1].ChainID != string(model.ChainID([]digest.Digest{a.DiffID, b.DiffID})) || l[1].DiffID != string(b.DiffID) {
		t.Errorf("%+v", l)
	}
	s = newSite()
	s.twoLayers(nil, a.DiffID)
	if r, err = s.inspect(t, layout.Selector{}); err != nil {
		t.Fatal(err)
	}
	if l = r.Manifest.Layers; l[0].DiffID != "" || l[0].ChainID != "" || len(r.Manifest.Notes) != 1 {
		t.Errorf("diff ids that do not fit: %+v %q", l, r.Manifest.Notes)
	}
}

func TestReferrers(t *testing.T) {
	s := newSite()
	image := s.Image("linux/amd64", s.Layer(layouttest.Files{"a": "a"}))
	s.Entry(image, "v1")
	about := func(kind string) model.Descriptor {
		m := model.NewManifest(s.Blob(model.MediaTypeEmptyJSON, []byte("{}")))
		m.ArtifactType, m.Subject = kind, &image
		return s.Document(model.MediaTypeManifest, m)
	}
	s.Entry(s.Index(about("a/nested")), "")
	listed := about("a/listed")
	s.Entry(s.Index(listed), model.ReferrersTag(image.Digest))
	s.Entry(s.Image("linux/arm64"), "example.com/app:"+model.ReferrersTag(image.Digest)+".sig")
	attestation := s.Image("unknown/unknown")
	attestation.Annotations = map[string]string{"vnd.docker.reference.digest": string(image.Digest)}
	s.Entry(attestation, "")
	s.Entry(s.Image("linux/riscv64"), "sha256-"+strings.Repeat("0", 64)+".sig")
	r, err := s.inspect(t, layout.Selector{RefName: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, ref := range r.Manifest.Referrers {
		got = append(got, ref.ArtifactType+"|"+strings.Join(ref.FoundBy, ","))
	}
	if diff := cmp.Diff([]string{"a/nested|subject", "a/listed|referrers tag,subject", "|cosign tag", "|attestation"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSelection(t *testing.T) {
	s := newSite()
	amd, arm := s.Image("linux/amd64"), s.Image("linux/arm64")
	s.Entry(s.Index(amd, arm), "multi")
	s.Entry(amd, "twice")
	s.Entry(arm, "twice")
	s.Entry(s.Index(amd), "one")
	s.Entry(s.Blob("text/plain", []byte("x")), "text")
	for name, test := range map[string]struct {
		ref, platform string
		manifests     int
		want          digest.Digest
	}{
		"several":            {"multi", "", 2, ""},
		"by platform":        {"multi", "linux/arm64", 1, arm.Digest},
		"the only":           {"one", "", 1, amd.Digest},
		"ambiguous, settled": {"twice", "linux/arm64", 1, arm.Digest},
		"all":                {"", "", 2, ""},
		"all, by platform":   {"", "linux/amd64", 1, amd.Digest},
		"no manifest":        {"text", "", 0, ""},
	} {
		r, err := s.inspect(t, layout.Selector{RefName: test.ref}, strings.Fields(test.platform)...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := ""
		if r.Manifest != nil {
			got = r.Manifest.Digest
		}
		if got != string(test.want) || len(r.Manifests) != test.manifests {
			t.Errorf("%s: %q of %d", name, got, len(r.Manifests))
		}
	}
	_, err := s.inspect(t, layout.Selector{RefName: "twice"})
	ambiguous, ok := errors.AsType[*layout.AmbiguousError](err)
	if !ok || cmp.Diff([]string{"linux/amd64", "linux/arm64"}, ambiguous.Platforms) != "" {
		t.Errorf("ambiguous: %v", err)
	}
	if _, err := s.inspect(t, layout.Selector{RefName: "multi"}, "linux/s390x"); !errors.Is(err, show.ErrNoPlatform) {
		t.Errorf("no platform: %v", err)
	}
	if _, err := s.inspect(t, layout.Selector{RefName: "gone"}); !errors.Is(err, layout.ErrNoEntry) {
		t.Errorf("no entry: %v", err)
	}
}

func TestStates(t *testing.T) {
	s := newSite()
	a, b := s.twoLayers(nil)
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(layouttest.Remove(s.fs, blobs.Path(a.Digest)), layouttest.Truncate(s.fs, blobs.Path(b.Digest), 3)); err != nil {
		t.Fatal(err)
	}
	r, err := s.inspect(t, layout.Selector{})
	if err != nil {
		t.Fatal(err)
	}
	if l := r.Manifest.Layers; l[0].State != layout.StateMissing || l[1].State != layout.StateDamaged || r.Manifest.State != layout.StateOK {
		t.Errorf("%q %q %q", l[0].State, l[1].State, r.Manifest.State)
	}
}

// A blob that is there and cannot be read is neither missing nor damaged.
func TestStatesUnreadable(t *testing.T) {
	s := newSite()
	a, _ := s.twoLayers(nil)
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	name := blobs.Path(a.Digest)
	if err := errors.Join(layouttest.Remove(s.fs, name), s.fs.MkdirAll(name, 0o755)); err != nil {
		t.Fatal(err)
	}
	r, err := s.inspect(t, layout.Selector{})
	if err != nil {
		t.Fatal(err)
	}
	if l := r.Manifest.Layers; l[0].State != layout.StateUnreadable || l[1].State != layout.StateOK {
		t.Errorf("%q %q", l[0].State, l[1].State)
	}
}
