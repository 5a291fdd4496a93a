package model

import (
	"iter"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// Manifest names the configuration and the layers of an image, or what an
// artifact holds (manifest.md); Docker's manifest v2 has the same form.
type Manifest struct {
	SchemaVersion int64             `json:"schemaVersion" oci:"required"`
	MediaType     string            `json:"mediaType,omitempty"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Config        Descriptor        `json:"config" oci:"required"`
	Layers        []Descriptor      `json:"layers" oci:"required"`
	Subject       *Descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
	Members
}

// NewManifest returns a manifest of the given configuration and layers.
func NewManifest(config Descriptor, layers ...Descriptor) *Manifest {
	return &Manifest{SchemaVersion: 2, MediaType: MediaTypeManifest, Config: config, Layers: layers}
}

// LoadManifest loads a manifest; see [Load].
func LoadManifest(raw []byte) (*Manifest, Problems) { return Load[Manifest](raw, Limits{}) }

// Kind returns KindManifest.
func (m *Manifest) Kind() Kind { return KindManifest }

// hasConfig says whether the manifest holds a configuration descriptor at all.
func (m *Manifest) hasConfig() bool {
	return m.Config.MediaType != "" || m.Config.Digest != "" || m.Has("config") && !m.Wrong("config")
}

// Edges yields the configuration, the layers from the base up, then the
// subject.
func (m *Manifest) Edges() iter.Seq[Edge] { return edgesOf(m) }

// Edge returns the configuration, layer or subject at place i.
func (m *Manifest) Edge(i int) (Edge, bool) {
	if m.hasConfig() {
		if i == 0 {
			return Edge{RoleConfig, PointerOf(RoleConfig, 0), 0, &m.Config}, true
		}
		i--
	}
	return edgeOf(RoleLayer, m.Layers, m.Subject, i)
}

// EffectiveArtifactType returns the type by which an artifact goes: the
// artifactType, or else the configuration's media type (manifest.md, Guidelines
// for Artifact Usage).
func (m *Manifest) EffectiveArtifactType() string {
	if m.ArtifactType != "" {
		return m.ArtifactType
	}
	return m.Config.MediaType
}

// Validate yields every requirement of the specification that the
// manifest breaks; see [Document].
func (m *Manifest) Validate() iter.Seq[Problem] { return m.ValidateAs(As{}) }

// ValidateAs is Validate for a manifest of which more is known; see [Document].
func (m *Manifest) ValidateAs(as As) iter.Seq[Problem] {
	return validation(as, func(c *checker) {
		c.size(m.Raw())
		if c.ownMediaType(&m.Members, KindManifest, m.MediaType) {
			return
		}
		c.schemaVersion(&m.Members, rule.ManifestMemberMissing, "a manifest", m.SchemaVersion)
		c.ambiguous(&m.Members, KindManifest, m.MediaType, "manifests", "fsLayers", "history", "signatures")
		c.mediaType(&m.Members, "artifactType", m.ArtifactType)
		c.required(&m.Members, rule.ManifestMemberMissing, "a manifest", "config", !m.hasConfig())
		isDocker := c.dockerDocument(&m.Members, KindManifest, m.MediaType)
		if m.hasConfig() {
			c.in("config", func() {
				m.Config.validate(c, RoleConfig)
				c.configType(&m.Config, isDocker)
			})
		}
		if noType := m.ArtifactType == "" && !m.Wrong("artifactType") && !m.IsCut(); noType && m.Config.MediaType == MediaTypeEmptyJSON {
			c.report(rule.ManifestArtifactTypeMissing, "artifactType",
				"a manifest whose config is the empty descriptor needs an artifactType", "artifactType", "")
		}
		c.required(&m.Members, rule.ManifestMemberMissing, "a manifest", "layers", m.shape != nil && len(m.Layers) == 0)
		c.layerTypes(m, isDocker)
		c.subject(m.Subject)
		c.annotations(&m.Members, "annotations", m.Annotations)
	})
}

// MarshalJSON is [Encode].
func (m Manifest) MarshalJSON() ([]byte, error) { return Encode(m) }

// UnmarshalJSON is [Load]; its error holds every problem that is an error.
func (m *Manifest) UnmarshalJSON(raw []byte) error { return unmarshal(raw, m) }
