package show

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// making is a layout in memory whose blobs have names.
type making struct {
	*layouttest.Builder
	t     *testing.T
	fs    afero.Fs
	names map[digest.Digest]string
}

func newMaking(t *testing.T) *making {
	fsys := afero.NewMemMapFs()
	return &making{layouttest.New(fsys), t, fsys, make(map[digest.Digest]string)}
}

// name gives a blob a name, by which the tests speak of it.
func (m *making) name(name string, d model.Descriptor) model.Descriptor {
	m.names[d.Digest] = name
	return d
}

func (m *making) image(name, platform string) model.Descriptor {
	layer := m.Layer(layouttest.Files{"name": name})
	m.name(name+".layer", layer.Descriptor)
	d := m.name(name, m.Image(platform, layer))
	raw, err := afero.ReadFile(m.fs, blobs.Path(d.Digest))
	if err != nil {
		m.t.Fatal(err)
	}
	manifest, _ := model.LoadManifest(raw)
	m.name(name+".config", manifest.Config)
	return d
}

// artifact refers to the subjects, of which there is one at most.
func (m *making) artifact(name, artifactType string, subject ...model.Descriptor) model.Descriptor {
	a := model.NewManifest(m.name("empty", m.Blob(model.MediaTypeEmptyJSON, []byte("{}"))), m.name(name+".layer", m.Blob("text/plain", []byte(name))))
	a.ArtifactType = artifactType
	for i := range subject {
		a.Subject = &model.Descriptor{MediaType: subject[i].MediaType, Digest: subject[i].Digest, Size: subject[i].Size}
	}
	return m.name(name, m.Document(model.MediaTypeManifest, a))
}

func (m *making) read(o layout.GraphOptions) *layout.Graph {
	m.t.Helper()
	if err := m.Finish(); err != nil {
		m.t.Fatal(err)
	}
	g, err := layout.New(m.fs).Graph(m.t.Context(), o)
	if err != nil {
		m.t.Fatal(err)
	}
	return g
}

func (m *making) file(d model.Descriptor) string { return blobs.Path(d.Digest) }

// steps shows the graph in the names of its blobs.
func (m *making) steps(g *layout.Graph, depth int) string {
	var b strings.Builder
	b.WriteByte('\n')
	for s := range steps(g, depth) {
		by := ""
		if s.Edge != nil {
			by = string(s.Edge.Role()) + " " + s.Edge.Pointer()
		} else {
			by = "referrer by " + string(s.Referrer.By)
		}
		fmt.Fprintf(&b, "%s%s", strings.Repeat("  ", s.Depth), by)
		if s.Node != nil {
			fmt.Fprintf(&b, " %s %s", s.Node.Kind, m.names[s.Node.Digest])
			if s.Node.State != layout.StateOK {
				fmt.Fprintf(&b, " [%s]", s.Node.State)
			}
		}
		if s.Mark != markNone {
			fmt.Fprintf(&b, " (%s)", s.Mark)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (m *making) edited(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}
