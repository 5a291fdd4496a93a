package layout_test

import (
	"archive/zip"
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

//go:embed testdata/embedded
var embedded embed.FS

// mapped is what lies in fsys as an fstest.MapFS.
func mapped(t *testing.T, fsys afero.Fs) fstest.MapFS {
	t.Helper()
	files := make(fstest.MapFS)
	err := afero.Walk(fsys, ".", func(name string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		raw, err := afero.ReadFile(fsys, name)
		files[filepath.ToSlash(name)] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// zipped is what lies in files as a zip archive, the first file not compressed.
func zipped(t *testing.T, files fstest.MapFS) fs.FS {
	t.Helper()
	var raw bytes.Buffer
	w := zip.NewWriter(&raw)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: uint16(min(i, 1)) * zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		f.Write(files[name].Data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(raw.Bytes()), int64(raw.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A layout is the same whatever file system of the standard library it lies in.
func TestFromFS(t *testing.T) {
	fsys, layers, err := twoPlatforms()
	if err != nil {
		t.Fatal(err)
	}
	want := layout.New(fsys)
	files := mapped(t, fsys)
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, fsys := range map[string]fs.FS{
		"fstest.MapFS": files, "zip.Reader": zipped(t, files), "os.DirFS": os.DirFS(dir), "os.Root": root.FS(), "afero": afero.NewIOFS(fsys),
		"no more than an fs.FS": struct{ fs.FS }{files},
	} {
		l := layout.FromFS(fsys)
		if err := l.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(walk(t, want, layout.WalkOptions{}), walk(t, l, layout.WalkOptions{})); diff != "" {
			t.Errorf("%s is walked otherwise (-want +got):\n%s", name, diff)
		}
		var listed []string
		for entry, err := range l.Blobs().All() {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			listed = append(listed, entry.Path)
		}
		if len(listed) != len(files)-2 {
			t.Errorf("%s: blobs are listed as %q", name, listed)
		}
		if extra, err := l.ExtraFiles(); len(extra) != 0 || err != nil {
			t.Errorf("%s: further files %q, %v", name, extra, err)
		}
		images, err := l.Images(t.Context(), layout.Selector{RefName: "v1"})
		if err != nil || len(images) != 2 {
			t.Fatalf("%s: %d images, %v", name, len(images), err)
		}
		for _, image := range images {
			files, err := image.FS(t.Context(), layer.Limits{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			raw, err := fs.ReadFile(files, "etc/os-release")
			if want := "ID=" + image.Platform.String() + "\n"; err != nil || string(raw) != want {
				t.Errorf("%s: %q, %v, want %q", name, raw, err, want)
			}
		}
		if got, err := fetched(t.Context(), l, &layers[0]); err != nil || int64(len(got)) != layers[0].Size {
			t.Errorf("%s: %d bytes of a layer, %v", name, len(got), err)
		}
		if err := l.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFromFSEmbedded(t *testing.T) {
	fsys, err := fs.Sub(embedded, "testdata/embedded")
	if err != nil {
		t.Fatal(err)
	}
	wantWalk(t, layout.FromFS(fsys), layout.WalkOptions{},
		"/manifests/0 manifest first", "/manifests/0 /config config first", "/manifests/0 /layers/0 layer first")
	if err := layout.FromFS(embedded).Check(); !errors.Is(err, layout.ErrNotLayout) {
		t.Errorf("the directory above a layout: %v", err)
	}
}

// A symlink is recognized wherever that is possible, and not followed.
func TestFromFSSymlink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("on Windows, symlinks need a privilege")
	}
	s := newSite()
	d := s.Blob("text/plain", []byte("hello"))
	s.open(t)
	files := mapped(t, s.fs)
	name := blobs.Path(d.Digest)
	files["elsewhere"] = files[name]
	files[name] = &fstest.MapFile{Data: []byte("../../elsewhere"), Mode: fs.ModeSymlink}
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	for kind, fsys := range map[string]fs.FS{"fstest.MapFS": files, "os.DirFS": os.DirFS(dir)} {
		l := layout.FromFS(fsys)
		if _, err := l.Blobs().Open(d.Digest); !errors.Is(err, blobs.ErrNotRegular) {
			t.Errorf("%s: %v", kind, err)
		}
		if got := l.LinkTarget(name); got != "elsewhere" {
			t.Errorf("%s: the symlink leads to %q", kind, got)
		}
	}
	files[model.IndexFile] = &fstest.MapFile{Data: []byte("elsewhere"), Mode: fs.ModeSymlink}
	if f := layout.FromFS(files).Root(model.IndexFile); !f.Symlink || f.Resolved {
		t.Errorf("index.json is %+v", f)
	}
}
