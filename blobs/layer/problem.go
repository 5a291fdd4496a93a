package layer

// ProblemKind is what can be wrong with an entry where it is applied.
type ProblemKind uint8

// The kinds. What containerd, moby (Docker), containers/storage (podman, buildah)
// and umoci do on the file systems they unpack to is said with each; "overlay" is
// what the first three do by default, where each layer is unpacked by itself, and
// removals are devices 0:0 in it.
const (
	// ProblemBlocked: the entry lies below what is no directory. containerd, moby
	// and storage fail; umoci puts a directory in its place.
	ProblemBlocked ProblemKind = iota + 1
	// ProblemLoop: the entry lies behind a symlink that leads to itself, or behind
	// too many. All fail.
	ProblemLoop
	// ProblemThroughSymlink: the entry, or the target of a hard link, lies behind a
	// symlink. All follow it; overlay puts a directory in its place if a lower layer
	// has it, and readers of single files do not find the entry.
	ProblemThroughSymlink
	// ProblemReplaces: the entry replaces a directory in which earlier entries of its
	// layer lie. All drop those, or fail at the time of a directory among them; GNU tar
	// and bsdtar fail.
	ProblemReplaces
	// ProblemRoot: the entry makes the root something else than a directory. storage
	// and umoci fail, containerd and moby pass over it.
	ProblemRoot
	// ProblemDuplicate: the layer has an entry for the path already.
	ProblemDuplicate
	// ProblemDuplicateDirectory: and both are the same directory.
	ProblemDuplicateDirectory
	// ProblemParentMissing: the layer has no entry for the directory, which has another
	// owner or mode than 0:0 and 0755, or extended attributes, below. overlay without
	// containerd gives it these.
	ProblemParentMissing
	// ProblemParentReplaced: the layer has no entry for a directory on the way, and where
	// one above it is, a lower layer has something else. containerd's overlay fails, also
	// for a whiteout.
	ProblemParentReplaced
	// ProblemXattrsKept: a lower layer gives the directory extended attributes that the
	// entry does not. containerd, moby and storage keep them; umoci and overlay do not.
	ProblemXattrsKept
	// ProblemLinkMissing: nothing is at the target of the hard link. All fail.
	ProblemLinkMissing
	// ProblemLinkForward: nothing is there yet; an entry after it is. All fail.
	ProblemLinkForward
	// ProblemLinkLower: only lower layers have the target. All link to that, overlay
	// fails.
	ProblemLinkLower
	// ProblemLinkDirectory: the target is a directory. All fail.
	ProblemLinkDirectory
	// ProblemLinkSelf: the target is the link itself, or lies in a directory that it
	// replaces. All fail.
	ProblemLinkSelf
	// ProblemLinkAttributes: mode, owner or extended attributes are not those of the
	// target. umoci keeps the target's, as Tree does; the others set the link's.
	ProblemLinkAttributes
	// ProblemWhiteoutOwn: the whiteout stands after entries of its layer at or below
	// what it removes, or the opaque marker after entries in directories without one.
	// containerd, moby and storage remove those too, or fail at the time of a
	// directory; umoci keeps them, as the specification has it, and Tree does. overlay
	// fails.
	ProblemWhiteoutOwn
	// ProblemWhiteoutAbove: the whiteout stands after others of its layer below what it
	// removes. overlay has made the directory for those, and fails; containerd's does not
	// in the lowest layer.
	ProblemWhiteoutAbove
	// ProblemWhiteoutRoot: the marker removes all that lower layers have. overlay
	// passes over it.
	ProblemWhiteoutRoot
	// ProblemBelowWhiteout: the entry lies below a path that a whiteout of its layer
	// removes, or is a directory there again. All but umoci make the directories;
	// overlay fails, or shows what was to be removed.
	ProblemBelowWhiteout
	// ProblemWhiteoutOrder: the whiteout stands after other entries of its directory, or of the one
	// that it removes.
	ProblemWhiteoutOrder
	// ProblemNoTarget: no lower layer has what the whiteout removes. Only umoci leaves
	// missing directories out.
	ProblemNoTarget
)

// Problem is something about an entry that can be seen only where its layer is
// applied.
type Problem struct {
	Kind  ProblemKind
	Entry int    // place in the layer's archive
	Name  string // of the entry, as the archive has it
	// At is the path that is in the way, through which it goes, or that is meant.
	At string
	// Own says that the layer has the problem by itself, whatever lies below.
	Own bool
}

// lost says whether the entry is not in the tree because of the problem.
func (p *Problem) lost() bool {
	switch p.Kind {
	case ProblemBlocked, ProblemLoop, ProblemRoot, ProblemLinkMissing, ProblemLinkForward, ProblemLinkDirectory, ProblemLinkSelf:
		return true
	}
	return false
}

// differs says whether tools make different files of the layer because of the
// problem, or some of them none.
func (p *Problem) differs() bool {
	switch p.Kind {
	case ProblemReplaces, ProblemDuplicate, ProblemWhiteoutOwn, ProblemWhiteoutAbove, ProblemWhiteoutRoot, ProblemBelowWhiteout, ProblemLinkAttributes:
		return true
	}
	return p.lost()
}

// Doubts are what there is to say of a tree to someone who looks at it and does not
// ask what is wrong with its layers. Their memory does not grow.
type Doubts struct {
	Lost    int // entries that are not in the tree
	Differs int // entries, the lost ones included, of which other tools make something else
	// First is the first problem that counts as one, and Layer the place of its layer.
	First Problem
	Layer int
}

// Add counts a problem with a layer.
func (d *Doubts) Add(layer int, p Problem) {
	if !p.differs() {
		return
	}
	if d.Differs == 0 || d.Lost == 0 && p.lost() {
		d.First, d.Layer = p, layer
	}
	if d.Differs++; p.lost() {
		d.Lost++
	}
}
