package layout_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// fuzzedBlobs writes blobs of every kind, sound and not, for an index.json to
// name. It returns their descriptors.
func fuzzedBlobs(fsys afero.Fs) []model.Descriptor {
	s := site{layouttest.New(fsys), fsys}
	layer := s.layer("layer")
	image := s.image("image", layer, layer)
	loop := model.NewIndex(named("loop"), named("back"), image)
	s.damaged(model.MediaTypeIndex, "loop", loop)
	s.damaged(model.MediaTypeIndex, "back", model.NewIndex(named("loop"), image))
	referrer := model.NewManifest(image)
	referrer.Subject = &image
	return []model.Descriptor{
		layer, image, named("loop"), named("back"), s.Index(image, s.Index(image, layer), named("back")),
		s.chain(8, image), s.Document(model.MediaTypeManifest, referrer), s.Blob(model.MediaTypeManifest, []byte("garbage")),
		s.Blob(model.MediaTypeIndex, []byte(`{"manifests":[null,{"digest":5},{"mediaType":"`+model.MediaTypeIndex+`","digest":"../x:y"}]}`)),
		model.Describe(model.MediaTypeManifest, []byte("missing")), {MediaType: model.MediaTypeIndex, Digest: "foo:bar", Size: 1},
	}
}

// A walk over any index.json ends, at few visits, and does not depend on
// anything but what it reads.
func FuzzWalk(f *testing.F) {
	memory := afero.NewMemMapFs()
	descriptors := fuzzedBlobs(memory)
	for _, seed := range []string{``, `{}`, `[]`, `{"manifests":[{}]}`, `{"manifests":[{"mediaType":"` + model.MediaTypeIndex + `","digest":"sha256:..","data":"e30="}],"subject":{}}`} {
		f.Add([]byte(seed), uint8(0))
	}
	add := func(entries ...model.Descriptor) {
		raw, err := model.Encode(&model.Index{SchemaVersion: 2, Manifests: entries, Subject: &entries[0]})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, uint8(len(entries)))
	}
	add(descriptors...)
	for _, d := range descriptors {
		add(platform(d, "linux/amd64"), platform(d, "windows/amd64"), d)
		d.MediaType = model.MediaTypeManifest
		add(d)
	}
	for _, dir := range layoutDirs(f) {
		raw, err := os.ReadFile(filepath.Join(dir, model.IndexFile))
		if err != nil {
			f.Fatal(err)
		}
		if len(raw) < 1<<16 {
			f.Add(raw, uint8(0))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, choice uint8) {
		overlay := afero.NewCopyOnWriteFs(memory, afero.NewMemMapFs())
		if err := afero.WriteFile(overlay, model.IndexFile, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		f := new(faultfs.Faults)
		c := f.Over(overlay)
		o := layout.WalkOptions{Limits: layout.Limits{Depth: 1 + int(choice%8), Descriptors: 2_000}}
		if choice&8 != 0 {
			linux, _ := model.ParsePlatform("linux/amd64")
			o.Platforms = []model.Platform{linux}
		}
		if choice&16 != 0 {
			o.Only = []int{0, int(choice >> 5)}
		}
		first := fuzzedWalk(t, layout.New(c), o)
		for name, n := range f.Counts(faultfs.OpOpen) {
			if n > 8 { // as three kinds, for reachability and to be judged, and once or twice too deep
				t.Errorf("%s was opened %d times", name, n)
			}
		}
		if second := fuzzedWalk(t, layout.New(c), o); !slices.Equal(first, second) {
			t.Errorf("walked %q, and then %q", first, second)
		}
	})
}

// layoutDirs returns the layouts in testdata, sound and not.
func layoutDirs(t testing.TB) []string {
	t.Helper()
	root := filepath.Join("..", "testdata", "layouts")
	made, err := filepath.Glob(filepath.Join(root, "*", model.IndexFile))
	real, realErr := filepath.Glob(filepath.Join(root, "real", "*", model.IndexFile))
	if len(real) < 9 || len(made) < 25 {
		t.Fatalf("%d layouts and %d of tools: %v", len(made), len(real), errors.Join(err, realErr))
	}
	dirs := append(made, real...)
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	return dirs
}

// fuzzedWalk walks and holds every visit against what is promised of it.
func fuzzedWalk(t *testing.T, l *layout.Layout, o layout.WalkOptions) []string {
	var lines []string
	var met []*layout.Document
	firsts := make(map[string]int)
	for v := range l.Walk(t.Context(), o) {
		lines = append(lines, line(v))
		if len(lines) > o.Limits.Descriptors+2 {
			t.Fatalf("%d visits", len(lines))
		}
		if (v.From == nil) != (len(lines) == 1) || v.From != nil && (v.From.Doc == nil || v.Edge.Descriptor == nil) {
			t.Fatalf("%s: a visit from nowhere", line(v))
		}
		if v.Blob != nil {
			if _, err := model.ParseDigest(string(v.Blob.Digest)); err != nil || v.Blob.Digest != v.Edge.Descriptor.Digest {
				t.Fatalf("%s: the node is of %q", line(v), v.Blob.Digest)
			}
			if v.Blob.Matches() && v.Document != nil && v.Document.Raw != nil && v.Blob.Digest.Algorithm().FromBytes(v.Document.Raw) != v.Blob.Digest {
				t.Fatalf("%s: it is said to match", line(v))
			}
		}
		if d := v.Document; d != nil {
			met = append(met, d)
			if v.First && d.Err == nil && d.Doc == nil && len(d.Problems) == 0 {
				t.Fatalf("%s: nothing was read, and nothing is wrong", line(v))
			}
			if d.Substituted && d.Err == nil && d.Raw != nil && v.Blob.Digest.Algorithm().FromBytes(d.Raw) != v.Blob.Digest {
				t.Fatalf("%s: other bytes stand in for it", line(v))
			}
			if v.First {
				firsts[fmt.Sprint(v.Kind(), d.Path)]++
			}
		}
	}
	for what, n := range firsts {
		if n > 2 && !slices.ContainsFunc(met, func(d *layout.Document) bool { return d.Substituted }) {
			t.Fatalf("%s was met for the first time %d times", what, n)
		}
	}
	for _, d := range met {
		// A walk that ends at a limit leaves what was on the way.
		if (d.Raw != nil || d.Doc != nil) && !strings.HasSuffix(lines[len(lines)-1], " many") {
			t.Fatalf("%s was not let go", d.Path)
		}
	}
	return lines
}
