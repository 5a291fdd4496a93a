package layer_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/spf13/afero"
)

// treeFS is a tree with the blobs that it is of.
func treeFS(tree *layer.Tree, blobs ...[]byte) layer.FS {
	return layer.FS{Tree: tree, Blob: func(n int) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(blobs[n])), nil }}
}

// image is a small one: three layers, each compressed otherwise.
func image(t testing.TB) layer.FS {
	t.Helper()
	layers := [][]byte{
		archive(t, directory("./"), directory("usr/"), directory("usr/lib/"), regular("usr/lib/os-release", "ID=old\n"), directory("etc/"),
			symlink("etc/os-release", "../usr/lib/os-release"), regular("etc/gone", "x"), symlink("lib", "usr/lib"), regular("empty", "")),
		archive(t, regular("etc/.wh.gone", ""), regular("big", noise(300_000)), regular("usr/lib/os-release", "ID=new\n"), hardLink("etc/same", "usr/lib/os-release"), directory("void/")),
		archive(t, regular("deep/er/file", "down here\n"), file{name: "dev/null", kind: tar.TypeChar, device: [2]int64{1, 3}}, file{name: "pipe", kind: tar.TypeFifo},
			symlink("dangling", "nothing"), symlink("loop", "loop"), file{name: "tool", mode: 0o4755, content: "#!\n"}),
	}
	tree := layer.NewTree(layer.Limits{})
	for _, plain := range layers {
		apply(t, tree, plain)
	}
	return treeFS(tree, layers[0], gzipped(t, layers[1]), zstded(t, layers[2]))
}

