package rawlayer

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

func listing(t *testing.T, raw []byte) []string {
	t.Helper()
	list, err := Listing(raw)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Headers that are made by hand are sound unless they say otherwise.
func TestHeader(t *testing.T) {
	raw := slices.Concat(
		Header(tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 3, Mode: 0o640}), Padded("abc"),
		Header(tar.Header{Name: "s", Typeflag: tar.TypeSymlink, Linkname: "a", Mode: 0o777}), Padded(""),
		End(),
	)
	if diff := cmp.Diff([]string{"0 640 0 a>=abc", "2 777 0 s>a="}, listing(t, raw)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	changed := slices.Clone(raw)
	changed[0] = 'b'
	if _, err := tar.NewReader(bytes.NewReader(changed)).Next(); err == nil {
		t.Error("the checksum is right for another name")
	}
	Checksum(changed)
	if h, err := tar.NewReader(bytes.NewReader(changed)).Next(); err != nil || h.Name != "b" {
		t.Errorf("%+v, %v", h, err)
	}
	for n, want := range map[int]int{0: 0, 1: 512, 511: 512, 512: 512, 513: 1024} {
		if got := Padded(strings.Repeat("x", n)); len(got) != want || string(got[:n]) != strings.Repeat("x", n) {
			t.Errorf("%d bytes are padded to %d", n, len(got))
		}
	}
}

// What is packed unpacks to what it was, in one part and in several, also where
// the format needs many blocks.
func TestPacking(t *testing.T) {
	ways := map[string]struct {
		pack   func(...[]byte) []byte
		unpack func(io.Reader) (io.Reader, error)
	}{
		"gzip": {Gzip, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		"zstd": {Zstd, func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }},
		"zstd among frames that are skipped": {func(parts ...[]byte) []byte {
			out := Skippable(nil)
			for _, part := range parts {
				out = slices.Concat(out, Zstd(part), Skippable(part))
			}
			return out
		}, func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }},
	}
	long := []byte(strings.Repeat("0123456789abcdef", 20_000))
	for name, way := range ways {
		for _, n := range []int{0, 1, 65534, 65535, 65536, 128<<10 - 1, 128 << 10, 128<<10 + 1, len(long)} {
			for _, parts := range [][][]byte{{long[:n]}, {nil, long[:n], long[:n/2], nil}} {
				r, err := way.unpack(bytes.NewReader(way.pack(parts...)))
				if err != nil {
					t.Fatalf("%s, %d bytes: %v", name, n, err)
				}
				got, err := io.ReadAll(r)
				if want := slices.Concat(parts...); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s, %d bytes in %d parts: %d bytes, %v", name, len(want), len(parts), len(got), err)
				}
			}
		}
	}
}
