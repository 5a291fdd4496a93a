package verify_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
)

// tabled writes a layer of a file of a megabyte, whose table of contents says
// that it has that size and content.
func tabled(b *layouttest.Builder, table func(size int, content digest.Digest) string) (l layouttest.Layer, raw []byte) {
	content := make([]byte, 1<<20)
	raw = []byte(table(len(content), digest.FromBytes(content)))
	archive := b.Archive(layouttest.File("a", string(content)), layouttest.File("stargz.index.json", string(raw)))
	end := rawlayer.BlockSize + len(content)
	blob := rawlayer.Gzip(archive[:rawlayer.BlockSize], archive[rawlayer.BlockSize:end])
	footer := fmt.Appendf([]byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 26, 0, 'S', 'G', 22, 0}, "%016xSTARGZ", len(blob))
	footer = append(footer, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0)
	blob = slices.Concat(blob, rawlayer.Gzip(archive[end:]), footer)
	l = layouttest.Layer{Descriptor: b.Blob(model.MediaTypeLayerGzip, blob), DiffID: digest.FromBytes(archive)}
	return claimed(l, digest.FromBytes(raw)), raw
}

func rightTable(size int, content digest.Digest) string {
	offset := len(rawlayer.Gzip(make([]byte, rawlayer.BlockSize)))
	return fmt.Sprintf(`{"version":1,"entries":[{"name":"a","type":"reg","mode":420,"size":%d,"offset":%d,"digest":%q,"chunkDigest":%[3]q}]}`, size, offset, content)
}

// claimed returns the layer with the annotation of eStargz.
func claimed(l layouttest.Layer, d digest.Digest) layouttest.Layer {
	l.Annotations = map[string]string{layer.AnnotationStargzTOC: string(d)}
	return l
}

// A table is held against the archive whichever descriptor promises it, and
// once, however many do.
func TestTOCOfManyDescriptors(t *testing.T) {
	for _, tc := range []struct {
		name  string
		table func(size int, content digest.Digest) string
		// promises are what the annotations of the descriptors say, "" for none.
		promises func(right digest.Digest) []digest.Digest
		want     func(l layouttest.Layer, manifests []string) []string
	}{
		{"right", rightTable,
			func(right digest.Digest) []digest.Digest { return []digest.Digest{right, right, ""} },
			func(layouttest.Layer, []string) []string { return nil }},
		{"right in the last", rightTable,
			func(right digest.Digest) []digest.Digest { return []digest.Digest{"", "", right} },
			func(layouttest.Layer, []string) []string { return nil }},
		{"wrong in the last", func(size int, content digest.Digest) string { return rightTable(size+1, content) },
			func(right digest.Digest) []digest.Digest { return []digest.Digest{"", "", right} },
			func(l layouttest.Layer, _ []string) []string {
				return []string{"toc-mismatch " + blobs.Path(l.Digest) + " a"}
			}},
		{"wrong in all", func(size int, content digest.Digest) string { return rightTable(size, digest.FromString("another")) },
			func(right digest.Digest) []digest.Digest { return []digest.Digest{right, right, right} },
			func(l layouttest.Layer, _ []string) []string {
				return []string{"toc-mismatch " + blobs.Path(l.Digest) + " a", "toc-mismatch " + blobs.Path(l.Digest) + " a"}
			}},
		{"no table", nil,
			func(digest.Digest) []digest.Digest { return []digest.Digest{"", "sha256:" + hex64} },
			func(l layouttest.Layer, _ []string) []string { return []string{"toc-mismatch " + blobs.Path(l.Digest)} }},
		// One of the promises is kept, and that cannot be so for another one.
		{"different", rightTable,
			func(right digest.Digest) []digest.Digest { return []digest.Digest{right, "sha256:" + hex64, right} },
			func(l layouttest.Layer, _ []string) []string {
				return []string{"toc-mismatch " + blobs.Path(l.Digest)}
			}},
		{"malformed", rightTable,
			func(right digest.Digest) []digest.Digest { return []digest.Digest{"sha256:", right, "foo:bar"} },
			func(_ layouttest.Layer, manifests []string) []string {
				return []string{"toc-annotation " + manifests[0] + " /layers/0/annotations", "toc-annotation " + manifests[2] + " /layers/0/annotations"}
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var l layouttest.Layer
			var manifests []string
			fsys := build(t, func(b *layouttest.Builder) {
				right := digest.Digest("sha256:" + hex64)
				if tc.table == nil {
					l = b.Layer(layouttest.Files{"a": ""})
				} else {
					var raw []byte
					l, raw = tabled(b, tc.table)
					right = digest.FromBytes(raw)
				}
				for i, promise := range tc.promises(right) {
					l.Annotations = nil
					if promise != "" {
						l = claimed(l, promise)
					}
					d, _ := entered(b, fmt.Sprint("v", i), l, numbered(b, i))
					manifests = append(manifests, blobs.Path(d.Digest))
				}
			})
			s := spy(fsys)
			checkPlaces(t, verifyFs(t, s, verify.Options{}), tc.want(l, manifests)...)
			// Beside the scan, each of at most two promises is looked into: the end of the
			// blob, the table, and the blob once more.
			if n := s.Count(faultfs.OpOpen, blobs.Path(l.Digest)); n < 1 || n > 7 {
				t.Errorf("the layer was opened %d times", n)
			}
			checkPlaces(t, verifyFs(t, fsys, verify.Options{Level: verify.LevelDigest}))
		})
	}
}

// Where the archive was not read as a whole, its table is not held against it.
func TestTOCOfUnknownArchive(t *testing.T) {
	wrongTable := func(size int, content digest.Digest) string { return rightTable(size+1, content) }
	var name string
	fsys := build(t, func(b *layouttest.Builder) {
		l, _ := tabled(b, wrongTable)
		name = blobs.Path(l.Digest)
		entered(b, "v1", l)
	})
	checkPlaces(t, verifyFs(t, fsys, verify.Options{}), "toc-mismatch "+name+" a")
	checkPlaces(t, verifyFs(t, fsys, verify.Options{LayerLimits: limits(0, 1)}), "limit-layer-entries "+name)
	checkPlaces(t, verifyFs(t, fsys, verify.Options{LayerLimits: limits(1<<20, 0)}), "limit-layer-bytes "+name)
	if err := layouttest.Corrupt(fsys, name, 100); err != nil {
		t.Fatal(err)
	}
	checkPlaces(t, verifyFs(t, fsys, verify.Options{}), "blob-digest-mismatch "+name)
}

// A layer of which nobody promises a table is read once, and no part of it again.
func TestTOCOfNobody(t *testing.T) {
	var l layouttest.Layer
	fsys := build(t, func(b *layouttest.Builder) {
		l, _ = tabled(b, rightTable)
		l.Annotations = nil
		entered(b, "v1", l)
	})
	s := spy(fsys)
	checkPlaces(t, verifyFs(t, s, verify.Options{}))
	if n := s.Count(faultfs.OpOpen, blobs.Path(l.Digest)); n != 1 {
		t.Errorf("the layer was opened %d times", n)
	}
}
