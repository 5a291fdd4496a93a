package layout_test

import (
	"fmt"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// many returns a layout on disk of a hundred manifests with a hundred small blobs
// each, and the digests of these.
func many(b *testing.B) (*layout.Layout, []digest.Digest) {
	b.Helper()
	dir := b.TempDir()
	builder := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	var all []digest.Digest
	for i := range 100 {
		manifest := model.NewManifest(model.EmptyDescriptor())
		manifest.ArtifactType = "application/vnd.example.bench"
		for j := range 100 {
			d := builder.Blob("application/octet-stream", fmt.Appendf(nil, "blob %d of manifest %d", j, i))
			manifest.Layers = append(manifest.Layers, d)
			all = append(all, d.Digest)
		}
		builder.Entry(builder.Document(model.MediaTypeManifest, manifest), "")
	}
	if err := builder.Finish(); err != nil {
		b.Fatal(err)
	}
	l, err := layout.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l, all
}

// perBlob reports what each of the blobs took.
func perBlob(b *testing.B, blobs int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*blobs), "ns/blob")
}

func BenchmarkStat(b *testing.B) {
	l, all := many(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range all {
			if _, err := l.Blobs().Stat(d); err != nil {
				b.Fatal(err)
			}
		}
	}
	perBlob(b, len(all))
}

// BenchmarkSumSmall opens, hashes and closes small blobs.
func BenchmarkSumSmall(b *testing.B) {
	l, all := many(b)
	infos := make([]blobs.Info, len(all))
	for i, d := range all {
		var err error
		if infos[i], err = l.Blobs().Stat(d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, d := range all {
			if sum, err := l.Blobs().Sum(b.Context(), d, infos[i], nil); err != nil || sum.Digest != d {
				b.Fatal(sum, err)
			}
		}
	}
	perBlob(b, len(all))
}

func BenchmarkList(b *testing.B) {
	l, all := many(b)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range l.Blobs().All() {
			if n++; err != nil {
				b.Fatal(err)
			}
		}
		if n < len(all) {
			b.Fatal(n)
		}
	}
	perBlob(b, len(all))
}

func BenchmarkWalk(b *testing.B) {
	l, all := many(b)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for v := range l.Walk(b.Context(), layout.WalkOptions{}) {
			if n++; v.Document != nil && v.Document.Err != nil {
				b.Fatal(v.Document.Err)
			}
		}
		if n < len(all) {
			b.Fatal(n)
		}
	}
	perBlob(b, len(all))
}
