package model

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// Document is a document of a layout's graph: an [Index], a [Manifest], an
// [Image], or of the older kinds an [ArtifactManifest] or a [Schema1Manifest].
type Document interface {
	Kind() Kind
	// Edges yields every descriptor that the document holds, in document order:
	// the only knowledge of which document points at what. The descriptors are
	// the document's own and not validated.
	Edges() iter.Seq[Edge]
	// Edge returns the one of them at place i, and whether there are so many. It
	// costs no memory but that of the pointer, and in schema 1 of the descriptor.
	Edge(i int) (Edge, bool)
	// Validate yields every requirement of the specification that the document
	// breaks, recursively, in document order. It reads nothing but the document.
	Validate() iter.Seq[Problem]
	// ValidateAs is Validate where more is known than the document itself says.
	ValidateAs(As) iter.Seq[Problem]
	// Raw returns the bytes the document was loaded from.
	Raw() []byte
	// Memory returns roughly how many bytes the document takes beside those.
	Memory() int
	// Loaded says whether it was loaded, rather than made in Go.
	Loaded() bool
}

// As is what a document is validated as. The zero value is a document by itself.
type As struct {
	// MediaType is that of the descriptor that points at the document, with which
	// the document's own is compared (media-types.md, Media Type Conflicts); "" for
	// no descriptor.
	MediaType string
	// IndexJSON: the document is the file index.json, which no descriptor names.
	IndexJSON bool
	// OfArtifact: the document is the configuration of an artifact that is known to
	// come with one of an image's type. It runs nowhere, so that it need not say where.
	OfArtifact bool
}

// Role is what a blob is to the document that points at it.
type Role string

// The roles, each named as the member that holds the descriptor.
const (
	RoleManifest Role = "manifest"
	RoleConfig   Role = "config"
	RoleLayer    Role = "layer"
	RoleSubject  Role = "subject"
	RoleBlob     Role = "blob"    // of an artifact manifest
	RoleFSLayer  Role = "fsLayer" // of a manifest of Docker's schema 1
)

// Edge is one descriptor of a document and its place there.
type Edge struct {
	Role       Role
	Pointer    string // RFC 6901, within the document
	Index      int    // in the array that it is an element of, 0 where it is of none
	Descriptor *Descriptor
}

// PointerOf returns the Pointer of an Edge by its Role and Index.
func PointerOf(role Role, index int) string {
	if role == RoleConfig || role == RoleSubject {
		return "/" + string(role)
	}
	return "/" + string(role) + "s/" + strconv.Itoa(index)
}

// Decode loads raw as the kind of document that mediaType names; see [Load]. The
// document is nil where the media type names no document, or where raw holds no
// object at all.
func Decode(mediaType string, raw []byte, limits Limits) (Document, Problems) {
	switch KindOf(mediaType) {
	case KindIndex:
		return decoded(Load[Index](raw, limits))
	case KindManifest:
		return decoded(Load[Manifest](raw, limits))
	case KindImage:
		return decoded(Load[Image](raw, limits))
	case KindArtifact:
		return decoded(Load[ArtifactManifest](raw, limits))
	case KindSchema1:
		return decoded(Load[Schema1Manifest](raw, limits))
	}
	return nil, nil
}

// decoded keeps a nil pointer from becoming a Document that is not nil.
func decoded[T any, P interface {
	*T
	Document
}](doc P, problems Problems) (Document, Problems) {
	if doc == nil {
		return nil, problems
	}
	return doc, problems
}

// mediaTypes of the kinds of documents: the OCI one and Docker's.
var mediaTypes = map[Kind][2]string{
	KindIndex:    {MediaTypeIndex, MediaTypeDockerManifestList},
	KindManifest: {MediaTypeManifest, MediaTypeDockerManifest},
	KindArtifact: {MediaTypeArtifactManifest, MediaTypeORASArtifactManifest},
	KindSchema1:  {MediaTypeDockerSchema1, MediaTypeDockerSchema1Signed},
}

