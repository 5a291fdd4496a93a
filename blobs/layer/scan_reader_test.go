package layer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// However a reader cuts up what it gives, a scan tells the same, and shows every
// byte.
func TestScanReaders(t *testing.T) {
	readers := map[string]func(io.Reader) io.Reader{
		"one byte at a time":        iotest.OneByteReader,
		"half of what is asked for": iotest.HalfReader,
		"data together with EOF":    iotest.DataErrReader,
		"nothing now and then":      func(r io.Reader) io.Reader { return pausing(r, 99) },
	}
	for _, large := range []bool{false, true} {
		plain := sample(t, large)
		for _, blob := range [][]byte{plain, gzipped(t, plain), zstded(t, plain), join(gzipped(t, plain), []byte("junk")), []byte("no layer"), nil} {
			want := scan(t, blob)
			for name, wrap := range readers {
				t.Run(want.Compression.String()+", "+name, func(t *testing.T) {
					progress := 0
					got := scanReader(t, wrap(bytes.NewReader(blob)), layer.ScanOptions{Progress: func(n int) { progress += n }})
					if d := cmp.Diff(want, got, cmp.AllowUnexported(told{}, layer.Archive{}), sameError); d != "" {
						t.Errorf("it tells otherwise (-want +got):\n%s", d)
					}
					if progress != len(blob) {
						t.Errorf("%d bytes were counted, of %d", progress, len(blob))
					}
				})
			}
		}
	}
}

var sameError = cmp.Comparer(func(x, y error) bool { return x == y || x != nil && y != nil && x.Error() == y.Error() })

// pausing gives n empty reads before each read of r.
func pausing(r io.Reader, n int) io.Reader {
	left := n
	return readerFunc(func(p []byte) (int, error) {
		if left > 0 {
			left--
			return 0, nil
		}
		left = n
		return r.Read(p)
	})
}

// Raw and Progress see all of a blob that cannot be unpacked, or is not unpacked
// further.
func TestScanShowsAll(t *testing.T) {
	big := []byte(noise(3 << 20))
	for name, blob := range map[string][]byte{
		"unknown": big, "corrupt gzip": join([]byte{0x1f, 0x8b}, big), "corrupt zstd": join([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xff}, big),
		"junk after gzip": join(gzipped(t, sample(t, false)), big), "over the limit": archive(t, regular("big", string(big))),
		"no archive": gzipped(t, big),
	} {
		progress := 0
		got := scanReader(t, bytes.NewReader(blob), layer.ScanOptions{
			Limits: layer.Limits{Bytes: 1 << 20}, Progress: func(n int) { progress += n },
		})
		if progress != len(blob) || got.Blob != sum(blob) {
			t.Errorf("%s: %d bytes were counted, of %d; blob %v", name, progress, len(blob), got.Blob)
		}
	}
}

// An error of reading the blob is never taken for what the blob is like.
func TestScanReadError(t *testing.T) {
	plain := archive(t, regular("a", "some content"))
	broken := errors.New("broken")
	for name, blob := range map[string][]byte{
		"tar": plain[:1100], "gzip": gzipped(t, plain, nil, plain), "zstd": zstded(t, plain, nil, plain), "zeros": join(gzipped(t, nil), make([]byte, 50)), "unknown": []byte(noise(600)),
	} {
		for n := range len(blob) + 1 {
			for _, r := range []io.Reader{
				io.MultiReader(bytes.NewReader(blob[:n]), iotest.ErrReader(&wrapped{broken})),
				together(blob[:n], &wrapped{broken}),
			} {
				result, err := layer.Scan(t.Context(), r, layer.ScanOptions{Blob: digest.SHA256, DiffIDs: []digest.Algorithm{digest.SHA256}})
				var w *wrapped
				if !errors.Is(err, broken) || !errors.As(err, &w) {
					t.Errorf("%s, after %d bytes: error %v", name, n, err)
				}
				if want := (blobs.Sum{Size: int64(n)}); result.Blob != want || result.DiffIDs != nil || result.Stream != nil || result.Tar != (layer.Archive{}) {
					t.Errorf("%s, after %d bytes: %+v", name, n, result)
				}
			}
		}
	}
}

type wrapped struct{ err error }

func (w *wrapped) Error() string { return "wrapped" }
func (w *wrapped) Unwrap() error { return w.err }

