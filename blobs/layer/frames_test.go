package layer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
)

// windowed returns a zstd frame that asks for a window of 2^log bytes and holds
// content.
func windowed(log int, content []byte) []byte {
	out := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, byte(log-10) << 3}
	const most = 1000 // a block may be no longer than the window
	for {
		n := min(len(content), most)
		head := uint32(n) << 3
		if n == len(content) {
			head |= 1
		}
		out = append(out, byte(head), byte(head>>8), byte(head>>16))
		out = append(out, content[:n]...)
		if content = content[n:]; len(content) == 0 {
			return out
		}
	}
}

// plainly decompresses as the library does by itself.
func plainly(stream []byte) ([]byte, error) {
	r, err := zstd.NewReader(struct{ io.Reader }{bytes.NewReader(stream)}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderMaxMemory(128<<20))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// What a stream unpacks to does not depend on how its windows are lent.
func TestFrames(t *testing.T) {
	text := archive(t, regular("some", "content"), regular("more", noise(5000)))
	crc := zstded(t, text[:3000], text[3000:])
	for name, stream := range map[string][]byte{
		"one":             windowed(20, text),
		"growing":         slices.Concat(windowed(10, text[:100]), windowed(21, text[100:1000]), windowed(24, text[1000:2000]), windowed(27, text[2000:])),
		"shrinking":       slices.Concat(windowed(27, text[:100]), windowed(10, text[100:3000]), windowed(23, text[3000:])),
		"skippable":       slices.Concat(skippable("x"), windowed(10, text[:100]), skippable(""), skippable("longer"), windowed(25, text[100:]), skippable("y")),
		"checksums":       slices.Concat(crc, windowed(22, nil), crc),
		"too large":       slices.Concat(windowed(20, text[:512]), windowed(28, text[512:])),
		"trailing":        append(windowed(23, text), "x"...),
		"no frame":        append(windowed(23, text), "no frame at all, and long"...),
		"reserved block":  {0x28, 0xb5, 0x2f, 0xfd, 0, 0, 7, 0, 0},
		"reserved bit":    {0x28, 0xb5, 0x2f, 0xfd, 8, 0, 1, 0, 0},
		"dictionary":      {0x28, 0xb5, 0x2f, 0xfd, 1, 0, 9, 1, 0, 0},
		"long dictionary": {0x28, 0xb5, 0x2f, 0xfd, 0x23, 9, 0, 0, 0, 0, 1, 0, 0},
		"huge segment":    {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0xff, 1, 0, 0},
		"sized":           slices.Concat([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x60, 0, 2}, []byte{0x02, 0x18, 0}, []byte("x"), []byte{0x01, 0, 0}),
		"a byte repeated": slices.Concat([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x20, 200}, []byte{0x43, 6, 0}, []byte("x")),
	} {
		t.Run(name, func(t *testing.T) {
			for end := 4; end <= len(stream); end++ {
				if len(stream) > 1000 && end < len(stream) && end%(97*testrun.OneOf(5, 31)) != 0 {
					continue
				}
				want, wantErr := plainly(stream[:end])
				got := scanReader(t, bytes.NewReader(stream[:end]), layer.ScanOptions{})
				if (got.Stream != nil) != (wantErr != nil) || got.Stream == nil && (got.Unpacked != int64(len(want)) || got.DiffIDs[0] != digest.FromBytes(want)) {
					t.Fatalf("cut to %d of %d bytes: %v with %d bytes, want %v with %d", end, len(stream), got.Stream, got.Unpacked, wantErr, len(want))
				}
			}
		})
	}
}

// However many streams ask for the largest window at once, one has it.
func TestFramesMemory(t *testing.T) {
	text := archive(t, regular("some", noise(2<<20))) // more than waits between the stages of a scan
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	heap := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before := heap()
	var mu sync.Mutex
	var most uint64
	var wait sync.WaitGroup
	for i := range 8 {
		// Each asks for less first, and some for less altogether.
		stream := slices.Concat(windowed(20, text[:512]), windowed(27-i%3/2, text[512:]))
		wait.Go(func() {
			got, err := layer.Scan(t.Context(), bytes.NewReader(stream), layer.ScanOptions{Entry: func(*layer.Entry) {
				mu.Lock()
				defer mu.Unlock()
				most = max(most, heap())
			}})
			if err != nil || got.Stream != nil || got.Tar.Entries != 1 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	wait.Wait()
	if most < before+64<<20 || most > before+256<<20 { // garbage included; together they ask for 832
		t.Errorf("%d MiB", (most-before)>>20)
	}
}

// A stream that waits for memory can be cancelled, and one that a file is read
// from does not wait.
func TestFramesWaiting(t *testing.T) {
	long := noise(2 << 20) // more than waits between the stages of a scan
	stream := windowed(27, archive(t, regular("some", long)))
	begun, over := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		_, err := layer.Scan(t.Context(), bytes.NewReader(stream), layer.ScanOptions{Entry: func(*layer.Entry) {
			close(begun)
			<-over
		}})
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	defer holder.Wait()
	defer close(over)

	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(cause) })
	if _, err := layer.Scan(ctx, bytes.NewReader(stream), layer.ScanOptions{Blob: digest.SHA256}); !errors.Is(err, cause) {
		t.Errorf("%v, want the cause of the cancellation", err)
	}
	tree := layer.NewTree(layer.Limits{})
	changes := tree.Begin(nil)
	plain := archive(t, regular("some", long))
	if _, err := layer.Scan(t.Context(), bytes.NewReader(plain), layer.ScanOptions{Entry: changes.Add}); err != nil {
		t.Fatal(err)
	}
	changes.End()
	fsys := layer.FS{Tree: tree, Blob: func(int) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(stream)), nil }}
	if text, err := fs.ReadFile(fsys, "some"); err != nil || string(text) != long {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
