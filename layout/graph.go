package layout

import (
	"cmp"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Graph is what the descriptors of a layout make: which blobs there are, what names
// them, and what refers to what. Nothing in it judges: what is wrong is in the State of
// a Node. It does not change any more, and so is safe for concurrent use. It points
// into itself: do not write to it.
//
// [Layout.Graph] makes it of what [Layout.Walk] visits. It takes some 350 bytes for
// each blob and its descriptor, all at once, and so is for what shows a layout. What
// needs no more than one descriptor after the other, as verify does, consumes the walk
// itself, which holds a fifth of that.
type Graph struct {
	// Entries are those of index.json that the selector picks, in document order.
	Entries []*Edge
	// Nodes are the blobs that any descriptor names, in the order of the walk, also
	// those that the platforms leave out.
	Nodes []*Node
	// Unreferenced are the blobs that lie in the layout and that no descriptor
	// names, by path. Files whose names are not digests are not among them.
	Unreferenced []*Node
	// Problems are why there may be more than the graph shows: a limit, or what
	// the file system did not hand out. Empty for a graph that is whole.
	Problems []error
	// Limited is the first of the Problems that is a limit.
	Limited error
	// Unknown counts the indexes and manifests that were not read, for whatever
	// reason: what they name may be among the Unreferenced.
	Unknown int
	// Unloaded is why the first document of which nothing could be loaded was not, with
	// its path; what it names is not known. nil also where such documents are absent.
	Unloaded error
}

// Node is one blob.
type Node struct {
	ID         int // place in Graph.Nodes, and after those in Graph.Unreferenced
	Digest     digest.Digest
	References int   // how many descriptors name it
	Size       int64 // bytes on disk; 0 where there is no regular file
	Claimed    int64 // what the first descriptor says; may be negative
	// Kind is a word for people: "index", "image", "artifact", "config", "layer" or
	// "blob"; "manifest" where the manifest was not read.
	Kind  string
	State State
	*Naming
	*Content

	path     string // "" where it is that of the digest
	missing  bool
	embedded bool // a descriptor has its content
	opaque   bool // its first media type is of no known kind
	read     bool // as an index or manifest, to its end
	branches bool // some descriptor calls it an index or a manifest
	runs     bool // it is the manifest of an image that something can run
	tooDeep  bool // Limits.Depth kept what it names from being visited
	cut      bool // Limits.Descriptors did so, or kept the node itself from it
}

// Naming is what descriptors say that a blob is. Nodes that are named alike share it.
type Naming struct {
	MediaTypes []string // each once, at most 16
	Roles      []Role   // each once
}

// Content is what a document says, and what refers to it. Nodes of which there is
// nothing to say share an empty one.
type Content struct {
	ArtifactType string          // of an index, or of a manifest that is no image
	ArtifactKind string          // what the artifact is known to be, "" where it is not known; see model.ArtifactKind
	Created      string          // RFC 3339 if it is right
	Platform     *model.Platform // of an image or its configuration, as that says; or nil
	Edges        []Edge          // in document order
	Referrers    []Referrer      // those that have it as their subject come first, each kind in the order of the walk

	data []byte // the document, where it is absent and a descriptor embeds it
	total
}

// Path returns the blob's path within the layout, or in another blob directory, as
// reports name it: "blobs/sha256/…".
func (n *Node) Path() string { return cmp.Or(n.path, blobs.Path(n.Digest)) }

// Label returns what a listing calls the node: the kind of artifact where that is
// known, and Kind where not.
func (n *Node) Label() string { return cmp.Or(n.ArtifactKind, n.Kind) }

// Opaque says that the first descriptor to name the blob gives a media type that
// the specification does not know: the type then tells more than Kind.
func (n *Node) Opaque() bool { return n.opaque }

// Embedded says that the blob is absent, and a descriptor has its content
// (descriptor.md, Embedded Content).
func (n *Node) Embedded() bool { return n.missing && n.embedded }

// Limited says whether a limit kept the node from being read, or what an index lists.
func (n *Node) Limited() bool { return n.cut || n.tooDeep && n.Kind == "index" }

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
	To        *Node // nil where the digest is not a digest
	MediaType string
	Size      int64           // as claimed; may be negative
	Platform  *model.Platform // as the descriptor has it, or nil
	Index     int             // the place in the list that the descriptor stands in
	Left      bool            // the platforms that are wanted leave it out
	*Remarks

	member  uint8 // place in roles
	settled bool  // the platform of the document it leads to does not count; see Visit
	runs    bool  // see model.Runnable
}

