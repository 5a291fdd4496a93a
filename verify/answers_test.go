package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
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
		{"gzip twice", model.MediaTypeLayerGzip, rawlayer.Gzip(rawlayer.Gzip(archive)), rule.TarInvalid, "compressed twice"},
		{"zstd twice", model.MediaTypeLayerZstd, rawlayer.Zstd(rawlayer.Zstd(archive)), rule.TarInvalid, "compressed twice"},
		{"zstd in gzip", model.MediaTypeLayerGzip, rawlayer.Gzip(rawlayer.Zstd(archive)), rule.TarInvalid, "zstd data"},
		{"xz in gzip", model.MediaTypeLayerGzip, rawlayer.Gzip([]byte("\xfd7zXZ\x00....")), rule.TarInvalid, "xz data"},
		{"deb in gzip", model.MediaTypeLayerGzip, rawlayer.Gzip([]byte("!<arch>\ndebian-binary   ")), rule.TarInvalid, "a Debian package"},
		{"squashfs in zstd", model.MediaTypeLayerZstd, rawlayer.Zstd([]byte("hsqs....")), rule.TarInvalid, "squashfs"},
		{"zip as tar", model.MediaTypeLayer, []byte("PK\x03\x04...."), rule.TarInvalid, "a zip archive"},
		{"JSON as tar", model.MediaTypeLayer, []byte(`{"a":1}`), rule.TarInvalid, "JSON"},
		{"text in gzip", model.MediaTypeLayerGzip, rawlayer.Gzip([]byte("hello\n")), rule.TarInvalid, "text"},
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

// What became of bytes that do not match their digest is said where it can be undone.
func TestCausesOfMismatches(t *testing.T) {
	archive := layouttest.New(afero.NewMemMapFs()).Archive(layouttest.File("a", "hello\nworld\r\n"))
	text := []byte("one\ntwo\nthree\n")
	object := []byte(`{"a":[1,2,{"b":"<c>"}]}`)
	var indented bytes.Buffer
	if err := json.Indent(&indented, object, "", "  "); err != nil {
		t.Fatal(err)
	}
	wide := []byte{0xff, 0xfe}
	for _, c := range text {
		wide = append(wide, c, 0)
	}
	gone := digest.FromString("gone")
	big := bytes.Repeat([]byte("0123456789abcdef\n"), 30_000) // several chunks, in which line ends are cut
	for _, c := range []struct {
		name          string
		meant, actual []byte
		says          string
	}{
		{"compressed after it was named", archive, rawlayer.Gzip(archive), "that of the unpacked bytes"},
		{"compressed with zstd", archive, rawlayer.Zstd(archive), "that of the unpacked bytes"},
		{"CRLF for LF", text, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), "from LF to CRLF"},
		{"CRLF for LF, large", big, bytes.ReplaceAll(big, []byte("\n"), []byte("\r\n")), "from LF to CRLF"},
		{"LF for CRLF", bytes.ReplaceAll(big, []byte("\n"), []byte("\r\n")), big, "from CRLF to LF"},
		{"line end added", []byte("{}"), []byte("{}\n"), "line end was added"},
		{"CRLF added", []byte("{}"), []byte("{}\r\n"), "line end was added"},
		{"line end removed", text, bytes.TrimSuffix(text, []byte("\n")), "line end is missing"},
		{"mark added", text, append([]byte("\xef\xbb\xbf"), text...), "a byte order mark was added"},
		{"mark removed", append([]byte("\xef\xbb\xbf"), text...), text, "a byte order mark is missing"},
		{"bytes added", text, append(slices.Clip(text), "and more"...), "bytes follow"},
		{"padded with zeros", text, append(slices.Clip(text), make([]byte, 500)...), "bytes follow"},
		{"UTF-16", text, wide, "UTF-16"},
		{"indented", object, indented.Bytes(), "written again in another form"},
		{"compacted", indented.Bytes(), object, "written again in another form"},
		{"escaped", object, []byte(`{"a":[1,2,{"b":"\u003cc\u003e"}]}`), "written again"},
		{"LFS", text, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:" + digest.FromBytes(text).Encoded() + "\nsize 14\n"), "git lfs pull"},
		{"LFS of something else", text, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:" + gone.Encoded() + "\nsize 14\n"), "Git LFS pointer"},
		{"HTML", text, []byte("<!DOCTYPE html>\n<title>Sign in</title>"), "HTML"},
		{"zeros", text, make([]byte, len(text)), "all zero"},
		{"cut", text, text[:5], "9 bytes are missing of 14"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := afero.NewMemMapFs()
			b := layouttest.New(fsys)
			d := b.Blob("application/octet-stream", c.meant)
			m := model.NewManifest(b.Blob(model.MediaTypeEmptyJSON, []byte("{}")), d)
			m.ArtifactType = "application/vnd.example.thing"
			b.Entry(b.Document(model.MediaTypeManifest, m), "v1")
			if string(c.meant) == "{}" {
				d = m.Config
			}
			b.File(blobs.Path(d.Digest), c.actual)
			if err := b.Finish(); err != nil {
				t.Fatal(err)
			}
			says(t, answer(t, fsys, rule.BlobDigestMismatch).Message, c.says)
		})
	}
	t.Run("document", func(t *testing.T) {
		fsys := imageOf(t, model.MediaTypeLayer, archive, digest.FromBytes(archive))
		l := layout.New(fsys)
		index := l.Index(t.Context(), layout.Limits{}).Doc.(*model.Index)
		name := blobs.Path(index.Manifests[0].Digest)
		if err := layouttest.Append(fsys, name, "\n"); err != nil {
			t.Fatal(err)
		}
		says(t, answer(t, fsys, rule.BlobDigestMismatch).Message, "line end was added")
	})
	t.Run("swapped", func(t *testing.T) {
		fsys := imageOf(t, model.MediaTypeLayer, archive, digest.FromBytes(archive))
		other := layouttest.New(fsys).Blob("", text)
		if err := afero.WriteFile(fsys, blobs.Path(digest.FromBytes(archive)), text, 0o644); err != nil {
			t.Fatal(err)
		}
		says(t, answer(t, fsys, rule.BlobDigestMismatch).Message, "those of another blob", blobs.Path(other.Digest))
	})
	t.Run("unpacked", func(t *testing.T) {
		fsys := imageOf(t, model.MediaTypeLayerGzip, rawlayer.Gzip(archive), digest.FromBytes(archive))
		if err := afero.WriteFile(fsys, blobs.Path(digest.FromBytes(rawlayer.Gzip(archive))), archive, 0o644); err != nil {
			t.Fatal(err)
		}
		says(t, answer(t, fsys, rule.BlobDigestMismatch).Message, "plain tar", "that of the compressed bytes")
	})
}