func TestFS(t *testing.T) {
	fsys := image(t)
	if err := fstest.TestFS(withoutSpecial(t), "usr/lib/os-release", "etc/os-release", "etc/same", "lib", "big", "deep/er/file", "void", "empty", "tool"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{
		"usr/lib/os-release": "ID=new\n", "etc/os-release": "ID=new\n", "lib/os-release": "ID=new\n", "etc/same": "ID=new\n", "empty": "",
		"big": noise(300_000), "deep/er/file": "down here\n", "tool": "#!\n",
	} {
		if got, err := fs.ReadFile(fsys, name); err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// withoutSpecial is the image without what fstest wants to read: it opens every
// file, devices and symlinks that lead nowhere too.
func withoutSpecial(t *testing.T) layer.FS {
	fsys := image(t)
	apply(t, fsys.Tree, archive(t, regular(".wh.dev", ""), regular(".wh.pipe", ""), regular(".wh.dangling", ""), regular(".wh.loop", "")))
	return fsys
}

func TestFSInterfaces(t *testing.T) {
	var fsys fs.FS = image(t)
	if _, ok := fsys.(fs.ReadDirFS); !ok {
		t.Error("no ReadDirFS")
	}
	if _, ok := fsys.(fs.StatFS); !ok {
		t.Error("no StatFS")
	}
	if _, ok := fsys.(fs.ReadLinkFS); !ok {
		t.Error("no ReadLinkFS")
	}
	var paths []string
	err := fs.WalkDir(fsys, ".", func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})
	var want []string
	for path := range image(t).Tree.All() {
		want = append(want, path)
	}
	if err != nil || !slices.Equal(paths, want) {
		t.Errorf("WalkDir gives %q, %v, want %q", paths, err, want)
	}
}

func TestFSInfo(t *testing.T) {
	fsys := image(t)
	tests := []struct {
		stat func(string) (fs.FileInfo, error)
		name string
		want string
	}{
		{fsys.Stat, ".", "drwxr-xr-x . 0"},
		{fsys.Stat, "etc/os-release", "-rw-r--r-- os-release 7"},
		{fsys.Lstat, "etc/os-release", "Lrwxrwxrwx os-release 0"},
		{fsys.Stat, "lib", "drwxr-xr-x lib 0"},
		{fsys.Lstat, "lib", "Lrwxrwxrwx lib 0"},
		{fsys.Lstat, "lib/os-release", "-rw-r--r-- os-release 7"},
		{fsys.Stat, "tool", "urwxr-xr-x tool 3"},
		{fsys.Stat, "dev/null", "Dcrw-r--r-- null 0"},
		{fsys.Stat, "pipe", "prw-r--r-- pipe 0"},
		{fsys.Lstat, "dangling", "Lrwxrwxrwx dangling 0"},
		{fsys.Stat, "deep", "drwxr-xr-x deep 0"},
	}
	for _, test := range tests {
		info, err := test.stat(test.name)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := fmt.Sprint(info.Mode(), " ", info.Name(), " ", info.Size()); got != test.want || info.IsDir() != info.Mode().IsDir() {
			t.Errorf("%s is %s, want %s", test.name, got, test.want)
		}
		if n, ok := info.Sys().(*layer.Node); !ok || n.Layer >= 0 && !info.ModTime().Equal(moment) {
			t.Errorf("%s is of %v, %v", test.name, info.Sys(), info.ModTime())
		}
	}
	for name, want := range map[string]string{"etc/os-release": "../usr/lib/os-release", "lib": "usr/lib", "loop": "loop", "dangling": "nothing"} {
		if got, err := fsys.ReadLink(name); err != nil || got != want {
			t.Errorf("ReadLink(%s) = %q, %v", name, got, err)
		}
	}
}

func TestFSErrors(t *testing.T) {
	fsys := image(t)
	open := func(name string) error { _, err := fsys.Open(name); return err }
	stat := func(name string) error { _, err := fsys.Stat(name); return err }
	lstat := func(name string) error { _, err := fsys.Lstat(name); return err }
	readDir := func(name string) error { _, err := fsys.ReadDir(name); return err }
	readLink := func(name string) error { _, err := fsys.ReadLink(name); return err }
	tests := []struct {
		op   string
		call func(string) error
		name string
		want error // nil: any
	}{
		{"open", open, "missing", fs.ErrNotExist}, {"open", open, "etc/gone", fs.ErrNotExist}, {"open", open, "dangling", fs.ErrNotExist}, {"open", open, "loop", fs.ErrNotExist},
		{"open", open, "empty/x", fs.ErrNotExist}, {"open", open, "/etc", fs.ErrInvalid}, {"open", open, "../etc", fs.ErrInvalid}, {"open", open, "", fs.ErrInvalid}, {"open", open, "etc/", fs.ErrInvalid},
		{"open", open, "dev/null", nil}, {"open", open, "pipe", nil},
		{"stat", stat, "missing", fs.ErrNotExist}, {"stat", stat, "dangling", fs.ErrNotExist}, {"stat", stat, "/", fs.ErrInvalid},
		{"lstat", lstat, "missing", fs.ErrNotExist}, {"lstat", lstat, "loop/x", fs.ErrNotExist}, {"lstat", lstat, "./etc", fs.ErrInvalid},
		{"readdir", readDir, "missing", fs.ErrNotExist}, {"readdir", readDir, "big", nil}, {"readdir", readDir, "..", fs.ErrInvalid},
		{"readlink", readLink, "missing", fs.ErrNotExist}, {"readlink", readLink, "big", fs.ErrInvalid}, {"readlink", readLink, "etc", fs.ErrInvalid},
	}
	for _, test := range tests {
		err := test.call(test.name)
		var at *fs.PathError
		if !errors.As(err, &at) || at.Op != test.op || at.Path != test.name || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s %q: %v, want %v", test.op, test.name, err, test.want)
		}
		if test.want != fs.ErrNotExist && errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s %q: %v, but it is there", test.op, test.name, err)
		}
	}
	d, err := fsys.Open("etc")
	if err != nil {
		t.Fatal(err)
	}
	var at *fs.PathError
	if n, err := d.Read(make([]byte, 1)); n != 0 || !errors.As(err, &at) || at.Path != "etc" {
		t.Errorf("reading a directory: %d, %v", n, err)
	}
}

