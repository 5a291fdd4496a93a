package show

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func TestSteps(t *testing.T) {
	for name, test := range map[string]struct {
		make    func(*making)
		options layout.GraphOptions
		depth   int
		want    string
	}{
		"empty": {make: func(m *making) {}, want: "\n"},
		"index": {
			make: func(m *making) {
				m.Entry(m.name("list", m.Index(m.image("amd", "linux/amd64"), m.image("arm", "linux/arm64"))), "v1")
			},
			want: `
index /manifests/0 index list
  manifest /manifests/0 image amd
    config /config config amd.config
    layer /layers/0 layer amd.layer
  manifest /manifests/1 image arm
    config /config config arm.config
    layer /layers/0 layer arm.layer
`},
		"platform": {
			make: func(m *making) {
				arm := m.image("arm", "linux/arm64")
				arm.Platform = nil
				m.Entry(m.Index(m.image("amd", "linux/amd64"), m.image("amd2", "linux/amd64")), "v1")
				m.Entry(arm, "arm")
				m.Entry(m.artifact("sbom", "application/spdx+json", arm), "")
			},
			options: layout.GraphOptions{Platforms: []model.Platform{{OS: "linux", Architecture: "ppc64le"}}},
			want: `
index /manifests/0 index 
manifest /manifests/2 artifact sbom
  config /config config empty
  layer /layers/0 layer sbom.layer
`},
		"subject first": {
			make: func(m *making) {
				img := m.image("img", "linux/amd64")
				m.Entry(m.artifact("sbom", "application/spdx+json", img), "")
				m.Entry(img, "v1")
			},
			want: `
manifest /manifests/0 artifact sbom
  config /config config empty
  layer /layers/0 layer sbom.layer
  subject /subject image img (below)
manifest /manifests/1 image img
  config /config config img.config
  layer /layers/0 layer img.layer
  referrer by subject artifact sbom (above)
`},
		"subject alone": {
			make: func(m *making) {
				m.Entry(m.artifact("sbom", "application/spdx+json", m.image("img", "linux/amd64")), "")
			},
			want: `
manifest /manifests/0 artifact sbom
  config /config config empty
  layer /layers/0 layer sbom.layer
  subject /subject image img
    config /config config img.config
    layer /layers/0 layer img.layer
    referrer by subject artifact sbom (above)
`},
		"selected with its referrers": {
			make: func(m *making) {
				img := m.image("img", "linux/amd64")
				m.Entry(m.image("other", "linux/amd64"), "v2")
				m.Entry(img, "v1")
				m.Entry(m.artifact("sig", "application/vnd.cncf.notary.signature", img), "")
			},
			options: layout.GraphOptions{Selector: layout.Selector{RefName: "v1"}},
			want: `
manifest /manifests/1 image img
  config /config config img.config
  layer /layers/0 layer img.layer
  referrer by subject artifact sig
    config /config config empty
    layer /layers/0 layer sig.layer
    subject /subject image img (above)
`},
		"tags": {
			make: func(m *making) {
				img := m.image("img", "linux/amd64")
				m.Entry(img, "v1")
				m.Entry(m.name("list", m.Index(m.artifact("sbom", "application/spdx+json", img))), model.ReferrersTag(img.Digest))
				simple := model.NewManifest(m.name("sig.config", m.Blob(model.MediaTypeImageConfig, []byte("{ }"))),
					m.name("sig.layer", m.Blob("application/vnd.dev.cosign.simplesigning.v1+json", []byte("[]"))))
				m.Entry(m.name("sig", m.Document(model.MediaTypeManifest, simple)), model.ReferrersTag(img.Digest)+".sig")
			},
			want: `
manifest /manifests/0 image img
  config /config config img.config
  layer /layers/0 layer img.layer
  referrer by subject artifact sbom
    config /config config empty
    layer /layers/0 layer sbom.layer
    subject /subject image img (above)
  referrer by referrers-tag index list
    manifest /manifests/0 artifact sbom (above)
  referrer by cosign-tag artifact sig
    config /config config sig.config
    layer /layers/0 layer sig.layer
index /manifests/1 index list (above)
manifest /manifests/2 artifact sig (above)
`},
		"attestation": {
			make: func(m *making) {
				img := m.image("img", "linux/amd64")
				about := m.image("about", "unknown/unknown")
				about.Annotations = map[string]string{model.AnnotationBuildKitType: "attestation-manifest", model.AnnotationBuildKitDigest: string(img.Digest)}
				m.Entry(m.name("list", m.Index(img, about, about)), "v1")
			},
			options: layout.GraphOptions{Platforms: []model.Platform{{OS: "linux", Architecture: "amd64"}}},
			want: `
index /manifests/0 index list
  manifest /manifests/0 image img
    config /config config img.config
    layer /layers/0 layer img.layer
    referrer by attestation image about
      config /config config about.config
      layer /layers/0 layer about.layer
`},
		"depth": {
			make: func(m *making) { m.Entry(m.name("list", m.Index(m.image("amd", "linux/amd64"))), "") },
			want: `
index /manifests/0 index list
  manifest /manifests/0 image amd (cut)
`, depth: 2},
		"damage": {
			make: func(m *making) {
				a, b, c := m.image("missing", "linux/amd64"), m.image("damaged", "linux/amd64"), m.image("unreadable", "linux/amd64")
				m.edited(layouttest.Remove(m.fs, m.file(a)))
				m.edited(layouttest.Append(m.fs, m.file(b), " "))
				c.Digest = m.name("unreadable", m.Blob(model.MediaTypeManifest, []byte("{"))).Digest
				m.Entry(a, "a")
				m.Entry(b, "b")
				m.Entry(c, "c")
				m.Entry(model.Descriptor{MediaType: model.MediaTypeManifest, Digest: "sha256:no", Size: -1}, "d")
			},
			want: `
manifest /manifests/0 manifest missing [missing]
manifest /manifests/1 image damaged [damaged]
  config /config config damaged.config
  layer /layers/0 layer damaged.layer
manifest /manifests/2 manifest unreadable [unreadable]
manifest /manifests/3
`},
		"cycle": {
			make: func(m *making) {
				// What no digest can be computed of may well name itself.
				loop := model.Descriptor{MediaType: model.MediaTypeIndex, Digest: "sha384x:loop", Size: 3}
				x := model.NewIndex(loop)
				x.Subject = &loop
				raw, err := model.Encode(x)
				m.edited(err)
				m.File(blobs.Path(loop.Digest), raw)
				m.Entry(m.name("loop", loop), "")
			},
			want: `
index /manifests/0 index loop
  index /manifests/0 index loop (above)
  subject /subject index loop (above)
  referrer by subject index loop (above)
`},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaking(t)
			test.make(m)
			g := m.read(test.options)
			if diff := cmp.Diff(test.want, m.steps(g, test.depth)); diff != "" {
				t.Error(diff)
			}
			if again := m.steps(m.read(test.options), test.depth); again != m.steps(g, test.depth) {
				t.Errorf("the second time it is %s", again)
			}
		})
	}
}

