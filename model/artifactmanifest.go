package model

import (
	"iter"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// ArtifactManifest is what the release candidates of image-spec 1.1 had for
// artifacts, and ORAS before them under a media type of its own. No release has it,
// and registries and clients of today need not know it, but what it names is content
// like any other.
type ArtifactManifest struct {
	MediaType    string            `json:"mediaType" oci:"required"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Blobs        []Descriptor      `json:"blobs,omitempty"`
	Subject      *Descriptor       `json:"subject,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Members
}

// Kind returns KindArtifact.
func (m *ArtifactManifest) Kind() Kind { return KindArtifact }

// Edges yields the blobs, then the subject.
func (m *ArtifactManifest) Edges() iter.Seq[Edge] { return edgesOf(m) }

// Edge returns the blob or subject at place i.
func (m *ArtifactManifest) Edge(i int) (Edge, bool) {
	return edgeOf(RoleBlob, m.Blobs, m.Subject, i)
}

// Validate yields that current tools need not read such a manifest, and what is wrong
// with its descriptors and annotations; see [Document].
func (m *ArtifactManifest) Validate() iter.Seq[Problem] { return m.ValidateAs(As{}) }

// ValidateAs is Validate for a manifest of which more is known; see [Document].
func (m *ArtifactManifest) ValidateAs(as As) iter.Seq[Problem] {
	return validation(as, func(c *checker) {
		c.size(m.Raw())
		if c.ownMediaType(&m.Members, KindArtifact, m.MediaType) {
			return
		}
		c.report(rule.ArtifactManifestDropped, "mediaType",
			"artifact manifests were dropped before image-spec 1.1 was released, and tools of today do not read them", MediaTypeManifest, clip(m.MediaType))
		c.ambiguous(&m.Members, KindArtifact, m.MediaType, "manifests", "config", "layers", "fsLayers")
		c.mediaType(&m.Members, "artifactType", m.ArtifactType)
		c.each("blobs", len(m.Blobs), func(i int) { m.Blobs[i].validate(c, RoleBlob) })
		c.subject(m.Subject)
		c.annotations(&m.Members, "annotations", m.Annotations)
	})
}
