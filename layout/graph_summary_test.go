package layout_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
)

// short writes a summary in one line.
func short(s layout.Summary) string {
	var platforms []string
	for _, p := range s.Platforms {
		platforms = append(platforms, p.String())
	}
	return strings.Join(platforms, " ") + "|" + s.ArtifactType + "|" + s.Created + "|" + string(s.State)
}

// summary enters a descriptor, and returns its summary.
func (s site) summary(t *testing.T, d model.Descriptor, limits layout.Limits) layout.Summary {
	t.Helper()
	s.Entry(d, "")
	g := s.graph(t, layout.GraphOptions{Limits: limits})
	return g.Entries[len(g.Entries)-1].Summary()
}

func TestSummary(t *testing.T) {
	s := newSite()
	layer := s.layer("0123456789")
	const created = "2020-01-01T00:00:00Z"
	config := s.Document(model.MediaTypeImageConfig, &model.Image{Created: created, OS: "linux", Architecture: "arm", Variant: "v7", RootFS: model.RootFS{Type: "layers"}})
	image := s.Document(model.MediaTypeManifest, model.NewManifest(config, layer, layer))
	note := model.NewManifest(model.EmptyDescriptor(), layer)
	note.ArtifactType, note.Subject = "text/note", &image
	note.Annotations = map[string]string{model.AnnotationCreated: "2021-01-01T00:00:00Z"}
	s.Blob(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON))
	artifact := s.Document(model.MediaTypeManifest, note)
	chart := s.Document(model.MediaTypeManifest, model.NewManifest(s.Blob("application/chart", []byte("{}")), layer))
	index := s.Index(platform(image, "linux/arm/v6"), platform(s.image("amd"), "linux/amd64"), artifact)
	gone := model.Describe(model.MediaTypeLayer, []byte("gone"))
	blocked := model.Describe(model.MediaTypeLayer, []byte("a directory stands in its place"))
	s.File(blobs.Path(blocked.Digest)+"/x", nil)
	entry := platform(image, "windows/amd64")
	entry.Annotations = map[string]string{model.AnnotationCreated: "2022-01-01T00:00:00Z"}
	for name, test := range map[string]struct {
		d     model.Descriptor
		want  string
		bytes int64
	}{
		"image":              {image, "linux/arm/v7||" + created + "|", image.Size + config.Size + layer.Size},
		"image by its entry": {entry, "windows/amd64||2022-01-01T00:00:00Z|", image.Size + config.Size + layer.Size},
		"artifact":           {artifact, "|text/note|2021-01-01T00:00:00Z|", artifact.Size + 2 + layer.Size},
		"artifact by config": {chart, "|application/chart||", chart.Size + 2 + layer.Size},
		"index":              {index, "linux/arm/v6 linux/amd64|||", -1},
		"layer":              {layer, "|||", 10},
		"opaque":             {s.Blob("text/plain", []byte("xyz")), "|||", 3},
		"missing":            {gone, "|||missing", 4},
		"missing manifest":   {model.Describe(model.MediaTypeManifest, []byte("gone, too")), "|||missing", 9},
		"missing below":      {s.image("i", layer, gone), "linux/amd64|||missing", -1},
		"unreadable layer":   {blocked, "|||unreadable", blocked.Size},
		"unreadable below":   {s.image("k", layer, blocked, gone), "linux/amd64|||unreadable", -1},
		"garbage":            {s.Blob(model.MediaTypeManifest, []byte("garbage")), "|||unreadable", 7},
		"no digest":          {model.Descriptor{MediaType: model.MediaTypeManifest, Digest: "../x:y", Size: 5}, "|||unreadable", 5},
		"a directory":        {func() model.Descriptor { s.File("blobs/foo/bar/x", nil); return model.Descriptor{Digest: "foo:bar"} }(), "|||unreadable", 0},
		"damaged":            {s.damaged(model.MediaTypeIndex, "damaged", model.NewIndex()), "|||damaged", -1},
		"the worst counts":   {s.Index(s.image("j", gone), s.damaged(model.MediaTypeIndex, "d", model.NewIndex()), image), "linux/amd64 linux/arm/v7|||damaged", -1},
		"negative size":      {model.Descriptor{MediaType: "a/b", Digest: layer.Digest, Size: -5}, "|||", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.summary(t, test.d, layout.Limits{})
			if short(got) != test.want {
				t.Errorf("%q, want %q", short(got), test.want)
			}
			if test.bytes >= 0 && got.Bytes != test.bytes {
				t.Errorf("%d bytes, want %d", got.Bytes, test.bytes)
			}
		})
	}
}

// A summary ends on every input, and no sum of sizes wraps around.
func TestSummaryHostile(t *testing.T) {
	s := newSite()
	s.damaged(model.MediaTypeIndex, "back", model.NewIndex(named("loop")))
	loop := s.damaged(model.MediaTypeIndex, "loop", model.NewIndex(named("back"), named("loop")))
	wide := s.layer("x")
	wide.Size = math.MaxInt64
	huge := s.image("huge", wide, s.layer("y"))
	for range 20 {
		huge = s.Index(huge, huge)
	}
	deep := s.chain(100, s.layer("z"))
	if got := s.summary(t, loop, layout.Limits{}); got.State != layout.StateDamaged {
		t.Errorf("a loop: %+v", got)
	}
	if got := s.summary(t, huge, layout.Limits{}); got.Bytes != math.MaxInt64 {
		t.Errorf("%d bytes, want as many as there can be", got.Bytes)
	}
	if got := s.summary(t, deep, layout.Limits{}); got.State != layout.StateUnreadable {
		t.Errorf("a chain of 100 indexes: %+v", got)
	}
	if got := s.summary(t, deep, layout.Limits{Descriptors: 10}); got.State != layout.StateUnreadable {
		t.Errorf("beyond the limit: %+v", got)
	}
}

// Each document is read once, however many entries lead to it, and no other
// blob is opened.
func TestSummaryReads(t *testing.T) {
	s := newSite()
	layer := s.layer("x")
	image := s.image("one", layer)
	for range 3 {
		s.Entry(s.Index(image, image), "")
		s.Entry(image, "")
	}
	l, opened := s.noted(t)
	g, err := l.Graph(t.Context(), layout.GraphOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range g.Entries {
		got = append(got, short(e.Summary()))
	}
	want := strings.Split(strings.Repeat("linux/amd64|||;", 6), ";")[:6]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantOpened(t, opened, 1)
	if opened.Count(faultfs.OpOpen, blobs.Path(layer.Digest)) > 0 {
		t.Error("a layer was opened")
	}
}

func TestSummaryManyPlatforms(t *testing.T) {
	s := newSite()
	var entries []model.Descriptor
	for i := range 300 {
		entries = append(entries, platform(s.layer("x"), "os"+strings.Repeat("x", i%150)+"/amd64"))
	}
	d := s.Index(entries...)
	got := s.summary(t, d, layout.Limits{})
	if len(got.Platforms) != 100 || got.Platforms[1].OS != "osx" {
		t.Errorf("%d platforms", len(got.Platforms))
	}
}
