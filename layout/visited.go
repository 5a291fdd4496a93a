package layout

import (
	"errors"
	"io/fs"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// VisitedBlob is a blob as the walk found it.
type VisitedBlob struct {
	ID     int // its place in the [VisitedBlobs] of the walk
	Digest digest.Digest
	Info   blobs.Info
	Err    error // of Stat
	// Sum is what the blob hashed to, where the walk read it as a document, and
	// its Digest is "" where it did not.
	Sum blobs.Sum
}

// Matches says whether the walk read the blob and its bytes hash to its digest.
func (n *VisitedBlob) Matches() bool { return n.Sum.Digest == n.Digest }

// VisitedBlobs are the blobs that a walk visited, each once, in the order of the first
// visits. It holds no more of each than it takes to make its [VisitedBlob] again: some 75
// bytes, where it is by sha256. The zero value is empty. Not safe for concurrent
// use.
type VisitedBlobs struct {
	store   *blobs.Store
	set     blobs.Set
	records blobs.List[record]
	damaged map[int]blobs.Sum // documents that do not match
	causes  []error           // why blobs could not be looked at, each once
	last    *VisitedBlob
}

// record is a VisitedBlob, but for its digest.
type record struct {
	blobs.Kept
	cause  uint32 // the place of Err in causes and 1, 0 for none
	summed bool   // it was read, and matches unless it is damaged
	absent uint16 // a bit for each kind of document that it was looked for as in vain
}

// Len returns how many there are.
func (n *VisitedBlobs) Len() int { return n.set.Len() }

// Find returns the ID of a blob, and whether it is there.
func (n *VisitedBlobs) Find(d digest.Digest) (id int, ok bool) { return n.set.Find(d) }

// Size returns the bytes of a blob, by its ID.
func (n *VisitedBlobs) Size(id int) int64 { return n.records.At(id).Size() }

// Algorithm returns the algorithm of a blob's digest, by its ID.
func (n *VisitedBlobs) Algorithm(id int) digest.Algorithm { return n.set.Algorithm(id) }

// There says whether a blob was found, by its ID.
func (n *VisitedBlobs) There(id int) bool { return n.records.At(id).cause == 0 }

// At returns a VisitedBlob by its ID. It is made for each call, and is not that of a
// Visit.
func (n *VisitedBlobs) At(id int) *VisitedBlob {
	k := n.records.At(id)
	node := &VisitedBlob{ID: id, Digest: n.set.At(id)}
	node.Info = n.store.Info(node.Digest, k.Kept)
	if k.cause > 0 {
		node.Err = &blobs.Error{Op: "stat", Digest: node.Digest, Err: n.causes[k.cause-1]}
	}
	if k.summed {
		node.Sum = blobs.Sum{Digest: node.Digest, Size: node.Info.Size}
		if sum, ok := n.damaged[id]; ok {
			node.Sum = sum
		}
	}
	return node
}

// Add adds a blob that the walk did not visit, as Stat found it in the store that
// was walked.
func (n *VisitedBlobs) Add(d digest.Digest, info blobs.Info) (id int) {
	id, isNew := n.set.Add(d)
	if isNew {
		n.records.Add(record{Kept: info.Keep()})
	}
	return id
}

// visit returns the VisitedBlob of a blob, and whether this is the first visit to it: then
// stat says what lies there.
func (n *VisitedBlobs) visit(d digest.Digest, stat func(digest.Digest) (blobs.Info, error)) (node *VisitedBlob, isNew bool) {
	if n.last != nil && n.last.Digest == d {
		return n.last, false // as in a row of entries for one blob
	}
	id, isNew := n.set.Add(d)
	if !isNew {
		n.last = n.At(id)
		return n.last, false
	}
	n.last = &VisitedBlob{ID: id, Digest: d}
	n.last.Err = blobs.Guard(func() (err error) { n.last.Info, err = stat(d); return err })
	if n.last.Info.Path == "" { // Stat panicked
		n.last.Info.Path = blobs.Path(d)
	}
	n.records.Add(record{Kept: n.last.Info.Keep(), cause: n.cause(n.last.Err)})
	return n.last, true
}

// sum notes what a blob hashed to.
func (n *VisitedBlobs) sum(node *VisitedBlob) {
	n.records.At(node.ID).summed = true
	if !node.Matches() {
		if n.damaged == nil {
			n.damaged = make(map[int]blobs.Sum)
		}
		n.damaged[node.ID] = node.Sum
	}
}

// absent notes that a document is absent, and says whether it was not known yet.
func (n *VisitedBlobs) absent(node *VisitedBlob, kind model.Kind) (isNew bool) {
	k, bit := n.records.At(node.ID), uint16(1)<<kind
	isNew = k.absent&bit == 0
	k.absent |= bit
	return isNew
}

// cause keeps why a blob could not be looked at. Millions can be missing, for one
// and the same cause: the path is known from elsewhere.
func (n *VisitedBlobs) cause(err error) uint32 {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*blobs.Error](err); ok {
		err = e.Err
	}
	if e, ok := err.(*fs.PathError); ok {
		err = e.Err
	}
	if blobs.Absent(err) {
		err = fs.ErrNotExist
	}
	for i, known := range n.causes {
		if known == err || known.Error() == err.Error() {
			return uint32(i + 1)
		}
	}
	n.causes = append(n.causes, err)
	return uint32(len(n.causes))
}
