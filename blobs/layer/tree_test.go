package layer_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
)

// merge applies layers, each given by its entries, through archives of them.
func merge(t testing.TB, layers ...[]file) *layer.Tree {
	t.Helper()
	tree := layer.NewTree(layer.Limits{})
	for _, files := range layers {
		apply(t, tree, archive(t, files...))
	}
	return tree
}

// apply applies the layer that an archive is.
func apply(t testing.TB, tree *layer.Tree, plain []byte) {
	t.Helper()
	a := tree.Begin(nil)
	if _, err := layer.Scan(t.Context(), bytes.NewReader(plain), layer.ScanOptions{Entry: a.Add}); err != nil {
		t.Fatal(err)
	}
	if err := a.End(); err != nil {
		t.Fatal(err)
	}
}

// lines lists a tree without its root: path, type, the layer and entry it is
// from, and where a symlink leads.
func lines(tree *layer.Tree) []string {
	var all []string
	for path, n := range tree.All() {
		line := fmt.Sprintf("%s %c %d.%d", path, n.Type, n.Layer, n.Entry)
		if n.Layer < 0 {
			line = fmt.Sprintf("%s %c implied", path, n.Type)
		}
		if n.Link != "" {
			line += " " + n.Link
		}
		if path != "." {
			all = append(all, line)
		}
	}
	return all
}

func TestTree(t *testing.T) {
	for _, test := range treeCases() {
		t.Run(test.name, func(t *testing.T) {
			if d := cmp.Diff(test.want, lines(merge(t, test.layers...))); d != "" {
				t.Errorf("tree (-want +got):\n%s", d)
			}
		})
	}
}

// treeCase is layers, and the tree that they make.
type treeCase struct {
	name   string
	layers [][]file
	want   []string
}

