package blobs_test

import (
	"io"
	"path"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A blob that lies elsewhere is found, and read from there.
func TestFindMisplaced(t *testing.T) {
	d := digest.FromString("hello\n")
	hex := d.Encoded()
	for _, name := range []string{
		"blobs/" + hex, "blobs/sha256." + hex, "blobs/sha256-" + hex, "blobs/sha256:" + hex, "blobs/sha256_" + hex, "blobs/sha256@" + hex,
		"blobs/SHA256:" + strings.ToUpper(hex), hex, "sha256:" + hex, "sha256/" + hex, hex + ".tar.gz", hex + ".json",
		"blobs/sha256/" + hex + ".tar.gz", "blobs/sha256/" + hex + ".json", "blobs/sha256/" + strings.ToUpper(hex), "blobs/sha256/sha256:" + hex,
		"blobs/sha256/" + hex[:2] + "/" + hex, "blobs/sha256/" + hex[:2] + "/" + hex[2:], "blobs/sha256/" + hex[:2] + "/" + hex[2:4] + "/" + hex,
		"blobs/sha256/" + hex[:2] + "/" + hex + "/data", "blobs/" + hex[:2] + "/" + hex, "docker/registry/v2/blobs/sha256/" + hex[:2] + "/" + hex + "/data",
		`blobs\sha256\` + hex, `.\blobs\sha256\` + hex, `blobs/sha256\` + hex, "blobs/SHA256/" + hex, "Blobs/sha256/" + hex, "blob/sha256/" + hex,
	} {
		fsys := afero.NewMemMapFs()
		write(t, fsys, name, "hello\n")
		s := blobs.New(fsys)
		if _, err := s.Stat(d); !blobs.Absent(err) {
			t.Errorf("%s: Stat: %v", name, err)
		}
		info, err := s.Find(d)
		if err != nil || info.Path != name || !info.Misplaced() || info.Size != 6 {
			t.Errorf("%s: Find: %+v, %v", name, info, err)
			continue
		}
		for _, info := range []blobs.Info{info, s.Info(d, info.Keep())} {
			if sum, err := s.Sum(t.Context(), d, info, nil); err != nil || sum.Digest != d {
				t.Errorf("%s: Sum: %+v, %v", name, sum, err)
			}
			if err := s.Read(d, info, func(r io.Reader) (int64, error) { return io.Copy(io.Discard, r) }); err != nil {
				t.Errorf("%s: Read: %v", name, err)
			}
		}
	}
}

// What bears no digest, or is where it belongs, is not misplaced.
func TestFindNothing(t *testing.T) {
	d := digest.FromString("hello\n")
	hex := d.Encoded()
	for _, name := range []string{
		"blobs/sha256/" + hex + ".tmp", "blobs/sha256/." + hex, hex + ".sig", hex[:63], "x" + hex, hex + "x", "blobs/sha512/" + hex,
		"sha512:" + hex, "blobs/sha256/" + hex + "/x", "x/" + hex, "blobs/sha256/" + digest.FromString("other").Encoded(), "blobs/sha256/00/" + hex,
	} {
		fsys := afero.NewMemMapFs()
		write(t, fsys, name, "hello\n")
		if info, err := blobs.New(fsys).Find(d); !blobs.Absent(err) && !strings.Contains(err.Error(), "regular") {
			t.Errorf("%s: Find: %+v, %v", name, info, err)
		}
	}
	fsys := afero.NewMemMapFs()
	write(t, fsys, "blobs/sha256/"+hex, "hello\n")
	write(t, fsys, hex, "hello\n")
	if info, err := blobs.New(fsys).Find(d); err != nil || info.Misplaced() {
		t.Errorf("Find: %+v, %v", info, err)
	}
}

// A directory of blobs that is shared may be as odd.
func TestFindInOtherPlace(t *testing.T) {
	d := digest.FromString("hello\n")
	for _, name := range []string{d.Encoded(), "blobs/sha256/" + d.Encoded(), "sha256:" + d.Encoded()} {
		other := afero.NewMemMapFs()
		write(t, other, name, "hello\n")
		s := blobs.New(afero.NewMemMapFs())
		s.Add(other, "/shared")
		if info, err := s.Find(d); err != nil || info.Path != "/shared/"+name {
			t.Errorf("%s: Find: %+v, %v", name, info, err)
		}
	}
}

func write(t *testing.T, fsys afero.Fs, name, content string) {
	t.Helper()
	if err := fsys.MkdirAll(path.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := afero.WriteFile(fsys, name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
