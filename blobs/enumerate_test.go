package blobs_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
	"github.com/spf13/afero/zipfs"
)

var kindNames = map[blobs.EntryKind]string{
	blobs.EntryBlob: "blob", blobs.EntryStrayFile: "stray", blobs.EntryAlgorithmName: "algorithm", blobs.EntryAlgorithmSymlink: "symlink",
	blobs.EntryAlgorithmIrregular: "irregular", blobs.EntryAlgorithmElsewhere: "elsewhere", blobs.EntryDotfile: "dotfile", blobs.EntryGrammar: "grammar", blobs.EntryEncoding: "encoding",
}

// listing writes each entry as "kind path", with its digest and twin if it has
// them, and each error as "error path".
func listing(store *blobs.Store) []string {
	var out []string
	for e, err := range store.All() {
		line := kindNames[e.Kind] + " " + fmt.Sprintf("%q", e.Path)
		if err != nil {
			line = fmt.Sprintf("error %q", e.Path)
		}
		if e.Digest != "" {
			line += " " + string(e.Digest)
		}
		if e.Twin != "" {
			line += " twin " + e.Twin
		}
		out = append(out, line)
	}
	return out
}

func wantListing(t *testing.T, store *blobs.Store, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, listing(store)); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
}

const (
	low  = "00000000000000000000000000000000000000000000000000000000000000aa"
	high = "00000000000000000000000000000000000000000000000000000000000000AA"
)

// anyName skips a test where the system has not all the names that it needs.
func anyName(t *testing.T, s storage) {
	if s.dir != "" && runtime.GOOS != "linux" {
		t.Skip("names on disk are not any bytes on this system; the same test runs in memory")
	}
}

func TestAll(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		anyName(t, s)
		wantListing(t, s.store, `error "blobs"`) // no directory blobs, no entries
		s.mkdir(t, "blobs")
		wantListing(t, s.store)
		for _, name := range []string{
			"README", ".gitkeep", "sha256/" + low, "sha256/" + low[1:], "sha256/" + low + "0", "sha256/" + low + ".json", "sha256/.tmp-1", "sha256/..x",
			"sha256/a b", "sha256/line\nbreak", "sha256/\x1b[31m", "sha256/\xff", "sha256/é", "sha256/x:y", "sha256/" + low[:62] + "zz",
			"sha512/" + low, "md5/abc", "md5/a.b", "foo+bar/A-_=", "SHA1/abc", "sha256:x/abc", "-/abc", "é/abc",
		} {
			s.put(t, "blobs/"+name, nil)
		}
		s.mkdir(t, "blobs/sha256/directory")
		s.mkdir(t, "blobs/sha384/"+low+"/deeper") // not looked into
		s.mkdir(t, "blobs/.tmp/sha256")
		wantListing(t, s.store,
			`algorithm "blobs/-"`,
			`stray "blobs/.gitkeep"`,
			`algorithm "blobs/.tmp"`,
			`stray "blobs/README"`,
			`algorithm "blobs/SHA1"`,
			`algorithm "blobs/sha256:x"`,
			`algorithm "blobs/é"`,
			`blob "blobs/foo+bar/A-_=" foo+bar:A-_=`,
			`grammar "blobs/md5/a.b"`,
			`blob "blobs/md5/abc" md5:abc`,
			`grammar "blobs/sha256/\x1b[31m"`,
			`dotfile "blobs/sha256/..x"`,
			`dotfile "blobs/sha256/.tmp-1"`,
			`blob "blobs/sha256/`+low+`" sha256:`+low,
			`grammar "blobs/sha256/`+low+`.json"`,
			`encoding "blobs/sha256/`+low+`0"`,
			`encoding "blobs/sha256/`+low[:62]+`zz"`,
			`encoding "blobs/sha256/`+low[1:]+`"`,
			`grammar "blobs/sha256/a b"`,
			`encoding "blobs/sha256/directory"`,
			`grammar "blobs/sha256/line\nbreak"`,
			`grammar "blobs/sha256/x:y"`,
			`grammar "blobs/sha256/é"`,
			`grammar "blobs/sha256/\xff"`,
			`encoding "blobs/sha384/`+low+`"`,
			`encoding "blobs/sha512/`+low+`"`,
		)
		for n := 1; n < 26; n++ {
			met := 0
			for range s.store.All() {
				if met++; met == n {
					break
				}
			}
			if met != n {
				t.Fatalf("%d entries came, want to leave after %d", met, n)
			}
		}
	})
}

// An entry named as a digest says nothing yet of what it is.
func TestAllNamesAlone(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		s.mkdir(t, "blobs/sha256/"+low)
		wantListing(t, s.store, `blob "blobs/sha256/`+low+`" sha256:`+low)
		if _, err := s.store.Stat("sha256:" + low); !errors.Is(err, blobs.ErrNotRegular) {
			t.Errorf("Stat of it: %v", err)
		}
	})
}

