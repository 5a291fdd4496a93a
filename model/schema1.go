package model

import (
	"iter"

	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// Schema1Manifest is a manifest of Docker's schema 1, as far as it names blobs. Its
// configuration is part of itself, in a form of its own, which is not looked at; nor
// are its signatures.
type Schema1Manifest struct {
	SchemaVersion int64     `json:"schemaVersion" oci:"required"`
	MediaType     string    `json:"mediaType,omitempty"`
	FSLayers      []FSLayer `json:"fsLayers" oci:"required"` // the topmost first
	Members
}

// FSLayer names a layer by its digest alone.
type FSLayer struct {
	BlobSum digest.Digest `json:"blobSum" oci:"required"`
	Members
}

// Kind returns KindSchema1.
func (m *Schema1Manifest) Kind() Kind { return KindSchema1 }

// Edges yields the layers.
func (m *Schema1Manifest) Edges() iter.Seq[Edge] { return edgesOf(m) }

// Edge returns the layer at place i, with a descriptor of nothing but its digest.
func (m *Schema1Manifest) Edge(i int) (Edge, bool) {
	if i < 0 || i >= len(m.FSLayers) {
		return Edge{}, false
	}
	return Edge{RoleFSLayer, PointerOf(RoleFSLayer, i), i, &Descriptor{Digest: m.FSLayers[i].BlobSum}}, true
}

// Validate yields layers whose digest is missing or not a digest; see [Document].
func (m *Schema1Manifest) Validate() iter.Seq[Problem] { return m.ValidateAs(As{}) }

// ValidateAs is Validate; see [Document].
func (m *Schema1Manifest) ValidateAs(as As) iter.Seq[Problem] {
	return validation(as, func(c *checker) {
		const what = "a manifest of schema 1"
		c.size(m.Raw())
		c.ambiguous(&m.Members, KindSchema1, m.MediaType, "manifests", "config", "layers", "blobs")
		c.required(&m.Members, rule.ManifestMemberMissing, what, "fsLayers", m.shape != nil && len(m.FSLayers) == 0)
		c.each("fsLayers", len(m.FSLayers), func(i int) {
			l := &m.FSLayers[i]
			c.required(&l.Members, rule.DescriptorMemberMissing, "a layer", "blobSum", l.BlobSum == "")
			if l.BlobSum != "" || l.Has("blobSum") && !l.Wrong("blobSum") {
				c.digest("blobSum", string(l.BlobSum))
			}
		})
	})
}