// together gives an error with the last bytes and not after them.
func together(b []byte, err error) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		n := copy(p, b)
		if b = b[n:]; len(b) == 0 {
			return n, err
		}
		return n, nil
	})
}

// Errors that mean an end to decompressors are errors all the same where the
// reader gives them.
func TestScanReadErrorLikeAnEnd(t *testing.T) {
	plain := sample(t, false)
	for _, blob := range [][]byte{plain[:1500], gzipped(t, plain)[:100], zstded(t, plain)[:100], gzipped(t, plain), nil} {
		r := io.MultiReader(bytes.NewReader(blob), iotest.ErrReader(io.ErrUnexpectedEOF))
		if result, err := layer.Scan(t.Context(), r, layer.ScanOptions{}); err != io.ErrUnexpectedEOF {
			t.Errorf("%d bytes: %+v, %v", len(blob), result, err)
		}
	}
}

// A reader that breaks the rules of io.Reader gives an error, neither a panic
// nor an endless loop.
func TestScanBadReaders(t *testing.T) {
	tests := map[string]struct {
		read func([]byte) (int, error)
		want error // nil: any
	}{
		"nothing, for ever": {func([]byte) (int, error) { return 0, nil }, io.ErrNoProgress},
		"less than nothing": {func([]byte) (int, error) { return -1, nil }, nil},
		"more than asked":   {func(p []byte) (int, error) { return len(p) + 1, nil }, nil},
		"far more":          {func([]byte) (int, error) { return math.MaxInt, io.EOF }, nil},
		"less, at the end":  {func([]byte) (int, error) { return -1, io.EOF }, nil},
	}
	plain := sample(t, false)
	for name, test := range tests {
		for _, start := range [][]byte{nil, plain[:1500], gzipped(t, plain)[:50], zstded(t, plain)[:50], gzipped(t, plain)} {
			t.Run(name, func(t *testing.T) {
				within(t, func() {
					left := start
					r := readerFunc(func(p []byte) (int, error) {
						if len(left) > 0 {
							n := copy(p, left)
							left = left[n:]
							return n, nil
						}
						return test.read(p)
					})
					result, err := layer.Scan(t.Context(), r, layer.ScanOptions{Blob: digest.SHA256})
					if err == nil || test.want != nil && err != test.want || result.Blob != (blobs.Sum{Size: int64(len(start))}) {
						t.Errorf("after %d bytes: %v, %v", len(start), result.Blob, err)
					}
				})
			})
		}
	}
}

// endless repeats a blob, and calls a function before each time.
func endless(blob []byte, before func()) io.Reader {
	var left []byte
	return readerFunc(func(p []byte) (int, error) {
		if len(left) == 0 {
			before()
			left = blob
		}
		n := copy(p, left)
		left = left[n:]
		return n, nil
	})
}

// A scan ends with its context, whatever it is busy with.
func TestScanCancel(t *testing.T) {
	cause := errors.New("enough")
	plain := archive(t, regular("a", noise(50_000)))
	for name, blob := range map[string][]byte{
		"tar": plain, "gzip": gzipped(t, plain), "zstd": zstded(t, plain), "unknown": []byte(noise(1000)),
		"empty members": bytes.Repeat(gzipped(t, nil), 1000), "skippable frames": skippable("x"), "zeros": make([]byte, 1000),
		"junk after gzip": join(gzipped(t, nil), []byte(noise(1000))),
	} {
		t.Run(name, func(t *testing.T) {
			within(t, func() {
				ctx, cancel := context.WithCancelCause(t.Context())
				times := 0
				r := endless(blob, func() {
					if times++; times == 100 {
						cancel(cause)
					}
				})
				result, err := layer.Scan(ctx, r, layer.ScanOptions{Blob: digest.SHA256, DiffIDs: []digest.Algorithm{digest.SHA256}})
				if err != cause || result.Blob.Digest != "" || result.DiffIDs != nil {
					t.Errorf("Scan = %+v, %v", result, err)
				}
			})
		})
	}
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		for _, blob := range [][]byte{nil, plain, gzipped(t, plain)} {
			if result, err := layer.Scan(ctx, bytes.NewReader(blob), layer.ScanOptions{}); err != cause {
				t.Errorf("Scan = %+v, %v", result, err)
			}
		}
	})
	t.Run("from an entry", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		entries := 0
		_, err := layer.Scan(ctx, endless(archive(t, regular("a", "x"))[:1024], func() {}), layer.ScanOptions{Entry: func(*layer.Entry) {
			if entries++; entries == 5000 {
				cancel(cause)
			}
		}})
		if err != cause || entries < 5000 {
			t.Errorf("after %d entries: %v", entries, err)
		}
	})
}