// Digests are cut off where they still differ.
func TestShort(t *testing.T) {
	for want, digests := range map[int][]digest.Digest{
		12: {"sha256:" + digest.Digest(strings.Repeat("1", 64)), "sha512:" + digest.Digest(strings.Repeat("1", 128))},
		31: {"sha256:" + digest.Digest(strings.Repeat("2", 64)), "sha256:" + digest.Digest(strings.Repeat("2", 30)+strings.Repeat("3", 34))},
	} {
		m := newMaking(t)
		for _, d := range digests {
			m.Entry(model.Descriptor{MediaType: "text/plain", Digest: d, Size: 1}, "")
		}
		g := m.read(layout.GraphOptions{})
		if got := shortDigests(g); got != want {
			t.Errorf("%d, not %d", got, want)
		}
		if a, b := abbreviate(string(digests[0]), want), abbreviate(string(digests[1]), want); a == b || len(a) != 7+want {
			t.Errorf("%s and %s", a, b)
		}
	}
}

// A chain of referrers is no recursion, and the steps follow the descriptors.
func TestManyReferrers(t *testing.T) {
	m := newMaking(t)
	d := m.image("img", "linux/amd64")
	m.Entry(d, "v1")
	const most = 2000
	for i := range most {
		d = m.artifact(fmt.Sprint("referrer ", i), "text/plain", d)
		m.Entry(d, "")
	}
	g := m.read(layout.GraphOptions{})
	n, deepest := 0, 0
	for s := range steps(g, 0) {
		n, deepest = n+1, max(deepest, s.Depth)
	}
	// Each has an entry, a config, a layer, a subject and a referrer.
	if want := 3 + 5*most; n != want || deepest != most+1 {
		t.Errorf("%d steps and depth %d, not %d and %d", n, deepest, want, most+1)
	}
}
