package layer_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"runtime/metrics"
	"testing"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
)

// chunk is more than a scan can be over a limit by before it notices.
const chunk = 256 << 10

func TestScanBytesLimit(t *testing.T) {
	for _, large := range []bool{false, true} {
		plain := sample(t, large)
		size := int64(len(plain))
		for _, blob := range [][]byte{plain, gzipped(t, plain), zstded(t, plain), gzipped(t, plain[:1000], plain[1000:])} {
			for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.DataErrReader} {
				for _, limit := range []int64{1, 512, size - 1, size, size + 1} {
					got := scanReader(t, wrap(bytes.NewReader(blob)), layer.ScanOptions{Limits: layer.Limits{Bytes: limit}})
					if got.Blob != sum(blob) {
						t.Errorf("blob %v", got.Blob)
					}
					if limit >= size {
						if !got.whole() {
							t.Errorf("%v of %d bytes, of which %d are allowed: %+v", got.Compression, size, limit, got.ScanResult)
						}
						continue
					}
					if !errors.Is(got.Stream, layer.ErrBytes) || got.DiffIDs != nil || got.whole() {
						t.Errorf("%v of %d bytes, of which %d are allowed: %+v", got.Compression, size, limit, got.ScanResult)
					}
				}
			}
		}
	}
}

// What unpacks to far more than the limit is not unpacked, but hashed to its end.
func TestScanBomb(t *testing.T) {
	const limit = 4 << 20
	member := gzipped(t, make([]byte, 1<<20))
	start := block("bomb", '0', 1<<32)
	header := gzipped(t, start)
	rle := zeros{before: start, blocks: 1 << 20, window: 17} // 128 GiB
	tests := map[string]func() io.Reader{
		"gzip": func() io.Reader {
			return io.MultiReader(bytes.NewReader(header), &repeated{of: member, left: 5000})
		},
		"zstd": rle.reader,
		"tar":  func() io.Reader { return io.MultiReader(bytes.NewReader(start), &repeated{of: member, left: 9000}) },
	}
	for name, blob := range tests {
		t.Run(name, func(t *testing.T) {
			within(t, func() {
				h := digest.SHA256.Digester()
				size, _ := io.Copy(h.Hash(), blob())
				got := scanReader(t, blob(), layer.ScanOptions{Limits: layer.Limits{Bytes: limit}})
				if !errors.Is(got.Stream, layer.ErrBytes) || got.DiffIDs != nil || !errors.Is(got.Tar.Err, layer.ErrBytes) {
					t.Errorf("stream %v, diff ids %v, archive %+v", got.Stream, got.DiffIDs, got.Tar)
				}
				if got.Unpacked > limit+chunk {
					t.Errorf("%d bytes were unpacked, of which %d are allowed", got.Unpacked, limit)
				}
				if got.Blob.Size != size || got.Blob.Digest != h.Digest() {
					t.Errorf("blob %v, want %s, %d", got.Blob, h.Digest(), size)
				}
			})
		})
	}
}

// A small layer may unpack to the floor of the limits, and more only if the ratio
// allows.
func TestScanRatioLimit(t *testing.T) {
	testrun.NotShort(t, "it unpacks much, or many times")
	var floor, unset int64 = 64 << 20, 64 << 20
	if testrun.Exhaustive() {
		floor, unset = 1<<30, 0 // which is the default
	}
	rle := zeros{before: block("bomb", '0', 1<<32), blocks: floor/zeroBlock + 100, window: 17}
	blob, _ := io.ReadAll(rle.reader())
	for _, test := range []struct {
		limits layer.Limits
		want   error
		about  int64
	}{
		{layer.Limits{Floor: unset}, layer.ErrRatio, floor},
		{layer.Limits{Floor: unset, Ratio: 20_000}, layer.ErrRatio, floor},
		{layer.Limits{Floor: unset, Ratio: 33_000}, nil, rle.size()},
		{layer.Limits{Floor: unset, Bytes: floor + 1<<20, Ratio: 33_000}, layer.ErrBytes, floor + 1<<20},
	} {
		result, err := layer.Scan(t.Context(), bytes.NewReader(blob), layer.ScanOptions{Limits: test.limits})
		if err != nil || !errors.Is(result.Stream, test.want) || result.Unpacked < test.about || result.Unpacked > test.about+chunk || result.Blob.Size != int64(len(blob)) {
			t.Errorf("within %+v: %+v, %v", test.limits, result, err)
		}
	}
}

