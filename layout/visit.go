package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/ocilayout/ocilayout/model"
)

// Visit is one descriptor that a walk comes to, with what it leads to. The first
// visit of a walk is index.json itself, which no descriptor names.
type Visit struct {
	Edge model.Edge // zero for index.json
	From *Document  // the document that holds the descriptor; nil for index.json
	// Blob is the blob that the descriptor names, nil for index.json, and where the
	// digest is not a digest. It is that of this visit: its ID tells whether two are of one
	// blob.
	Blob *VisitedBlob
	// Document is what was read of the blob as the kind that the descriptor
	// says, nil where it is no document. It is shared by all visits of the kind.
	Document *Document
	// First: the first visit to the Document, or to the Blob where that is nil. So
	// is the first that is Judged to a Document that only others led to before.
	First   bool
	Cycle   bool // the document is on the way to itself
	TooDeep bool // Limits.Depth is reached: the document's own descriptors are not visited
	TooMany bool // Limits.Descriptors is reached: the walk ends with this visit
	LeftOut bool // the platform that the entry names is not wanted; see WalkOptions.Platforms
	// Judged is false where the descriptor says nothing that counts against
	// the layout: it stands in a document whose bytes do not match its digest, or
	// the selection leaves it out. Its blob counts as referenced, no more.
	Judged bool
	// Beneath are the limits for a document that is read while the walk holds those
	// on the way to the descriptor.
	Beneath Limits

	settled bool // an entry on the way here names a platform: that of others does not count
}

// Kind returns what the descriptor says that the blob is.
func (v *Visit) Kind() model.Kind {
	if v.From == nil {
		return model.KindIndex
	}
	return model.KindOf(v.Edge.Descriptor.MediaType)
}

// Trail returns the way from index.json to the descriptor: for each document on
// it, its path and the pointer to the next descriptor.
func (v *Visit) Trail() []string {
	if v.From == nil {
		return nil
	}
	return v.Place().Trail()
}

// Place returns where the descriptor stands.
func (v *Visit) Place() Place {
	return Place{v.From, uint32(v.Edge.Index), uint8(slices.Index(roles, v.Edge.Role))}
}

// Place is where a descriptor stands, in as little memory as it takes. The
// zero value is nowhere.
type Place struct {
	From  *Document
	index uint32
	role  uint8 // its place among roles
}

var roles = []model.Role{model.RoleManifest, model.RoleConfig, model.RoleLayer, model.RoleSubject, model.RoleBlob, model.RoleFSLayer}

// Pointer returns the pointer to the descriptor in its document.
func (p Place) Pointer() string {
	if p.From == nil {
		return ""
	}
	return model.PointerOf(roles[p.role], int(p.index))
}

// Trail returns the way from index.json to the descriptor, as Visit.Trail does, by
// the first way to its document.
func (p Place) Trail() []string {
	var trail []string
	for ; p.From != nil; p = p.From.place {
		trail = append(trail, p.From.Path+"#"+p.Pointer())
	}
	slices.Reverse(trail)
	return trail
}

// Document is index.json or a blob that was read as a document. Raw, Doc and
// Problems are there during the first visit to it and the visits to what it
// names, and nil afterwards.
type Document struct {
	Path     string // within the layout
	Raw      []byte // nil where it could not be read
	Size     int64  // bytes read
	Doc      model.Document
	Problems model.Problems // of loading
	Err      error          // why it was not read
	// Substituted says that the bytes are those that the descriptor embeds,
	// because the blob is absent.
	Substituted bool

	place    Place     // of the first descriptor that led to it
	other    *Document // that the blob was read as, being named as another kind
	kind     model.Kind
	state    state
	trusted  bool // some visit to it was Judged
	released bool
	walked   bool // it is on the way to what is visited now
	early    *early
}

// state is how far a document's own descriptors have been walked.
type state uint8

const (
	fresh   state = iota
	reached       // for reachability alone
	judged
)

// Trail returns the way from index.json that first led to the document.
func (d *Document) Trail() []string { return d.place.Trail() }

// Failure returns why the document was not read to its end, nil if it was. The error
// names its path.
func (d *Document) Failure() error {
	err := d.Err
	if e, ok := errors.AsType[*fs.PathError](err); ok { // which names the file once more
		err = e.Err
	}
	if err == nil {
		err = d.Problems.Err()
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", d.Path, err)
}

// release forgets the content once the document has been walked, so that a walk
// does not hold every document of a large layout at once.
func (d *Document) release() {
	d.Raw, d.Doc, d.Problems, d.released = nil, nil, nil, true
	if d.early != nil {
		d.early.drop()
		d.early = nil
	}
}
