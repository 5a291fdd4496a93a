package layer_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// layers returns the layers that real tools made, and some made here.
func layers(t testing.TB) [][]byte {
	t.Helper()
	names, err := filepath.Glob("../../testdata/layouts/real/*/blobs/sha256/*")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, name := range names {
		blob, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if c := layer.Sniff(blob); c != layer.Unknown && len(blob) < 1<<20 {
			all = append(all, blob)
		}
	}
	if len(all) == 0 {
		t.Fatal("testdata/layouts/real has no layers")
	}
	plain := sample(t, false)
	return append(all, plain, gzipped(t, plain[:700], plain[700:]), zstded(t, plain[:700], plain[700:]), nil, make([]byte, 1024),
		join(gzipped(t, plain), make([]byte, 10)), join(skippable("x"), zstded(t, plain)), ended(gnuSparse("s", 512, 4, 516), padded("data")),
		ended(pax("path="+name(120), "SCHILY.xattr.user.a=b"), ustar("x", '0', 3), padded("abc")), bytes.Clone([]byte("no layer")))
}

// Whatever a blob is, a scan of it ends, hashes it, and tells the same again.
func FuzzScan(f *testing.F) {
	for _, blob := range layers(f) {
		f.Add(blob)
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		limits := layer.Limits{Bytes: 4 << 20, Entries: 1000}
		got := scanReader(t, bytes.NewReader(blob), layer.ScanOptions{Limits: limits})
		if got.Blob != sum(blob) {
			t.Errorf("blob %v, want %v", got.Blob, sum(blob))
		}
		if got.Compression != layer.Sniff(blob) {
			t.Errorf("compression %v", got.Compression)
		}
		half := io.MultiReader(bytes.NewReader(blob[:len(blob)/2]), bytes.NewReader(blob[len(blob)/2:]))
		if d := cmp.Diff(got, scanReader(t, half, layer.ScanOptions{Limits: limits}), cmp.AllowUnexported(told{}, layer.Archive{}), sameError); d != "" {
			t.Errorf("a second scan tells otherwise (-first +second):\n%s", d)
		}
		unpacked := (got.Stream == nil || errors.Is(got.Stream, layer.ErrTrailingZeros) || errors.Is(got.Stream, layer.ErrTrailingData))
		if unpacked != (len(got.DiffIDs) == 1) {
			t.Errorf("stream %v, diff ids %v", got.Stream, got.DiffIDs)
		}
		if !unpacked {
			return
		}
		plain := blob
		if got.Compression == layer.Gzip {
			var ok bool
			if plain, ok = gunzip(blob); !ok {
				return
			}
		}
		if got.Compression == layer.Zstd {
			return // there is no other library to ask
		}
		if got.DiffIDs[0] != digest.FromBytes(plain) || got.Unpacked != int64(len(plain)) {
			t.Errorf("unpacks to %v, %d bytes, want %s, %d", got.DiffIDs, got.Unpacked, digest.FromBytes(plain), len(plain))
		}
		if entries, err := list(plain); !errors.Is(got.Tar.Err, layer.ErrEntries) && (err == nil) != (got.Tar.Err == nil) || got.Tar.Err == nil && entries != got.Tar.Entries {
			t.Errorf("archive %+v, want %d entries and %v", got.Tar, entries, err)
		}
	})
}

// gunzip is what the standard library makes of a stream, up to what it takes for
// no further member.
func gunzip(blob []byte) ([]byte, bool) {
	source := bytes.NewReader(blob)
	var all []byte
	for source.Len() > 0 {
		if next := blob[len(blob)-source.Len():]; len(next) < 2 || next[0] != 0x1f || next[1] != 0x8b {
			break
		}
		r, err := gzip.NewReader(source)
		if err != nil {
			return nil, false
		}
		r.Multistream(false)
		part, err := io.ReadAll(io.LimitReader(r, 8<<20))
		if err != nil {
			return nil, false
		}
		all = append(all, part...)
	}
	return all, true
}

