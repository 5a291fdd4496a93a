package verify_test

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// smallArchive is an archive with something of everything in it.
func smallArchive(b *layouttest.Builder) []byte {
	return b.Archive(
		layouttest.Dir("etc/"), layouttest.File("etc/motd", "hello\n"), layouttest.Symlink("etc/issue", "motd"),
		layouttest.HardLink("etc/issue.net", "etc/motd"),
	)
}

// compressed returns archive as a real compressor would write it.
func compressed(t testing.TB, c layer.Compression, archive []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	switch c {
	case layer.Gzip:
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(archive); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
	case layer.Zstd:
		w, err := zstd.NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(archive); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
	default:
		out.Write(archive)
	}
	return out.Bytes()
}

// mended verifies an image of one layer whose descriptor fits whatever the blob
// is, and whose diff id is that of archive.
func mended(t *testing.T, mediaType string, blob, archive []byte) result {
	t.Helper()
	return verifyFs(t, build(t, func(b *layouttest.Builder) {
		entered(b, "v1", layouttest.Layer{Descriptor: b.Blob(mediaType, blob), DiffID: digest.FromBytes(archive)})
	}), verify.Options{Jobs: 1})
}

var layerTypes = []string{model.MediaTypeLayer, model.MediaTypeLayerGzip, model.MediaTypeLayerZstd}

// Who damages a layer, mends all of its descriptors and leaves its diff id, is
// found out, unless what it unpacks to is still the same. Where nobody can tell,
// the layout is at least not proven.
func TestEveryDamageOfMendedLayersIsAnError(t *testing.T) {
	archive := smallArchive(new(layouttest.Builder))
	for mediaType, step := range map[string]int{model.MediaTypeLayer: 11 * testrun.OneOf(5, 29), model.MediaTypeLayerGzip: testrun.OneOf(5, 29), model.MediaTypeLayerZstd: testrun.OneOf(5, 29)} {
		t.Run(mediaType, func(t *testing.T) {
			t.Parallel()
			c := layer.Declared(mediaType)
			blob := compressed(t, c, archive)
			if r := mended(t, mediaType, blob, archive); len(r.findings) > 0 {
				t.Fatal(describe(r.findings))
			}
			found := make(map[rule.ID]int)
			same := 0
			for _, versions := range []way{flips, cuts, growths} {
				for version, changed := range every(step, versions(blob)) {
					r := mended(t, mediaType, changed, archive)
					for _, f := range r.findings {
						found[f.Rule]++
					}
					if r.stats.Errors > 0 || !r.stats.Complete {
						continue
					}
					same++
					if got, err := unpack(c, changed); err != nil || !bytes.Equal(got, archive) {
						t.Errorf("%s: no error, and it unpacks to something else (%v):\n%s", version, err, describe(r.findings))
					}
				}
			}
			t.Logf("of %d bytes: %d versions are the same, %v", len(blob), same, found)
			// Headers of compressed streams have bytes that mean nothing.
			if most := max(1, 8*len(blob)/4/testrun.OneOf(5, 29)); same > most || same == 0 && c != layer.None || same > 0 && c == layer.None {
				t.Errorf("%d versions are the same, no more than %d can be", same, most)
			}
			if len(found) < 2 {
				t.Errorf("all is found by %v", found)
			}
		})
	}
}

// unpack is a second opinion of what a blob unpacks to.
func unpack(c layer.Compression, blob []byte) ([]byte, error) {
	var out bytes.Buffer
	switch c {
	case layer.Gzip:
		r, err := gzip.NewReader(bytes.NewReader(blob))
		if err != nil {
			return nil, err
		}
		_, err = out.ReadFrom(r)
		return out.Bytes(), err
	case layer.Zstd:
		r, err := zstd.NewReader(bytes.NewReader(blob))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		_, err = out.ReadFrom(r)
		return out.Bytes(), err
	}
	return blob, nil
}
