package show_test

import (
	"archive/tar"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
)

// sparse returns an archive with one file of size bytes that end in data, in GNU
// tar's old format.
func sparse(size int64, data string) []byte {
	header := rawlayer.Header(tar.Header{Name: "disk", Typeflag: tar.TypeGNUSparse, Size: int64(len(data))})
	copy(header[257:], "ustar  \x00")
	copy(header[386:], fmt.Sprintf("%011o\x00%011o\x00", size-int64(len(data)), len(data)))
	copy(header[483:], fmt.Sprintf("%011o\x00", size))
	rawlayer.Checksum(header)
	return slices.Concat(header, rawlayer.Padded(data), rawlayer.End())
}

// The holes of sparse files are hashed like their data, and count for the limit:
// a layer of a few bytes cannot keep anybody busy.
func TestSparse(t *testing.T) {
	a, b := newSite(), newSite()
	a.Entry(a.Image("linux/amd64", a.Pack(model.MediaTypeLayerGzip, sparse(1<<20, "data"))), "v1")
	b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"disk": strings.Repeat("\x00", 1<<20-4) + "data"})), "v1")
	if p := only(t, compared(t, a, b, show.DiffOptions{})); p.Files.Verdict != show.FilesDifferent || fmt.Sprint(changes(p.Files)) != "[changed disk [mode]]" {
		t.Errorf("%+v", changes(p.Files))
	}
	huge := newSite()
	huge.Entry(huge.Image("linux/amd64", huge.Pack(model.MediaTypeLayerGzip, sparse(1<<32, "data"))), "v1")
	r := compared(t, huge, b, show.DiffOptions{LayerLimits: layer.Limits{Bytes: 1 << 30}})
	if p := only(t, r); p.Files.Verdict != show.FilesUnknown || len(r.Problems) != 1 || r.Problems[0].In != "a" || r.Problems[0].State != layout.StateUnreadable {
		t.Errorf("%+v %+v", p.Files, r.Problems)
	}
}

// What lies deeper than the limit is told on each side.
func TestDepth(t *testing.T) {
	s := newSite()
	d := s.image("linux/amd64", "1")
	for range 3 {
		d = s.Index(d)
	}
	s.Entry(d, "v1")
	side := show.Side{Layout: s.open(t)}
	for depth, problems := range map[int]int{3: 2, 4: 0} {
		r := selected(t, side, side, show.DiffOptions{Limits: layout.Limits{Depth: depth}})
		if len(r.Problems) != problems || r.Complete != (problems == 0) {
			t.Errorf("depth %d: %+v", depth, r.Problems)
		}
	}
}
