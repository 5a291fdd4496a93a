package verify_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/spf13/afero"
)

// A blob that takes as long as many others is begun first, wherever it stands. The
// others are read image by image, the largest of each first.
func TestLargestFirst(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	names := make(map[string]string)
	layerOf := func(name string, size int) layouttest.Layer {
		l := b.Pack(model.MediaTypeLayer, b.Archive(layouttest.File(name, strings.Repeat("x", size))))
		names["blobs/sha256/"+l.Descriptor.Digest.Encoded()] = name
		return l
	}
	for i, sizes := range [][]int{{1000, 3000, 2000}, {5000, 4000}, {100, 9 << 20, 10 << 20}} {
		var layers []layouttest.Layer
		for j, size := range sizes {
			layers = append(layers, layerOf(strconv.Itoa(i)+strconv.Itoa(j), size))
		}
		b.Entry(b.Image("linux/amd64", layers...), "")
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	spy := new(faultfs.Faults)
	r := run(t, layout.New(spy.Over(fsys)), verify.Options{Jobs: 1})
	if !r.valid() {
		t.Fatalf("%+v", r)
	}
	var read []string
	for _, op := range spy.Ops() {
		if name := names[op.Name]; op.Kind == faultfs.OpOpen && name != "" {
			read = append(read, name)
		}
	}
	if want := []string{"22", "21", "01", "02", "00", "10", "11", "20"}; !slices.Equal(read, want) {
		t.Errorf("read %v, want %v", read, want)
	}
}
