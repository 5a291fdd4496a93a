package layout_test

import (
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
)

// Entries that a limit keeps the walk from are there, and unreadable.
func TestGraphUnvisited(t *testing.T) {
	s := newSite()
	first := s.image("first", s.layer("x"))
	s.Entry(first, "v1")
	s.Entry(s.image("second"), "v2")
	s.Entry(first, "v3")
	s.Entry(model.Descriptor{MediaType: model.MediaTypeManifest, Digest: "none"}, "v4")
	g, err := s.open(t).Graph(t.Context(), layout.GraphOptions{Limits: layout.Limits{Descriptors: 3}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range g.Entries {
		got = append(got, e.RefName+" "+string(e.Summary().State))
	}
	if want := []string{"v1 ", "v2 unreadable", "v3 ", "v4 unreadable"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if g.Limited == nil || len(g.Problems) != 1 || !g.Entries[1].To.Limited() {
		t.Errorf("%v, %+v", g.Problems, g.Entries[1].To)
	}
	if g.Entries[3].Digest() != "none" || g.Entries[3].To != nil {
		t.Errorf("%+v", g.Entries[3])
	}
}

// An entry that has no digest is an error, where images are asked for.
func TestImagesNoDigest(t *testing.T) {
	s := newSite()
	s.Entry(model.Descriptor{MediaType: model.MediaTypeManifest, Digest: "none"}, "v1")
	if images, err := s.open(t).Images(t.Context(), layout.Selector{}); err == nil {
		t.Errorf("%d images", len(images))
	}
}

// Where documents are enough, no layer and no subject is looked at, and what the selector
// leaves out is not either.
func TestGraphDocumentsOnly(t *testing.T) {
	s := newSite()
	layer, subject := s.layer("x"), s.image("subject")
	m := model.NewManifest(s.Blob("text/plain", []byte("config")), layer)
	m.Subject = &subject
	s.Entry(s.Index(s.Document(model.MediaTypeManifest, m), s.image("image", layer)), "v1")
	s.Entry(s.image("other"), "v2")
	l, asked := s.noted(t)
	g, err := l.Graph(t.Context(), layout.GraphOptions{Selector: layout.Selector{RefName: "v1"}, SelectedOnly: true, DocumentsOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, n := range g.Nodes {
		kinds = append(kinds, n.Kind)
	}
	if want := []string{"index", "artifact", "image", "config"}; !slices.Equal(kinds, want) {
		t.Errorf("%q, not %q", kinds, want)
	}
	if n := len(asked.Counts(faultfs.OpOpen)); n != 5 {
		t.Errorf("%d files were opened", n)
	}
}
