package verify

import (
	"errors"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// inventory lists what lies under blobs, judges names and what nothing names,
// and makes the list of blobs that are left to read: those of the walk first,
// in its order, then the others by path.
func (r *run) inventory() {
	for id := range r.nodes.Len() {
		r.plan(id)
	}
	if !r.options.Select.All() {
		return // the rest of the layout is not asked for
	}
	if r.noBlobs {
		return
	}
	r.firstOrphan = r.nodes.Len()
	for entry, err := range r.layout.Blobs().All() {
		switch {
		case blobs.Absent(err): // which was there when the root, or what holds it, was looked at
			r.emitUnreadable(blobs.ErrChanged, Finding{Path: entry.Path})
		case err != nil:
			r.emitUnreadable(err, Finding{Path: entry.Path})
		default:
			r.guard(Finding{Path: entry.Path, Digest: entry.Digest}, func() { r.entry(entry) })
		}
		if r.ended() {
			return
		}
	}
	r.tellOrphans()
}

// excess is how much longer than its descriptors say a blob may be for its bytes
// to be read all the same, which tells whether blob or descriptor is wrong.
// Beyond it, the length alone is verdict enough (descriptor.md, Verification).
const excess = 1 << 30

// plan makes a blob that the walk met a job, unless it was read, or cannot be
// right by far.
func (r *run) plan(id int) {
	known, size := r.known.At(id), r.nodes.Size(id)
	switch {
	case known.summed && known.layer == nil: // a document that is to be a layer as well is read again
	case known.embedded: // which was checked with its descriptor
	case !r.nodes.There(id):
		r.notChecked()
	case !model.Computable(r.nodes.Algorithm(id)):
		r.notChecked()
	case known.judged && size-known.largest > excess:
		r.notChecked()
		r.unproven()
	default:
		r.add(id, size)
	}
}

// add makes a blob a job: its bytes are to be held against its digest.
func (r *run) add(id int, size int64) {
	if r.options.Level < LevelDigest {
		r.notChecked()
		return
	}
	r.counters.bytesToRead.Add(size)
	r.jobs = append(r.jobs, uint32(id))
}

// misnamed are the findings about names that no blob can have.
var misnamed = map[blobs.EntryKind]Finding{
	blobs.EntryStrayFile:          {Rule: rule.BlobsStrayFile, Message: "a file lies where only directories of digest algorithms belong"},
	blobs.EntryAlgorithmName:      {Rule: rule.BlobsAlgorithmName, Message: "the directory's name is no digest algorithm, so nothing in it can be named"},
	blobs.EntryAlgorithmSymlink:   {Rule: rule.RootSymlink, Message: "reached through a symlink, which other tools may refuse to follow"},
	blobs.EntryAlgorithmIrregular: {Rule: rule.RootFileIrregular, Message: "not a directory, but a symlink out of the layout or to nothing, so that no blob is read through it; if the blobs are kept elsewhere, name that directory with --blob-dir", Expected: "a directory", Actual: "a symlink that leads to nothing within the layout"},
	blobs.EntryAlgorithmElsewhere: {Rule: rule.RootSymlink, Message: "a symlink that leads out of the layout; the blobs were looked for in the blob directory instead"},
	blobs.EntryDotfile:            {Rule: rule.BlobNameDotfile, Message: "the name begins with a dot, as what tools leave behind does, and can be no digest"},
	blobs.EntryGrammar:            {Rule: rule.BlobNameGrammar, Message: "the name holds characters that no digest has"},
	blobs.EntryEncoding:           {Rule: rule.BlobNameEncoding, Message: "the name is not what a digest of this algorithm looks like"},
}

func (r *run) entry(e blobs.Entry) {
	if r.explained(e.Path) {
		return
	}
	if f, ok := misnamed[e.Kind]; ok && !r.followed[e.Path] {
		f.Path = e.Path
		if e.Kind == blobs.EntryAlgorithmSymlink {
			r.follow(e.Path)
		}
		r.emit(f)
	}
	if e.Twin != "" {
		r.emit(Finding{Rule: rule.BlobNameCaseCollision, Path: e.Path, Digest: e.Digest,
			Message: "another name differs only by letter case, and some file systems cannot hold both", Actual: e.Twin})
	}
	if e.Digest == "" {
		return
	}
	if _, met := r.nodes.Find(e.Digest); !met {
		r.unreferenced(e)
	}
}

// leadsOut says whether the blobs of an algorithm would lie behind a symlink that is
// not followed, which the inventory reports.
func (r *run) leadsOut(a digest.Algorithm) bool {
	if !r.options.Select.All() || !model.Computable(a) {
		return false
	}
	out, known := r.elsewhere[a]
	if !known {
		if r.elsewhere == nil {
			r.elsewhere = make(map[digest.Algorithm]bool)
		}
		out = r.layout.Blobs().LeadsOut(a)
		r.elsewhere[a] = out
	}
	return out
}

// unreferenced judges a blob that the walk did not meet. It must match its name
// all the same.
func (r *run) unreferenced(e blobs.Entry) {
	info, err := r.layout.Blobs().Stat(e.Digest)
	switch {
	case errors.Is(err, blobs.ErrNotRegular):
		r.emit(Finding{Rule: rule.BlobNotRegular, Path: e.Path, Digest: e.Digest,
			Message: "what lies in a blob's place is no regular file, and was not opened", Expected: "a regular file", Actual: reason(err)})
		return
	case blobs.Absent(err):
		r.emitUnreadable(blobs.ErrChanged, Finding{Path: e.Path, Digest: e.Digest})
		return
	case err != nil:
		r.notChecked()
		r.emitUnreadable(err, Finding{Path: e.Path, Digest: e.Digest})
		return
	}
	r.counters.blobs.Add(1)
	r.counters.bytes.Add(info.Size)
	r.counters.unreferencedBlobs.Add(1)
	r.counters.unreferencedBytes.Add(info.Size)
	if info.Symlink {
		r.follow(info.Path)
	}
	r.known.Add(known{})
	r.orphans = append(r.orphans, orphan{id: uint32(r.nodes.Add(e.Digest, info))})
}
