package archive_test

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/layout/layouttest"
)

var hexName = strings.Repeat("0123456789abcdef", 4)

// Every name that a layout can have is there, and what lies deeper within bounds.
func TestNames(t *testing.T) {
	raw := pack(t,
		layouttest.File("oci-layout", "marker"),
		layouttest.File("./index.json", "index"),
		layouttest.File("/manifest.json", "docker"),
		layouttest.File("blobs/sha256/"+hexName, "blob"),
		layouttest.File("blobs/sha512/"+hexName+hexName, "long"),
		layouttest.File("blobs/sha256/"+strings.ToUpper(hexName), "stray"),
		layouttest.File("blobs//sha256/./odd", "odd"),
		layouttest.File("blobs/stray", "stray"),
		layouttest.File("blobs/deep/a/b/c", "deep"),
		layouttest.File("ingest/a", "x"),
		layouttest.File("ingest/a", "of no layout, so that nobody minds two of one name"),
		layouttest.File("1/2/3/4/5/6/7", "too deep"),
		layouttest.File("other/../index2.json", "second"),
		layouttest.Dir("empty/"),
		layouttest.Dir("./"),
		layouttest.Dir("blobs/sha256"),
		layouttest.Symlink("link", "index.json"),
		layouttest.HardLink("hard", "index.json"),
		layouttest.Entry{Header: tar.Header{Name: "null", Typeflag: tar.TypeChar}},
		layouttest.Entry{Header: tar.Header{Name: "pipe", Typeflag: tar.TypeFifo}},
		layouttest.File("blobs/sha256/"+strings.Repeat("x", 255), "longest"),
		layouttest.File("blobs/sha256/"+strings.Repeat("x", 256), "too long"),
		layouttest.File(strings.Repeat("y", 256), "too long"),
		layouttest.File("a\x1b[31m\n\xff", "odd"),
		layouttest.Entry{Header: tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "of git archive"}}},
		layouttest.File("last", ""),
	)
	a := indexed(t, raw)
	want := map[string]string{
		".": "", "oci-layout": "file:marker", "index.json": "file:index", "manifest.json": "file:docker", "index2.json": "file:second",
		"blobs": "", "blobs/sha256": "", "blobs/sha512": "", "blobs/deep": "", "blobs/deep/a": "", "blobs/deep/a/b": "", "blobs/deep/a/b/c": "file:deep", "blobs/stray": "file:stray",
		"blobs/sha256/" + hexName: "file:blob", "blobs/sha512/" + hexName + hexName: "file:long",
		"blobs/sha256/" + strings.ToUpper(hexName): "file:stray", "blobs/sha256/odd": "file:odd",
		"blobs/sha256/" + strings.Repeat("x", 255): "file:longest",
		"ingest": "", "ingest/a": "file:x", "1": "", "1/2": "", "1/2/3": "", "1/2/3/4": "", "1/2/3/4/5": "", "1/2/3/4/5/6": "", "empty": "", "link": "irregular", "hard": "irregular", "null": "irregular", "pipe": "irregular",
		"a\x1b[31m\n\xff": "file:odd", "last": "file:",
	}
	if diff := cmp.Diff(want, walk(t, a.FS())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := kinds(a), []archive.Kind{archive.Ambiguous, archive.Unportable, archive.Unportable}; !slices.Equal(got, want) { // other/.. and the long names
		t.Errorf("defects %+v", a.Defects())
	}
	for _, name := range []string{"../index.json", "..", "blobs/../../index.json", "index.json/x", "blobs/sha256/odd/x", "blobs/sha256/a", "blobs/deep/a/c", "1/2/3/4/5/6/7", "nothing", strings.Repeat("y", 256)} {
		if _, err := a.FS().Stat(name); !errorIs(err, fs.ErrNotExist) {
			t.Errorf("Stat(%q): %v", name, err)
		}
		if _, err := a.FS().Open(name); !errorIs(err, fs.ErrNotExist) {
			t.Errorf("Open(%q): %v", name, err)
		}
	}
}

// Directories are listed in batches, each name once.
func TestReaddir(t *testing.T) {
	var entries []layouttest.Entry
	want := make(map[string]bool)
	for i := range 100 {
		name := fmt.Sprintf("%064x", i)
		want[name] = true
		entries = append(entries, layouttest.File("blobs/sha256/"+name, name))
	}
	a := indexed(t, pack(t, entries...))
	for _, batch := range []int{1, 7, 99, 100, 101} {
		f, err := a.FS().Open("blobs/sha256")
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]bool)
		for {
			names, err := f.Readdirnames(batch)
			if err == io.EOF && len(names) == 0 {
				break
			}
			if err != nil || len(names) == 0 || len(names) > batch {
				t.Fatalf("batch %d: %d names, %v", batch, len(names), err)
			}
			for _, name := range names {
				if got[name] {
					t.Errorf("batch %d: %s is listed twice", batch, name)
				}
				got[name] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("batch %d (-want +got):\n%s", batch, diff)
		}
		if rest, err := f.Readdirnames(-1); len(rest) > 0 || err != nil {
			t.Errorf("after the end: %q, %v", rest, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if _, err := f.Readdirnames(1); !errorIs(err, fs.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	f, _ := a.FS().Open("blobs/sha256")
	infos, err := f.Readdir(-1)
	if err != nil || len(infos) != 100 || infos[0].Size() != 64 || !want[infos[0].Name()] {
		t.Errorf("Readdir: %d infos, %v", len(infos), err)
	}
}

// A file is read from wherever one likes, and never written.
func TestFile(t *testing.T) {
	a := indexed(t, pack(t, layouttest.File("index.json", "0123456789")))
	f, err := a.FS().Open("index.json")
	if err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 3)
	if n, err := f.ReadAt(part, 4); n != 3 || err != nil || string(part) != "456" {
		t.Errorf("ReadAt: %d, %v, %q", n, err, part)
	}
	if _, err := f.Seek(-2, io.SeekEnd); err != nil {
		t.Error(err)
	}
	if rest, err := io.ReadAll(f); err != nil || string(rest) != "89" {
		t.Errorf("%q, %v", rest, err)
	}
	if n, err := f.Write([]byte("x")); n != 0 || !errorIs(err, fs.ErrPermission) {
		t.Errorf("Write: %d, %v", n, err)
	}
	if _, err := f.Readdirnames(-1); err == nil {
		t.Error("a file was listed")
	}
	f.Close()
	if _, err := f.Read(part); !errorIs(err, fs.ErrClosed) {
		t.Errorf("Read after Close: %v", err)
	}
	if _, err := a.FS().Create("x"); !errorIs(err, fs.ErrPermission) {
		t.Errorf("Create: %v", err)
	}
	d, err := a.FS().Open(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(part); err == nil {
		t.Error("a directory was read")
	}
}
