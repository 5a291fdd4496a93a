package archive_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
)

// zipped compresses with gzip.
func zipped(t testing.TB, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstandard(t testing.TB, raw []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(raw, nil)
}

// spooling returns options that unpack into a directory of the test, and what
// holds that nothing is left there.
func spooling(t *testing.T, limits archive.Limits) (archive.Options, func()) {
	dir := t.TempDir()
	return archive.Options{limits, func() (string, error) { return dir, nil }}, func() {
		t.Helper()
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

func written(t testing.TB, raw []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(name, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// opener opens bytes in one of the ways that there are.
type opener func(t *testing.T, raw []byte, o archive.Options) (*archive.Archive, error)

var openers = map[string]opener{
	"file": func(t *testing.T, raw []byte, o archive.Options) (*archive.Archive, error) {
		return archive.Open(t.Context(), written(t, raw), o)
	},
	"reader": func(t *testing.T, raw []byte, o archive.Options) (*archive.Archive, error) {
		return archive.Read(t.Context(), bytes.NewReader(raw), o)
	},
	"byte by byte": func(t *testing.T, raw []byte, o archive.Options) (*archive.Archive, error) {
		return archive.Read(t.Context(), bytewise{bytes.NewReader(raw)}, o)
	},
	"stream in a file": func(t *testing.T, raw []byte, o archive.Options) (*archive.Archive, error) {
		f, err := os.Open(written(t, slices.Concat([]byte("before"), raw)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		if _, err := f.Seek(6, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		return archive.Read(t.Context(), f, o)
	},
}

type bytewise struct{ r io.Reader }

func (b bytewise) Read(p []byte) (int, error) { return b.r.Read(p[:min(1, len(p))]) }

// However an archive comes, the same is in it.
func TestOpen(t *testing.T) {
	raw := pack(t, layouttest.File("oci-layout", "marker"), layouttest.File("index.json", strings.Repeat("\x00", 10_000)+"x"), layouttest.File("blobs/sha256/"+hexName, "blob"))
	want := walk(t, indexed(t, raw).FS())
	forms := map[string][]byte{
		"plain": raw, "gzip": zipped(t, raw), "zstd": zstandard(t, raw),
		"members":       slices.Concat(zipped(t, raw[:100]), zipped(t, nil), zipped(t, raw[100:])),
		"frames":        slices.Concat(zstandard(t, raw[:600]), rawlayer.Skippable([]byte("skipped")), zstandard(t, raw[600:])),
		"padded member": slices.Concat(zipped(t, raw), make([]byte, 100)),
	}
	for form, bytes := range forms {
		for way, open := range openers {
			t.Run(form+"/"+way, func(t *testing.T) {
				o, gone := spooling(t, archive.Limits{})
				a, err := open(t, bytes, o)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, walk(t, a.FS())); diff != "" || len(a.Defects()) > 0 {
					t.Errorf("%v (-want +got):\n%s", a.Defects(), diff)
				}
				if runtime.GOOS != "windows" { // where an open file keeps its name
					gone()
				}
				if err := a.Close(); err != nil {
					t.Error(err)
				}
				gone()
			})
		}
	}
}

// What a corrupt stream, or one that is too long, unpacks to until then is there,
// with the reason why there is no more.
func TestOpenBroken(t *testing.T) {
	noise := make([]byte, 300_000)
	rand.NewChaCha8([32]byte{}).Read(noise)
	raw := pack(t, layouttest.File("index.json", "{}"), layouttest.File("noise", string(noise)), layouttest.File("last", ""))
	packed, framed := zipped(t, raw), zstandard(t, raw)
	flipped := slices.Clone(packed)
	flipped[len(flipped)-8] ^= 1 // in the checksum
	zeros := pack(t, layouttest.File("index.json", "{}"), layouttest.File("zeros", string(make([]byte, 3<<20))))
	tests := map[string]struct {
		raw    []byte
		limits archive.Limits
		want   []archive.Kind
		whole  bool
	}{
		"gzip cut":      {packed[:len(packed)-100], archive.Limits{}, []archive.Kind{archive.Stream}, false},
		"gzip checksum": {flipped, archive.Limits{}, []archive.Kind{archive.Stream}, true},
		"gzip trailing": {slices.Concat(packed, []byte("more")), archive.Limits{}, []archive.Kind{archive.Trailing}, true},
		"gzip of a cut": {zipped(t, raw[:200_000]), archive.Limits{}, []archive.Kind{archive.Truncated}, false},
		"zstd cut":      {framed[:len(framed)-100], archive.Limits{}, []archive.Kind{archive.Stream}, false},
		"zstd trailing": {slices.Concat(framed, []byte("more")), archive.Limits{}, []archive.Kind{archive.Stream}, true},
		"bytes":         {packed, archive.Limits{Bytes: 200_000}, []archive.Kind{archive.LimitBytes}, false},
		"ratio":         {zipped(t, zeros), archive.Limits{Ratio: 10, Floor: 1 << 20}, []archive.Kind{archive.LimitRatio}, false},
		"ratio fits":    {zipped(t, zeros), archive.Limits{Ratio: 2000, Floor: 1 << 20}, nil, true},
		"entries":       {packed, archive.Limits{Entries: 1}, []archive.Kind{archive.LimitEntries}, false},
	}
	for name, test := range tests {
		for way, open := range openers {
			t.Run(name+"/"+way, func(t *testing.T) {
				o, gone := spooling(t, test.limits)
				a, err := open(t, test.raw, o)
				if err != nil {
					t.Fatal(err)
				}
				if got := kinds(a); !slices.Equal(got, test.want) {
					t.Errorf("defects %+v, not %v", a.Defects(), test.want)
				}
				got := walk(t, a.FS())
				if _, last := got["last"]; got["index.json"] != "file:{}" || last != test.whole && !strings.HasPrefix(name, "ratio") {
					t.Errorf("%d files, the last there: %t", len(got), last)
				}
				if err := a.Close(); err != nil {
					t.Error(err)
				}
				gone()
			})
		}
	}
}

// What is no archive leaves nothing, however it comes.
func TestOpenNotTar(t *testing.T) {
	for name, raw := range map[string][]byte{
		"text": []byte(strings.Repeat("y\n", 1000)), "empty": nil, "zip": []byte("PK\x03\x04" + strings.Repeat("\x00", 1000)),
		"zipped text": zipped(t, []byte(strings.Repeat("y\n", 1000))), "zipped nothing": zipped(t, nil), "zstd text": zstandard(t, []byte("y\n")),
		"zipped twice": zipped(t, zipped(t, pack(t, layouttest.File("a", "")))), "no gzip": []byte("\x1f\x8b" + strings.Repeat("x", 1000)),
		"gzip cut": zipped(t, pack(t, layouttest.File("a", "")))[:30], "xz": []byte("\xfd7zXZ\x00" + strings.Repeat("x", 1000)),
	} {
		for way, open := range openers {
			o, gone := spooling(t, archive.Limits{})
			if _, err := open(t, raw, o); !errorIs(err, archive.ErrNotTar) {
				t.Errorf("%s, %s: %v", name, way, err)
			}
			gone()
		}
	}
}

// endless yields the same bytes for ever.
type endless struct{ text string }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.text)
	}
	return n, nil
}

// An endless stream comes to an end: that of no archive at once, that of zeros at
// the limit.
func TestReadEndless(t *testing.T) {
	o, gone := spooling(t, archive.Limits{Bytes: 1 << 20})
	if _, err := archive.Read(t.Context(), endless{"y\n"}, o); !errorIs(err, archive.ErrNotTar) {
		t.Errorf("text: %v", err)
	}
	a, err := archive.Read(t.Context(), endless{"\x00"}, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := kinds(a); !slices.Equal(got, []archive.Kind{archive.LimitBytes}) {
		t.Errorf("zeros: %+v", a.Defects())
	}
	a.Close()
	gone()
}

// A cancelled context ends the wait for a reader that blocks, and leaves nothing.
func TestReadCancelled(t *testing.T) {
	raw := pack(t, layouttest.File("index.json", string(make([]byte, 1<<20))))
	for name, begin := range map[string][]byte{"at once": nil, "in the middle": raw[:100_000], "compressed": zipped(t, raw)[:1000]} {
		t.Run(name, func(t *testing.T) {
			o, gone := spooling(t, archive.Limits{})
			r, w := io.Pipe()
			ctx, cancel := context.WithCancelCause(t.Context())
			reason := errors.New("enough")
			done := make(chan error, 1)
			go func() {
				_, err := archive.Read(ctx, r, o)
				done <- err
			}()
			if len(begin) > 0 {
				if _, err := w.Write(begin); err != nil {
					t.Error(err)
				}
			}
			cancel(reason)
			select {
			case err := <-done:
				if err != reason {
					t.Errorf("%v, not %v", err, reason)
				}
			case <-time.After(time.Minute):
				t.Fatal("it goes on waiting")
			}
			w.Close()
			gone()
		})
	}
}

// An error of the reader is one of the run, and no defect, whatever it is.
func TestReadFails(t *testing.T) {
	raw := pack(t, layouttest.File("index.json", string(make([]byte, 1<<20))))
	for _, fault := range []error{io.ErrUnexpectedEOF, errors.New("broken"), io.ErrNoProgress} {
		for name, begin := range map[string][]byte{"at once": nil, "in the first block": raw[:100], "in the middle": raw[:100_000], "compressed": zipped(t, raw)[:1000]} {
			o, gone := spooling(t, archive.Limits{})
			_, err := archive.Read(t.Context(), io.MultiReader(bytes.NewReader(begin), failing{fault}), o)
			if !errorIs(err, fault) || errorIs(err, archive.ErrNotTar) {
				t.Errorf("%v %s: %v", fault, name, err)
			}
			gone()
		}
	}
	o, gone := spooling(t, archive.Limits{})
	if _, err := archive.Read(t.Context(), failing{nil}, o); !errorIs(err, io.ErrNoProgress) {
		t.Errorf("a reader without progress: %v", err)
	}
	gone()
	nowhere := archive.Options{TempDir: func() (string, error) { return filepath.Join(t.TempDir(), "nowhere"), nil }}
	if _, err := archive.Read(t.Context(), bytes.NewReader(raw), nowhere); !errorIs(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	refused := errors.New("not there")
	nowhere.TempDir = func() (string, error) { return "", refused }
	if _, err := archive.Read(t.Context(), bytes.NewReader(raw), nowhere); !errorIs(err, refused) {
		t.Errorf("a directory that is refused: %v", err)
	}
	if a, err := archive.Open(t.Context(), written(t, raw), nowhere); err != nil {
		t.Errorf("a plain archive was not read in place: %v", err)
	} else {
		a.Close()
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A file in an archive that is written to meanwhile cannot be read any more.
func TestChanged(t *testing.T) {
	raw := pack(t, layouttest.File("index.json", "{}"))
	name := written(t, raw)
	a, err := archive.Open(t.Context(), name, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	f, err := a.FS().Open("index.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before, _ := f.Stat()
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(name, later, later); err != nil {
		t.Fatal(err)
	}
	if after, err := f.Stat(); err != nil || after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the time stays %v, %v", before.ModTime(), err)
	}
	if _, err := a.FS().Open("index.json"); !errorIs(err, blobs.ErrChanged) {
		t.Errorf("%v", err)
	}
}
