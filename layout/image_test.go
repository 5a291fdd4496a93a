package layout_test

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// twoPlatforms builds an index of two images, and an artifact beside them.
func twoPlatforms() (fsys afero.Fs, layers []model.Descriptor, err error) {
	fsys = afero.NewMemMapFs()
	b := layouttest.New(fsys)
	var images []model.Descriptor
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		l := b.Layer(layouttest.Files{"etc/os-release": "ID=" + platform + "\n"})
		layers = append(layers, l.Descriptor)
		image := b.Image(platform, l)
		p, _ := model.ParsePlatform(platform)
		image.Platform = &p
		images = append(images, image)
	}
	b.Entry(b.Index(images...), "v1")
	artifact := model.NewManifest(model.EmptyDescriptor(), b.Blob("text/plain", []byte("hello")))
	artifact.ArtifactType = "text/plain"
	b.Blob(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON))
	b.Entry(b.Document(model.MediaTypeManifest, artifact), "note")
	return fsys, layers, b.Finish()
}

func TestImages(t *testing.T) {
	fsys, _, err := twoPlatforms()
	if err != nil {
		t.Fatal(err)
	}
	l := layout.New(fsys)
	arm, _ := model.ParsePlatform("linux/arm64")
	for _, test := range []struct {
		name      string
		selector  layout.Selector
		platforms []model.Platform
		want      []string
		err       error
	}{
		{name: "all", want: []string{"linux/amd64", "linux/arm64"}},
		{name: "reference", selector: layout.Selector{RefName: "v1"}, want: []string{"linux/amd64", "linux/arm64"}},
		{name: "platform", platforms: []model.Platform{arm}, want: []string{"linux/arm64"}},
		{name: "artifact", selector: layout.Selector{RefName: "note"}},
		{name: "unknown", selector: layout.Selector{RefName: "v2"}, err: layout.ErrNoEntry},
	} {
		images, err := l.Images(t.Context(), test.selector, test.platforms...)
		var got []string
		for _, image := range images {
			got = append(got, image.Platform.String())
		}
		if !slices.Equal(got, test.want) || !errors.Is(err, test.err) {
			t.Errorf("%s: %v, %v", test.name, got, err)
		}
	}
}

// An image has the names of the first entry that leads to it.
func TestImageRefNames(t *testing.T) {
	s := newSite()
	one, two := s.image("one"), s.image("two")
	index := s.Index(one, two)
	s.Entry(one, "a")
	s.Entry(index, "b")
	s.Entry(index, "c")
	s.Entry(one, "d")
	s.Entry(one, "a")
	images, err := s.open(t).Images(t.Context(), layout.Selector{})
	if err != nil || len(images) != 2 {
		t.Fatalf("%d images, %v", len(images), err)
	}
	for i, want := range [][]string{{"a", "d"}, {"b", "c"}} {
		if !slices.Equal(images[i].RefNames, want) {
			t.Errorf("%q, not %q", images[i].RefNames, want)
		}
	}
}

// Nothing is shown of a layer or document that is not what it should be.
func TestImagesDamaged(t *testing.T) {
	fsys, layers, err := twoPlatforms()
	if err != nil {
		t.Fatal(err)
	}
	l := layout.New(fsys)
	images, err := l.Images(t.Context(), layout.Selector{RefName: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := l.Copy(t.Context(), &out, layers[0].Digest); err != nil || int64(out.Len()) != layers[0].Size {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	for name, damage := range map[string]struct {
		do   func() error
		want error
	}{
		"flipped": {func() error { return layouttest.Corrupt(fsys, blobs.Path(layers[0].Digest), 900) }, layout.ErrMismatch},
		"removed": {func() error { return layouttest.Remove(fsys, blobs.Path(layers[1].Digest)) }, fs.ErrNotExist},
	} {
		if err := damage.do(); err != nil {
			t.Fatal(err)
		}
		image := images[0]
		d := layers[0].Digest
		if name == "removed" {
			image, d = images[1], layers[1].Digest
		}
		if _, err := image.FS(t.Context(), layer.Limits{}); !errors.Is(err, damage.want) {
			t.Errorf("%s: FS: %v", name, err)
		}
		if err := l.Copy(t.Context(), &out, d); !errors.Is(err, damage.want) {
			t.Errorf("%s: Copy: %v", name, err)
		}
	}
	manifest := images[0].Descriptor
	if err := layouttest.Corrupt(fsys, blobs.Path(manifest.Digest), 30); err != nil {
		t.Fatal(err)
	}
	if _, err := l.ReadDocument(t.Context(), &manifest, layout.Limits{}); !errors.Is(err, layout.ErrMismatch) {
		t.Errorf("ReadDocument: %v", err)
	}
	if _, err := l.Images(t.Context(), layout.Selector{RefName: "v1"}); !errors.Is(err, layout.ErrMismatch) {
		t.Errorf("Images: %v", err)
	}
}
