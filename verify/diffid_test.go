package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// numbered writes a layer that no other number gives.
func numbered(b *layouttest.Builder, n int) layouttest.Layer {
	return b.Layer(layouttest.Files{"n": fmt.Sprint(n)})
}

// wrong returns the layer with a diff id that differs in its last digit.
func wrong(l layouttest.Layer) layouttest.Layer {
	l.DiffID = otherDigit(l.DiffID, len(l.DiffID)-1)
	return l
}

// entered writes an image of the layers, enters it, and returns its manifest and
// the path of its configuration.
func entered(b *layouttest.Builder, refName string, layers ...layouttest.Layer) (model.Descriptor, string) {
	var descriptors []model.Descriptor
	for _, l := range layers {
		descriptors = append(descriptors, l.Descriptor)
	}
	config := imageConfig(b, layers...)
	d := b.Document(model.MediaTypeManifest, model.NewManifest(config, descriptors...))
	b.Entry(d, refName)
	return d, blobs.Path(config.Digest)
}

func imageConfig(b *layouttest.Builder, layers ...layouttest.Layer) model.Descriptor {
	image := model.Image{OS: "linux", Architecture: "amd64", RootFS: model.RootFS{Type: "layers", DiffIDs: []digest.Digest{}}}
	for _, l := range layers {
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, l.DiffID)
	}
	return b.Document(model.MediaTypeImageConfig, image)
}

// checkMismatch makes sure that a finding names the layer's place and both
// digests, in a sentence and by themselves.
func checkMismatch(t *testing.T, f verify.Finding, config string, place int, want, got digest.Digest) {
	t.Helper()
	if f.Rule != rule.DiffIDMismatch || f.Path != config || f.Pointer != fmt.Sprintf("/rootfs/diff_ids/%d", place) || blobs.Path(f.Digest) != config {
		t.Errorf("%s %s#%s of %s", f.Rule, f.Path, f.Pointer, f.Digest)
	}
	for _, part := range []string{fmt.Sprintf("layer %d ", place), string(want), string(got)} {
		if !strings.Contains(f.Message, part) {
			t.Errorf("the message does not say %q: %s", part, f.Message)
		}
	}
	if f.Expected != string(want) || f.Actual != string(got) {
		t.Errorf("expected %s, actual %s, want %s and %s", f.Expected, f.Actual, want, got)
	}
	if n := len(f.Trail); n == 0 || !strings.HasSuffix(f.Trail[n-1], "#/config") {
		t.Errorf("the trail does not lead to the configuration: %q", f.Trail)
	}
}

// A diff id that is wrong in any one of its digits is found, by each algorithm
// and at each place.
func TestDiffIDWrongInOneDigit(t *testing.T) {
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
		for n := range 2 * a.Size() {
			place := n % 3
			var is, was digest.Digest
			var config string
			r := verifyFs(t, build(t, func(b *layouttest.Builder) {
				layers := []layouttest.Layer{numbered(b, 0), numbered(b, 1), numbered(b, 2)}
				is = a.FromBytes(b.Archive(layouttest.File("n", fmt.Sprint(place))))
				was = otherDigit(is, len(a)+1+n)
				layers[place].DiffID = was
				_, config = entered(b, "v1", layers...)
			}), verify.Options{Jobs: 1})
			if len(r.findings) != 1 {
				t.Fatalf("%s, digit %d: findings:\n%s", a, n, describe(r.findings))
			}
			checkMismatch(t, r.findings[0], config, place, was, is)
		}
	}
}

// One layer has diff ids by as many algorithms as there are, and each of them is
// checked.
func TestDiffIDsByManyAlgorithms(t *testing.T) {
	var configs []string
	r := verifyFs(t, build(t, func(b *layouttest.Builder) {
		layer := numbered(b, 0)
		raw := b.Archive(layouttest.File("n", "0"))
		for i, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512, digest.SHA256} {
			if layer.DiffID = a.FromBytes(raw); i > 0 {
				layer = wrong(layer)
			}
			_, config := entered(b, fmt.Sprint("v", i), layer)
			configs = append(configs, config)
		}
	}), verify.Options{})
	checkPlaces(t, r,
		"diff-id-mismatch "+configs[1]+" /rootfs/diff_ids/0",
		"diff-id-mismatch "+configs[2]+" /rootfs/diff_ids/0",
		"diff-id-mismatch "+configs[3]+" /rootfs/diff_ids/0")
}