// ownMediaType judges the mediaType member of an index or manifest, by itself
// where declared is "", and else against the descriptor's. It gives one problem
// at most, and says whether the document claims to be of another kind than it
// was loaded as: nobody knows then which of the two the rest of it is to keep.
func (c *checker) ownMediaType(m *Members, kind Kind, own string) (other bool) {
	types, declared := mediaTypes[kind], c.as.MediaType
	if m.absent("mediaType", own == "") {
		id := rule.DocumentMediaTypeMissing
		if c.as.IndexJSON {
			id = rule.IndexJSONMediaTypeMissing
		}
		if !m.absent("mediaType", true) {
			return false // the document was cut short
		}
		c.report(id, "mediaType", "the document does not say what it is", types[0], "")
		return false
	}
	if m.Wrong("mediaType") || own == "" && !m.Has("mediaType") {
		return false
	}
	switch {
	case !ValidMediaType(own):
		c.mediaType(m, "mediaType", own)
	case own == declared:
	case declared != "" && KindOf(own) == KindOf(declared):
		c.report(rule.MediaTypeMismatchDocker, "mediaType",
			"document and descriptor name one kind by two media types", declared, own)
	case declared != "" && KindOf(own).Document():
		c.report(rule.MediaTypeMismatch, "mediaType",
			"the document says it is of another kind than its descriptor says", declared, own)
		return true
	case own != types[0] && own != types[1]:
		c.report(rule.DocumentMediaType, "mediaType",
			"the media type is not that of "+article(kind), types[0], clip(own))
	}
	return false
}

func article(k Kind) string {
	switch k {
	case KindIndex:
		return "an index"
	case KindArtifact:
		return "an artifact manifest"
	}
	return "a manifest"
}

// ambiguous reports members, in any letter case and of any value, by which
// others would take the document for one of another kind (GHSA-77vh-xpmg-72qh).
func (c *checker) ambiguous(m *Members, kind Kind, own string, foreign ...string) {
	id := rule.DocumentAmbiguous
	if types := mediaTypes[kind]; own == types[0] || own == types[1] {
		id = rule.DocumentAmbiguousTyped
	}
	for name := range m.Unknown() {
		for _, f := range foreign {
			if strings.EqualFold(name, f) {
				c.report(id, name, article(kind)+" with this member can be read as another kind of document", "", clip(name))
			}
		}
	}
}

// edgesOf yields the descriptors of a document.
func edgesOf(d Document) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for i := 0; ; i++ {
			if edge, ok := d.Edge(i); !ok || !yield(edge) {
				return
			}
		}
	}
}

// edgeOf returns the descriptor at place i of an array, and then the subject.
func edgeOf(role Role, descriptors []Descriptor, subject *Descriptor, i int) (Edge, bool) {
	switch {
	case i >= 0 && i < len(descriptors):
		return Edge{role, PointerOf(role, i), i, &descriptors[i]}, true
	case i == len(descriptors) && subject != nil:
		return Edge{RoleSubject, PointerOf(RoleSubject, 0), 0, subject}, true
	}
	return Edge{}, false
}

// unmarshal is the UnmarshalJSON of the document types: strict loading, with the
// problems that are errors joined into one.
func unmarshal[T any](raw []byte, into *T) error {
	value, problems := Load[T](bytes.Clone(raw), Limits{})
	if err := problems.Err(); err != nil {
		return err
	}
	*into = *value
	return nil
}

var (
	_ json.Marshaler   = (*Index)(nil)
	_ json.Unmarshaler = (*Index)(nil)
	_ Document         = (*Index)(nil)
	_ Document         = (*Manifest)(nil)
	_ Document         = (*Image)(nil)
	_ Document         = (*ArtifactManifest)(nil)
	_ Document         = (*Schema1Manifest)(nil)
)
