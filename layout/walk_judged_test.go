package layout_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// What a damaged document says counts for reachability, and for no more.
func TestWalkDamaged(t *testing.T) {
	s := newSite()
	layer := s.layer("x")
	inner := s.image("inner", layer)
	s.Entry(s.damaged(model.MediaTypeIndex, "damaged", model.NewIndex(inner, layer)), "")
	s.Entry(inner, "")
	l, opened := s.noted(t)
	wantWalk(t, l, layout.WalkOptions{},
		"/manifests/0 index damaged first",
		"/manifests/0 /manifests/0 manifest first unjudged",
		"/manifests/0 /manifests/0 /config config first unjudged",
		"/manifests/0 /manifests/0 /layers/0 layer first unjudged",
		"/manifests/0 /manifests/1 layer unjudged",
		// The same from where it is to be trusted: as if it was met for the first time.
		"/manifests/1 manifest first",
		"/manifests/0 /manifests/0 /config config first",
		"/manifests/0 /manifests/0 /layers/0 layer",
	)
	wantOpened(t, opened, 2)
	for v := range l.Walk(t.Context(), layout.WalkOptions{}) {
		if v.First && v.Document != nil && v.Document.Doc == nil {
			t.Errorf("%s: there is nothing to judge", line(v))
		}
	}
}