// A reader that gives little at a time does not keep a cancelled scan waiting
// until there is much.
func TestScanCancelSlow(t *testing.T) {
	for _, start := range [][]byte{nil, gzipped(t, sample(t, false)), sample(t, false)} {
		within(t, func() {
			ctx, cancel := context.WithCancel(t.Context())
			reads := 0
			r := io.MultiReader(bytes.NewReader(start), readerFunc(func(p []byte) (int, error) {
				if reads++; reads == 10 {
					cancel()
				}
				time.Sleep(time.Millisecond)
				p[0] = 'x'
				return 1, nil
			}))
			if _, err := layer.Scan(ctx, r, layer.ScanOptions{}); !errors.Is(err, context.Canceled) || reads > 20 {
				t.Errorf("%d reads, %v", reads, err)
			}
		})
	}
}

// A panic of a callback ends what a scan has begun, and reaches the caller.
func TestScanEntryPanics(t *testing.T) {
	defer func() {
		if recover() != "of the callback" {
			t.Error("the panic did not arrive")
		}
	}()
	layer.Scan(t.Context(), strings.NewReader(string(sample(t, true))), layer.ScanOptions{Entry: func(*layer.Entry) { panic("of the callback") }})
}

// A panic in a goroutine of the scan's own reaches the caller too, who could not
// recover it there, whatever the stages are at.
func TestScanStagesPanic(t *testing.T) {
	plain := sample(t, true)
	whole := func(p []byte) (int, error) { return 0, io.EOF }
	bad := func([]byte) (int, error) { panic("of the reader") }
	for _, blob := range [][]byte{nil, plain[:1500], plain, gzipped(t, plain)[:50], gzipped(t, plain), zstded(t, plain), []byte("no layer")} {
		for name, test := range map[string]struct {
			end     func([]byte) (int, error)
			options layer.ScanOptions
		}{
			"reader":   {bad, layer.ScanOptions{}},
			"progress": {whole, layer.ScanOptions{Progress: func(int) { panic("of the callback") }}},
			"limit":    {bad, layer.ScanOptions{Limits: layer.Limits{Bytes: 1}}},
		} {
			compressed := len(blob) > 0 && layer.Sniff(blob) != layer.None && layer.Sniff(blob) != layer.Unknown
			if len(blob) == 0 && name == "progress" || !compressed && name == "begins" {
				continue // there is nothing to tell of
			}
			within(t, func() {
				err := blobs.Guard(func() error {
					layer.Scan(t.Context(), io.MultiReader(bytes.NewReader(blob), readerFunc(test.end)), test.options)
					return nil
				})
				if p, ok := errors.AsType[*blobs.PanicError](err); !ok || !strings.HasPrefix(p.Where, "layer_test.TestScanStagesPanic.") {
					t.Errorf("%s, after %d bytes: %v", name, len(blob), err)
				}
			})
		}
	}
}

// What a callback leaves of an entry's content is passed over.
func TestScanContent(t *testing.T) {
	text := noise(5000)
	plain := archive(t, directory("d"), regular("a", text), regular("b", text), symlink("l", "a"), regular("c", text), regular("e", ""))
	for _, n := range []int64{0, 1, 511, 512, 513, 4999, 5000, 6000} {
		var names []string
		result, err := layer.Scan(t.Context(), bytes.NewReader(plain), layer.ScanOptions{DiffIDs: []digest.Algorithm{digest.SHA256}, Entry: func(e *layer.Entry) {
			names = append(names, e.Path)
			want := text[:min(n, e.Size)]
			got, err := io.ReadAll(io.LimitReader(e.Content, n))
			if err != nil || string(got) != want {
				t.Errorf("%d bytes of %s: %d bytes, %v", n, e.Path, len(got), err)
			}
		}})
		if err != nil || strings.Join(names, " ") != "d a b l c e" || result.Tar != (layer.Archive{Entries: 6, EndBlocks: 2}) || result.DiffIDs[0] != digest.FromBytes(plain) {
			t.Errorf("%d bytes of each: %q, %+v, %v", n, names, result, err)
		}
	}
}
