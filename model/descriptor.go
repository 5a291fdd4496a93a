package model

import (
	"iter"
	"strconv"

	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// Descriptor names a blob by digest and says how long it is and what it holds
// (descriptor.md). A loaded one may break any rule: Digest is not safe to split
// before [ParseDigest] took it, and Size may be anything.
type Descriptor struct {
	MediaType    string            `json:"mediaType" oci:"required"`
	Digest       digest.Digest     `json:"digest" oci:"required"`
	Size         int64             `json:"size" oci:"required"` // bytes
	URLs         []string          `json:"urls,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Data         []byte            `json:"data,omitempty"` // the blob itself, decoded from base64
	Platform     *Platform         `json:"platform,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Members
}

// Platform is what an image runs on (image-index.md, platform).
type Platform struct {
	Architecture string   `json:"architecture" oci:"required"`
	OS           string   `json:"os" oci:"required"`
	OSVersion    string   `json:"os.version,omitempty"`
	OSFeatures   []string `json:"os.features,omitempty"`
	Variant      string   `json:"variant,omitempty"`
	Members
}

// String returns "os/architecture" or "os/architecture/variant". The parts are
// as the document has them, unescaped.
func (p Platform) String() string {
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// EmptyJSON is the content of the empty descriptor (manifest.md, Guidance for
// an Empty Descriptor).
const EmptyJSON = `{}`

// EmptyDescriptor returns the descriptor of the two bytes "{}".
func EmptyDescriptor() Descriptor {
	return Descriptor{MediaType: MediaTypeEmptyJSON, Digest: digest.FromString(EmptyJSON), Size: int64(len(EmptyJSON))}
}

// Describe returns the descriptor of raw: its media type, length and sha256
// digest.
func Describe(mediaType string, raw []byte) Descriptor {
	return Descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
}

// LoadDescriptor loads a descriptor that stands by itself; see [Load].
func LoadDescriptor(raw []byte) (*Descriptor, Problems) { return Load[Descriptor](raw, Limits{}) }

// Validate yields what the specification asks of a descriptor and this one does
// not keep, its platform included. It does not look at the blob. Safe for
// concurrent use while nobody changes the descriptor.
func (d *Descriptor) Validate() iter.Seq[Problem] { return validation(d.validate) }

func (d *Descriptor) validate(c *checker) {
	c.required(&d.Members, rule.DescriptorMemberMissing, "a descriptor", "mediaType", d.MediaType == "")
	c.required(&d.Members, rule.DescriptorMemberMissing, "a descriptor", "digest", d.Digest == "")
	c.required(&d.Members, rule.DescriptorMemberMissing, "a descriptor", "size", d.shape != nil && d.Size == 0)
	c.mediaType(&d.Members, "mediaType", d.MediaType)
	c.mediaType(&d.Members, "artifactType", d.ArtifactType)
	if d.Digest != "" || d.Has("digest") && !d.Wrong("digest") {
		c.digest("digest", string(d.Digest))
	}
	if d.Size < 0 {
		c.report(rule.DescriptorSizeNegative, "size", "the size is negative", "0 or more", strconv.FormatInt(d.Size, 10))
	}
	if d.Platform != nil {
		c.in("platform", func() { d.Platform.validate(c) })
	}
}

func (p *Platform) validate(c *checker) {
	c.required(&p.Members, rule.PlatformMemberMissing, "a platform", "architecture", p.Architecture == "")
	c.required(&p.Members, rule.PlatformMemberMissing, "a platform", "os", p.OS == "")
}

// MarshalJSON is [Encode].
func (d Descriptor) MarshalJSON() ([]byte, error) { return Encode(d) }

// UnmarshalJSON is [Load]; its error holds every problem that is an error.
func (d *Descriptor) UnmarshalJSON(raw []byte) error { return unmarshal(raw, d) }
