package layout_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func TestWalkOrder(t *testing.T) {
	s := newSite()
	base := s.layer("base")
	one := s.image("one", base, s.layer("top"))
	two := s.image("two", base)
	note := model.NewManifest(s.Blob(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON)), s.Blob("text/plain", []byte("a note")))
	note.ArtifactType, note.Subject = "text/plain", &two
	artifact := s.Document(model.MediaTypeManifest, note)
	nested := s.Document(model.MediaTypeIndex, &model.Index{SchemaVersion: 2, Manifests: []model.Descriptor{artifact, one}, Subject: &one})
	s.Entry(one, "v1")
	s.Entry(nested, "v2")
	s.Entry(s.Blob("text/plain", []byte("opaque")), "")
	s.Entry(two, "")
	l, opened := s.noted(t)
	wantWalk(t, l, layout.WalkOptions{},
		"/manifests/0 manifest first",
		"/manifests/0 /config config first",
		"/manifests/0 /layers/0 layer first",
		"/manifests/0 /layers/1 layer first",
		"/manifests/1 index first",
		"/manifests/1 /manifests/0 manifest first",
		"/manifests/1 /manifests/0 /config blob first",
		"/manifests/1 /manifests/0 /layers/0 blob first",
		"/manifests/1 /manifests/0 /subject manifest first",
		"/manifests/1 /manifests/0 /subject /config config first",
		"/manifests/1 /manifests/0 /subject /layers/0 layer",
		"/manifests/1 /manifests/1 manifest",
		"/manifests/1 /subject manifest",
		"/manifests/2 blob first",
		"/manifests/3 manifest",
	)
	wantOpened(t, opened, 1)
	if opened.Count(faultfs.OpOpen, blobs.Path(base.Digest)) > 0 {
		t.Error("a layer was opened")
	}
	if opened.Count(faultfs.OpOpen, blobs.Path(one.Digest)) != 1 {
		t.Error("a manifest was not read")
	}
}

// What a visit holds while it lasts.
func TestVisit(t *testing.T) {
	s := newSite()
	layer := s.layer("layer")
	d := s.image("one", layer)
	s.Entry(d, "v1")
	l := s.open(t)
	n := 0
	for v := range l.Walk(t.Context(), layout.WalkOptions{}) {
		switch n {
		case 0:
			if v.From != nil || v.Blob != nil || v.Document.Path != "index.json" || v.Trail() != nil || v.Document.Trail() != nil ||
				v.Edge != (model.Edge{}) || int(v.Document.Size) != len(v.Document.Raw) || v.Document.Doc.(*model.Index).SchemaVersion != 2 {
				t.Errorf("the visit to index.json: %+v", v)
			}
		case 1:
			raw := v.Document.Raw
			if v.From.Path != "index.json" || v.From.Doc == nil || v.Edge.Role != model.RoleManifest || v.Edge.Descriptor.Digest != d.Digest ||
				digest.FromBytes(raw) != d.Digest || v.Document.Size != d.Size || v.Document.Path != blobs.Path(d.Digest) ||
				v.Blob.Digest != d.Digest || !v.Blob.Matches() || v.Blob.Info.Size != d.Size || v.Blob.Sum.Size != d.Size || len(v.Document.Problems) > 0 {
				t.Errorf("the visit to a manifest: %+v", v)
			}
		case 3:
			want := []string{"index.json#/manifests/0", blobs.Path(d.Digest) + "#/layers/0"}
			if diff := cmp.Diff(want, v.Trail()); diff != "" {
				t.Errorf("trail (-want +got):\n%s", diff)
			}
			if v.Document != nil || v.Blob.Sum != (blobs.Sum{}) || v.Blob.Matches() || v.Blob.Info.Size != layer.Size || v.From.Doc == nil {
				t.Errorf("the visit to a layer: %+v", v)
			}
			if got := v.From.Trail(); !slices.Equal(got, want[:1]) {
				t.Errorf("the trail of its manifest is %q", got)
			}
		}
		n++
	}
	if n != 4 {
		t.Errorf("%d visits", n)
	}
}

// Documents can be met again by other descriptors, and each meeting is a visit.
func TestWalkRepeats(t *testing.T) {
	s := newSite()
	layer := s.layer("layer")
	d := s.image("one", layer, layer, layer)
	for range 3 {
		s.Entry(d, "")
	}
	l, opened := s.noted(t)
	wantWalk(t, l, layout.WalkOptions{},
		"/manifests/0 manifest first",
		"/manifests/0 /config config first",
		"/manifests/0 /layers/0 layer first",
		"/manifests/0 /layers/1 layer",
		"/manifests/0 /layers/2 layer",
		"/manifests/1 manifest",
		"/manifests/2 manifest",
	)
	wantOpened(t, opened, 1)
}

