package layer_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
)

// gzipKinds is one short stream of each kind: stored, with the fixed codes, with codes
// of its own, of several members, with all fields of a header, and with more behind it.
func gzipKinds(t testing.TB) map[string][]byte {
	text := []byte("hello, hello, hello")
	member := func(level int, header gzip.Header, plain []byte) []byte {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, level)
		if err != nil {
			t.Fatal(err)
		}
		w.Header = header
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	all := map[string][]byte{
		"stored":  member(flate.NoCompression, gzip.Header{}, []byte(noise(150))),
		"fixed":   member(flate.BestCompression, gzip.Header{}, text),
		"dynamic": member(flate.BestCompression, gzip.Header{}, sample(t, false)),
		"nothing": member(flate.BestSpeed, gzip.Header{}, nil),
		"fields": member(flate.BestSpeed, gzip.Header{Name: "a name", Comment: "caf\u00e9", Extra: []byte("abc"),
			ModTime: time.Unix(1e9, 0), OS: 3}, text),
	}
	all["members"] = join(all["fields"], all["nothing"], all["stored"], all["fixed"])
	all["padded"] = append(bytes.Clone(all["fixed"]), make([]byte, 20)...)
	all["trailing"] = append(bytes.Clone(all["fields"]), "rest, and more"...)
	for bit := range 8 { // all that is known or reserved in the header's flags
		all[fmt.Sprintf("flag %d", bit)] = damaged(all["fixed"], 3, 1<<bit)
	}
	return all
}

// Each stream that is cut off anywhere, and read in whatever steps, unpacks to what the
// standard library makes of it. This holds for either decoder: the tag
// ocilayout_stdgzip chooses the other one.
func TestScanGzipCut(t *testing.T) {
	steps := []int{1, 2, 3, 7, 64}
	if testing.Short() {
		steps = []int{1, 7}
	}
	for name, whole := range gzipKinds(t) {
		t.Run(name, func(t *testing.T) {
			for n := 2; n <= len(whole); n++ {
				stream := whole[:n]
				got := scanReader(t, bytes.NewReader(stream), layer.ScanOptions{})
				plain, end := gunzipped(stream)
				unpacksTo(t, got, plain, end)
				if got.Unpacked != int64(len(plain)) {
					t.Errorf("%d bytes of it: %d are unpacked, want %d", n, got.Unpacked, len(plain))
				}
				for _, step := range steps {
					left := bytes.NewReader(stream)
					var r io.Reader = readerFunc(func(p []byte) (int, error) { return left.Read(p[:min(len(p), step)]) })
					if d := cmp.Diff(got, scanReader(t, r, layer.ScanOptions{}), cmp.AllowUnexported(told{}, layer.Archive{}), sameError); d != "" {
						t.Fatalf("%d bytes of it in steps of %d tell otherwise (-whole +steps):\n%s", n, step, d)
					}
				}
			}
		})
	}
}
