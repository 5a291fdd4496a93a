package layer_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
)

func TestWhiteouts(t *testing.T) {
	for _, test := range whiteoutCases() {
		t.Run(test.name, func(t *testing.T) {
			if d := cmp.Diff(test.want, lines(merge(t, test.layers...))); d != "" {
				t.Errorf("tree (-want +got):\n%s", d)
			}
		})
	}
}

func whiteoutCases() []treeCase {
	d, f, s, h := directory, func(name string) file { return regular(name, "x") }, symlink, hardLink
	opaque := func(dir string) file { return regular(dir+layer.WhiteoutOpaque, "") }
	below := []file{d("a"), f("a/b"), d("a/c"), f("a/c/d"), f("e")}
	return []treeCase{
		{"a file", [][]file{below, {f(".wh.e")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3"}},
		{"a file in a directory", [][]file{below, {d("a"), f("a/.wh.b")}}, []string{"a 5 1.0", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"a directory", [][]file{below, {f(".wh.a")}}, []string{"e 0 0.4"}},
		{"by an absolute name", [][]file{below, {f("/a/.wh.b"), f("./.wh.e")}}, []string{"a 5 0.0", "a/c 5 0.2", "a/c/d 0 0.3"}},
		{"a symlink, and not where it leads", [][]file{{f("a"), s("l", "a")}, {f(".wh.l")}}, []string{"a 0 0.0"}},
		{"of a marker that is a directory", [][]file{below, {d(".wh.e")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3"}},
		{"nothing there", [][]file{below, {f(".wh.z"), f("z/.wh.y"), f("e/.wh.y")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"in the first layer", [][]file{nil, {f(".wh.a"), f("a"), opaque(""), f("b/c"), opaque("b/")}}, []string{"a 0 1.1", "b 5 implied", "b/c 0 1.3"}},

		{"beside what its own layer brings", [][]file{below, {f("e"), f(".wh.e")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 1.0"}},
		{"before what its own layer brings", [][]file{below, {f(".wh.e"), f("e")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 1.1"}},
		{"of a directory that its own layer has anew", [][]file{below, {d("a"), f("a/z"), f(".wh.a")}}, []string{"a 5 1.0", "a/z 0 1.1", "e 0 0.4"}},
		{"before a directory that its own layer has anew", [][]file{below, {f(".wh.a"), d("a"), f("a/z")}}, []string{"a 5 1.1", "a/z 0 1.2", "e 0 0.4"}},
		{"of a directory, and a child of it", [][]file{below, {f(".wh.a"), f("a/c/z")}}, []string{"a 5 implied", "a/c 5 implied", "a/c/z 0 1.1", "e 0 0.4"}},

		{"opaque", [][]file{below, {d("a"), opaque("a/")}}, []string{"a 5 1.0", "e 0 0.4"}},
		{"opaque, without the directory", [][]file{below, {opaque("a/")}}, []string{"a 5 0.0", "e 0 0.4"}},
		{"opaque first", [][]file{below, {d("a"), opaque("a/"), f("a/z"), d("a/c"), f("a/c/y")}}, []string{"a 5 1.0", "a/c 5 1.3", "a/c/y 0 1.4", "a/z 0 1.2", "e 0 0.4"}},
		{"opaque last", [][]file{below, {d("a"), f("a/z"), d("a/c"), f("a/c/y"), opaque("a/")}}, []string{"a 5 1.0", "a/c 5 1.2", "a/c/y 0 1.3", "a/z 0 1.1", "e 0 0.4"}},
		{"opaque between", [][]file{below, {f("a/z"), opaque("a/"), f("a/c/y"), d("a")}}, []string{"a 5 1.3", "a/c 5 implied", "a/c/y 0 1.2", "a/z 0 1.0", "e 0 0.4"}},
		{"opaque root", [][]file{below, {opaque(""), f("z")}}, []string{"z 0 1.1"}},
		{"opaque root, from the current directory", [][]file{below, {opaque("./"), opaque("/")}}, nil},
		{"opaque file", [][]file{below, {opaque("e/")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"opaque, and a child removed", [][]file{below, {opaque("a/"), f("a/.wh.b"), f("a/b")}}, []string{"a 5 0.0", "a/b 0 1.2", "e 0 0.4"}},
		{"opaque of a directory that is removed", [][]file{below, {f(".wh.a"), opaque("a/"), f("a/z")}}, []string{"a 5 implied", "a/z 0 1.2", "e 0 0.4"}},

		{"bare", [][]file{below, {f(".wh."), f("a/.wh.")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"of the directory itself", [][]file{below, {f("a/.wh.."), f(".wh..")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"of the directory above", [][]file{below, {f("a/.wh..."), f("a/c/.wh...")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"reserved", [][]file{below, {f(".wh..wh.aufs"), d(".wh..wh.plnk"), f("a/.wh..wh.opq"), f("a/.wh..wh..opq.x"), f(".wh..wh.")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"that leads out", [][]file{below, {f("../.wh.a"), f("a/../../.wh.a"), opaque("../")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},
		{"that only begins like one", [][]file{below, {f(".whe"), f(".w"), f("x.wh.e"), f(".WH.e")}}, []string{".WH.e 0 1.3", ".w 0 1.1", ".whe 0 1.0", "a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4", "x.wh.e 0 1.2"}},
		{"of a name with dots", [][]file{append(slices.Clone(below), f("...a")), {f(".wh....a")}}, []string{"a 5 0.0", "a/b 0 0.1", "a/c 5 0.2", "a/c/d 0 0.3", "e 0 0.4"}},

		{"behind a symlink", [][]file{{d("a"), f("a/b"), s("l", "a")}, {f("l/.wh.b")}}, []string{"a 5 0.0", "l 2 0.2 a"}},
		{"opaque behind a symlink", [][]file{{d("a"), f("a/b"), s("l", "a")}, {opaque("l/")}}, []string{"a 5 0.0", "l 2 0.2 a"}},
		{"behind a symlink that its layer makes a directory", [][]file{{d("a"), f("a/b"), s("l", "a")}, {d("l"), f("l/.wh.b")}}, []string{"a 5 0.0", "a/b 0 0.1", "l 5 1.0"}},
		{"opaque behind a symlink that its layer makes a directory", [][]file{{d("a"), f("a/b"), s("l", "a")}, {d("l"), opaque("l/"), f("l/c")}}, []string{"a 5 0.0", "a/b 0 0.1", "l 5 1.0", "l/c 0 1.2"}},
		{"opaque in a directory behind such a symlink", [][]file{{d("a/b"), f("a/b/c"), s("l", "a")}, {d("l"), d("l/b"), opaque("l/b/")}}, []string{"a 5 implied", "a/b 5 0.0", "a/b/c 0 0.1", "l 5 1.0", "l/b 5 1.1"}},
		{"of a symlink that its layer makes a directory", [][]file{{d("a"), f("a/b"), s("l", "a")}, {f(".wh.l"), d("l"), f("l/.wh.b")}}, []string{"a 5 0.0", "a/b 0 0.1", "l 5 1.1"}},
		{"of a file that is a hard link's", [][]file{{f("a"), h("b", "a")}, {f(".wh.a"), h("c", "b")}}, []string{"b 0 0.0", "c 0 0.0"}},
	}
}

// A path that is removed may come again, and be removed again.
func TestWhiteoutsOverLayers(t *testing.T) {
	tree := layer.NewTree(layer.Limits{})
	for i, want := range [][]string{{"a 5 implied", "a/b 0 0.0"}, nil, {"a 5 implied", "a/b 0 2.0"}, {"a 5 implied", "a/c 0 3.1"}, {"a 0 4.0"}} {
		layers := [][]file{
			{regular("a/b", "x")}, {regular(".wh.a", "")}, {regular("a/b", "x")}, {regular("a/.wh.b", ""), regular("a/c", "x")},
			{regular("a", "x"), regular("a/.wh.c", "")},
		}
		apply(t, tree, archive(t, layers[i]...))
		if d := cmp.Diff(want, lines(tree)); d != "" {
			t.Errorf("after layer %d (-want +got):\n%s", i, d)
		}
	}
}

// The examples of the specification: the first pair of layers, and the two that
// are said to be equivalent.
func TestWhiteoutsOfTheSpecification(t *testing.T) {
	d, f := directory, func(name string) file { return regular(name, "x") }
	base := []file{f("file1"), f("a/file2"), d("b/"), f("c/file3")}
	got := lines(merge(t, base, []file{f(".wh.file1"), f("a/.wh.file2"), f(".wh.b"), f("file4")}))
	if want := []string{"a 5 implied", "c 5 implied", "c/file3 0 0.3", "file4 0 1.3"}; !slices.Equal(got, want) {
		t.Errorf("tree %q, want %q", got, want)
	}
	base = []file{d("a/"), d("a/b/"), d("a/b/c/"), f("a/b/c/bar")}
	want := []string{"a", "a/b", "a/b/c", "a/b/c/foo"}
	for _, upper := range [][]file{
		{d("a/"), f("a/.wh..wh..opq"), d("a/b/"), d("a/b/c/"), f("a/b/c/foo")},
		{d("a/"), d("a/b/"), d("a/b/c/"), f("a/b/c/foo"), f("a/.wh..wh..opq")},
	} {
		var got []string
		for path, n := range merge(t, base, upper).All() {
			if n.Layer == 1 {
				got = append(got, path)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("tree %q, want %q", got, want)
		}
	}
}
