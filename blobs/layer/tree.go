package layer

import (
	"archive/tar"
	"errors"
	"io/fs"
	"sync"
	"time"
)

// Names of whiteouts (layer.md, Whiteouts).
const (
	WhiteoutPrefix = ".wh."
	WhiteoutOpaque = ".wh..wh..opq"
)

// MaxPath is the length in bytes of the longest path that a Tree takes: no
// system call takes a longer one.
const MaxPath = 4096

// ErrNames is what errors.Is finds where the names and attributes of files take
// more memory than Limits.Names.
var ErrNames = errors.New("the names and attributes of the files take more memory than max-layer-names allows")

// Node is a file of a merged tree: what one entry of one layer made it.
type Node struct {
	Layer  int // place of the layer in the image, from 0; -1 for a directory that no layer has an entry for
	Entry  int // place of the entry in the layer's archive
	Type   byte
	Mode   int64 // permission bits, with setuid, setgid and sticky as tar has them
	UID    int
	GID    int
	Size   int64
	Time   time.Time
	Link   string // target of a symlink
	Major  int64
	Minor  int64
	Xattrs map[string]string // not to be changed
	// File is the same for names that are hard links of one another, and for no
	// others of a Tree.
	File uint32
}

// IsDir says whether the node is a directory.
func (n *Node) IsDir() bool { return n.Type == tar.TypeDir }

// FileMode returns type and permissions as package fs has them.
func (n *Node) FileMode() fs.FileMode {
	return (&tar.Header{Typeflag: n.Type, Mode: n.Mode}).FileInfo().Mode()
}

// Tree is the file system that layers applied onto one another make. It holds
// what its entries say and not what they contain: memory follows their number, at
// some 80 bytes each and the last name of the path, up to Limits.Names. The zero
// value is not usable; see NewTree. A Tree that nobody applies anything to is safe
// for concurrent use.
//
// Entries are applied in the order of the archive, as all tools do. A whiteout
// removes what lower layers have, also where they are reached through a symlink,
// and never what its own layer brings.
type Tree struct {
	table  table // of directories and names, to references
	dirs   list[directory]
	leafs  list[leaf]
	inodes list[inode]
	names  arena
	bytes  int64 // of memory that all of this uses
	most   int64
	layers int

	attributes map[attributes]uint32
	attribute  []attributes
	last       attributes // and its number
	lastNumber uint32

	// Of a skeleton: the inode for attributes, and the leaf for an inode of a layer.
	plain map[uint32]uint32
	same  map[leaf]uint32

	listed   *listed // nil for a skeleton
	removals bool    // some layer had a whiteout
	mark     *Mark   // the last one
	noted    int     // changes that marks remember
}

// listed is what a tree keeps to list its files.
type listed struct {
	leafs   list[named]
	dirs    list[namedDir]
	details list[detail] // of inodes
	devices list[[2]int64]
	xattrs  map[uint64]map[string]string
	times   map[uint32]time.Time // of inodes, that are no number of nanoseconds
	mu      sync.Mutex
	index   *index // of children, once it is asked for
}

// A reference is the number of a leaf and 1, or that of a directory with dirBit.
const dirBit = 1 << 30

// directory is one with what is in it. Layers are counted from 1 here; 0 is no layer.
type directory struct {
	attributes uint32
	sum        uint32 // of all that its entry says
	born       uint32 // the layer that made it
	made       uint32 // the layer with the last entry for it, 0 where it is implied
	touched    uint32 // the last layer that has something in it, or an entry for it
	cleared    uint32 // the last layer that removed what was in it: what was touched before is not there
	direct     uint32 // the last layer that has an entry in this very directory
	loose      uint32 // the last layer that has something in a directory below it without having an entry for that
	over       bool   // where it was made, a lower layer had something
	// overFile: some lower layer, unpacked by itself, has what is no directory there: a
	// file, or the device that stands for a removal.
	overFile bool
}

// leaf is a name of what is no directory.
type leaf struct {
	inode uint32
	layer uint32 // that gave it this name, from 1
}

type inode struct {
	attributes uint32
	aux        uint32 // of a symlink: its target among names; of a device: its numbers
}

type attributes struct {
	kind     byte
	mode     uint16
	uid, gid int
	xattrs   uint64 // hash of all, 0 for none
}

type named struct{ dir, name uint32 }

type namedDir struct {
	named
	inode uint32
}

type detail struct {
	size, time int64
	layer      int32
	entry      uint32
}

const (
	dirBytes       = 36
	leafBytes      = 8
	inodeBytes     = 8
	attributeBytes = 128 // twice, in a map, and what a map takes beyond
	internedBytes  = 32
	namedBytes     = 12
	detailBytes    = 24
)

