package show_test

import (
	"archive/tar"
	"fmt"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A site is a layout in memory that a test builds.
type site struct {
	*layouttest.Builder
	fs afero.Fs
}

func newSite() site {
	fsys := afero.NewMemMapFs()
	return site{layouttest.New(fsys), fsys}
}

func (s site) open(t *testing.T) *layout.Layout {
	t.Helper()
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	return layout.New(s.fs)
}

// packed writes a layer of the entries.
func (s site) packed(entries ...layouttest.Entry) layouttest.Layer {
	return s.Pack(model.MediaTypeLayerGzip, s.Archive(entries...))
}

// configured enters an image whose configuration was edited.
func (s site) configured(name string, edit func(*model.Image, *model.Manifest), layers ...layouttest.Layer) {
	config := model.Image{OS: "linux", Architecture: "amd64", RootFS: model.RootFS{Type: "layers", DiffIDs: []digest.Digest{}}}
	manifest := model.NewManifest(model.Descriptor{})
	for _, l := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, l.DiffID)
		manifest.Layers = append(manifest.Layers, l.Descriptor)
	}
	edit(&config, manifest)
	manifest.Config = s.Document(model.MediaTypeImageConfig, config)
	s.Entry(s.Document(model.MediaTypeManifest, manifest), name)
}

// entry is an archive's entry with attributes.
func entry(e layouttest.Entry, edit func(*tar.Header)) layouttest.Entry {
	edit(&e.Header)
	return e
}

// compared compares two sites as a whole.
func compared(t *testing.T, a, b site, o show.DiffOptions) *show.Comparison {
	t.Helper()
	return selected(t, show.Side{Layout: a.open(t)}, show.Side{Layout: b.open(t)}, o)
}

func selected(t *testing.T, a, b show.Side, o show.DiffOptions) *show.Comparison {
	t.Helper()
	r, err := show.Diff(t.Context(), a, b, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// only returns the one pair of a result.
func only(t *testing.T, r *show.Comparison) show.Pair {
	t.Helper()
	if len(r.Pairs) != 1 {
		t.Fatalf("%d pairs", len(r.Pairs))
	}
	return r.Pairs[0]
}

// changes are the files of a pair in short.
func changes(f show.Files) []string {
	found := []string{}
	for _, file := range f.List {
		text := file.Change + " " + file.Path
		if len(file.What) > 0 {
			text += " " + fmt.Sprint(file.What)
		}
		found = append(found, text)
	}
	return found
}

func members(found []show.Member) []string {
	texts := []string{}
	for _, m := range found {
		texts = append(texts, fmt.Sprintf("%s %s %s", m.Pointer, m.A, m.B))
	}
	return texts
}
