package layout_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
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

// What nothing names is counted, and so is what could name it.
func TestUnreferenced(t *testing.T) {
	m := newMaking(t)
	img := m.image("img", "linux/amd64")
	lost := m.image("lost", "linux/amd64")
	m.Entry(img, "v1")
	m.Entry(lost, "v2")
	m.Blob("", []byte("left over"))
	m.File("blobs/sha256/.tmp", []byte("no blob"))
	m.edited(layouttest.Remove(m.fs, m.file(lost)))
	g := m.read(layout.GraphOptions{Unreferenced: true})
	var sizes []int64
	for i, n := range g.Unreferenced {
		if n.ID != len(g.Nodes)+i || n.References != 0 {
			t.Errorf("%+v", n)
		}
		sizes = append(sizes, n.Size)
	}
	if len(sizes) != 3 || !slices.Contains(sizes, 9) || layout.Bytes(g.Unreferenced) != sizes[0]+sizes[1]+sizes[2] {
		t.Errorf("unreferenced: %v", sizes)
	}
	if !slices.IsSortedFunc(g.Unreferenced, func(a, b *layout.Node) int { return strings.Compare(a.Path(), b.Path()) }) {
		t.Error("they are not sorted")
	}
	if g.Unknown != 1 || len(g.Problems) != 0 {
		t.Errorf("%d unknown, and %v", g.Unknown, g.Problems)
	}
}

func TestNode(t *testing.T) {
	m := newMaking(t)
	layer := m.Layer(layouttest.Files{"a": "b"})
	short := layer.Descriptor
	short.Size, short.MediaType = 7, "text/plain"
	config := m.Blob(model.MediaTypeImageConfig, []byte(`{"os":"linux","architecture":"arm64","rootfs":{"type":"layers","diff_ids":[]}}`))
	embedded := model.Descriptor{MediaType: "text/plain", Digest: digest.FromString("abc"), Size: 3, Data: []byte("abc")}
	m.Entry(m.Document(model.MediaTypeManifest, model.NewManifest(config, short, layer.Descriptor, embedded)), "v1")
	g := m.read(layout.GraphOptions{})
	image, blob, absent := g.Nodes[0], g.Nodes[2], g.Nodes[3]
	if image.Platform.String() != "linux/arm64" || image.Kind != "image" || image.Edges[2].Pointer() != "/layers/1" {
		t.Errorf("%+v", image)
	}
	if blob.References != 2 || blob.Claimed != 7 || blob.Size != layer.Size || !blob.Opaque() {
		t.Errorf("%+v", blob)
	}
	if want := []string{"text/plain", model.MediaTypeLayerGzip}; !slices.Equal(blob.MediaTypes, want) || !slices.Equal(blob.Roles, []layout.Role{layout.RoleLayer}) {
		t.Errorf("%+v", blob)
	}
	if !absent.Embedded() || absent.State != layout.StateOK || absent.Size != 0 {
		t.Errorf("%+v", absent)
	}
}

// What may hide something is told.
func TestProblems(t *testing.T) {
	for name, test := range map[string]struct {
		limits layout.Limits
		breaks func(afero.Fs) error
		want   error // nil for any
	}{
		"document": {limits: layout.Limits{Document: 10}, want: blobs.ErrTooLarge},
		"depth":    {limits: layout.Limits{Depth: 1}},
		"number":   {limits: layout.Limits{Descriptors: 2}},
		"index":    {limits: layout.Limits{Index: 10}, want: blobs.ErrTooLarge},
		"no index": {breaks: func(fsys afero.Fs) error { return fsys.Remove(model.IndexFile) }, want: fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaking(t)
			m.Entry(m.image("img", "linux/amd64"), "v1")
			m.edited(m.Finish())
			if test.breaks != nil {
				m.edited(test.breaks(m.fs))
			}
			g, err := layout.New(m.fs).Graph(t.Context(), layout.GraphOptions{Limits: test.limits, Unreferenced: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(g.Problems...); err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("problems: %v", err)
			}
			if len(g.Problems) != 1 {
				t.Errorf("%d problems", len(g.Problems))
			}
		})
	}
}

// Of a disk that fails all over some is told, and that there is more.
func TestManyProblems(t *testing.T) {
	for images, want := range map[int]int{20: 20, 21: 21, 40: 21} {
		m := newMaking(t)
		for i := range images {
			m.Entry(m.image(fmt.Sprint(i), "linux/amd64"), "")
		}
		m.edited(m.Finish())
		g, err := graph.Read(t.Context(), layout.New(m.fs), graph.Options{Limits: layout.Limits{Document: 10}})
		if err != nil {
			t.Fatal(err)
		}
		if len(g.Problems) != want {
			t.Fatalf("%d problems with %d images, want %d", len(g.Problems), images, want)
		}
		if last := g.Problems[want-1]; errors.Is(last, blobs.ErrTooLarge) != (images <= 20) {
			t.Errorf("the last with %d images: %v", images, last)
		}
	}
}

func TestReadErrors(t *testing.T) {
	m := newMaking(t)
	m.Entry(m.image("a", "linux/amd64"), "v1")
	m.Entry(m.image("b", "linux/amd64"), "v1")
	m.edited(m.Finish())
	read := func(ctx context.Context, name string) error {
		_, err := layout.New(m.fs).Graph(ctx, layout.GraphOptions{Selector: layout.Selector{RefName: name}})
		return err
	}
	if err := read(t.Context(), "v3"); !errors.Is(err, layout.ErrNoEntry) {
		t.Errorf("unknown: %v", err)
	}
	if _, ok := errors.AsType[*layout.AmbiguousError](read(t.Context(), "v1")); !ok {
		t.Error("ambiguous: no AmbiguousError")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := read(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	m.edited(m.fs.Remove(model.IndexFile))
	if err := read(t.Context(), "v1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without index.json: %v", err)
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
		if got := g.Short(); got != want {
			t.Errorf("%d, not %d", got, want)
		}
		if a, b := layout.Abbreviate(string(digests[0]), want), layout.Abbreviate(string(digests[1]), want); a == b || len(a) != 7+want {
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
	steps, deepest := 0, 0
	for s := range g.Steps(0) {
		steps, deepest = steps+1, max(deepest, s.Depth)
	}
	// Each has an entry, a config, a layer, a subject and a referrer.
	if want := 3 + 5*most; steps != want || deepest != most+1 {
		t.Errorf("%d steps and depth %d, not %d and %d", steps, deepest, want, most+1)
	}
}

func TestLabel(t *testing.T) {
	for want, n := range map[string]layout.Node{
		"image":      {Kind: "image", Content: &layout.Content{}},
		"Helm chart": {Kind: "artifact", Content: &layout.Content{ArtifactKind: "Helm chart"}},
	} {
		if got := n.Label(); got != want {
			t.Errorf("Label = %q, want %q", got, want)
		}
	}
}
