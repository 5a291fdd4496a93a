package layouttest_test

import (
	"archive/tar"
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

func entries(t *testing.T, raw []byte) []string {
	t.Helper()
	list, err := rawlayer.Listing(raw)
	if err != nil {
		t.Fatal(err)
	}
	return list
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
	if got := b.Archive(); !bytes.Equal(got, rawlayer.End()) {
		t.Errorf("an archive of nothing has %d bytes", len(got))
	}
	if err := b.Finish(); err != nil {
		t.Error(err)
	}
	if b.Archive(layouttest.File("a", "x"), layouttest.Dir("\x00")); b.Finish() == nil {
		t.Error("no error about a name that cannot be written")
	}
}

func TestPack(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	archive := b.Archive(layouttest.File("a", "hello\n"))
	for mediaType, want := range map[string][]byte{
		model.MediaTypeLayer:                        archive,
		model.MediaTypeLayerGzip:                    rawlayer.Gzip(archive),
		model.MediaTypeDockerLayerForeignGzip:       rawlayer.Gzip(archive),
		model.MediaTypeLayerNonDistributableZstd:    rawlayer.Zstd(archive),
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
