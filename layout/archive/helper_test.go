package archive_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/spf13/afero"
)

// pack returns an archive with its end.
func pack(t testing.TB, entries ...layouttest.Entry) []byte {
	t.Helper()
	b := layouttest.New(afero.NewMemMapFs())
	raw := b.Archive(entries...)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return raw
}

// header is a raw header block, as sound as what it is told.
func header(name string, kind byte, size int64) []byte {
	return rawlayer.Header(tar.Header{Name: name, Typeflag: kind, Size: size, Mode: 0o644})
}

// meta is a header that speaks of the next one, with its content.
func meta(kind byte, content string) []byte {
	return slices.Concat(header("meta", kind, int64(len(content))), rawlayer.Padded(content))
}

// whole is a file with its content.
func whole(name, content string) []byte {
	return slices.Concat(header(name, tar.TypeReg, int64(len(content))), rawlayer.Padded(content))
}

// ended joins parts, and ends the archive.
func ended(parts ...[]byte) []byte {
	return slices.Concat(slices.Concat(parts...), rawlayer.End())
}

// indexed opens an archive in memory.
func indexed(t testing.TB, raw []byte) *archive.Archive {
	t.Helper()
	a, err := archive.New(t.Context(), bytes.NewReader(raw), int64(len(raw)), archive.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// kinds are those of an archive's defects.
func kinds(a *archive.Archive) []archive.Kind {
	var all []archive.Kind
	for _, d := range a.Defects() {
		all = append(all, d.Kind)
	}
	return all
}

// walk returns everything below a directory: "" for a directory, else a file's
// content, or the kind of something else.
func walk(t testing.TB, fsys afero.Fs) map[string]string {
	t.Helper()
	found := make(map[string]string)
	var visit func(path string)
	visit = func(path string) {
		info, err := fsys.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		switch mode := info.Mode(); {
		case info.IsDir():
			found[path] = ""
			for _, name := range readNames(t, fsys, path) {
				visit(joined(path, name))
			}
		case mode.IsRegular():
			raw, err := afero.ReadFile(fsys, path)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(raw)) != info.Size() {
				t.Errorf("%s: %d bytes, but its size is %d", path, len(raw), info.Size())
			}
			found[path] = "file:" + string(raw)
		case mode == fs.ModeIrregular:
			found[path] = "irregular"
			if f, err := fsys.Open(path); err == nil {
				t.Errorf("%s could be opened: %v", path, f.Name())
			}
		default:
			t.Errorf("%s: mode %v", path, mode)
		}
	}
	visit(".")
	return found
}

func joined(dir, name string) string {
	if dir == "." {
		return name
	}
	return dir + "/" + name
}

func readNames(t testing.TB, fsys afero.Fs, dir string) []string {
	t.Helper()
	f, err := fsys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

var errorIs = errors.Is