func treeCases() []treeCase {
	d, f, s, h := directory, func(name string) file { return regular(name, "x") }, symlink, hardLink
	return []treeCase{
		{"nothing", nil, nil},
		{"an empty layer", [][]file{{}}, nil},
		{"one layer", [][]file{{d("a/"), f("a/b"), s("l", "a")}}, []string{"a 5 0.0", "a/b 0 0.1", "l 2 0.2 a"}},
		{"two layers", [][]file{{f("a")}, {f("b")}}, []string{"a 0 0.0", "b 0 1.0"}},
		{"a file replaced", [][]file{{f("a")}, {f("a")}}, []string{"a 0 1.0"}},
		{"the last of one path counts", [][]file{{f("a"), f("a")}}, []string{"a 0 0.1"}},
		{"a directory over a directory", [][]file{{d("a"), f("a/b")}, {d("a")}}, []string{"a 5 1.0", "a/b 0 0.1"}},
		{"a file over a directory", [][]file{{d("a"), d("a/b"), f("a/b/c")}, {f("a")}}, []string{"a 0 1.0"}},
		{"a directory over a file", [][]file{{f("a")}, {d("a"), f("a/b")}}, []string{"a 5 1.0", "a/b 0 1.1"}},
		{"a symlink over a directory", [][]file{{d("a"), f("a/b"), d("c")}, {s("a", "c")}}, []string{"a 2 1.0 c", "c 5 0.2"}},
		{"a directory over a symlink", [][]file{{d("a"), f("a/b"), s("l", "a")}, {d("l"), f("l/c")}}, []string{"a 5 0.0", "a/b 0 0.1", "l 5 1.0", "l/c 0 1.1"}},
		{"a symlink over a symlink", [][]file{{s("l", "a")}, {s("l", "b")}}, []string{"l 2 1.0 b"}},
		{"a FIFO over a file", [][]file{{f("a")}, {{name: "a", kind: tar.TypeFifo}}}, []string{"a 6 1.0"}},
		{"a device", [][]file{{{name: "null", kind: tar.TypeChar, device: [2]int64{1, 3}}}}, []string{"null 3 0.0"}},

		{"implied parents", [][]file{{f("a/b/c")}}, []string{"a 5 implied", "a/b 5 implied", "a/b/c 0 0.0"}},
		{"implied, then said", [][]file{{f("a/b")}, {d("a")}}, []string{"a 5 1.0", "a/b 0 0.0"}},
		{"implied, then said in one layer", [][]file{{f("a/b"), d("a")}}, []string{"a 5 0.1", "a/b 0 0.0"}},
		{"implied over said", [][]file{{d("a"), f("a/b")}, {f("a/c")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 0 1.0"}},
		{"below a file", [][]file{{f("a")}, {f("a/b")}}, []string{"a 0 0.0"}},

		{"absolute names", [][]file{{d("/"), d("/a/"), f("/a/b"), f("//a///c")}}, []string{"a 5 0.1", "a/b 0 0.2", "a/c 0 0.3"}},
		{"names from the current directory", [][]file{{d("./"), d("./a/"), f("./a/b"), f("a/./c"), f("a//d")}}, []string{"a 5 0.1", "a/b 0 0.2", "a/c 0 0.3", "a/d 0 0.4"}},
		{"names that lead back", [][]file{{f("a/../b"), f("a/b/../../c")}}, []string{"b 0 0.0", "c 0 0.1"}},
		{"names that lead out", [][]file{{f("../a"), f("a/../../b"), f("/../c"), f(".."), d("../"), f("....//e"), f("..f")}}, []string{".... 5 implied", "..../e 0 0.5", "..f 0 0.6"}},
		{"odd names", [][]file{{f("a b"), f("a\nb"), f("\xff"), f("\u202e"), f("a\\b")}}, []string{"a\nb 0 0.1", "a b 0 0.0", "a\\b 0 0.4", "\u202e 0 0.3", "\xff 0 0.2"}},
		{"the root as a file", [][]file{{f("a"), f("."), s("./", "a")}}, []string{"a 0 0.0"}},

		{"behind a symlink", [][]file{{d("usr"), d("usr/lib"), s("lib", "usr/lib")}, {f("lib/a")}}, []string{"lib 2 0.2 usr/lib", "usr 5 0.0", "usr/lib 5 0.1", "usr/lib/a 0 1.0"}},
		{"behind an absolute symlink", [][]file{{d("a"), d("a/b"), s("a/l", "/a/b"), f("a/l/c")}}, []string{"a 5 0.0", "a/b 5 0.1", "a/b/c 0 0.3", "a/l 2 0.2 /a/b"}},
		{"behind a symlink that leads up", [][]file{{d("a"), d("b"), s("a/l", "../b"), f("a/l/c")}}, []string{"a 5 0.0", "a/l 2 0.2 ../b", "b 5 0.1", "b/c 0 0.3"}},
		{"behind a symlink that leads out", [][]file{{d("b"), d("a"), s("a/l", "../../../b"), f("a/l/c")}}, []string{"a 5 0.1", "a/l 2 0.2 ../../../b", "b 5 0.0", "b/c 0 0.3"}},
		{"behind two symlinks", [][]file{{d("c"), s("b", "c"), s("a", "b"), f("a/x")}}, []string{"a 2 0.2 b", "b 2 0.1 c", "c 5 0.0", "c/x 0 0.3"}},
		{"behind a symlink to nothing", [][]file{{s("l", "nothing"), f("l/a")}}, []string{"l 2 0.0 nothing", "nothing 5 implied", "nothing/a 0 0.1"}},
		{"behind a symlink to a file", [][]file{{f("a"), s("l", "a"), f("l/b")}}, []string{"a 0 0.0", "l 2 0.1 a"}},
		{"behind a loop", [][]file{{s("a", "b"), s("b", "a"), f("a/x"), s("c", "c"), f("c/x/y")}}, []string{"a 2 0.0 b", "b 2 0.1 a", "c 2 0.3 c"}},
		{"a directory behind a symlink, then more", [][]file{{d("a"), s("l", "a")}, {d("l/b"), f("l/b/c")}}, []string{"a 5 0.0", "a/b 5 1.0", "a/b/c 0 1.1", "l 2 0.1 a"}},

		{"a hard link", [][]file{{f("a"), h("b", "a")}}, []string{"a 0 0.0", "b 0 0.0"}},
		{"a hard link to an absolute name", [][]file{{f("d/a"), h("b", "/d/a"), h("c", "./d//a")}}, []string{"b 0 0.0", "c 0 0.0", "d 5 implied", "d/a 0 0.0"}},
		{"a hard link to a lower layer", [][]file{{f("a")}, {h("b", "a")}}, []string{"a 0 0.0", "b 0 0.0"}},
		{"a hard link whose target is replaced", [][]file{{f("a"), h("b", "a")}, {f("a")}}, []string{"a 0 1.0", "b 0 0.0"}},
		{"a hard link that is replaced", [][]file{{f("a"), h("b", "a")}, {f("b")}}, []string{"a 0 0.0", "b 0 1.0"}},
		{"a hard link whose target is removed", [][]file{{f("a"), h("b", "a")}, {f(".wh.a")}}, []string{"b 0 0.0"}},
		{"a hard link to what its layer removes", [][]file{{f("a")}, {f(".wh.a"), h("b", "a")}}, nil},
		{"a hard link to nothing", [][]file{{h("b", "a")}}, nil},
		{"a hard link before its target", [][]file{{h("b", "a"), f("a")}}, []string{"a 0 0.1"}},
		{"a hard link to a directory", [][]file{{d("a"), h("b", "a")}}, []string{"a 5 0.0"}},
		{"a hard link to a symlink", [][]file{{f("a"), s("l", "a"), h("b", "l")}}, []string{"a 0 0.0", "b 2 0.1 a", "l 2 0.1 a"}},
		{"a hard link behind a symlink", [][]file{{d("d"), f("d/a"), s("l", "d"), h("l/b", "l/a")}}, []string{"d 5 0.0", "d/a 0 0.1", "d/b 0 0.1", "l 2 0.2 d"}},
		{"a hard link that leads out", [][]file{{f("a"), h("b", "../../a")}}, []string{"a 0 0.0", "b 0 0.0"}},
		{"a hard link over a directory", [][]file{{f("a"), d("b"), f("b/c")}, {h("b", "a")}}, []string{"a 0 0.0", "b 0 0.0"}},
		{"a hard link to nothing over a file", [][]file{{f("a")}, {h("a", "b")}}, []string{"a 0 0.0"}},
		{"a hard link to itself", [][]file{{f("a")}, {h("a", "a")}}, []string{"a 0 0.0"}},
	}
}

// A directory's entry in an upper layer says what the directory is like.
func TestTreeAttributes(t *testing.T) {
	later := map[string]string{"SCHILY.xattr.user.b": "2"}
	tree := merge(t,
		[]file{
			{name: "a", kind: tar.TypeDir, mode: 0o700, uid: 1, gid: 2, records: map[string]string{"SCHILY.xattr.user.a": "1"}},
			regular("a/b", "text"),
			{name: "f", content: "12345", mode: 0o4755, uid: 1 << 24, gid: 7, records: map[string]string{"SCHILY.xattr.security.capability": "\x01\x00", "SCHILY.xattr.user.é": "z", "comment": "none"}},
			{name: "d", kind: tar.TypeBlock, mode: 0o660, device: [2]int64{8, 1}},
			symlink("l", "../to/where"),
		},
		[]file{{name: "./", kind: tar.TypeDir, mode: 0o1777, uid: 5}, {name: "a/", kind: tar.TypeDir, mode: 0o2750, uid: 3, gid: 4, records: later}},
	)
	want := map[string]layer.Node{
		".":   {Layer: 1, Entry: 0, Type: tar.TypeDir, Mode: 0o1777, UID: 5, Time: moment},
		"a":   {Layer: 1, Entry: 1, Type: tar.TypeDir, Mode: 0o2750, UID: 3, GID: 4, Time: moment, Xattrs: map[string]string{"user.b": "2"}},
		"a/b": {Layer: 0, Entry: 1, Type: tar.TypeReg, Mode: 0o644, Size: 4, Time: moment},
		"d":   {Layer: 0, Entry: 3, Type: tar.TypeBlock, Mode: 0o660, Major: 8, Minor: 1, Time: moment},
		"f":   {Layer: 0, Entry: 2, Type: tar.TypeReg, Mode: 0o4755, UID: 1 << 24, GID: 7, Size: 5, Time: moment, Xattrs: map[string]string{"security.capability": "\x01\x00", "user.é": "z"}},
		"l":   {Layer: 0, Entry: 4, Type: tar.TypeSymlink, Mode: 0o777, Link: "../to/where", Time: moment},
	}
	got := make(map[string]layer.Node)
	for path, n := range tree.All() {
		n.File = 0
		got[path] = *n
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("nodes (-want +got):\n%s", d)
	}
	modes := map[string]string{".": "dtrwxrwxrwx", "a": "dgrwxr-x---", "a/b": "-rw-r--r--", "d": "Drw-rw----", "f": "urwxr-xr-x", "l": "Lrwxrwxrwx"}
	for path, want := range modes {
		if n := got[path]; n.FileMode().String() != want {
			t.Errorf("%s has mode %v, want %s", path, n.FileMode(), want)
		}
	}
}

// Names that are hard links of one another are one File, and no others are.
func TestTreeSharesFiles(t *testing.T) {
	tree := merge(t, []file{regular("a", "x"), hardLink("b", "a"), regular("c", "x")}, []file{hardLink("d", "b"), regular("e", "x")})
	files := make(map[uint32][]string)
	for path, n := range tree.All() {
		files[n.File] = append(files[n.File], path)
	}
	var shared []string
	for _, paths := range files {
		shared = append(shared, strings.Join(paths, " "))
	}
	slices.Sort(shared)
	if want := []string{".", "a b d", "c", "e"}; !slices.Equal(shared, want) {
		t.Errorf("files %q, want %q", shared, want)
	}
}

// entryOf makes an entry without an archive.
func entryOf(f file, number int) *layer.Entry {
	h := f.header()
	return &layer.Entry{Header: h, Number: number, Path: layer.Clean(h.Name), Content: strings.NewReader(f.content)}
}
