package verify

import (
	"errors"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// inventoryCheck lists what lies under blobs. It checks the names, and what nothing
// refers to, and makes the list of blobs that are left to be read.
type inventoryCheck struct {
	common
	root        *rootFacts
	misplaced   *misplacedRules
	causes      *causes
	orphans     []orphan // by path
	firstOrphan int      // the ID of the first of them
	jobs        []uint32 // the IDs of blobs to read, in the order of their findings
}

// check makes the list: the blobs of the graph first, in the order of the walk, then the
// others by path.
func (c *inventoryCheck) check() {
	for id := range c.nodes.Len() {
		c.plan(id)
	}
	if c.root.noBlobs || !c.options.Select.All() {
		return // the rest of the layout is not there, or not asked for
	}
	c.firstOrphan = c.nodes.Len()
	for entry, err := range c.layout.Blobs().All() {
		switch {
		case blobs.Absent(err): // which was there when the root, or the directory above, was looked at
			c.emitUnreadable(blobs.ErrChanged, Finding{Path: entry.Path})
		case err != nil:
			c.emitUnreadable(err, Finding{Path: entry.Path})
		default:
			c.guard(Finding{Path: entry.Path, Digest: entry.Digest}, func() { c.entry(entry) })
		}
		if c.ended() {
			return
		}
	}
	c.unreferenced()
}

// excess is how much longer than its descriptors say a blob may be for its bytes
// to be read all the same, which tells whether blob or descriptor is wrong.
// Beyond it, the length alone is verdict enough (descriptor.md, Verification).
const excess = 1 << 30

// plan makes a blob of the graph a job, unless it was read, or cannot be
// right by far.
func (c *inventoryCheck) plan(id int) {
	known, size := c.rows.At(id), c.nodes.Size(id)
	switch {
	case known.summed && known.layer == nil: // a document that is to be a layer as well is read again
	case known.embedded: // which was checked with its descriptor
	case !c.nodes.There(id), !model.Computable(c.nodes.Algorithm(id)):
		c.notChecked()
	case known.trusted && size-known.largest > excess:
		c.notChecked()
		c.unproven()
	default:
		c.add(id, size)
	}
}

// add makes a blob a job: its bytes are to be compared with its digest.
func (c *inventoryCheck) add(id int, size int64) {
	if c.options.Level < LevelDigest {
		c.notChecked()
		return
	}
	c.count(func(s *Stats) { s.BytesToRead += size })
	c.jobs = append(c.jobs, uint32(id))
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

// entry checks what lies in one place.
func (c *inventoryCheck) entry(e blobs.Entry) {
	if c.misplaced.explains(e.Path) {
		return
	}
	if f, ok := misnamed[e.Kind]; ok && !c.root.links.places[e.Path] {
		f.Path = e.Path
		if e.Kind == blobs.EntryAlgorithmSymlink {
			c.root.links.follow(e.Path)
		}
		c.emit(f)
	}
	if e.Twin != "" {
		c.emit(Finding{Rule: rule.BlobNameCaseCollision, Path: e.Path, Digest: e.Digest,
			Message: "another name differs only by letter case, and some file systems cannot hold both", Actual: e.Twin})
	}
	if e.Digest == "" {
		return
	}
	if _, named := c.nodes.Find(e.Digest); !named {
		c.orphan(e)
	}
}

// orphan adds a blob that nothing refers to. It must match its name all the same.
func (c *inventoryCheck) orphan(e blobs.Entry) {
	info, err := c.layout.Blobs().Stat(e.Digest)
	switch {
	case errors.Is(err, blobs.ErrNotRegular):
		c.emit(Finding{Rule: rule.BlobNotRegular, Path: e.Path, Digest: e.Digest,
			Message: "what lies in a blob's place is no regular file, and was not opened", Expected: "a regular file", Actual: reason(err)})
		return
	case blobs.Absent(err):
		c.emitUnreadable(blobs.ErrChanged, Finding{Path: e.Path, Digest: e.Digest})
		return
	case err != nil:
		c.notChecked()
		c.emitUnreadable(err, Finding{Path: e.Path, Digest: e.Digest})
		return
	}
	c.count(func(s *Stats) {
		s.Blobs++
		s.Bytes += info.Size
		s.UnreferencedBlobs++
		s.UnreferencedBytes += info.Size
	})
	if info.Symlink {
		c.root.links.follow(info.Path)
	}
	c.orphans = append(c.orphans, orphan{id: uint32(c.addUnreferenced(e, info))})
}