// Remarks are what few descriptors have. Edges without share an empty one.
type Remarks struct {
	RefName        string // of an entry of index.json
	Named          bool   // it has a RefName, which may be ""
	ContainerdName string // likewise; see model.AnnotationContainerdName
	ArtifactType   string
	Created        string // as its annotation says
	About          string // the digest that model.AnnotationBuildKitDigest gives

	notDigest string            // what stands in the place of the digest
	whole     *model.Descriptor // where GraphOptions.DocumentsOnly asks for it
}

// Digest returns the digest as the descriptor has it.
func (e *Edge) Digest() string {
	if e.To == nil {
		return e.notDigest
	}
	return string(e.To.Digest)
}

// Member returns the member of the document that has the descriptor.
func (e *Edge) Member() model.Role { return roles[e.member] }

// Pointer returns the place of the descriptor in its document (RFC 6901).
func (e *Edge) Pointer() string { return model.PointerOf(e.Member(), e.Index) }

// Role returns what the descriptor makes of its blob.
func (e *Edge) Role() Role {
	switch e.Member() {
	case model.RoleConfig:
		return RoleConfig
	case model.RoleLayer:
		return RoleLayer
	case model.RoleSubject:
		return RoleSubject
	}
	switch model.KindOf(e.MediaType) {
	case model.KindIndex:
		return RoleIndex
	case model.KindManifest:
		return RoleManifest
	case model.KindImage:
		return RoleConfig
	case model.KindLayer:
		return RoleLayer
	}
	return RoleBlob
}

// Runs says whether the descriptor leads to an image that something can run. Artifacts are
// none, and neither is what has the configuration of an image without being one, such as
// BuildKit's attestations and cosign's signatures.
func (e *Edge) Runs() bool { return e.runs && e.To != nil && e.To.runs }

// Sound says whether the blob has the size that the descriptor says, and a document the
// digest as well: one that cannot be computed is not sound.
func (e *Edge) Sound() bool {
	return e.To != nil && e.To.State == StateOK && e.To.Size == e.Size && model.Computable(e.To.Digest.Algorithm())
}

// Descriptor returns the descriptor without its annotations and URLs, and with Data only
// where it has that of a document that is absent; but whole, as the document has it, where
// GraphOptions.DocumentsOnly was set.
func (e *Edge) Descriptor() *model.Descriptor {
	if e.whole != nil {
		return e.whole
	}
	d := &model.Descriptor{MediaType: e.MediaType, Digest: digest.Digest(e.Digest()), Size: e.Size, ArtifactType: e.ArtifactType, Platform: e.Platform}
	if e.To != nil {
		d.Data = e.To.data
	}
	return d
}

// Means is how a referrer says what it refers to.
type Means string

// The means.
const (
	BySubject     Means = "subject"       // it has it as its subject
	ByTag         Means = "referrers-tag" // it is the index that lists what refers to it, by its reference name (distribution-spec, Referrers Tag Schema)
	ByCosignTag   Means = "cosign-tag"    // by its reference name, as cosign does: that tag with .sig, .att or .sbom
	ByAttestation Means = "attestation"   // by an annotation of an index entry, as BuildKit does; see model.AnnotationBuildKitDigest
)

// Referrer is a document that refers to another.
type Referrer struct {
	From *Node
	By   Means
	Tag  string // the reference name, where it is by that
}
