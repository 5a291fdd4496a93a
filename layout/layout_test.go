package layout_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// openDir opens a directory that a test writes to.
func openDir(t *testing.T, dir string) *layout.Layout {
	t.Helper()
	l, err := layout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// both runs a test over memory and over a directory.
func both(t *testing.T, test func(t *testing.T, s site, l *layout.Layout)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		s := newSite()
		test(t, s, layout.New(s.fs))
	})
	t.Run("directory", func(t *testing.T) {
		dir := t.TempDir()
		fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
		test(t, site{layouttest.New(fsys), fsys}, openDir(t, dir))
	})
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "x")
	for name, want := range map[string]error{
		"missing": fs.ErrNotExist, "missing/below": fs.ErrNotExist, "file": layout.ErrNotDirectory,
	} {
		l, err := layout.Open(filepath.Join(dir, name))
		if !errors.Is(err, want) || l != nil {
			t.Errorf("Open of %s = %v, %v, want %v", name, l, err, want)
		}
	}
	if _, err := layout.Open(""); err == nil {
		t.Error("Open of nothing succeeds")
	}
	// Nothing of a layout is asked for.
	if err := openDir(t, dir).Check(); !errors.Is(err, layout.ErrNotLayout) {
		t.Errorf("Check = %v", err)
	}
}

func TestClose(t *testing.T) {
	dir, shared := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(dir, "index.json"), "{}")
	l, err := layout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.AddBlobDir(shared); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if raw, err := l.ReadFile(t.Context(), "index.json", 10); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after Close: %q, %v", raw, err)
	}
	if err := layout.New(afero.NewMemMapFs()).Close(); err != nil {
		t.Errorf("Close of one in memory: %v", err)
	}
}

// A directory that is renamed stays open, and one that takes its place is none
// of the layout's.
func TestOpenHolds(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "layout")
	writeFile(t, filepath.Join(dir, "index.json"), "first")
	l := openDir(t, dir)
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Skip(err) // not every system renames what is open
	}
	writeFile(t, filepath.Join(dir, "index.json"), "second")
	if raw, err := l.ReadFile(t.Context(), "index.json", 10); err != nil || string(raw) != "first" {
		t.Errorf("read %q, %v", raw, err)
	}
}

func TestRoot(t *testing.T) {
	both(t, func(t *testing.T, s site, l *layout.Layout) {
		s.File("file", []byte("x"))
		s.File("directory/x", nil)
		for name, want := range map[string]layout.RootFile{
			"file":      {Name: "file", Exists: true, Resolved: true, Regular: true},
			"directory": {Name: "directory", Exists: true, Resolved: true, Dir: true},
			"missing":   {Name: "missing"},
		} {
			if got := l.Root(name); got != want {
				t.Errorf("Root = %+v, want %+v", got, want)
			}
		}
	})
	l := layout.New(faulty(afero.NewMemMapFs(), func(faultfs.Op) faultfs.Fault { return faultfs.Fail(fs.ErrPermission) }))
	if got := l.Root("x"); got.Exists || !errors.Is(got.Err, fs.ErrPermission) {
		t.Errorf("what cannot be looked at: %+v", got)
	}
	if err := l.Check(); err != nil {
		t.Errorf("what cannot be looked at may be a layout: %v", err)
	}
}

func TestCheck(t *testing.T) {
	for name, isLayout := range map[string]bool{
		"oci-layout": true, "index.json": true, "oci-layout/directory": true, "blobs/sha256/x": false, "manifest.json": false, "Index.json": false,
	} {
		both(t, func(t *testing.T, s site, l *layout.Layout) {
			if err := l.Check(); !errors.Is(err, layout.ErrNotLayout) {
				t.Errorf("nothing at all: %v", err)
			}
			s.File(name, nil)
			if err := l.Check(); (err == nil) != isLayout || err != nil && !errors.Is(err, layout.ErrNotLayout) {
				t.Errorf("with %s alone: %v", name, err)
			}
		})
	}
}

