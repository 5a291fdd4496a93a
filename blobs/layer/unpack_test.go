package layer_test

import (
	"archive/tar"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// unpacked describes each file of a directory by what any tool can give it:
// type, permissions, size, where a symlink leads, and content. Owners and times
// are left out, as rootless unpacking does not set them.
func unpacked(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		var link string
		if info.Mode()&fs.ModeSymlink != 0 {
			if link, err = os.Readlink(name); err != nil {
				return err
			}
		}
		files[filepath.ToSlash(rel)], err = line(info, link, func() (io.ReadCloser, error) { return os.Open(name) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// merged describes each file of a tree in the same way.
func merged(t *testing.T, fsys layer.FS) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for p, n := range fsys.Tree.All() {
		if !fs.ValidPath(p) {
			continue
		}
		info, err := fsys.Lstat(p)
		if err != nil {
			t.Fatal(err)
		}
		if files[p], err = line(info, n.Link, func() (io.ReadCloser, error) { return fsys.Open(p) }); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func line(info fs.FileInfo, link string, open func() (io.ReadCloser, error)) (string, error) {
	switch {
	case link != "":
		return "symlink to " + link, nil
	case !info.Mode().IsRegular():
		return info.Mode().String(), nil
	}
	f, err := open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%v %d %d %x", info.Mode(), info.Size(), n, h.Sum(nil)[:4]), nil
}

// run runs a program, and fails the test where it fails.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// umociImage returns the reference of a new image without layers.
func umociImage(t *testing.T) string {
	t.Helper()
	testrun.Tool(t, "umoci")
	dir := filepath.Join(t.TempDir(), "image")
	run(t, "umoci", "init", "--layout", dir)
	run(t, "umoci", "new", "--image", dir+":latest")
	return dir + ":latest"
}

// compare holds the tree of layers against what umoci unpacks of them. It says
// whether umoci does.
func compare(t *testing.T, layers ...[]byte) bool {
	t.Helper()
	image := umociImage(t)
	tree := layer.NewTree(layer.Limits{})
	for i, plain := range layers {
		apply(t, tree, plain)
		name := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := os.WriteFile(name, plain, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "umoci", "raw", "add-layer", "--image", image, name)
	}
	bundle := filepath.Join(t.TempDir(), "bundle")
	if out, err := exec.CommandContext(t.Context(), "umoci", "unpack", "--rootless", "--image", image, bundle).CombinedOutput(); err != nil {
		t.Logf("umoci refuses: %s", out)
		return false
	}
	want, got := unpacked(t, filepath.Join(bundle, "rootfs")), merged(t, treeFS(tree, layers...))
	forget(tree, want, got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("tree (-umoci +got):\n%s", d)
	}
	return true
}

// forget leaves out what need not agree: the root, of which layers may say
// nothing; devices, for which rootless tools make empty files; names that package
// fs does not allow; and the mode of directories that no entry speaks of.
func forget(tree *layer.Tree, lists ...map[string]string) {
	for _, files := range lists {
		delete(files, ".")
		maps.DeleteFunc(files, func(p, _ string) bool { return !fs.ValidPath(p) })
		for p, n := range tree.All() {
			switch {
			case n.Type == tar.TypeChar || n.Type == tar.TypeBlock:
				delete(files, p)
			case n.Layer < 0 && strings.HasPrefix(files[p], "d"):
				files[p] = "directory"
			}
		}
	}
}

// umoci makes the same of the cases of the other tests, but for those that it
// refuses, as most of what leads out or to nothing.
func TestUnpackCases(t *testing.T) {
	testrun.NotShort(t, "it waits for other programs")
	testrun.Tool(t, "umoci")
	cases, agreed := append(treeCases(), whiteoutCases()...), 0
	for _, test := range cases {
		if test.name == "that leads out" {
			continue // umoci removes what the name means from the root on
		}
		t.Run(test.name, func(t *testing.T) {
			var layers [][]byte
			for _, files := range test.layers {
				layers = append(layers, archive(t, files...))
			}
			if compare(t, layers...) {
				agreed++
			}
		})
	}
	if refused := len(cases) - agreed; refused > 20 {
		t.Errorf("umoci refused %d cases of %d", refused, len(cases))
	}
}

// umoci makes the same of layers that nobody thought of.
func TestUnpackRandom(t *testing.T) {
	testrun.NotShort(t, "it waits for other programs")
	testrun.Tool(t, "umoci")
	images, agreed := 25, 0
	for seed := range images {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(seed), 0))
			var layers [][]byte
			var listed []string
			tree := layer.NewTree(layer.Limits{})
			for range 2 + random.IntN(3) {
				files := randomLayer(t, random, tree)
				layers = append(layers, archive(t, files...))
				for _, f := range files {
					listed = append(listed, fmt.Sprintf("%c %s %s", f.header().Typeflag, f.name, f.link))
				}
				listed = append(listed, "--")
			}
			if compare(t, layers...) {
				agreed++
			}
			if t.Failed() {
				t.Logf("layers:\n%s", strings.Join(listed, "\n"))
			}
		})
	}
	if agreed < images/2 {
		t.Errorf("umoci refused %d images of %d", images-agreed, images)
	}
}

// randomLayer has few names, so that entries meet one another. It does not
// contradict itself: no path comes twice, nothing lies below a file, and
// whiteouts are not about symlinks that it brings or goes through. The tree is
// what there is so far, entry by entry.
func randomLayer(t *testing.T, random *rand.Rand, tree *layer.Tree) []file {
	var files []file
	links := make(map[string]bool) // paths that are, or were, symlinks
	for p, n := range tree.All() {
		links[p] = n.Link != ""
	}
	used := make(map[string]bool) // by the layer
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	name := func() string {
		p := one("a", "b", "c")
		for random.IntN(2) == 0 && len(p) < 6 {
			p += "/" + one("a", "b", "c")
		}
		return p
	}
	for i := range 1 + random.IntN(12) {
		p := name()
		var f file
		switch random.IntN(9) {
		case 0, 1:
			f = file{name: p, kind: tar.TypeDir, mode: int64(0o700 + random.IntN(64))}
		case 2, 3, 4:
			f = file{name: p, content: fmt.Sprint(i, p), mode: int64(0o600 + random.IntN(64))}
		case 5:
			f = symlink(p, one(name(), "/"+name(), "../"+name(), "nothing"))
		case 6:
			f = regular(path.Join(path.Dir(p), ".wh."+path.Base(p)), "")
		case 7:
			f = regular(p+"/"+layer.WhiteoutOpaque, "")
		case 8:
			f = hardLink(p, name())
			if n, at := tree.Lookup(f.link); n == nil || n.Type != tar.TypeReg || at != f.link || at == p {
				continue
			}
		}
		whiteout := strings.Contains(f.name, layer.WhiteoutPrefix)
		bad := used[f.name] || whiteout && links[p] || !reachable(tree, path.Dir(f.name))
		for other := range used {
			bad = bad || f.kind != tar.TypeDir && strings.HasPrefix(other, f.name+"/")
		}
		for up := path.Dir(f.name); up != "."; up = path.Dir(up) {
			bad = bad || links[up] && (whiteout || used[path.Join(path.Dir(up), ".wh."+path.Base(up))])
		}
		if bad {
			continue
		}
		used[f.name] = true
		links[p] = links[p] || f.link != "" && f.kind == tar.TypeSymlink
		files = append(files, f)
		apply(t, tree, archive(t, f))
	}
	return files
}

// reachable says whether a directory can be at a path.
func reachable(tree *layer.Tree, p string) bool {
	for {
		if n, _ := tree.Lookup(p); n != nil {
			return n.IsDir()
		}
		p = path.Dir(p)
	}
}
