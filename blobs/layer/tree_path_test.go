package layer_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

func TestClean(t *testing.T) {
	tests := map[string]string{
		"": ".", ".": ".", "/": ".", "//": ".", "./": ".", "a": "a", "/a": "a", "//a": "a", "./a": "a", "a/": "a", "a//b": "a/b", "a/./b": "a/b",
		"a/../b": "b", "a/..": ".", "..": "..", "../a": "../a", "/../a": "../a", "a/../../b": "../b", "/./../a": "../a", "...": "...", "..a": "..a",
		"a/...": "a/...", " ": " ", "a\x00b": "a\x00b", ".wh..wh..opq": ".wh..wh..opq",
	}
	for name, want := range tests {
		if got := layer.Clean(name); got != want {
			t.Errorf("Clean(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestLookup(t *testing.T) {
	tree := merge(t, []file{
		directory("usr"), directory("usr/lib"), regular("usr/lib/os-release", "x"), directory("etc"),
		symlink("etc/os-release", "../usr/lib/os-release"), symlink("lib", "usr/lib"), symlink("abs", "/usr/lib"), symlink("up", "../../../usr/./lib/"),
		symlink("root", "/"), symlink("here", "."), symlink("above", ".."), symlink("chain", "etc/os-release"), symlink("usr/self", "../usr/self"),
		symlink("loop", "loop2"), symlink("loop2", "loop"), symlink("dangling", "usr/none"), symlink("file", "usr/lib/os-release"), symlink("through", "usr/lib/os-release/.."),
		symlink("usr/lib/deep", "../../etc/../lib/os-release"), symlink("empty", "./"),
	})
	const release = "usr/lib/os-release"
	tests := map[string]string{
		release: release, "/" + release: release, "./usr//lib/./os-release": release, "usr/lib/os-release/": release, "etc/os-release": release,
		"lib/os-release": release, "abs/os-release": release, "up/os-release": release, "root/usr/lib/os-release": release, "root/root/abs/os-release": release,
		"here/here/etc/os-release": release, "above/lib/os-release": release, "chain": release, "file": release, "usr/lib/deep": release,
		"../usr/lib/os-release": release, "/../../etc/os-release": release, "lib": "usr/lib", "abs": "usr/lib", "root": ".", ".": ".", "": ".", "/": ".", "..": ".",
		"above": ".", "empty/etc": "etc", "lib/../etc/os-release": release,
		"usr/none": "", "dangling": "", "dangling/x": "", "loop": "", "loop/x": "", "usr/self": "", "usr/lib/os-release/x": "", "file/x": "", "through": "", "through/os-release": "", "x": "",
	}
	for name, want := range tests {
		n, path := tree.Lookup(name)
		if path != want || (n == nil) != (want == "") {
			t.Errorf("Lookup(%q) = %v, %q, want %q", name, n, path, want)
		}
		if n == nil {
			continue
		}
		if direct, _ := tree.Lookup(want); direct.File != n.File {
			t.Errorf("Lookup(%q) is not the node at %q", name, want)
		}
	}
}

// A path may go through as many symlinks as on Linux, and no more.
func TestLookupManySymlinks(t *testing.T) {
	files := []file{regular("0", "x")}
	for i := range 50 {
		files = append(files, symlink(fmt.Sprint(i+1), fmt.Sprint(i)))
	}
	tree := merge(t, files)
	for i := range 51 {
		if n, _ := tree.Lookup(fmt.Sprint(i)); (n != nil) != (i <= 40) {
			t.Errorf("%d symlinks: %v", i, n)
		}
	}
}

// All lists parents before what is in them, the names of each directory in
// order, and ends where it is told to.
func TestTreeAll(t *testing.T) {
	tree := merge(t, []file{regular("a-b", ""), regular("a/z", ""), regular("a/b/c", ""), regular("a.b", ""), regular("B", ""), directory("b")})
	var got []string
	for path := range tree.All() {
		got = append(got, path)
	}
	if want := []string{".", "B", "a", "a/b", "a/b/c", "a/z", "a-b", "a.b", "b"}; !slices.Equal(got, want) {
		t.Errorf("paths %q, want %q", got, want)
	}
	for n := 1; n < len(got); n++ {
		var some []string
		for path := range tree.All() {
			if some = append(some, path); len(some) == n {
				break
			}
		}
		if !slices.Equal(some, got[:n]) {
			t.Errorf("the first %d paths are %q", n, some)
		}
	}
}

// longest is a path of n bytes with names as short as can be.
func longest(n int) string { return strings.Repeat("a/", n/2)[:n-1] + "z" }

func TestTreeLongPaths(t *testing.T) {
	long, over := longest(layer.MaxPath), longest(layer.MaxPath+1)
	single := name(layer.MaxPath)
	tree := merge(t, []file{regular(long, "x"), regular(over, "x"), regular(single, "x"), regular(single+"x", "x"), regular("ok", "x")})
	for path, want := range map[string]bool{long: true, over: false, single: true, single + "x": false, "ok": true} {
		if n, at := tree.Lookup(path); (n != nil) != want || want && at != path {
			t.Errorf("a path of %d bytes: %v", len(path), n)
		}
	}
	count := 0
	for path := range tree.All() {
		count++
		if len(path) > layer.MaxPath {
			t.Errorf("a path of %d bytes", len(path))
		}
	}
	if count != 1+layer.MaxPath/2+2 {
		t.Errorf("%d paths", count)
	}
}

// Symlinks do not lead to places that are deeper than a path can be.
func TestTreeDeepBySymlinks(t *testing.T) {
	const part = 1000
	down := strings.Repeat("a/", part/2)
	var layers [][]file
	at := ""
	for i := range 20 {
		link := fmt.Sprintf("l%d", i)
		layers = append(layers, []file{directory(at + down), symlink(link, "/"+strings.Repeat(down, i+1)), regular(link+"/file", "x")})
		at = link + "/"
	}
	tree := merge(t, layers...)
	files := 0
	for path := range tree.All() {
		if len(path) > layer.MaxPath {
			t.Fatalf("a path of %d bytes", len(path))
		}
		if strings.HasSuffix(path, "/file") {
			files++
		}
	}
	if files != layer.MaxPath/part {
		t.Errorf("%d files, want %d", files, layer.MaxPath/part)
	}
}

// What a path costs to follow does not grow beyond measure with the symlinks on
// the way.
func TestTreeSlowSymlinks(t *testing.T) {
	testrun.NotShort(t, "it follows long paths in one goroutine")
	down := longest(2000)
	files := []file{directory(down), regular("0", "x")}
	for i := range 39 {
		// Each goes all the way down, all the way up, and on to the next.
		files = append(files, symlink(fmt.Sprint(i+1), "/"+down+strings.Repeat("/..", 1000)+"/"+fmt.Sprint(i)))
	}
	files = append(files, symlink("long", strings.Repeat("./", 400_000)+"0"))
	for i := range 5000 {
		files = append(files, regular(fmt.Sprintf("39/%d", i), ""), regular(fmt.Sprintf("long/%d", i), ""))
	}
	plain := archive(t, files...)
	within(t, func() {
		tree := layer.NewTree(layer.Limits{})
		apply(t, tree, plain)
		for range 1000 {
			tree.Lookup("39")
			tree.Lookup("long")
		}
	})
}

// Many entries at the bottom of a deep tree are no trouble.
func TestTreeDeep(t *testing.T) {
	testrun.NotShort(t, "it unpacks much, or many times")
	down := longest(4000)
	var files []file
	for i := range 500 {
		files = append(files, regular(fmt.Sprintf("%s/%d", down, i), ""))
	}
	plain := archive(t, files...)
	within(t, func() {
		tree := layer.NewTree(layer.Limits{})
		apply(t, tree, plain)
		count := 0
		for range tree.All() {
			count++
		}
		if count != 1+2000+500 {
			t.Errorf("%d paths", count)
		}
	})
}

// What a tree keeps of an entry does not hold on to the whole of its header.
func TestTreeMemory(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	long := strings.Repeat("c", 900_000)
	var entries []byte
	for _, kind := range []byte{'0', '1', '2'} {
		entries = append(entries, pax("path="+name(150), "linkpath="+name(150), "SCHILY.xattr.user.a=b", "comment="+long)...)
		entries = append(entries, ustar("x", kind, 0)...)
	}
	for _, marker := range []string{".wh.", ".wh..wh..opq/../a/.wh."} {
		entries = append(entries, pax("path="+name(150)+"/"+marker+name(100), "comment="+long)...)
		entries = append(entries, ustar("x", '0', 0)...)
	}
	entries = append(entries, pax("path="+name(150)+"/.wh..wh..opq", "comment="+long)...)
	entries = append(entries, ustar("x", '0', 0)...)
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	tree := layer.NewTree(layer.Limits{})
	changes := tree.Begin(nil)
	before := heap()
	result, err := layer.Scan(t.Context(), io.MultiReader(&repeated{of: entries, left: 20}, bytes.NewReader(make([]byte, 1024))), layer.ScanOptions{Entry: changes.Add})
	if err != nil || result.Tar.Err != nil || result.Tar.Entries != 20*6 {
		t.Fatalf("%+v, %v", result, err)
	}
	if kept := heap() - before; kept > 4<<20 {
		t.Errorf("%d entries keep %d bytes", result.Tar.Entries, kept)
	}
	runtime.KeepAlive(changes)
}

// An entry whose name is no file's, as that of a header for the whole archive,
// is no file.
func TestTreeHeadersAreNoFiles(t *testing.T) {
	global := append(ustar("pax_global_header", 'g', 21), padded("21 comment=something\n")...)
	tree := layer.NewTree(layer.Limits{})
	apply(t, tree, join(global, archive(t, regular("a", "x"))))
	if d := cmp.Diff([]string{"a 0 0.1"}, lines(tree)); d != "" {
		t.Errorf("tree (-want +got):\n%s", d)
	}
}
