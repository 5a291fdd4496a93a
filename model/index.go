package model

import (
	"iter"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// Index lists manifests and further indexes (image-index.md); Docker's manifest
// list has the same form. index.json is one.
type Index struct {
	SchemaVersion int64             `json:"schemaVersion" oci:"required"`
	MediaType     string            `json:"mediaType,omitempty"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Manifests     []Descriptor      `json:"manifests" oci:"required"`
	Subject       *Descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
	Members
}

// NewIndex returns an index of the given entries.
func NewIndex(manifests ...Descriptor) *Index {
	return &Index{SchemaVersion: 2, MediaType: MediaTypeIndex, Manifests: manifests}
}

// LoadIndex loads an index; see [Load].
func LoadIndex(raw []byte) (*Index, Problems) { return Load[Index](raw, Limits{}) }

// Kind returns KindIndex.
func (x *Index) Kind() Kind { return KindIndex }

// Edges yields the entries, then the subject.
func (x *Index) Edges() iter.Seq[Edge] { return edgesOf(x) }

// Edge returns the entry or subject at place i.
func (x *Index) Edge(i int) (Edge, bool) {
	return edgeOf(RoleManifest, x.Manifests, x.Subject, i)
}

// Validate yields every requirement of the specification that the
// index breaks; see [Document].
func (x *Index) Validate() iter.Seq[Problem] { return x.ValidateAs(As{}) }

// ValidateAs is Validate for an index of which more is known; see [Document].
func (x *Index) ValidateAs(as As) iter.Seq[Problem] {
	return validation(as, func(c *checker) {
		c.size(x.Raw())
		if c.ownMediaType(&x.Members, KindIndex, x.MediaType) {
			return
		}
		c.schemaVersion(&x.Members, rule.IndexMemberMissing, "an index", x.SchemaVersion)
		c.ambiguous(&x.Members, KindIndex, x.MediaType, "config", "layers", "fsLayers", "history")
		c.mediaType(&x.Members, "artifactType", x.ArtifactType)
		c.required(&x.Members, rule.IndexMemberMissing, "an index", "manifests", x.shape != nil && len(x.Manifests) == 0)
		isDocker := c.dockerDocument(&x.Members, KindIndex, x.MediaType)
		isCache := x.ArtifactKind() == kindBuildKitCache
		c.each("manifests", len(x.Manifests), func(i int) {
			d := &x.Manifests[i]
			d.validate(c, RoleManifest)
			c.entryType(d, isCache)
			if isDocker {
				c.dockerDescriptor(d, true)
			}
		})
		c.entryPlatforms(x)
		c.subject(x.Subject)
		c.annotations(&x.Members, "annotations", x.Annotations)
	})
}

// MarshalJSON is [Encode].
func (x Index) MarshalJSON() ([]byte, error) { return Encode(x) }

// UnmarshalJSON is [Load]; its error holds every problem that is an error.
func (x *Index) UnmarshalJSON(raw []byte) error { return unmarshal(raw, x) }
