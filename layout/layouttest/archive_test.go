package layouttest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// entries lists what archive/tar reads in an archive.
func entries(t *testing.T, raw []byte) []string {
	t.Helper()
	var list []string
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%c %o %d %s>%s=%s", h.Typeflag, h.Mode, h.ModTime.Unix(), h.Name, h.Linkname, content))
	}
}

func TestArchive(t *testing.T) {
	b := layouttest.New(afero.NewMemMapFs())
	private := layouttest.File("b", "secret")
	private.Mode = 0o600
	raw := b.Archive(
		layouttest.Dir("d/"), layouttest.File("d/a", "hello\n"), private, layouttest.Symlink("s", "../x"), layouttest.HardLink("h", "b"),
		layouttest.Entry{Header: tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"a": "b"}}},
	)
	want := []string{"5 755 0 d/>=", "0 644 0 d/a>=hello\n", "0 600 0 b>=secret", "2 777 0 s>../x=", "1 644 0 h>b="}
	if diff := cmp.Diff(want, entries(t, raw)[:5]); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if got := b.Archive(); !bytes.Equal(got, layouttest.End()) {
		t.Errorf("an archive of nothing has %d bytes", len(got))
	}
	if err := b.Finish(); err != nil {
		t.Error(err)
	}
	if b.Archive(layouttest.File("a", "x"), layouttest.Dir("\x00")); b.Finish() == nil {
		t.Error("no error about a name that cannot be written")
	}
}

// Headers that are made by hand are sound unless they say otherwise.
func TestRawHeader(t *testing.T) {
	raw := slices.Concat(
		layouttest.RawHeader(tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 3, Mode: 0o640}), layouttest.Padded("abc"),
		layouttest.RawHeader(tar.Header{Name: "s", Typeflag: tar.TypeSymlink, Linkname: "a", Mode: 0o777}), layouttest.Padded(""),
		layouttest.End(),
	)
	if diff := cmp.Diff([]string{"0 640 0 a>=abc", "2 777 0 s>a="}, entries(t, raw)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	changed := slices.Clone(raw)
	changed[0] = 'b'
	if _, err := tar.NewReader(bytes.NewReader(changed)).Next(); err == nil {
		t.Error("the checksum is right for another name")
	}
	layouttest.Checksum(changed)
	if h, err := tar.NewReader(bytes.NewReader(changed)).Next(); err != nil || h.Name != "b" {
		t.Errorf("%+v, %v", h, err)
	}
	for n, want := range map[int]int{0: 0, 1: 512, 511: 512, 512: 512, 513: 1024} {
		if got := layouttest.Padded(strings.Repeat("x", n)); len(got) != want || string(got[:n]) != strings.Repeat("x", n) {
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
		"gzip": {layouttest.Gzip, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		"zstd": {layouttest.Zstd, func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }},
		"zstd among frames that are skipped": {func(parts ...[]byte) []byte {
			out := layouttest.Skippable(nil)
			for _, part := range parts {
				out = slices.Concat(out, layouttest.Zstd(part), layouttest.Skippable(part))
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

func TestPack(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	archive := b.Archive(layouttest.File("a", "hello\n"))
	for mediaType, want := range map[string][]byte{
		model.MediaTypeLayer:                        archive,
		model.MediaTypeLayerGzip:                    layouttest.Gzip(archive),
		model.MediaTypeDockerLayerForeignGzip:       layouttest.Gzip(archive),
		model.MediaTypeLayerNonDistributableZstd:    layouttest.Zstd(archive),
		"application/vnd.example.layer.v1.tar+gzip": archive,
	} {
		l := b.Pack(mediaType, archive)
		got, err := afero.ReadFile(fsys, blobs.Path(l.Digest))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v, want %d", mediaType, len(got), err, len(want))
		}
		if l.MediaType != mediaType || l.Size != int64(len(want)) || l.DiffID != digest.FromBytes(archive) {
			t.Errorf("%s: %+v", mediaType, l)
		}
	}
}