func TestTwins(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		anyName(t, s)
		for _, name := range []string{
			"sha256/" + low, "sha256/" + high, "sha256/" + high[:63] + "a", "foo/Bar", "foo/bAr", "foo/other", "foo/Single", "foo/\xfe", "foo/\xff", "foo/É", "foo/é",
		} {
			s.put(t, "blobs/"+name, nil)
		}
		s.mkdir(t, "blobs/SHA256")
		s.mkdir(t, "blobs/FOO")
		wantListing(t, s.store,
			`algorithm "blobs/FOO" twin foo`,
			`algorithm "blobs/SHA256" twin sha256`,
			`blob "blobs/foo" twin FOO`,
			`blob "blobs/sha256" twin SHA256`,
			`blob "blobs/foo/Bar" foo:Bar twin bAr`,
			`blob "blobs/foo/Single" foo:Single`,
			`blob "blobs/foo/bAr" foo:bAr twin Bar`,
			`blob "blobs/foo/other" foo:other`,
			`grammar "blobs/foo/É" twin é`,
			`grammar "blobs/foo/é" twin É`,
			`grammar "blobs/foo/\xfe"`,
			`grammar "blobs/foo/\xff"`,
			`encoding "blobs/sha256/`+high+`" twin `+low,
			`encoding "blobs/sha256/`+high[:63]+`a" twin `+low,
			`blob "blobs/sha256/`+low+`" sha256:`+low+` twin `+high,
		)
	})
}

// A file in the place of the directory blobs has no entries.
func TestAllOfFile(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		s.put(t, "blobs", []byte("a file"))
		wantListing(t, s.store, `error "blobs"`)
	})
}

// A directory that cannot be listed to its end is told, after what it gave, and
// the others are listed all the same.
func TestAllFaults(t *testing.T) {
	memory := afero.NewMemMapFs()
	for _, name := range []string{"a/1", "a/2", "b/1", "b/2", "b/3", "c/1"} {
		if err := afero.WriteFile(memory, "blobs/"+name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("broken")
	failing := func(dir string, stat bool) *blobs.Store {
		if stat {
			return blobs.New(faulty(memory, faultfs.On(faultfs.OpStat, dir, faultfs.Fail(broken))))
		}
		return blobs.New(faulty(memory, faultfs.On(faultfs.OpList, dir, faultfs.Listed(func(names []string, _ error) ([]string, error) {
			slices.Sort(names)
			return names[:2], broken
		}))))
	}
	a := []string{`blob "blobs/a/1" a:1`, `blob "blobs/a/2" a:2`}
	b := []string{`blob "blobs/b/1" b:1`, `blob "blobs/b/2" b:2`, `blob "blobs/b/3" b:3`}
	c := []string{`blob "blobs/c/1" c:1`}
	wantListing(t, failing("blobs/b", false), slices.Concat(a, []string{`error "blobs/b"`}, b[:2], c)...)
	wantListing(t, failing("blobs/b", true), slices.Concat([]string{`error "blobs/b"`}, a, c)...)
	wantListing(t, failing("blobs", false), slices.Concat([]string{`error "blobs"`}, a, b)...)
	wantListing(t, failing("blobs", true), `error "blobs"`)
	for _, err := range failing("blobs", true).All() {
		if !errors.Is(err, broken) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestReadNames(t *testing.T) {
	memory := afero.NewMemMapFs()
	for i := range 10_000 {
		if err := afero.WriteFile(memory, fmt.Sprintf("dir/%05d", i*7%10_000), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	names, err := blobs.ReadNames(memory, "dir")
	if err != nil || len(names) != 10_000 || !slices.IsSorted(names) || names[0] != "00000" || names[9_999] != "09999" {
		t.Errorf("%d names, %v", len(names), err)
	}
	listed := func(names ...string) afero.Fs {
		return faulty(memory, faultfs.On(faultfs.OpList, "dir", faultfs.Listed(func([]string, error) ([]string, error) { return names, nil })))
	}
	twice := listed("b", "a", "b")
	for _, name := range []string{"", ".", "..", "a/b", "/", "../../etc/passwd"} {
		if names, err := blobs.ReadNames(listed("b", name, "a"), "dir"); err == nil || blobs.Absent(err) || strings.Join(names, " ") != "a b" {
			t.Errorf("a name %q: %q, %v", name, names, err)
		}
	}
	if names, err := blobs.ReadNames(twice, "dir"); err != nil || strings.Join(names, " ") != "a b" {
		t.Errorf("names that come twice: %q, %v", names, err)
	}
	if _, err := blobs.ReadNames(memory, "missing"); !blobs.Absent(err) {
		t.Errorf("a missing directory: %v", err)
	}
}

// Any file system will do, if it can open, read, look and list.
func TestZip(t *testing.T) {
	content := large(9)
	d := digest.FromBytes(content)
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, name := range []string{"oci-layout", "blobs/", "blobs/sha256/", blobs.Path(d)} {
		f, err := w.Create(name)
		if err == nil && name == blobs.Path(d) {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	store := blobs.New(zipfs.New(r))
	within(t, func() { wantListing(t, store, `blob "`+blobs.Path(d)+`" `+string(d)) })
	info, err := store.Stat(d)
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := store.Sum(t.Context(), d, info, nil); err != nil || sum.Digest != d {
		t.Errorf("Sum = %v, %v", sum, err)
	}
	if raw, _, err := store.ReadAll(t.Context(), d, info, 1<<20); err != nil || !bytes.Equal(raw, content) {
		t.Errorf("ReadAll = %d bytes, %v", len(raw), err)
	}
}