func TestScanEntriesLimit(t *testing.T) {
	var files []file
	for range 50 {
		files = append(files, regular("same", "x"))
	}
	plain := archive(t, files...)
	for _, limit := range []int{1, 10, 49, 50, 51} {
		got := scanReader(t, bytes.NewReader(plain), layer.ScanOptions{Limits: layer.Limits{Entries: limit}})
		if got.Stream != nil || got.DiffIDs[0] != digest.FromBytes(plain) || got.Unpacked != int64(len(plain)) {
			t.Errorf("at most %d entries: stream %v, diff ids %v", limit, got.Stream, got.DiffIDs)
		}
		if limit >= 50 && !got.whole() || limit < 50 && !errors.Is(got.Tar.Err, layer.ErrEntries) || len(got.entries) != min(limit, 50) {
			t.Errorf("at most %d entries: %d, %+v", limit, len(got.entries), got.Tar)
		}
	}
}

func TestLimitsWithDefaults(t *testing.T) {
	if got, want := (layer.Limits{}).WithDefaults(), (layer.Limits{Bytes: 64 << 30, Ratio: 200, Floor: 1 << 30, Entries: 10_000_000, TOC: 64 << 20, Names: 88 << 20}); got != want {
		t.Errorf("defaults %+v, want %+v", got, want)
	}
	if some := (layer.Limits{Bytes: 1, Ratio: 2, Floor: 4, Entries: 3, TOC: 5, Names: 6}); some.WithDefaults() != some {
		t.Errorf("%+v became %+v", some, some.WithDefaults())
	}
}

// allocated returns how many bytes do takes from the heap, given back or not.
func allocated(do func()) uint64 {
	read := func() uint64 {
		runtime.GC() // brings the counts up to date
		s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	before := read()
	do()
	return read() - before
}

// A window of 128 MiB is the largest there is memory for.
func TestScanWindow(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	start := block("big", '0', 10*zeroBlock)
	for _, test := range []struct {
		blob  io.Reader
		want  error
		bytes uint64
	}{
		{zeros{start, 10, 10}.reader(), layer.ErrWindow, 8 << 20}, // the blocks are larger than that
		{zeros{start, 10, 23}.reader(), nil, 32 << 20},
		{zeros{start, 10, 27}.reader(), nil, 300 << 20},
		{zeros{start, 10, 28}.reader(), layer.ErrWindow, 8 << 20},
		{zeros{start, 10, 31}.reader(), layer.ErrWindow, 8 << 20},
		{zeros{start, 10, 41}.reader(), layer.ErrWindow, 8 << 20},
		{bytes.NewReader(contentSize(200 << 20)), layer.ErrWindow, 8 << 20},
		{bytes.NewReader(contentSize(1 << 63)), layer.ErrWindow, 8 << 20},
	} {
		var got told
		if took := allocated(func() { got = scanReader(t, test.blob, layer.ScanOptions{}) }); took > test.bytes {
			t.Errorf("%v took %d bytes, of %d", got.Stream, took, test.bytes)
		}
		if !errors.Is(got.Stream, test.want) || (got.DiffIDs == nil) != (test.want != nil) {
			t.Errorf("stream %v, want %v; diff ids %v", got.Stream, test.want, got.DiffIDs)
		}
	}
}

// However long a stream is, it takes no more memory than a short one.
func TestScanMemory(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	const piece = 1 << 20
	pieces := int64(64)
	if testrun.Exhaustive() {
		pieces = 256
	}
	some := []byte(noise(piece))
	start, end := block("big", '0', piece*pieces), make([]byte, 1024)
	for name, pack := range map[string]func([]byte) []byte{
		"tar":  func(b []byte) []byte { return b },
		"gzip": func(b []byte) []byte { return gzipped(t, b) },
		"zstd": func(b []byte) []byte { return zstded(t, b) },
	} {
		packed := pack(some)
		r := io.MultiReader(bytes.NewReader(pack(start)), &repeated{of: packed, left: pieces}, bytes.NewReader(pack(end)))
		var result layer.ScanResult
		var err error
		took := allocated(func() {
			result, err = layer.Scan(t.Context(), r, layer.ScanOptions{Blob: digest.SHA256, DiffIDs: []digest.Algorithm{digest.SHA256}})
		})
		if err != nil || result.Stream != nil || result.Unpacked != piece*pieces+int64(len(start)+len(end)) || result.Tar != (layer.Archive{Entries: 1, EndBlocks: 2}) {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		if took > 16<<20 {
			t.Errorf("%s: %d bytes were allocated for %d", name, took, result.Unpacked)
		}
		t.Logf("%s: %d bytes allocated", name, took)
	}
}
