package verify_test

import (
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Where several descriptors name a blob, a finding about it names the one by which it
// is one, and not the first.
func TestTrailThatMakesIt(t *testing.T) {
	artifact := func(b *layouttest.Builder, d model.Descriptor) model.Descriptor {
		m := model.NewManifest(b.Blob(model.MediaTypeEmptyJSON, []byte("{}")), d)
		m.ArtifactType = "application/vnd.example.thing"
		return b.Document(model.MediaTypeManifest, m)
	}
	as := func(d model.Descriptor, mediaType string) model.Descriptor { d.MediaType = mediaType; return d }
	for _, test := range []struct {
		name  string
		rule  rule.ID
		first func(b *layouttest.Builder) (first, second model.Descriptor)
	}{
		{"a layer that is no archive", rule.TarInvalid, func(b *layouttest.Builder) (model.Descriptor, model.Descriptor) {
			d := b.Blob("application/gzip", rawlayer.Gzip(make([]byte, 100), []byte("text")))
			return d, as(d, model.MediaTypeLayerGzip)
		}},
		{"a layer that is not compressed", rule.LayerMediaType, func(b *layouttest.Builder) (model.Descriptor, model.Descriptor) {
			d := b.Blob("text/plain", []byte("hello\n"))
			return d, as(d, model.MediaTypeLayerGzip)
		}},
		{"a missing blob that the first may lack", rule.BlobMissing, func(*layouttest.Builder) (model.Descriptor, model.Descriptor) {
			d := model.Describe("text/plain", []byte("gone\n"))
			excused := d
			excused.URLs = []string{"https://example.com/gone"}
			return excused, d
		}},
		{"a missing blob that the first embeds", rule.BlobMissing, func(*layouttest.Builder) (model.Descriptor, model.Descriptor) {
			d := model.Describe("text/plain", []byte("gone\n"))
			embeds := d
			embeds.Data = []byte("gone\n")
			return embeds, d
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var second model.Descriptor
			r := verifyFs(t, build(t, func(b *layouttest.Builder) {
				a, c := test.first(b)
				b.Entry(artifact(b, a), "first")
				second = artifact(b, c)
				b.Entry(second, "second")
			}), verify.Options{})
			want := []string{"index.json#/manifests/1", blobs.Path(second.Digest) + "#/layers/0"}
			found := false
			for _, f := range r.findings {
				if f.Rule != test.rule {
					continue
				}
				found = true
				if at := f.Path + "#/layers/0"; !slices.Equal(f.Trail, want) && !(slices.Equal(f.Trail, want[:1]) && at == want[1]) {
					t.Errorf("%s is reached by %q, want %q", f.Rule, f.Trail, want)
				}
			}
			if !found {
				t.Errorf("no %s in:\n%s", test.rule, describe(r.findings))
			}
		})
	}
}
