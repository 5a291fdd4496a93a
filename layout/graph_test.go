package layout_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

func (s site) graph(t *testing.T, o layout.GraphOptions) *layout.Graph {
	t.Helper()
	g, err := s.open(t).Graph(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// What nothing names is counted, and so is what could name it.
func TestUnreferenced(t *testing.T) {
	s := newSite()
	img := s.image("img", s.layer("img"))
	lost := s.image("lost", s.layer("lost"))
	s.Entry(img, "v1")
	s.Entry(lost, "v2")
	s.Blob("", []byte("left over"))
	s.File("blobs/sha256/.tmp", []byte("no blob"))
	if err := layouttest.Remove(s.fs, blobs.Path(lost.Digest)); err != nil {
		t.Fatal(err)
	}
	g := s.graph(t, layout.GraphOptions{Unreferenced: true})
	var sizes []int64
	for i, n := range g.Unreferenced {
		if n.ID != len(g.Nodes)+i || n.References != 0 {
			t.Errorf("%+v", n)
		}
		sizes = append(sizes, n.Size)
	}
	if len(sizes) != 3 || !slices.Contains(sizes, 9) {
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
	s := newSite()
	layer := s.Layer(layouttest.Files{"a": "b"})
	short := layer.Descriptor
	short.Size, short.MediaType = 7, "text/plain"
	config := s.Blob(model.MediaTypeImageConfig, []byte(`{"os":"linux","architecture":"arm64","rootfs":{"type":"layers","diff_ids":[]}}`))
	embedded := model.Descriptor{MediaType: "text/plain", Digest: digest.FromString("abc"), Size: 3, Data: []byte("abc")}
	s.Entry(s.Document(model.MediaTypeManifest, model.NewManifest(config, short, layer.Descriptor, embedded)), "v1")
	g := s.graph(t, layout.GraphOptions{})
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

// What may hide something is reported.
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
			s := newSite()
			s.Entry(s.image("img", s.layer("img")), "v1")
			l := s.open(t)
			if test.breaks != nil {
				if err := test.breaks(s.fs); err != nil {
					t.Fatal(err)
				}
			}
			g, err := l.Graph(t.Context(), layout.GraphOptions{Limits: test.limits, Unreferenced: true})
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

// Of a disk that fails all over some is reported, and that there is more.
func TestManyProblems(t *testing.T) {
	for images, want := range map[int]int{20: 20, 21: 21, 40: 21} {
		s := newSite()
		for i := range images {
			s.Entry(s.image(fmt.Sprint(i)), "")
		}
		g := s.graph(t, layout.GraphOptions{Limits: layout.Limits{Document: 10}})
		if len(g.Problems) != want {
			t.Fatalf("%d problems with %d images, want %d", len(g.Problems), images, want)
		}
		if last := g.Problems[want-1]; errors.Is(last, blobs.ErrTooLarge) != (images <= 20) {
			t.Errorf("the last with %d images: %v", images, last)
		}
	}
}

func TestReadErrors(t *testing.T) {
	s := newSite()
	s.Entry(s.image("a", s.layer("a")), "v1")
	s.Entry(s.image("b", s.layer("b")), "v1")
	l := s.open(t)
	read := func(ctx context.Context, name string) error {
		_, err := l.Graph(ctx, layout.GraphOptions{Selector: layout.Selector{RefName: name}})
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
	if err := s.fs.Remove(model.IndexFile); err != nil {
		t.Fatal(err)
	}
	if err := read(t.Context(), "v1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without index.json: %v", err)
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
