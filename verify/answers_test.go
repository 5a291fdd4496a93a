package verify_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// answer verifies a layout, and returns its one finding of a rule. The text of the
// finding is what people get as an answer, so it is tested here.
func answer(t *testing.T, fsys afero.Fs, id rule.ID) verify.Finding {
	t.Helper()
	var all, found []verify.Finding
	for f, err := range verify.New(layout.New(fsys), verify.Options{Jobs: 2}).Findings(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, f); f.Rule == id {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d findings of %s, want one: %+v", len(found), id, all)
	}
	return found[0]
}

// says fails the test unless the text holds all the parts.
func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}

// imageOf writes a layout of one image with one layer, which is blob as it stands.
func imageOf(t *testing.T, mediaType string, blob []byte, diffID digest.Digest) afero.Fs {
	t.Helper()
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	b.Entry(b.Image("linux/amd64", layouttest.Layer{Descriptor: b.Blob(mediaType, blob), DiffID: diffID}), "v1")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return fsys
}

func TestStrangeLayersAreNamed(t *testing.T) {
	archive := layouttest.New(afero.NewMemMapFs()).Archive(layouttest.File("a", "hello\n"))
	for _, c := range []struct {
		name, mediaType string
		blob            []byte
		id              rule.ID
		says            string
	}{
		{"gzip twice", model.MediaTypeLayerGzip, layouttest.Gzip(layouttest.Gzip(archive)), rule.TarInvalid, "compressed twice"},
		{"zstd twice", model.MediaTypeLayerZstd, layouttest.Zstd(layouttest.Zstd(archive)), rule.TarInvalid, "compressed twice"},
		{"zstd in gzip", model.MediaTypeLayerGzip, layouttest.Gzip(layouttest.Zstd(archive)), rule.TarInvalid, "zstd data"},
		{"xz in gzip", model.MediaTypeLayerGzip, layouttest.Gzip([]byte("\xfd7zXZ\x00....")), rule.TarInvalid, "xz data"},
		{"deb in gzip", model.MediaTypeLayerGzip, layouttest.Gzip([]byte("!<arch>\ndebian-binary   ")), rule.TarInvalid, "a Debian package"},
		{"squashfs in zstd", model.MediaTypeLayerZstd, layouttest.Zstd([]byte("hsqs....")), rule.TarInvalid, "squashfs"},
		{"zip as tar", model.MediaTypeLayer, []byte("PK\x03\x04...."), rule.TarInvalid, "a zip archive"},
		{"JSON as tar", model.MediaTypeLayer, []byte(`{"a":1}`), rule.TarInvalid, "JSON"},
		{"text in gzip", model.MediaTypeLayerGzip, layouttest.Gzip([]byte("hello\n")), rule.TarInvalid, "text"},
		{"HTML as gzip", model.MediaTypeLayerGzip, []byte("<html>no</html>"), rule.LayerMediaType, "HTML"},
		{"zeros as gzip", model.MediaTypeLayerGzip, make([]byte, 100), rule.LayerMediaType, "zeros"},
		{"ELF as zstd", model.MediaTypeLayerZstd, []byte("\x7fELF...."), rule.LayerMediaType, "an ELF program"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := answer(t, imageOf(t, c.mediaType, c.blob, digest.FromBytes(archive)), c.id)
			says(t, f.Message+"; "+f.Actual, c.says)
		})
	}
}

// Of an index that is there for some platforms alone, it is said for which.
func TestMissingPlatformsAreNamed(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	layer := b.Layer(layouttest.Files{"a": "a"})
	amd, arm, other := b.Image("linux/amd64", layer), b.Image("linux/arm64", layer), b.Layer(layouttest.Files{"b": "b"})
	riscv := b.Image("linux/riscv64", other)
	b.Entry(b.Index(amd, arm, riscv), "v1")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	for _, d := range []model.Descriptor{arm} {
		if err := layouttest.Remove(fsys, blobs.Path(d.Digest)); err != nil {
			t.Fatal(err)
		}
	}
	f := answer(t, fsys, rule.BlobMissing)
	says(t, f.Message, "linux/arm64", "--platform linux/amd64 and --platform linux/riscv64")
	if f.Digest != arm.Digest {
		t.Errorf("the finding is about %s", f.Digest)
	}
	// A platform of which a layer is missing is not whole.
	if err := layouttest.Remove(fsys, blobs.Path(other.Digest)); err != nil {
		t.Fatal(err)
	}
	for f := range verify.New(layout.New(fsys), verify.Options{}).Findings(t.Context()) {
		if strings.Contains(f.Message, "riscv64") {
			t.Errorf("%q", f.Message)
		}
	}
}