// otherDigit returns a digest with another digit at one place.
func otherDigit(d digest.Digest, at int) digest.Digest {
	text := []byte(d)
	if text[at] == '0' {
		text[at] = '1'
	} else {
		text[at] = '0'
	}
	return digest.Digest(text)
}

// Layers in another order than their diff ids are told with the place where what
// they unpack to is promised.
func TestDiffIDsSwapped(t *testing.T) {
	const n = 5
	for i := range n {
		for j := range i {
			var layers []layouttest.Layer
			var config string
			r := verifyFs(t, build(t, func(b *layouttest.Builder) {
				for k := range n {
					layers = append(layers, numbered(b, k))
				}
				swapped := append([]layouttest.Layer{}, layers...)
				swapped[i].DiffID, swapped[j].DiffID = layers[j].DiffID, layers[i].DiffID
				_, config = entered(b, "v1", swapped...)
			}), verify.Options{Jobs: 2})
			if len(r.findings) != 2 {
				t.Fatalf("%d and %d: findings:\n%s", i, j, describe(r.findings))
			}
			checkMismatch(t, r.findings[0], config, j, layers[i].DiffID, layers[j].DiffID)
			checkMismatch(t, r.findings[1], config, i, layers[j].DiffID, layers[i].DiffID)
			for f, other := range []int{i, j} {
				if want := fmt.Sprintf("is diff id %d", other); !strings.Contains(r.findings[f].Message, want) {
					t.Errorf("the message does not say %q: %s", want, r.findings[f].Message)
				}
			}
		}
	}
}

// A layer that was packed anew with other content is found, also where every
// descriptor of it is right.
func TestDiffIDOfRewrittenLayer(t *testing.T) {
	for _, mediaType := range []string{
		model.MediaTypeLayer, model.MediaTypeLayerGzip, model.MediaTypeLayerZstd, model.MediaTypeDockerLayerGzip, model.MediaTypeLayerNonDistributableZstd,
	} {
		var config string
		var was, is digest.Digest
		o := without(t, verify.Options{}, rule.LayerNotToDistribute, rule.MediaTypeMixed)
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			base := numbered(b, 0)
			evil := b.Pack(mediaType, b.Archive(layouttest.File("bin/sh", "#!evil")))
			was, is = digest.FromBytes(b.Archive(layouttest.File("bin/sh", "#!good"))), evil.DiffID
			evil.DiffID = was
			_, config = entered(b, "v1", base, evil)
		}), o)
		if len(r.findings) != 1 {
			t.Fatalf("%s: findings:\n%s", mediaType, describe(r.findings))
		}
		checkMismatch(t, r.findings[0], config, 1, was, is)
	}
}

// One blob can be a layer to one image and something else to another, and
// whichever comes first, each is judged by what it says itself.
func TestOneBlobUnderManyMediaTypes(t *testing.T) {
	for _, layerFirst := range []bool{true, false} {
		var asText model.Descriptor
		var config string
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			layer := wrong(numbered(b, 0))
			text := layer
			text.MediaType = "text/plain"
			if layerFirst {
				_, config = entered(b, "layer", layer)
			}
			asText, _ = entered(b, "text", text)
			if !layerFirst {
				_, config = entered(b, "layer", layer)
			}
			// Once more, after all those that share what the layer told.
			entered(b, "again", layer, numbered(b, 1))
		}), terse(t, verify.Options{}))
		var got []string
		for _, f := range r.findings {
			if f.Rule == rule.DiffIDMismatch || f.Rule == rule.DiffIDNotChecked {
				got = append(got, string(f.Rule)+" "+f.Path)
			}
		}
		want := []string{"diff-id-mismatch " + config, "diff-id-not-checked " + blobs.Path(asText.Digest)}
		if !layerFirst {
			want[0], want[1] = want[1], want[0]
		}
		if diff := cmp.Diff(want, got[:min(2, len(got))]); diff != "" || len(got) != 3 || !strings.HasPrefix(got[2], "diff-id-mismatch ") {
			t.Errorf("layer first %v: findings (-want +got):\n%s%s", layerFirst, diff, describe(r.findings))
		}
	}
}

