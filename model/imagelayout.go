package model

import (
	"iter"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// Names within a layout (image-layout.md), and the one version there is of it.
const (
	LayoutFile    = "oci-layout"
	IndexFile     = "index.json"
	BlobsDir      = "blobs"
	LayoutVersion = "1.0.0"
)

// ImageLayout is the file oci-layout (image-layout.md, oci-layout file).
type ImageLayout struct {
	Version string `json:"imageLayoutVersion" oci:"required"`
	Members
}

// NewImageLayout returns the content of an oci-layout file of this version.
func NewImageLayout() *ImageLayout { return &ImageLayout{Version: LayoutVersion} }

// LoadImageLayout loads an oci-layout file; see [Load].
func LoadImageLayout(raw []byte) (*ImageLayout, Problems) { return Load[ImageLayout](raw, Limits{}) }

// Validate yields what is wrong with the layout's version. More members are
// allowed.
func (l *ImageLayout) Validate() iter.Seq[Problem] {
	return validation(As{}, func(c *checker) {
		const member = "imageLayoutVersion"
		c.required(&l.Members, rule.OCILayoutVersionMissing, "oci-layout", member, l.Version == "")
		if l.Version != LayoutVersion && (l.Version != "" || l.Has(member) && !l.Wrong(member)) {
			c.report(rule.OCILayoutVersionUnknown, member, "no such version of the layout", LayoutVersion, clip(l.Version))
		}
	})
}

// MarshalJSON is [Encode].
func (l ImageLayout) MarshalJSON() ([]byte, error) { return Encode(l) }

// UnmarshalJSON is [Load]; its error holds every problem that is an error.
func (l *ImageLayout) UnmarshalJSON(raw []byte) error { return unmarshal(raw, l) }
