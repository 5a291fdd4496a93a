package layer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// distribution is an archive of about 64 MiB that compresses as an installed
// system does, to about a half: many small files of text, and some large ones that
// hold tables, code and what is compressed already.
func distribution(b *testing.B) []byte {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 2000)
	for i := range words {
		for range 2 + random.IntN(9) {
			words[i] += string(rune('a' + random.IntN(26)))
		}
	}
	text := func(n int) []byte {
		var t bytes.Buffer
		for t.Len() < n {
			t.WriteString(words[int(float64(len(words))*random.Float64()*random.Float64())])
			t.WriteByte(" \n\t/="[random.IntN(5)])
		}
		return t.Bytes()
	}
	code := func(n int) []byte {
		some := make([]byte, n)
		for i := range some {
			if i%4 == 0 || random.IntN(3) == 0 {
				some[i] = byte(random.Uint32())
			}
		}
		return some
	}
	var files []file
	for i, size := 0, 0; size < 64<<20; i++ {
		f := regular(fmt.Sprintf("usr/share/doc/package-%d/file-%d", i%500, i), "")
		switch {
		case i%200 == 0:
			f.content = string(code(1 << 20))
		case i%200 == 100:
			f.content = string(code(1<<18)) + string(text(1<<18))
		default:
			f.content = string(text(random.IntN(16 << 10)))
		}
		size += len(f.content)
		files = append(files, f)
	}
	return archive(b, files...)
}

// benchmarkScan measures all that a scan does for a layer of an image, by the
// bytes that the layer unpacks to.
func benchmarkScan(b *testing.B, pack func([]byte) []byte) {
	plain := distribution(b)
	blob, want := pack(plain), digest.FromBytes(plain)
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	entries := 0
	for b.Loop() {
		result, err := layer.Scan(b.Context(), bytes.NewReader(blob), layer.ScanOptions{
			Blob: digest.SHA256, DiffIDs: []digest.Algorithm{digest.SHA256}, Entry: func(*layer.Entry) { entries++ },
		})
		if err != nil || result.Stream != nil || result.Tar.Err != nil || result.DiffIDs[0] != want {
			b.Fatalf("%+v, %v", result, err)
		}
	}
	b.ReportMetric(float64(len(plain))/float64(len(blob)), "ratio")
	b.ReportMetric(float64(entries)/float64(b.N), "entries/op")
}

func BenchmarkScanPlain(b *testing.B) {
	benchmarkScan(b, func(plain []byte) []byte { return plain })
}

func BenchmarkScanGzip(b *testing.B) {
	benchmarkScan(b, func(plain []byte) []byte { return gzipped(b, plain) })
}

func BenchmarkScanZstd(b *testing.B) {
	benchmarkScan(b, func(plain []byte) []byte { return zstded(b, plain) })
}

// BenchmarkScanSmall is a layer of a few blocks, as most of an image's history
// is: what counts is what a scan sets up.
func BenchmarkScanSmall(b *testing.B) {
	blob := gzipped(b, sample(b, false))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := layer.Scan(b.Context(), bytes.NewReader(blob), layer.ScanOptions{Blob: digest.SHA256, DiffIDs: []digest.Algorithm{digest.SHA256}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTree applies a layer of 100,000 entries over one like it.
func BenchmarkTree(b *testing.B) {
	var entries []*layer.Entry
	for i := range 100_000 {
		entries = append(entries, entryOf(regular(fmt.Sprintf("usr/lib/python/package%d/module%d/file%d.py", i%300, i%5000, i), ""), i))
	}
	b.ReportAllocs()
	for b.Loop() {
		tree := layer.NewTree(layer.Limits{})
		for range 2 {
			a := tree.Begin(nil)
			for _, e := range entries {
				a.Add(e)
			}
			if err := a.End(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
