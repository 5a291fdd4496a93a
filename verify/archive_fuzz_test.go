package verify_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
)

// Whatever the bytes are, an archive is opened and judged without a panic, and its
// layout as the one that unpacking makes of it. Where archive/tar sees other files
// in it than the index has, there is a defect.
func FuzzArchive(f *testing.F) {
	seeds := 0
	for _, x := range allFixtures() {
		if x.Archive == nil || x.TestOnly != "" {
			continue
		}
		raw, err := x.Packed()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, true)
		seeds++
	}
	if seeds < 10 {
		f.Fatalf("only %d archives to begin with", seeds)
	}
	f.Fuzz(func(t *testing.T, raw []byte, summed bool) {
		if len(raw) > 1<<20 {
			return
		}
		if summed {
			raw = checksummed(raw)
		}
		a, err := archive.New(t.Context(), bytes.NewReader(raw), int64(len(raw)), archive.Limits{})
		if errors.Is(err, archive.ErrNotTar) {
			return
		}
		if err != nil {
			t.Fatalf("reading memory failed: %v", err)
		}
		doubtful := slices.ContainsFunc(a.Defects(), func(d archive.Defect) bool {
			return d.Kind != archive.Unterminated && d.Kind != archive.Trailing && d.Kind != archive.Unportable
		})
		unpacked, same := extracted(t, raw)
		got := run(t, layout.NewArchive(a), verify.Options{})
		if doubtful {
			if got.err == nil && got.stats.Errors == 0 && got.stats.Complete {
				t.Errorf("it is sound, with defects %+v", a.Defects())
			}
			return
		}
		if !same {
			return // with links and the like, which have no place in memory
		}
		want := run(t, layout.New(unpacked), verify.Options{})
		ofLayout := slices.DeleteFunc(got.wants(), func(w fixtures.Want) bool {
			return w.Rule == rule.ArchiveUnterminated || w.Rule == rule.ArchiveTrailing || w.Rule == rule.ArchiveUnportable
		})
		if diff := cmp.Diff(want.wants(), ofLayout, cmpopts.EquateEmpty()); diff != "" || (want.err == nil) != (got.err == nil) {
			t.Errorf("errors %v and %v (-unpacked +archive):\n%s", want.err, got.err, diff)
		}
	})
}

// checksummed makes the checksums right of all that looks like a header: else
// hardly a changed one would get any further.
func checksummed(raw []byte) []byte {
	raw = bytes.Clone(raw)
	for block := range slices.Chunk(raw, rawlayer.BlockSize) {
		if len(block) == rawlayer.BlockSize && bytes.Equal(block[257:262], []byte("ustar")) {
			rawlayer.Checksum(block)
		}
	}
	return raw
}

// extracted writes what archive/tar sees in an archive into a file system, as far as
// it is of use to a layout. It says whether that can hold all of it.
func extracted(t *testing.T, raw []byte) (afero.Fs, bool) {
	t.Helper()
	fsys := afero.NewMemMapFs()
	r := tar.NewReader(bytes.NewReader(raw))
	for same := true; ; {
		header, err := r.Next()
		if err != nil {
			return fsys, same
		}
		name := layer.Clean(header.Name)
		switch {
		case header.Typeflag == tar.TypeXGlobalHeader, name == ".":
		case strings.ContainsRune(name, os.PathSeparator) && os.PathSeparator != '/', layer.Sparse(header), longName(name):
			same = false
		case header.Typeflag == tar.TypeDir:
			err = fsys.MkdirAll(name, 0o755)
		case header.Typeflag == tar.TypeReg:
			var content []byte
			content, err = io.ReadAll(r)
			err = errors.Join(err, fsys.MkdirAll(filepath.Dir(name), 0o755), afero.WriteFile(fsys, name, content, 0o644))
		default:
			same = false
		}
		same = same && err == nil
	}
}

// longName says whether a name is too long for a file system, and so for an index.
func longName(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(name string) bool { return len(name) > 255 })
}