// One digest under two media types is read as both.
func TestWalkTwoKinds(t *testing.T) {
	s := newSite()
	layer := s.layer("layer")
	d := s.Document(model.MediaTypeManifest, map[string]any{
		"schemaVersion": 2, "config": s.layer("config"), "layers": []any{layer}, "manifests": []any{layer},
	})
	as := func(mediaType string) model.Descriptor {
		again := d
		again.MediaType = mediaType
		return again
	}
	s.Entry(as(model.MediaTypeManifest), "")
	s.Entry(as(model.MediaTypeIndex), "")
	s.Entry(as(model.MediaTypeDockerManifest), "") // the same kind
	s.Entry(as("text/plain"), "")
	s.Entry(as(model.MediaTypeImageConfig), "")
	l := s.open(t)
	wantWalk(t, l, layout.WalkOptions{},
		"/manifests/0 manifest first",
		"/manifests/0 /config layer first",
		"/manifests/0 /layers/0 layer first",
		"/manifests/1 index first",
		"/manifests/1 /manifests/0 layer",
		"/manifests/2 manifest",
		"/manifests/3 blob",
		"/manifests/4 config first",
	)
	for v := range l.Walk(t.Context(), layout.WalkOptions{}) {
		if v.Document != nil && v.Document.Doc != nil && v.Document.Doc.Kind() != v.Kind() {
			t.Errorf("%v is read as %v", v.Kind(), v.Document.Doc.Kind())
		}
	}
}

func TestWalkBadDescriptors(t *testing.T) {
	s := newSite()
	s.File("index.json", []byte(`{"manifests":[{},null,5,{"mediaType":"`+model.MediaTypeManifest+`","digest":"../../x:y"},{"digest":"sha256:abc"},{"digest":5},`+
		`{"mediaType":"`+model.MediaTypeManifest+`","digest":"foo:bar"}],"subject":{"digest":""}}`))
	l := layout.New(s.fs)
	wantWalk(t, l, layout.WalkOptions{},
		"/manifests/0 blob nowhere", "/manifests/1 blob nowhere", "/manifests/2 blob nowhere", "/manifests/3 manifest nowhere",
		"/manifests/4 blob nowhere", "/manifests/5 blob nowhere", "/manifests/6 manifest unread first", "/subject blob nowhere")
}

func TestWalkWithoutIndex(t *testing.T) {
	for name, test := range map[string]struct {
		write func(site)
		limit int64
		err   error
	}{
		"missing":     {func(site) {}, 0, fs.ErrNotExist},
		"a directory": {func(s site) { s.File("index.json/x", nil) }, 0, blobs.ErrNotRegular},
		"too large":   {func(s site) { s.File("index.json", []byte(`{"manifests":[]}`)) }, 15, blobs.ErrTooLarge},
		"empty":       {func(s site) { s.File("index.json", nil) }, 0, nil},
		"an array":    {func(s site) { s.File("index.json", []byte(`[]`)) }, 0, nil},
		"no JSON":     {func(s site) { s.File("index.json", []byte(`index`)) }, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite()
			test.write(s)
			l := layout.New(s.fs)
			n := 0
			for v := range l.Walk(t.Context(), layout.WalkOptions{Limits: layout.Limits{Index: test.limit}}) {
				n++
				d := v.Document
				if d == nil || d.Path != "index.json" || d.Doc != nil || !errors.Is(d.Err, test.err) || (test.err == nil) != (len(d.Problems) > 0) || test.err != nil && d.Raw != nil {
					t.Errorf("the document is %+v, want the error %v or problems", d, test.err)
				}
			}
			if n != 1 {
				t.Errorf("%d visits", n)
			}
			if d := l.Index(t.Context(), layout.Limits{Index: test.limit}); !errors.Is(d.Err, test.err) || d.Doc != nil {
				t.Errorf("Index = %+v", d)
			}
		})
	}
}

// A walk over an index that was read before does not read it again.
func TestWalkIndex(t *testing.T) {
	s := newSite()
	s.Entry(s.image("one"), "v1")
	l, opened := s.noted(t)
	o := layout.WalkOptions{Index: l.Index(t.Context(), layout.Limits{})}
	wantWalk(t, l, o, "/manifests/0 manifest first", "/manifests/0 /config config first")
	wantOpened(t, opened, 1)
}

func TestWalkLeft(t *testing.T) {
	s := newSite()
	s.Entry(s.image("one", s.layer("a"), s.layer("b")), "")
	s.Entry(s.image("two"), "")
	l := s.open(t)
	total := len(walk(t, l, layout.WalkOptions{}))
	for n := 1; n <= total; n++ {
		met := 0
		for range l.Walk(t.Context(), layout.WalkOptions{}) {
			if met++; met == n {
				break
			}
		}
		if met != n {
			t.Errorf("%d visits, want to leave after %d", met, n)
		}
		met = 0
		ctx, cancel := context.WithCancel(t.Context())
		for range l.Walk(ctx, layout.WalkOptions{}) {
			if met++; met == n {
				cancel()
			}
		}
		cancel()
		if met != n {
			t.Errorf("%d visits, want to be cancelled after %d", met, n)
		}
	}
}
