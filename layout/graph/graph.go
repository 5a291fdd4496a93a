package graph

import (
	"cmp"
	"strconv"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Graph is what [Read] found. It does not change any more, and so is safe for
// concurrent use. It points into itself: whoever changes it has to know how.
type Graph struct {
	// Entries are those of index.json that the selector picks, in document order.
	Entries []Edge
	// Nodes are the blobs that any descriptor names, in the order of the walk, also
	// those that the selection leaves out.
	Nodes []*Node
	// Unreferenced are the blobs that lie in the layout and that no descriptor
	// names, by path. Files whose names are no digests are not among them.
	Unreferenced []*Node
	// Problems are why there may be more than the graph shows: a limit, or what
	// the file system would not hand out. Empty for a graph that is whole.
	Problems []error
	// Unknown counts the indexes and manifests that were not read, for whatever
	// reason: what they name may be among the Unreferenced.
	Unknown int
}

// Label returns what a listing calls the node: the kind of artifact where that is
// known, and Kind where not.
func (n *Node) Label() string { return cmp.Or(n.ArtifactKind, n.Kind) }

// Node is one blob.
type Node struct {
	ID     int // place in Graph.Nodes, and after those in Graph.Unreferenced
	Digest digest.Digest
	Path   string // as reports name it: "blobs/sha256/…"
	// Kind is a word for people: "index", "image", "artifact", "config", "layer" or
	// "blob"; "manifest" where the manifest was not read.
	Kind         string
	ArtifactType string   // of an index, or of a manifest that is no image
	ArtifactKind string   // what the artifact is known to be, "" where it is not known; see model.ArtifactKind
	Platform     string   // of an image or its configuration, as that says; or ""
	MediaTypes   []string // as the descriptors say, each once, at most 16
	Roles        []Role   // each once
	References   int      // how many descriptors name it
	Size         int64    // bytes on disk; 0 where there is no regular file
	Claimed      int64    // what the first descriptor says; may be negative
	State        layout.State
	Edges        []Edge     // of a document, in document order
	Referrers    []Referrer // in the order of the walk

	stated   bool // Size and State are known
	missing  bool
	inside   bool // its platform is settled by what leads to it
	otherOS  bool // it is an image for another platform than those wanted
	embedded bool // a descriptor has its content
	opaque   bool // its first media type is of no known kind
	read     bool // as an index or manifest
	branches bool // it is called an index or a manifest
}

// Opaque says that the first descriptor to name the blob gives a media type that
// the specification does not know: the type then tells more than Kind.
func (n *Node) Opaque() bool { return n.opaque }

// Embedded says that the blob is absent, and a descriptor has its content
// (descriptor.md, Embedded Content).
func (n *Node) Embedded() bool { return n.missing && n.embedded }

// Role is what a descriptor makes of a blob.
type Role string

// The roles.
const (
	RoleIndex    Role = "index"
	RoleManifest Role = "manifest"
	RoleConfig   Role = "config"
	RoleLayer    Role = "layer"
	RoleSubject  Role = "subject"
	RoleBlob     Role = "blob" // an entry of an index that is neither index nor manifest
)

// Edge is one descriptor.
type Edge struct {
	To           *Node  // nil where the digest is none
	Digest       string // as the descriptor has it
	MediaType    string
	Size         int64 // as claimed; may be negative
	Role         Role
	RefName      string // of an entry of index.json
	Platform     string // as the descriptor has it, or ""
	ArtifactType string // as the descriptor has it, or ""
	Left         bool   // the platforms that are wanted leave it out

	member model.Role
	place  int
	named  bool // it has a platform
}

// Pointer returns the place of the descriptor in its document (RFC 6901).
func (e *Edge) Pointer() string {
	switch e.member {
	case model.RoleConfig, model.RoleSubject:
		return "/" + string(e.member)
	}
	return "/" + string(e.member) + "s/" + strconv.Itoa(e.place)
}

// Means is how a referrer says what it refers to.
type Means string

// The means.
const (
	BySubject   Means = "subject"       // it has it as its subject
	ByTag       Means = "referrers-tag" // it is the index that lists what refers to it, by its reference name (distribution-spec, Referrers Tag Schema)
	ByCosignTag Means = "cosign-tag"    // by its reference name, as cosign does: that tag with .sig, .att or .sbom
)

// Referrer is a document that refers to another.
type Referrer struct {
	From *Node
	By   Means
	Tag  string // the reference name, but for a subject
}

// Bytes returns what nodes take on disk.
func Bytes(nodes []*Node) int64 {
	var sum int64
	for _, n := range nodes {
		sum += n.Size
	}
	return sum
}