// What is no archive by any media type is so once.
func TestNoArchiveUnderManyMediaTypes(t *testing.T) {
	var text layouttest.Layer
	var docker model.Descriptor
	r := verifyFs(t, build(t, func(b *layouttest.Builder) {
		text = b.Pack(model.MediaTypeLayer, []byte("no archive"))
		entered(b, "oci", text)
		text.MediaType = model.MediaTypeDockerLayer
		docker, _ = entered(b, "docker", text)
	}), verify.Options{})
	checkPlaces(t, r, "media-type-mixed "+blobs.Path(docker.Digest)+" /layers/0/mediaType",
		"media-type-conflict "+blobs.Path(docker.Digest)+" /layers/0/mediaType", "tar-invalid "+blobs.Path(text.Digest))
}

// Where there is no layer to read, what configurations promise is judged all the
// same.
func TestDiffIDsWithoutLayers(t *testing.T) {
	var config model.Descriptor
	r := verifyFs(t, build(t, func(b *layouttest.Builder) {
		config = imageConfig(b, layouttest.Layer{DiffID: "sha256:" + hex64})
		b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(config)), "v1")
	}), terse(t, verify.Options{}))
	checkPlaces(t, r, "diff-id-count "+blobs.Path(config.Digest)+" /rootfs/diff_ids")
}

// A manifest may have others among its layers. Its own layers after that are
// judged all the same, each at its own place.
func TestManifestsAmongLayers(t *testing.T) {
	var outer, nested string
	var asLayer model.Descriptor
	r := verifyFs(t, build(t, func(b *layouttest.Builder) {
		inner := wrong(numbered(b, 1))
		config := imageConfig(b, inner)
		nested = blobs.Path(config.Digest)
		d := b.Document(model.MediaTypeManifest, model.NewManifest(config, inner.Descriptor))
		odd := layouttest.Layer{Descriptor: b.Index(d, d), DiffID: digest.FromString("nothing")}
		asLayer, outer = entered(b, "v1", numbered(b, 0), odd, wrong(numbered(b, 2)))
	}), terse(t, verify.Options{}))
	checkPlaces(t, r,
		"media-type-role "+blobs.Path(asLayer.Digest)+" /layers/1/mediaType",
		"diff-id-not-checked "+blobs.Path(asLayer.Digest)+" /layers/1",
		"diff-id-mismatch "+outer+" /rootfs/diff_ids/2",
		"diff-id-mismatch "+nested+" /rootfs/diff_ids/0",
	)
}

// A blob that is read as a document is no layer, and that is found although it
// was read before.
func TestDocumentAsLayer(t *testing.T) {
	var config, manifest model.Descriptor
	r := verifyFs(t, build(t, func(b *layouttest.Builder) {
		config = imageConfig(b, layouttest.Layer{DiffID: digest.FromString("unpacked")})
		layer := config
		layer.MediaType = model.MediaTypeLayer
		manifest = b.Document(model.MediaTypeManifest, model.NewManifest(config, layer))
		b.Entry(manifest, "v1")
	}), verify.Options{})
	checkPlaces(t, r, "media-type-conflict-role "+blobs.Path(manifest.Digest)+" /layers/0/mediaType", "tar-invalid "+blobs.Path(config.Digest))
	if r.stats.BytesRead != r.stats.BytesToRead {
		t.Errorf("%+v", r.stats)
	}
}