func TestExtraFiles(t *testing.T) {
	both(t, func(t *testing.T, s site, l *layout.Layout) {
		for _, name := range []string{"oci-layout", "index.json", "blobs/x", "z", "manifest.json", "repositories", ".hidden", "dir/index.json", "Blobs2"} {
			s.File(name, nil)
		}
		names, err := l.ExtraFiles()
		if want := []string{".hidden", "Blobs2", "dir", "manifest.json", "repositories", "z"}; err != nil || !slices.Equal(names, want) {
			t.Errorf("ExtraFiles = %q, %v, want %q", names, err, want)
		}
	})
	l := layout.New(faulty(afero.NewMemMapFs(), faultfs.On(faultfs.OpOpen, ".", faultfs.Fail(fs.ErrPermission))))
	if names, err := l.ExtraFiles(); !errors.Is(err, fs.ErrPermission) || names != nil {
		t.Errorf("a root that cannot be listed: %q, %v", names, err)
	}
}

func TestReadFile(t *testing.T) {
	both(t, func(t *testing.T, s site, l *layout.Layout) {
		s.File("oci-layout", []byte("content"))
		s.File("directory/x", nil)
		if raw, err := l.ReadFile(t.Context(), "oci-layout", 7); err != nil || string(raw) != "content" {
			t.Errorf("ReadFile = %q, %v", raw, err)
		}
		for name, want := range map[string]error{"oci-layout": blobs.ErrTooLarge, "missing": fs.ErrNotExist, "directory": blobs.ErrNotRegular} {
			if raw, err := l.ReadFile(t.Context(), name, 6); !errors.Is(err, want) || raw != nil {
				t.Errorf("ReadFile of %s = %q, %v, want %v", name, raw, err, want)
			}
		}
	})
}

func TestLimits(t *testing.T) {
	want := layout.Limits{Document: 8 << 20, Index: 32 << 20, Marker: 64 << 10, Depth: 32, Descriptors: 250_000, Memory: 96 << 20}
	if got := (layout.Limits{}).WithDefaults(); got != want {
		t.Errorf("the defaults are %+v, want %+v", got, want)
	}
	set := layout.Limits{Document: 1, Index: 2, Marker: 3, Depth: 4, Descriptors: 5, Memory: 6}
	if got := set.WithDefaults(); got != set {
		t.Errorf("what was set became %+v", got)
	}
}

// A second directory of blobs gives what the layout lacks, and what the layout
// has it does not replace.
func TestAddBlobDir(t *testing.T) {
	dir, shared := t.TempDir(), t.TempDir()
	fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
	s := site{layouttest.New(fsys), fsys}
	layer := s.layer("x")
	image := s.image("one", layer)
	s.Entry(image, "")
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(shared, "sha256", image.Digest.Encoded())
	writeFile(t, moved, "")
	if err := os.Rename(filepath.Join(dir, blobs.Path(image.Digest)), moved); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(shared, "sha256", layer.Digest.Encoded()), "another")
	l := openDir(t, dir)
	wantWalk(t, l, layout.WalkOptions{}, "/manifests/0 manifest unread first")
	for name, want := range map[string]error{"missing": fs.ErrNotExist, filepath.Join("sha256", layer.Digest.Encoded()): layout.ErrNotDirectory} {
		if err := l.AddBlobDir(filepath.Join(shared, name)); !errors.Is(err, want) {
			t.Errorf("AddBlobDir of %s: %v, want %v", name, err, want)
		}
	}
	if err := l.AddBlobDir(shared + string(filepath.Separator) + "."); err != nil {
		t.Fatal(err)
	}
	wantWalk(t, l, layout.WalkOptions{}, "/manifests/0 manifest first", "/manifests/0 /config config first", "/manifests/0 /layers/0 layer first")
	for v := range l.Walk(t.Context(), layout.WalkOptions{}) {
		if v.Blob == nil {
			continue
		}
		want := blobs.Path(v.Blob.Digest)
		if v.Blob.Digest == image.Digest {
			want = filepath.ToSlash(moved)
		}
		if v.Blob.Info.Path != want {
			t.Errorf("%s is found at %s, want %s", line(v), v.Blob.Info.Path, want)
		}
		if v.Kind() == model.KindLayer && v.Blob.Info.Size != layer.Size {
			t.Errorf("the layer has %d bytes: it is not the layout's own", v.Blob.Info.Size)
		}
	}
}
