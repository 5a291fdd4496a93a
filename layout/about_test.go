package layout_test

import (
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// What is about an image has its kind of configuration, and is no second image.
func TestAboutIsNoImage(t *testing.T) {
	statement := func(b *layouttest.Builder, mediaType string) []model.Descriptor {
		return []model.Descriptor{b.Blob(mediaType, []byte("{}"))}
	}
	about := func(b *layouttest.Builder, os, arch string, layers []model.Descriptor) model.Descriptor {
		config := b.Document(model.MediaTypeImageConfig, model.Image{OS: os, Architecture: arch, RootFS: model.RootFS{Type: "layers", DiffIDs: []digest.Digest{}}})
		return b.Document(model.MediaTypeManifest, model.NewManifest(config, layers...))
	}
	for name, make := range map[string]func(b *layouttest.Builder, image model.Descriptor) model.Descriptor{
		"BuildKit": func(b *layouttest.Builder, image model.Descriptor) model.Descriptor {
			d := about(b, "unknown", "unknown", statement(b, "application/vnd.in-toto+json"))
			d.Platform = &model.Platform{OS: "unknown", Architecture: "unknown"}
			d.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": string(image.Digest)}
			return d
		},
		"only the annotations": func(b *layouttest.Builder, image model.Descriptor) model.Descriptor {
			d := about(b, "linux", "amd64", statement(b, "application/vnd.in-toto+json"))
			d.Annotations = map[string]string{"vnd.docker.reference.digest": string(image.Digest)}
			return d
		},
		"only the configuration": func(b *layouttest.Builder, _ model.Descriptor) model.Descriptor {
			return about(b, "unknown", "unknown", statement(b, model.MediaTypeLayerGzip))
		},
		"cosign": func(b *layouttest.Builder, _ model.Descriptor) model.Descriptor {
			return about(b, "", "", statement(b, "application/vnd.dev.cosign.simplesigning.v1+json"))
		},
		"artifact": func(b *layouttest.Builder, _ model.Descriptor) model.Descriptor {
			config := b.Document(model.MediaTypeImageConfig, model.Image{OS: "linux", Architecture: "amd64"})
			m := model.NewManifest(config, statement(b, model.MediaTypeLayerGzip)...)
			m.ArtifactType = "application/vnd.example.thing"
			return b.Document(model.MediaTypeManifest, m)
		},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := afero.NewMemMapFs()
			b := layouttest.New(fsys)
			image := b.Image("linux/amd64", b.Layer(layouttest.Files{"a": "a"}))
			image.Platform = nil
			other := make(b, image)
			b.Entry(b.Index(image, other), "both")
			b.Entry(b.Index(other), "alone")
			if err := b.Finish(); err != nil {
				t.Fatal(err)
			}
			l := layout.New(fsys)
			images, err := l.Images(t.Context(), layout.Selector{RefName: "both"})
			if err != nil || len(images) != 1 || images[0].Descriptor.Digest != image.Digest {
				t.Errorf("both: %d images, %v", len(images), err)
			}
			if images, err = l.Images(t.Context(), layout.Selector{RefName: "alone"}); err != nil || len(images) != 1 {
				t.Errorf("alone: %d images, %v", len(images), err)
			}
		})
	}
}
