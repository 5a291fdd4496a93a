package model

import (
	"iter"
	"slices"

	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// Image is the image configuration document (config.md); Docker's has the same
// form. An optional member that is null counts as absent (config.md,
// Properties).
type Image struct {
	Created      string      `json:"created,omitempty" oci:"nullable"` // RFC 3339, as the document has it
	Author       string      `json:"author,omitempty" oci:"nullable"`
	Architecture string      `json:"architecture" oci:"required"`
	Variant      string      `json:"variant,omitempty" oci:"nullable"`
	OS           string      `json:"os" oci:"required"`
	OSVersion    string      `json:"os.version,omitempty" oci:"nullable"`
	OSFeatures   []string    `json:"os.features,omitempty" oci:"nullable"`
	Config       ImageConfig `json:"config,omitzero" oci:"nullable"`
	RootFS       RootFS      `json:"rootfs" oci:"required"`
	History      []History   `json:"history,omitempty" oci:"nullable"`
	Members
}

// ImageConfig is the part of the configuration that a container runs by
// (config.md, config).
type ImageConfig struct {
	User         string            `json:"User,omitempty" oci:"nullable"`
	ExposedPorts map[string]Empty  `json:"ExposedPorts,omitempty" oci:"nullable"`
	Env          []string          `json:"Env,omitempty" oci:"nullable"`
	Entrypoint   []string          `json:"Entrypoint,omitempty" oci:"nullable"`
	Cmd          []string          `json:"Cmd,omitempty" oci:"nullable"`
	Volumes      map[string]Empty  `json:"Volumes,omitempty" oci:"nullable"`
	WorkingDir   string            `json:"WorkingDir,omitempty" oci:"nullable"`
	Labels       map[string]string `json:"Labels,omitempty" oci:"nullable"`
	StopSignal   string            `json:"StopSignal,omitempty" oci:"nullable"`
	ArgsEscaped  bool              `json:"ArgsEscaped,omitempty" oci:"nullable"` // deprecated since v1.1
	Members
}

// Empty is an object without known members, as the values of ExposedPorts and
// Volumes are.
type Empty struct{ Members }

// RootFS names the layers by what they unpack to (config.md, rootfs).
type RootFS struct {
	Type    string          `json:"type" oci:"required"`
	DiffIDs []digest.Digest `json:"diff_ids" oci:"required"` // base first
	Members
}

// History is what made one layer, or an empty one (config.md, history).
type History struct {
	Created    string `json:"created,omitempty" oci:"nullable"` // RFC 3339, as the document has it
	CreatedBy  string `json:"created_by,omitempty" oci:"nullable"`
	Author     string `json:"author,omitempty" oci:"nullable"`
	Comment    string `json:"comment,omitempty" oci:"nullable"`
	EmptyLayer bool   `json:"empty_layer,omitempty" oci:"nullable"`
	Members
}

// LoadImage loads an image configuration; see [Load].
func LoadImage(raw []byte) (*Image, Problems) { return Load[Image](raw, Limits{}) }

// Kind returns KindImage.
func (i *Image) Kind() Kind { return KindImage }

// Edges yields nothing: a configuration names its layers by what they unpack
// to, and holds no descriptor.
func (i *Image) Edges() iter.Seq[Edge] { return edgesOf(i) }

// Edge returns none.
func (i *Image) Edge(int) (Edge, bool) { return Edge{}, false }

// ID returns the image's id: the sha256 digest of the bytes that the
// configuration was loaded from, whatever algorithm its descriptor uses
// (config.md, ImageID). It is "" for a configuration that was made in Go.
func (i *Image) ID() digest.Digest {
	if i.Raw() == nil {
		return ""
	}
	return digest.FromBytes(i.Raw())
}

// Platform returns what the image says that it runs on.
func (i *Image) Platform() Platform {
	return Platform{Architecture: i.Architecture, OS: i.OS, OSVersion: i.OSVersion, OSFeatures: i.OSFeatures, Variant: i.Variant}
}

// Validate yields every requirement of the specification that the
// image configuration breaks; see [Document].
func (i *Image) Validate() iter.Seq[Problem] { return i.ValidateAs(As{}) }

// ValidateAs is Validate: a configuration has no media type of its own.
func (i *Image) ValidateAs(as As) iter.Seq[Problem] { return validation(as, i.validate) }

// Nulls yields the optional members that are null, which the specification allows
// and its JSON schema does not, but for four of them (config.md, Properties; rule
// config-null).
func (i *Image) Nulls() iter.Seq[Problem] {
	return validation(As{}, func(c *checker) {
		c.nulls(&i.Members)
		c.in("config", func() { c.nulls(&i.Config.Members, "Entrypoint", "Cmd", "Volumes", "Labels") })
		c.each("history", len(i.History), func(n int) { c.nulls(&i.History[n].Members) })
	})
}

func (c *checker) nulls(m *Members, allowed ...string) {
	if m.null == 0 {
		return
	}
	for n, f := range m.shape.fields {
		if m.null&(1<<n) != 0 && !slices.Contains(allowed, f.name) {
			c.report(rule.ConfigNull, f.name, "an optional member is null, which counts as absent", "", "null")
		}
	}
}

// MarshalJSON is [Encode].
func (i Image) MarshalJSON() ([]byte, error) { return Encode(i) }

// UnmarshalJSON is [Load]; its error holds every problem that is an error.
func (i *Image) UnmarshalJSON(raw []byte) error { return unmarshal(raw, i) }
