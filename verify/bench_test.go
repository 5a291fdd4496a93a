package verify_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
)

// BenchmarkIndexOf100000 verifies, at level structure, an index.json of a
// hundred thousand entries over one blob.
func BenchmarkIndexOf100000(b *testing.B) {
	dir := b.TempDir()
	blob := writeBlob(b, dir, []byte(model.EmptyJSON))
	var index strings.Builder
	index.WriteString(`{"schemaVersion":2,"mediaType":"` + model.MediaTypeIndex + `","manifests":[`)
	for i := range 100_000 {
		if i > 0 {
			index.WriteByte(',')
		}
		fmt.Fprintf(&index, `{"mediaType":"application/x-blob","digest":%q,"size":2,"annotations":{"org.opencontainers.image.ref.name":"v%d"}}`, blob, i)
	}
	index.WriteString(`]}`)
	writeRoot(b, dir, index.String())
	for b.Loop() {
		stats := bench(b, dir, verify.LevelStructure)
		if stats.Infos != 100_000 || !stats.Complete {
			b.Fatalf("%+v", stats)
		}
	}
	reportMemory(b)
}

// BenchmarkDigest hashes 256 MiB of blobs that are in the page cache.
func BenchmarkDigest(b *testing.B) {
	dir := b.TempDir()
	var entries []string
	for i := range 16 {
		raw := bytes.Repeat([]byte{byte(i), 1, 2, 3}, 4<<20)
		entries = append(entries, fmt.Sprintf(`{"mediaType":"application/x-blob","digest":%q,"size":%d}`, writeBlob(b, dir, raw), len(raw)))
	}
	writeRoot(b, dir, `{"schemaVersion":2,"manifests":[`+strings.Join(entries, ",")+`]}`)
	b.SetBytes(256 << 20)
	for b.Loop() {
		if stats := bench(b, dir, verify.LevelDigest); !stats.Complete || stats.Errors > 0 {
			b.Fatalf("%+v", stats)
		}
	}
	reportMemory(b)
}

func bench(b *testing.B, dir string, level verify.Level) verify.Stats {
	l, err := layout.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	v := verify.New(l, verify.Options{Level: level})
	for _, err := range v.Findings(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
	}
	return v.Stats()
}

// reportMemory adds what the Go runtime has of the system's memory, which it
// seldom gives back: close to the peak.
func reportMemory(b *testing.B) {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	b.ReportMetric(float64(sample[0].Value.Uint64())/(1<<20), "MiB-mapped")
}

func writeBlob(tb testing.TB, dir string, raw []byte) digest.Digest {
	tb.Helper()
	d := digest.FromBytes(raw)
	path := filepath.Join(dir, "blobs", "sha256", d.Encoded())
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		tb.Fatal(err)
	}
	return d
}

func writeRoot(tb testing.TB, dir, index string) {
	tb.Helper()
	for name, content := range map[string]string{model.LayoutFile: `{"imageLayoutVersion":"1.0.0"}`, model.IndexFile: index} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkDocument judges a manifest of 1 MiB by itself.
func BenchmarkDocument(b *testing.B) {
	descriptor := func(mediaType string, i int) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d,"annotations":{"org.opencontainers.image.title":"file-%d","com.example.added":"2020-01-02T03:04:05Z"}}`,
			mediaType, digest.FromString(fmt.Sprint(i)), i, i)
	}
	var manifest strings.Builder
	manifest.WriteString(`{"schemaVersion":2,"mediaType":"` + model.MediaTypeManifest + `","config":` + descriptor(model.MediaTypeImageConfig, 1) + `,"layers":[`)
	for i := 1; manifest.Len() < 1<<20; i++ {
		if i > 1 {
			manifest.WriteByte(',')
		}
		manifest.WriteString(descriptor(model.MediaTypeLayerGzip, i))
	}
	manifest.WriteString(`]}`)
	raw := []byte(manifest.String())
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		report, err := verify.Document("manifest.json", raw, verify.DocumentOptions{})
		if err != nil || report.Kind != model.KindManifest || !report.Stats.Complete || report.Stats.Errors > 0 {
			b.Fatalf("%+v, %v", report.Stats, err)
		}
	}
	reportMemory(b)
}
