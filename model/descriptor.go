package model

import (
	"iter"

	"github.com/opencontainers/go-digest"
)

// Descriptor names a blob by digest and says how long it is and what it holds
// (descriptor.md). A loaded one may break any rule: Digest is not safe to split
// before [ParseDigest] accepts it, and Size may be anything.
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

// Validate yields every requirement of the specification that the descriptor
// breaks, in its platform and annotations as well. It does not look at the blob,
// but hashes what the descriptor embeds. Safe for concurrent use while nobody
// changes the descriptor.
func (d *Descriptor) Validate() iter.Seq[Problem] {
	return validation(As{}, func(c *checker) { d.validate(c, "") })
}

// DataDefect compares the data that the descriptor embeds with its size and digest
// (descriptor.md, Embedded Content). It returns nil where they agree, [ErrSize] or
// [ErrDigestMismatch] where they do not, and [ErrDigest] or
// digest.ErrDigestUnsupported where that cannot be found out. It hashes the data.
func (d *Descriptor) DataDefect() error {
	if int64(len(d.Data)) != d.Size {
		return ErrSize
	}
	parsed, err := ParseDigest(string(d.Digest))
	if err != nil {
		return err
	}
	switch got, err := FromBytes(parsed.Algorithm(), d.Data); {
	case err != nil:
		return err
	case got != parsed:
		return ErrDigestMismatch
	}
	return nil
}

// MarshalJSON is [Encode].
func (d Descriptor) MarshalJSON() ([]byte, error) { return Encode(d) }

// UnmarshalJSON is [Load]; its error holds every problem that is an error.
func (d *Descriptor) UnmarshalJSON(raw []byte) error { return unmarshal(raw, d) }