// Where documents are damaged or missing, nobody knows what was promised; and
// where a sound document names the same, it is judged.
func TestDiffIDsOfDamagedDocuments(t *testing.T) {
	image := func(t *testing.T) (s *spied, manifest, config string) {
		return spy(build(t, func(b *layouttest.Builder) {
			var d model.Descriptor
			d, config = entered(b, "v1", wrong(numbered(b, 0)))
			manifest = blobs.Path(d.Digest)
		})), manifest, config
	}
	t.Run("configuration damaged", func(t *testing.T) {
		s, _, config := image(t)
		if err := layouttest.Corrupt(s.base, config, 50); err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, verifyFs(t, s, verify.Options{}), "blob-digest-mismatch "+config)
	})
	t.Run("configuration missing", func(t *testing.T) {
		s, _, config := image(t)
		if err := layouttest.Remove(s.base, config); err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, verifyFs(t, s, verify.Options{}), "blob-missing "+config)
	})
	t.Run("manifest damaged", func(t *testing.T) {
		s, manifest, _ := image(t)
		if err := layouttest.Replace(s.base, manifest, `"schemaVersion":2`, `"schemaVersion":1`); err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, verifyFs(t, s, verify.Options{}), "blob-digest-mismatch "+manifest)
	})
	for _, damagedFirst := range []bool{true, false} {
		t.Run(fmt.Sprintf("index damaged, and the image elsewhere, damaged first %v", damagedFirst), func(t *testing.T) {
			var config string
			var index model.Descriptor
			fsys := build(t, func(b *layouttest.Builder) {
				layer := wrong(numbered(b, 0))
				c := imageConfig(b, layer)
				d := b.Document(model.MediaTypeManifest, model.NewManifest(c, layer.Descriptor))
				config = blobs.Path(c.Digest)
				index = b.Index(d)
				if damagedFirst {
					b.Entry(index, "")
				}
				b.Entry(d, "")
				b.Entry(index, "")
			})
			if err := layouttest.Replace(fsys, blobs.Path(index.Digest), `"schemaVersion":2`, `"schemaVersion":1`); err != nil {
				t.Fatal(err)
			}
			checkPlaces(t, verifyFs(t, fsys, terse(t, verify.Options{})),
				"blob-digest-mismatch "+blobs.Path(index.Digest), "diff-id-mismatch "+config+" /rootfs/diff_ids/0")
		})
	}
}

// An embedded configuration promises as much as one that is there.
func TestDiffIDsOfEmbeddedConfig(t *testing.T) {
	var config string
	fsys := build(t, func(b *layouttest.Builder) {
		layer := wrong(numbered(b, 0))
		c := imageConfig(b, layer)
		image := model.Image{OS: "linux", Architecture: "amd64", RootFS: model.RootFS{Type: "layers", DiffIDs: []digest.Digest{layer.DiffID}}}
		raw, err := model.Encode(&image)
		if err != nil {
			t.Fatal(err)
		}
		config = blobs.Path(c.Digest)
		if c.Data = raw; c.Digest != digest.FromBytes(raw) {
			t.Fatalf("the embedded configuration is another one: %s", raw)
		}
		b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(c, layer.Descriptor)), "")
	})
	if err := layouttest.Remove(fsys, config); err != nil {
		t.Fatal(err)
	}
	checkPlaces(t, verifyFs(t, fsys, verify.Options{}),
		"blob-missing-excused "+config, "diff-id-mismatch "+config+" /rootfs/diff_ids/0")
}

// Only what is asked for is held against its diff ids, and of other platforms
// the blobs need only match their digests.
func TestDiffIDsOfWhatIsAskedFor(t *testing.T) {
	manifests := make(map[string]string)
	fsys := build(t, func(b *layouttest.Builder) {
		shared := numbered(b, 0)
		var entries []model.Descriptor
		for i, p := range []string{"linux/amd64", "linux/arm64", "windows/amd64"} {
			d := b.Image(p, shared, wrong(numbered(b, i+1)), b.Pack(model.MediaTypeLayerGzip, fmt.Appendf(nil, "no archive, %d", i)))
			manifests[p] = blobs.Path(d.Digest)
			entries = append(entries, d)
			b.Entry(d, strings.ReplaceAll(p, "/", "-"))
		}
		b.Entry(b.Index(entries...), "all")
	})
	for _, tc := range []struct {
		name string
		o    verify.Options
		want []string
	}{
		{"all", verify.Options{}, []string{"linux/amd64", "linux/arm64", "windows/amd64"}},
		{"platform", verify.Options{Platforms: []model.Platform{platform(t, "linux/arm64")}}, []string{"linux/arm64"}},
		{"platforms", verify.Options{Platforms: []model.Platform{platform(t, "linux/arm64"), platform(t, "windows/amd64")}}, []string{"linux/arm64", "windows/amd64"}},
		{"selection", verify.Options{Select: layout.Selector{RefName: "windows-amd64"}}, []string{"windows/amd64"}},
		{"both", verify.Options{Select: layout.Selector{RefName: "all"}, Platforms: []model.Platform{platform(t, "linux/amd64")}}, []string{"linux/amd64"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var want, got []string
			for _, p := range tc.want {
				want = append(want, "tar-invalid "+manifests[p]+"#/layers/2", "diff-id-mismatch "+manifests[p]+"#/config")
			}
			for _, f := range verifyFs(t, fsys, tc.o).findings {
				got = append(got, string(f.Rule)+" "+f.Trail[len(f.Trail)-1])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