// A document whose bytes changed from one reading to the next is not read.
func TestWalkChangedBetween(t *testing.T) {
	s := newSite()
	d := s.Document(model.MediaTypeIndex, map[string]any{"manifests": []any{}, "layers": []any{}, "config": s.layer("x")})
	s.Entry(d, "")
	d.MediaType = model.MediaTypeManifest
	s.Entry(d, "")
	l := s.open(t)
	n := 0
	for v := range l.Walk(t.Context(), layout.WalkOptions{}) {
		switch n++; n {
		case 2:
			raw := []byte(strings.ReplaceAll(string(v.Document.Raw), "layers", "Layers"))
			if !v.Blob.Matches() {
				t.Errorf("%s: before the change", line(v))
			}
			s.File(blobs.Path(d.Digest), raw)
		case 3:
			if !errors.Is(v.Document.Err, blobs.ErrChanged) || v.Document.Doc != nil || v.Document.Raw != nil {
				t.Errorf("%s: %v, want ErrChanged", line(v), v.Document.Err)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d visits", n)
	}
}

func TestWalkMissing(t *testing.T) {
	s := newSite()
	gone := model.Describe(model.MediaTypeManifest, []byte("gone"))
	layer := model.Describe(model.MediaTypeLayer, []byte("gone, too"))
	s.Entry(gone, "")
	s.Entry(gone, "")
	s.Entry(s.image("one", layer, layer), "")
	l := s.open(t)
	wantWalk(t, l, layout.WalkOptions{},
		"/manifests/0 manifest unread first", "/manifests/1 manifest unread", "/manifests/2 manifest first",
		"/manifests/2 /config config first", "/manifests/2 /layers/0 layer first", "/manifests/2 /layers/1 layer")
	for v := range l.Walk(t.Context(), layout.WalkOptions{}) {
		if v.Blob != nil && (v.Blob.Digest == gone.Digest || v.Blob.Digest == layer.Digest) {
			if !errors.Is(v.Blob.Err, fs.ErrNotExist) || v.Blob.Info.Path != blobs.Path(v.Blob.Digest) {
				t.Errorf("%s: %+v", line(v), v.Blob)
			}
		}
	}
}

// Where the blob is absent, what its descriptor embeds stands in for it, if it
// is what the descriptor says.
func TestWalkSubstitutes(t *testing.T) {
	s := newSite()
	layer := s.layer("x")
	raw, err := model.Encode(model.NewManifest(layer))
	if err != nil {
		t.Fatal(err)
	}
	d := model.Describe(model.MediaTypeManifest, raw)
	with := func(change func(*model.Descriptor)) model.Descriptor {
		d := d
		d.Data = raw
		change(&d)
		return d
	}
	sound := func(*model.Descriptor) {}
	tests := []struct {
		name   string
		change func(*model.Descriptor)
		defect error
		read   bool
	}{
		{"as it should be", sound, nil, true},
		{"no data", func(d *model.Descriptor) { d.Data = nil }, model.ErrSize, false},
		{"other bytes", func(d *model.Descriptor) { d.Data = []byte(strings.Repeat(" ", len(raw))) }, model.ErrDigestMismatch, false},
		{"cut", func(d *model.Descriptor) { d.Data = raw[1:] }, model.ErrSize, false},
		{"another size", func(d *model.Descriptor) { d.Size++ }, model.ErrSize, false},
		{"unknown algorithm", func(d *model.Descriptor) { d.Digest = "foo:bar" }, digest.ErrDigestUnsupported, false},
		{"no digest", func(d *model.Descriptor) { d.Digest = "foo" }, model.ErrDigest, false},
		{"another algorithm", func(d *model.Descriptor) { d.Digest = digest.SHA512.FromBytes(raw) }, nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite()
			s.layer("x")
			d := with(test.change)
			if err := d.DataDefect(); !errors.Is(err, test.defect) {
				t.Errorf("DataDefect = %v, want %v", err, test.defect)
			}
			s.Entry(d, "")
			switch {
			case test.read:
				wantWalk(t, s.open(t), layout.WalkOptions{}, "/manifests/0 manifest substituted first", "/manifests/0 /config layer first")
			case d.Digest == "foo":
				wantWalk(t, s.open(t), layout.WalkOptions{}, "/manifests/0 manifest nowhere")
			default:
				wantWalk(t, s.open(t), layout.WalkOptions{}, "/manifests/0 manifest unread first")
			}
		})
	}
	t.Run("not where the blob is there", func(t *testing.T) {
		s := newSite()
		s.layer("x")
		s.File(blobs.Path(d.Digest), []byte(`{"layers":[]}`))
		s.Entry(with(sound), "")
		wantWalk(t, s.open(t), layout.WalkOptions{}, "/manifests/0 manifest damaged first")
	})
	t.Run("not where something else is there", func(t *testing.T) {
		s := newSite()
		s.File(blobs.Path(d.Digest)+"/x", nil)
		s.Entry(with(sound), "")
		wantWalk(t, s.open(t), layout.WalkOptions{}, "/manifests/0 manifest unread first")
	})
	t.Run("by a later descriptor", func(t *testing.T) {
		s := newSite()
		s.layer("x")
		s.Entry(d, "")
		s.Entry(with(sound), "")
		s.Entry(d, "")
		wantWalk(t, s.open(t), layout.WalkOptions{},
			"/manifests/0 manifest unread first",
			"/manifests/1 manifest substituted first",
			"/manifests/1 /config layer first",
			"/manifests/2 manifest substituted")
	})
}

func platform(d model.Descriptor, s string) model.Descriptor {
	p, err := model.ParsePlatform(s)
	if err != nil {
		panic(err)
	}
	d.Platform = &p
	return d
}

// Entries for other platforms than those asked for are visited, so that their
// blobs count as referenced, and not judged.
func TestWalkPlatforms(t *testing.T) {
	s := newSite()
	amd, arm, plain := s.image("amd"), s.image("arm"), s.image("plain")
	s.Entry(platform(amd, "linux/amd64"), "")
	s.Entry(platform(arm, "linux/arm64"), "")
	s.Entry(plain, "")
	s.Entry(s.Index(platform(arm, "linux/arm64"), platform(s.image("windows"), "windows/amd64")), "")
	s.Entry(platform(s.Index(platform(s.image("inner"), "windows/arm")), "linux/arm64"), "")
	l := s.open(t)
	arm64, _ := model.ParsePlatform("linux/arm64")
	wantWalk(t, l, layout.WalkOptions{Platforms: []model.Platform{arm64}},
		"/manifests/0 manifest first unjudged",
		"/manifests/0 /config config first unjudged",
		"/manifests/1 manifest first",
		"/manifests/1 /config config first",
		"/manifests/2 manifest first",
		"/manifests/2 /config config first",
		"/manifests/3 index first",
		"/manifests/3 /manifests/0 manifest",
		"/manifests/3 /manifests/1 manifest first unjudged",
		"/manifests/3 /manifests/1 /config config first unjudged",
		"/manifests/4 index first",
		"/manifests/4 /manifests/0 manifest first",
		"/manifests/4 /manifests/0 /config config first",
	)
	amd64, _ := model.ParsePlatform("linux/amd64")
	for _, line := range walk(t, l, layout.WalkOptions{Platforms: []model.Platform{arm64, amd64}}) {
		if strings.HasSuffix(line, "unjudged") && !strings.HasPrefix(line, "/manifests/3 /manifests/1") {
			t.Error(line)
		}
	}
}

// A document that was met as another platform's is judged where it is the one
// asked for.
func TestWalkPlatformsAgain(t *testing.T) {
	s := newSite()
	image := s.image("both", s.layer("x"))
	s.Entry(platform(image, "windows/amd64"), "")
	s.Entry(platform(image, "linux/amd64"), "")
	deep := s.image("deep")
	s.Entry(platform(s.chain(2, deep), "windows/amd64"), "")
	s.Entry(platform(deep, "linux/amd64"), "")
	linux, _ := model.ParsePlatform("linux/amd64")
	wantWalk(t, s.open(t), layout.WalkOptions{Platforms: []model.Platform{linux}, Limits: layout.Limits{Depth: 3}},
		"/manifests/0 manifest first unjudged",
		"/manifests/0 /config config first unjudged",
		"/manifests/0 /layers/0 layer first unjudged",
		"/manifests/1 manifest first",
		"/manifests/0 /config config first",
		"/manifests/0 /layers/0 layer",
		"/manifests/2 index first unjudged",
		"/manifests/2 /manifests/0 index first unjudged",
		"/manifests/2 /manifests/0 /manifests/0 manifest first deep unjudged",
		"/manifests/3 manifest first",
		"/manifests/2 /manifests/0 /manifests/0 /config config first",
	)
}

func TestWalkOnly(t *testing.T) {
	s := newSite()
	for _, name := range []string{"a", "b", "c"} {
		s.Entry(s.image(name), "")
	}
	l := s.open(t)
	wantWalk(t, l, layout.WalkOptions{Only: []int{}})
	wantWalk(t, l, layout.WalkOptions{Only: []int{1}}, "/manifests/1 manifest first", "/manifests/1 /config config first")
	wantWalk(t, l, layout.WalkOptions{Only: []int{2, 0, 7, -1}},
		"/manifests/0 manifest first", "/manifests/0 /config config first", "/manifests/2 manifest first", "/manifests/2 /config config first")

	// The choice is among the entries of index.json, and of no other index.
	s = newSite()
	s.Entry(s.Index(s.layer("a"), s.layer("b"), s.layer("c")), "")
	wantWalk(t, s.open(t), layout.WalkOptions{Only: []int{0}}, "/manifests/0 index first",
		"/manifests/0 /manifests/0 layer first", "/manifests/0 /manifests/1 layer first", "/manifests/0 /manifests/2 layer first")
}

// A blob that cannot be looked at or opened is told with its visit, and the walk
// goes on.
func TestWalkFaults(t *testing.T) {
	s := newSite()
	one, two := s.image("one"), s.image("two")
	s.Entry(one, "")
	s.Entry(two, "")
	s.open(t)
	for _, kind := range []faultfs.OpKind{faultfs.OpOpen, faultfs.OpStat} {
		t.Run(string(kind), func(t *testing.T) {
			l := layout.New(faulty(s.fs, faultfs.On(kind, blobs.Path(one.Digest), faultfs.Fail(fs.ErrPermission))))
			wantWalk(t, l, layout.WalkOptions{}, "/manifests/0 manifest unread first", "/manifests/1 manifest first", "/manifests/1 /config config first")
			for v := range l.Walk(t.Context(), layout.WalkOptions{}) {
				if v.Document.Err != nil && (!errors.Is(v.Document.Err, fs.ErrPermission) || v.Document.Raw != nil) {
					t.Errorf("%s: %v", line(v), v.Document.Err)
				}
			}
		})
	}
}