func TestFSReadDir(t *testing.T) {
	fsys := image(t)
	f, err := fsys.Open("etc")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := f.(fs.ReadDirFile)
	for _, want := range []string{"os-release", "same"} {
		if some, err := d.ReadDir(1); err != nil || len(some) != 1 || some[0].Name() != want {
			t.Errorf("ReadDir(1) = %v, %v, want %s", some, err, want)
		}
	}
	if some, err := d.ReadDir(1); len(some) != 0 || err != io.EOF {
		t.Errorf("ReadDir(1) at the end = %v, %v", some, err)
	}
	if some, err := d.ReadDir(-1); len(some) != 0 || err != nil {
		t.Errorf("ReadDir(-1) at the end = %v, %v", some, err)
	}
	entries, err := fsys.ReadDir("lib") // through a symlink
	if err != nil || len(entries) != 1 || entries[0].Name() != "os-release" || entries[0].Type() != 0 {
		t.Errorf("ReadDir(lib) = %v, %v", entries, err)
	}
	entries, _ = fsys.ReadDir(".")
	kinds := make(map[string]string)
	for _, e := range entries {
		kinds[e.Name()] = e.Type().String()
	}
	if kinds["lib"] != "L---------" || kinds["usr"] != "d---------" || kinds["pipe"] != "p---------" || kinds["big"] != "----------" || len(kinds) != 12 {
		t.Errorf("types %v", kinds)
	}
}

// Names that package fs does not allow are in the tree, and not in the FS.
func TestFSOddNames(t *testing.T) {
	plain := archive(t, regular("ok", "x"), regular("\xff", "y"), regular("back\\slash", "z"))
	tree := layer.NewTree(layer.Limits{})
	apply(t, tree, plain)
	fsys := treeFS(tree, plain)
	entries, err := fsys.ReadDir(".")
	if err != nil || len(entries) != 2 || entries[0].Name() != "back\\slash" {
		t.Errorf("ReadDir = %v, %v", entries, err)
	}
	if n, _ := tree.Lookup("\xff"); n == nil {
		t.Error("the tree lacks the file")
	}
	if _, err := fsys.Open("\xff"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("Open: %v", err)
	}
}

func TestFSAfero(t *testing.T) {
	fsys := afero.FromIOFS{FS: image(t)}
	if got, err := afero.ReadFile(fsys, "etc/os-release"); err != nil || string(got) != "ID=new\n" {
		t.Errorf("ReadFile = %q, %v", got, err)
	}
	if ok, err := afero.DirExists(fsys, "lib"); !ok || err != nil {
		t.Errorf("DirExists = %v, %v", ok, err)
	}
	if ok, err := afero.Exists(fsys, "etc/gone"); ok || err != nil {
		t.Errorf("Exists = %v, %v", ok, err)
	}
	infos, err := afero.ReadDir(fsys, "usr/lib")
	if err != nil || len(infos) != 1 || infos[0].Size() != 7 {
		t.Errorf("ReadDir = %v, %v", infos, err)
	}
	if err := fsys.Remove("big"); err == nil {
		t.Error("a file could be removed")
	}
	if got, err := afero.Glob(fsys, "usr/*/os-*"); err != nil || !slices.Equal(got, []string{"usr/lib/os-release"}) {
		t.Errorf("Glob = %q, %v", got, err)
	}
}

func TestFSConcurrent(t *testing.T) {
	fsys := image(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, name := range []string{"big", "etc/os-release", "deep/er/file"} {
				f, err := fsys.Open(name)
				if err != nil {
					t.Error(err)
					continue
				}
				want, _ := fs.ReadFile(fsys, name)
				if err := iotest.TestReader(f, want); err != nil {
					t.Error(err)
				}
				f.Close()
			}
		})
	}
	all.Wait()
}