// list counts entries, and reads none.
func list(plain []byte) (int, error) {
	r := tar.NewReader(bytes.NewReader(plain))
	for n := 0; ; n++ {
		if _, err := r.Next(); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

// repaired gives the headers of an archive the checksums that they need, so that
// what is fuzzed is looked at.
func repaired(plain []byte) []byte {
	plain = bytes.Clone(plain)
	for at := 0; at+512 <= len(plain); at += 512 {
		header := plain[at : at+512]
		if len(bytes.Trim(header, "\x00")) == 0 {
			continue
		}
		summed(header)
		h, err := tar.NewReader(bytes.NewReader(header)).Next()
		if err == nil && h.Size > 0 && h.Size < int64(len(plain)) && h.Typeflag == tar.TypeReg {
			at += int(h.Size+511) / 512 * 512
		}
	}
	return plain
}

// Whatever layers hold, the tree they make ends, and nothing leads out of it.
func FuzzTree(f *testing.F) {
	for _, blob := range layers(f) {
		if layer.Sniff(blob) == layer.None {
			f.Add(blob, blob)
		}
	}
	for _, test := range append(treeCases(), whiteoutCases()...) {
		if len(test.layers) == 2 {
			f.Add(archive(f, test.layers[0]...), archive(f, test.layers[1]...))
		} else if len(test.layers) == 1 {
			f.Add(archive(f, test.layers[0]...), []byte{})
		}
	}
	f.Fuzz(func(t *testing.T, lower, upper []byte) {
		tree := layer.NewTree(layer.Limits{})
		entries := 0
		for _, plain := range [][]byte{lower, upper} {
			changes := tree.Begin(nil)
			result, err := layer.Scan(t.Context(), bytes.NewReader(repaired(plain)), layer.ScanOptions{Entry: changes.Add, Limits: layer.Limits{Entries: 1000}})
			if err != nil {
				t.Fatal(err)
			}
			entries += result.Tar.Entries
			if err := changes.End(); err != nil {
				t.Fatal(err)
			}
		}
		checkTree(t, tree, entries)
	})
}

// checkTree holds a tree of so many entries against what is true of all trees.
func checkTree(t *testing.T, tree *layer.Tree, entries int) {
	t.Helper()
	nodes := make(map[string]*layer.Node)
	for p, n := range tree.All() {
		if p != layer.Clean(p) || p == ".." || strings.HasPrefix(p, "../") || len(p) > layer.MaxPath {
			t.Fatalf("the path %q", p)
		}
		if nodes[p] != nil {
			t.Fatalf("%q comes twice", p)
		}
		if parent := nodes[path.Dir(p)]; p != "." && (parent == nil || !parent.IsDir()) {
			t.Fatalf("%q comes before its directory, or lies in something else", p)
		}
		if n.Layer < -1 || n.Layer > 1 || n.Layer < 0 && !n.IsDir() || n.Layer >= 0 && n.Entry >= entries {
			t.Fatalf("%q is %+v", p, n)
		}
		if len(nodes) > 1+entries*layer.MaxPath {
			t.Fatal("more paths than the entries can name")
		}
		nodes[p] = n
	}
	fsys := layer.FS{Tree: tree}
	for p, n := range nodes {
		found, at := tree.Lookup(p)
		if n.Type != tar.TypeSymlink && (found == nil || found.File != n.File || at != p) {
			t.Fatalf("Lookup(%q) = %+v, %q", p, found, at)
		}
		if found != nil && (nodes[at] == nil || nodes[at].File != found.File) {
			t.Fatalf("Lookup(%q) leads to %q, out of the tree", p, at)
		}
		if info, err := fsys.Lstat(p); err == nil && info.Sys().(*layer.Node).File != n.File {
			t.Fatalf("Lstat(%q) = %+v", p, info)
		}
	}
}

// Whatever a table of contents says, it is held against the archive: none that
// lists other files is found good.
func FuzzTOC(f *testing.F) {
	files := describedFiles()
	toc := encode(f, tableOf(f, eStargz, files))
	f.Add(toc, false)
	f.Add(encode(f, tableOf(f, zstdChunked, files)), true)
	f.Add([]byte("{}"), true)
	f.Add([]byte(`{"version":1,"entries":[{"name":"a","type":"reg","size":1}]}`), false)
	f.Fuzz(func(t *testing.T, raw []byte, isChunked bool) {
		d := stargz(t, files, raw)
		if isChunked {
			d = chunked(t, files, raw)
		}
		problems := checkTOC(t, d, 10, layer.Limits{}).Problems
		if len(problems) > 10 {
			t.Errorf("%d problems", len(problems))
		}
		if d := cmp.Diff(problems, checkTOC(t, d, 10, layer.Limits{}).Problems); d != "" {
			t.Errorf("asked again, it says otherwise:\n%s", d)
		}
		if len(problems) == 0 && !lists(raw, files) {
			t.Errorf("no problem with %q", raw)
		}
	})
}

// lists says whether a table names the files, and no others, with their sizes.
func lists(raw []byte, files []file) bool {
	var c struct {
		Entries []struct {
			Name, Type string
			Size       int64
		}
	}
	if json.Unmarshal(raw, &c) != nil {
		return false
	}
	sizes := make(map[string]int64)
	for _, e := range c.Entries {
		if e.Type != "chunk" {
			sizes[layer.Clean(e.Name)] = e.Size
		}
	}
	for _, f := range files {
		if n, ok := sizes[layer.Clean(f.name)]; !ok || n != int64(len(f.content)) {
			return false
		}
	}
	return len(sizes) == len(files)
}
