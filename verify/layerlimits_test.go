package verify_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// peak returns the most bytes that were in use on the heap, after a garbage
// collection, while do ran, beyond those before it.
func peak(do func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	live := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before, most := live(), uint64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			most = max(most, live())
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	<-stopped
	if most < before {
		return 0
	}
	return most - before
}

// zipped writes an image to a directory on disk. Its lowest layer is compressed
// with gzip, and its archive is what write makes; those above are as pile makes
// them of lines.
func zipped(t *testing.T, write func(w *tar.Writer) error, above ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	file, err := os.Create(filepath.Join(dir, "layer"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sum, unpacked := sha256.New(), sha256.New()
	buffered := bufio.NewWriterSize(io.MultiWriter(file, sum), 1<<20)
	z, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	archive := bufio.NewWriterSize(io.MultiWriter(z, unpacked), 1<<20)
	w := tar.NewWriter(archive)
	for _, do := range []func() error{func() error { return write(w) }, w.Close, archive.Flush, z.Close, buffered.Flush} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	d := model.Descriptor{MediaType: model.MediaTypeLayerGzip, Digest: digest.NewDigest(digest.SHA256, sum), Size: info.Size()}
	l := layouttest.Layer{Descriptor: d, DiffID: digest.NewDigest(digest.SHA256, unpacked)}
	entered(b, "v1", append([]layouttest.Layer{l}, pile(b, above...)...)...)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file.Name(), filepath.Join(dir, blobs.Path(d.Digest))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// verifyDir verifies a layout on disk, and returns the peak of memory too.
func verifyDir(t *testing.T, dir string, o verify.Options) (r result, most uint64) {
	t.Helper()
	l, err := layout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	most = peak(func() { r = run(t, l, o) })
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r, most
}

// Memory follows the number of entries in a layer, at a few dozen bytes each.
func TestMemoryOfManyEntries(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	const n = 200_000
	dir := zipped(t, func(w *tar.Writer) error {
		for i := range n {
			name := fmt.Sprintf("usr/share/some/long/way/to/a/directory/%d/and/then/%d", i/100, i)
			if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644}); err != nil {
				return err
			}
		}
		return nil
	})
	r, most := verifyDir(t, dir, verify.Options{Jobs: 1})
	checkPlaces(t, r)
	t.Logf("%d MiB", most>>20)
	if most > 64<<20 || most < 1<<20 {
		t.Errorf("%d bytes for %d entries", most, n)
	}
}

// What layers told is forgotten once no image needs it any more.
func TestMemoryOfManyImages(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	const images, entries = 40, 20_000
	same := append(distinct(tar.Header{Typeflag: tar.TypeReg}, entries), rawlayer.End()...)
	member := compressed(t, layer.Gzip, same)
	fsys := build(t, func(b *layouttest.Builder) {
		base := pile(b, "a")[0]
		for i := range images {
			own := rawlayer.Header(tar.Header{Name: fmt.Sprint(i), Typeflag: tar.TypeReg})
			blob := slices.Concat(rawlayer.Gzip(own), member)
			l := layouttest.Layer{Descriptor: b.Blob(model.MediaTypeLayerGzip, blob), DiffID: digest.FromBytes(append(own, same...))}
			entered(b, fmt.Sprint("v", i), base, l, l)
		}
	})
	var r result
	most := peak(func() { r = verifyFs(t, fsys, verify.Options{Jobs: 1}) })
	t.Logf("%d KiB", most>>10)
	if most > 16<<20 {
		t.Errorf("%d bytes", most)
	}
	checkPlaces(t, r)
}

// What an archive says takes no more memory than it is worth: neither names and
// targets of a megabyte, nor short ones that share their memory with such.
func TestMemoryOfLongNames(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	const n = 60
	long := strings.Repeat("x", 1000<<10)
	for name, header := range map[string]func(i int) tar.Header{
		"names": func(i int) tar.Header { return tar.Header{Name: fmt.Sprint("/", i, long)} },
		"targets": func(i int) tar.Header {
			return tar.Header{Name: fmt.Sprint(i), Typeflag: tar.TypeLink, Linkname: fmt.Sprint(i, long)}
		},
		"records": func(i int) tar.Header {
			return tar.Header{Name: fmt.Sprint(i), PAXRecords: map[string]string{"MSWINDOWS.rawsd": fmt.Sprint(i, long)}}
		},
		"shared": func(i int) tar.Header {
			return tar.Header{Name: fmt.Sprint("/", i), PAXRecords: map[string]string{"A": long, "path": fmt.Sprint("/", i)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := zipped(t, func(w *tar.Writer) error {
				for i := range n {
					h := header(i)
					h.Mode, h.Format = 0o644, tar.FormatPAX
					if err := w.WriteHeader(&h); err != nil {
						return err
					}
				}
				return nil
			})
			r, most := verifyDir(t, dir, verify.Options{Jobs: 1})
			t.Logf("%d KiB", most>>10)
			if most > 30<<20 {
				t.Errorf("%d bytes", most)
			}
			if len(r.findings) == 0 {
				t.Errorf("%d findings", len(r.findings))
			}
			for _, f := range r.findings {
				if n := len(f.Entry) + len(f.Expected) + len(f.Actual) + len(f.Message); n > 10_000 {
					t.Fatalf("%s: a finding of %d bytes", f.Rule, n)
				}
			}
		})
	}
}

// What is kept of names that lead through a thousand directories each is bounded,
// and where something is not kept, the layout is unproven, and no layer above is
// held against it.
func TestMemoryOfDeepNames(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	n, names, within := 500, int64(16<<20), uint64(32<<20)
	if testrun.Exhaustive() { // the limit that there is unless another is chosen
		n, names, within = 2500, 0, 128<<20
	}
	deep := strings.Repeat("/a", 1000)
	dir := zipped(t, func(w *tar.Writer) error {
		for i := range n {
			if err := w.WriteHeader(&tar.Header{Name: fmt.Sprint(i, deep), Mode: 0o644}); err != nil {
				return err
			}
		}
		return nil
	}, fmt.Sprintf("%d/.wh.a b=%d/a/a", n-1, n-1))
	ends(func() {
		r, most := verifyDir(t, dir, verify.Options{Jobs: 1, LayerLimits: layer.Limits{Names: names}})
		t.Logf("%d MiB", most>>20)
		if most > within {
			t.Errorf("%d bytes", most)
		}
		if len(r.findings) != 1 || r.findings[0].Rule != "limit-layer-names" || r.stats.Complete {
			t.Errorf("%+v\n%s", r.stats, describe(r.findings))
		}
	})
}

// The longest names that an archive can have are no work for hours.
func TestLongestNames(t *testing.T) {
	testrun.NotShort(t, "it reads one layer of long names")
	long := strings.Repeat("/a", 500_000)
	dir := zipped(t, func(w *tar.Writer) error {
		for i := range 20 {
			if err := w.WriteHeader(&tar.Header{Name: fmt.Sprint(i, long), Mode: 0o644, Format: tar.FormatPAX}); err != nil {
				return err
			}
		}
		return nil
	})
	ends(func() {
		r, _ := verifyDir(t, dir, verify.Options{Jobs: 1})
		if len(r.findings) != 20 || r.findings[0].Rule != "entry-path-long" {
			t.Errorf("%d findings", len(r.findings))
		}
	})
}

// Ten gibibytes of zeros in ten megabytes are unpacked up to the limit, and the
// blob is hashed to its end all the same.
func TestTenGibibytesOfZeros(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	const size, chunk = 10 << 30, 64 << 20
	for _, tc := range []struct {
		name   string
		limits layer.Limits
		damage bool
		want   string
	}{
		{"bytes", layer.Limits{Bytes: 200 << 20}, false, "limit-layer-bytes"},
		{"damaged", layer.Limits{Bytes: 1 << 20}, true, "blob-digest-mismatch"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir, name := zeros(t, size, chunk)
			path := filepath.Join(dir, name)
			info, err := os.Stat(path)
			if err != nil || info.Size() > 12<<20 {
				t.Fatalf("the layer has %d bytes, %v", info.Size(), err)
			}
			if tc.damage {
				raw, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				raw[len(raw)-1] ^= 1
				if err := os.WriteFile(path, raw, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			ends(func() {
				r, most := verifyDir(t, dir, verify.Options{LayerLimits: tc.limits})
				checkPlaces(t, r, tc.want+" "+name)
				if r.stats.Complete == !tc.damage || r.stats.NotChecked != 0 || r.stats.BytesRead != r.stats.BytesToRead {
					t.Errorf("%+v", r.stats)
				}
				if t.Logf("%d KiB", most>>10); most > 16<<20 {
					t.Errorf("%d bytes of memory", most)
				}
			})
		})
	}
}

// zeros writes an image of one layer with a file of size zeros. What they
// compress to is made once for each chunk, as a gzip member of its own.
func zeros(t *testing.T, size int64, chunk int) (dir, name string) {
	t.Helper()
	var head bytes.Buffer
	if err := tar.NewWriter(&head).WriteHeader(&tar.Header{Name: "zeros", Size: size, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	var member bytes.Buffer
	z, err := gzip.NewWriterLevel(&member, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(make([]byte, chunk)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	blob := append(rawlayer.Gzip(head.Bytes()), bytes.Repeat(member.Bytes(), int(size/int64(chunk)))...)
	blob = append(blob, rawlayer.Gzip(rawlayer.End())...)
	dir = t.TempDir()
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	d := b.Blob(model.MediaTypeLayerGzip, blob)
	entered(b, "v1", layouttest.Layer{Descriptor: d, DiffID: "sha256:" + hex64})
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return dir, blobs.Path(d.Digest)
}
