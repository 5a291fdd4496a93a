package layout_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A site is a layout in memory that a test builds.
type site struct {
	*layouttest.Builder
	fs afero.Fs
}

func newSite() site {
	fsys := afero.NewMemMapFs()
	return site{layouttest.New(fsys), fsys}
}

// open writes the root files and opens the layout.
func (s site) open(t testing.TB) *layout.Layout {
	t.Helper()
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	return layout.New(s.fs)
}

// layer writes a layer that holds no more than text.
func (s site) layer(text string) model.Descriptor { return s.Blob(model.MediaTypeLayer, []byte(text)) }

// image writes a manifest with a configuration of its own and the layers.
func (s site) image(name string, layers ...model.Descriptor) model.Descriptor {
	config := s.Document(model.MediaTypeImageConfig, &model.Image{Author: name, OS: "linux", Architecture: "amd64", RootFS: model.RootFS{Type: "layers"}})
	return s.Document(model.MediaTypeManifest, model.NewManifest(config, layers...))
}

// damaged writes content under the digest of something else.
func (s site) damaged(mediaType, name string, content any) model.Descriptor {
	d := s.Document(mediaType, content)
	raw, err := afero.ReadFile(s.fs, blobs.Path(d.Digest))
	if err != nil {
		panic(err)
	}
	d.Digest = digest.FromString(name)
	s.File(blobs.Path(d.Digest), raw)
	return d
}

// line writes a visit as the pointers from index.json on, the kind, and what
// is remarkable of it.
func line(v *layout.Visit) string {
	var b strings.Builder
	for _, step := range v.Trail() {
		_, pointer, _ := strings.Cut(step, "#")
		b.WriteString(pointer + " ")
	}
	b.WriteString(v.Kind().String())
	if v.From != nil && v.Blob == nil && !v.TooMany {
		b.WriteString(" nowhere")
	}
	if v.Document != nil && v.Document.Err != nil {
		b.WriteString(" unread")
	}
	if v.Document != nil && v.Document.Substituted {
		b.WriteString(" substituted")
	}
	if v.Blob != nil && v.Blob.Sum.Digest != "" && !v.Blob.Matches() {
		b.WriteString(" damaged")
	}
	for _, flag := range []struct {
		set  bool
		word string
	}{
		{v.First, "first"}, {v.Cycle, "cycle"}, {v.TooDeep, "deep"}, {v.TooMany, "many"}, {!v.Judged, "unjudged"},
	} {
		if flag.set {
			b.WriteString(" " + flag.word)
		}
	}
	return b.String()
}

func walk(t testing.TB, l *layout.Layout, o layout.WalkOptions) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out []string
	for v := range l.Walk(ctx, o) {
		out = append(out, line(v))
	}
	if ctx.Err() != nil {
		t.Fatalf("the walk does not end: %d visits", len(out))
	}
	return out
}

func wantWalk(t *testing.T, l *layout.Layout, o layout.WalkOptions, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{"index first"}, want...), walk(t, l, o)); diff != "" {
		t.Errorf("walked (-want +got):\n%s", diff)
	}
}

// faulty is a file system without Lstat on which a plan has operations go wrong.
func faulty(fsys afero.Fs, plan func(faultfs.Op) faultfs.Fault) afero.Fs {
	return (&faultfs.Faults{Plan: plan}).Over(struct{ afero.Fs }{fsys})
}

// noted opens the layout, and notes what is asked of its file system.
func (s site) noted(t testing.TB) (*layout.Layout, *faultfs.Faults) {
	t.Helper()
	s.open(t)
	f := new(faultfs.Faults)
	return layout.New(f.Over(s.fs)), f
}

// wantOpened checks that no file was opened more often than most.
func wantOpened(t *testing.T, f *faultfs.Faults, most int) {
	t.Helper()
	for name, n := range f.Counts(faultfs.OpOpen) {
		if n > most {
			t.Errorf("%s was opened %d times", name, n)
		}
	}
}