// NewTree returns an empty root directory that takes no more memory than
// Limits.Names.
func NewTree(l Limits) *Tree {
	t := newTree(l)
	t.listed = &listed{xattrs: make(map[uint64]map[string]string), times: make(map[uint32]time.Time)}
	t.newDir(named{}, true)
	return t
}

// NewSkeleton returns a tree that can be applied to, and neither listed nor looked
// into: it takes a quarter of the memory, and keeps no names but symlinks' targets.
func NewSkeleton(l Limits) *Tree {
	t := newTree(l)
	t.plain, t.same = make(map[uint32]uint32), make(map[leaf]uint32)
	t.newDir(named{}, true)
	return t
}

func newTree(l Limits) *Tree {
	t := &Tree{most: l.WithDefaults().Names, attributes: make(map[attributes]uint32)}
	t.names.bytes = &t.bytes
	t.number(attributes{kind: tar.TypeDir, mode: 0o755}) // is 0: that of implied directories
	return t
}

// full says whether there is no more room.
func (t *Tree) full() bool {
	return t.bytes+int64(t.table.used())*slotBytes > t.most || len(t.names.chunks) >= 1<<16 || t.dirs.n+t.leafs.n+t.inodes.n >= dirBit/2
}

// number returns the number of attributes.
func (t *Tree) number(a attributes) uint32 {
	if a == t.last && len(t.attribute) > 0 {
		return t.lastNumber
	}
	n, known := t.attributes[a]
	if !known {
		n = uint32(len(t.attribute))
		t.attribute = append(t.attribute, a)
		t.attributes[a] = n
		t.bytes += attributeBytes
	}
	t.last, t.lastNumber = a, n
	return n
}

// newDir makes a directory that has no place yet.
func (t *Tree) newDir(at named, root bool) uint32 {
	t.bytes += dirBytes
	n := t.dirs.add(directory{})
	if t.listed != nil {
		t.bytes += namedBytes
		none := t.newInode(inode{}, detail{layer: -1})
		t.listed.dirs.add(namedDir{at, none})
	}
	return n
}

func (t *Tree) newInode(i inode, d detail) uint32 {
	t.bytes += inodeBytes
	if t.listed != nil {
		t.bytes += detailBytes
		t.listed.details.add(d)
	}
	return t.inodes.add(i)
}

// inodeOf returns the inode for attributes of which nothing else is stored.
func (t *Tree) inodeOf(number uint32) uint32 {
	n, known := t.plain[number]
	if !known {
		n = t.newInode(inode{attributes: number}, detail{})
		t.plain[number] = n
		t.bytes += internedBytes
	}
	return n
}

// newLeaf returns the reference for a name.
func (t *Tree) newLeaf(l leaf, dir uint32, name string) uint32 {
	if t.listed == nil {
		n, known := t.same[l]
		if !known {
			n = t.leafs.add(l)
			t.bytes += leafBytes
			if t.kind(l.inode) != tar.TypeSymlink {
				t.same[l] = n
				t.bytes += internedBytes
			}
		}
		return n + 1
	}
	t.bytes += leafBytes + namedBytes - 4
	t.listed.leafs.add(named{dir, t.names.add(name)})
	return t.leafs.add(l) + 1
}

func (t *Tree) kind(inode uint32) byte { return t.attribute[t.inodes.at(inode).attributes].kind }

// step is a directory on a way through the tree.
type step struct {
	dir    uint32
	since  uint32 // what was touched by no layer from this one on is not there
	length int    // of the path, with slashes
}

// in returns the step into a directory below.
func (t *Tree) in(s step, dir uint32, name string) step {
	return step{dir, max(s.since, t.dirs.at(dir).cleared), s.length + len(name) + 1}
}

// child returns what a directory has under a name, 0 for nothing; and whether the
// layers have had something there that was removed with what was in some directory.
func (t *Tree) child(s step, name string) (ref uint32, removed bool) {
	ref = t.table.get(placeOf(uint64(s.dir), name))
	if ref != 0 && t.touched(ref) < s.since {
		return 0, true
	}
	return ref, false
}

// touched returns the last layer that has to do with what is there.
func (t *Tree) touched(ref uint32) uint32 {
	if ref&dirBit != 0 {
		return t.dirs.at(ref &^ dirBit).touched
	}
	return t.leafs.at(ref - 1).layer
}

// symlink returns the target, if it is one.
func (t *Tree) symlink(ref uint32) (target string, ok bool) {
	if ref&dirBit != 0 {
		return "", false
	}
	i := t.leafs.at(ref - 1).inode
	if t.kind(i) != tar.TypeSymlink {
		return "", false
	}
	return string(t.names.get(t.inodes.at(i).aux)), true
}
