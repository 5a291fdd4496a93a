package layer

import (
	"archive/tar"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Names of whiteouts (layer.md, Whiteouts).
const (
	WhiteoutPrefix = ".wh."
	WhiteoutOpaque = ".wh..wh..opq"
)

// Node is a file of a merged tree: what one entry of one layer made it. Names
// that are hard links of one another share a Node.
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
	Xattrs map[string]string

	children map[string]*Node // of a directory
}

// IsDir says whether the node is a directory.
func (n *Node) IsDir() bool { return n.Type == tar.TypeDir }

// FileMode returns type and permissions as package fs has them.
func (n *Node) FileMode() fs.FileMode {
	return (&tar.Header{Typeflag: n.Type, Mode: n.Mode}).FileInfo().Mode()
}

// Tree is the file system that layers applied onto one another make. It holds
// what its entries say and not what they contain: memory follows their number.
// The zero value is not usable; see NewTree. A Tree that nobody applies anything
// to is safe for concurrent use.
type Tree struct {
	root   *Node
	layers int
}

// NewTree returns an empty root directory.
func NewTree() *Tree { return &Tree{root: implied()} }

// implied is a directory that a path goes through and no entry speaks of.
func implied() *Node {
	return &Node{Layer: -1, Type: tar.TypeDir, Mode: 0o755, children: make(map[string]*Node)}
}

// Layer collects the entries of one layer, to be applied onto a Tree once all
// of them are there: whiteouts hide what lies below them, wherever they stand in
// the archive, and never what their own layer brings.
type Layer struct {
	entries   []collected
	whiteouts []string // paths that are removed
	opaque    []string // directories whose content is removed
}

type collected struct {
	path string
	link string // target of a hard link
	node Node
}

// MaxPath is the length in bytes of the longest path that a Tree takes: no
// system call takes a longer one.
const MaxPath = 4096

// Add takes over what the tree needs of an entry. Entries that lead out of the
// root or are longer than MaxPath are left out, as are whiteouts that name
// nothing and headers that are no file's.
func (l *Layer) Add(e *Entry) {
	dir, base := path.Split(e.Path)
	switch {
	case escapes(e.Path), len(e.Path) > MaxPath, e.Typeflag == tar.TypeXGlobalHeader:
	case base == WhiteoutOpaque:
		l.opaque = append(l.opaque, strings.Clone(path.Clean(dir)))
	case strings.HasPrefix(base, WhiteoutPrefix):
		name := base[len(WhiteoutPrefix):]
		if name != "" && name != "." && name != ".." && !strings.HasPrefix(name, WhiteoutPrefix) {
			l.whiteouts = append(l.whiteouts, strings.Clone(path.Join(dir, name)))
		}
	default:
		l.entries = append(l.entries, newCollected(e))
	}
}

// escapes says whether a cleaned path leads out of the root.
func escapes(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }

// newCollected copies what it keeps: a path may be a piece of a header that is
// far longer.
func newCollected(e *Entry) collected {
	c := collected{path: strings.Clone(e.Path), node: *NodeOf(e)}
	if e.Typeflag == tar.TypeLink {
		c.link = strings.Clone(Clean(e.Linkname))
	}
	return c
}

// NodeOf returns what an entry by itself says of a file, as of layer 0.
func NodeOf(e *Entry) *Node {
	n := &Node{
		Entry: e.Number, Type: e.Typeflag, Mode: e.Mode & 0o7777, UID: e.Uid, GID: e.Gid, Time: e.ModTime,
		Major: e.Devmajor, Minor: e.Devminor,
	}
	switch e.Typeflag {
	case tar.TypeSymlink:
		n.Link = strings.Clone(e.Linkname)
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		n.Type, n.Size = tar.TypeReg, e.Size
	}
	for key, value := range e.PAXRecords {
		if name, ok := strings.CutPrefix(key, "SCHILY.xattr."); ok {
			if n.Xattrs == nil {
				n.Xattrs = make(map[string]string)
			}
			n.Xattrs[strings.Clone(name)] = strings.Clone(value)
		}
	}
	return n
}

// Apply puts the layer onto the tree (layer.md, Applying Changesets). What
// cannot be put there is left out: hard links to nothing, entries below something
// that is no directory, and those whose path is longer than MaxPath once symlinks
// are followed.
func (t *Tree) Apply(l *Layer) {
	number := t.layers
	t.layers++
	replaced := t.replaced(l)
	for _, p := range l.whiteouts {
		if parent := t.directory(path.Dir(p), replaced); parent != nil {
			delete(parent.children, path.Base(p))
		}
	}
	for _, p := range l.opaque {
		if dir := t.directory(p, replaced); dir != nil {
			clear(dir.children)
		}
	}
	for i := range l.entries {
		t.put(&l.entries[i], number)
	}
}

// replaced returns the paths of symlinks that the layer replaces by something
// else: its whiteouts below such a path are not about where the symlink led.
func (t *Tree) replaced(l *Layer) map[string]bool {
	if len(l.whiteouts)+len(l.opaque) == 0 {
		return nil
	}
	paths := make(map[string]bool)
	for i := range l.entries {
		c := &l.entries[i]
		if old, _ := t.find(c.path, false); old != nil && old.Type == tar.TypeSymlink && c.node.Type != tar.TypeSymlink {
			paths[c.path] = true
		}
	}
	return paths
}

// directory returns the directory at a path that goes through none of the
// replaced symlinks, or nil.
func (t *Tree) directory(p string, replaced map[string]bool) *Node {
	for at := p; len(replaced) > 0 && at != "."; at = path.Dir(at) {
		if replaced[at] {
			return nil
		}
	}
	n, _ := t.find(p, true)
	if n == nil || !n.IsDir() {
		return nil
	}
	return n
}

// put adds one entry.
func (t *Tree) put(c *collected, layer int) {
	if c.path == "." {
		if c.node.Type == tar.TypeDir {
			update(t.root, &c.node, layer)
		}
		return
	}
	base := path.Base(c.path)
	parent, names := t.resolve(path.Dir(c.path), true, true)
	length := len(base)
	for _, name := range names {
		length += len(name) + 1
	}
	if parent == nil || !parent.IsDir() || length > MaxPath {
		return
	}
	old := parent.children[base]
	switch {
	case c.node.Type == tar.TypeLink:
		if target, _ := t.find(c.link, false); target != nil && !target.IsDir() {
			parent.children[base] = target
		}
		return
	case old != nil && old.IsDir() && c.node.Type == tar.TypeDir:
		update(old, &c.node, layer)
		return
	}
	n := c.node
	n.Layer = layer
	if n.IsDir() {
		n.children = make(map[string]*Node)
	}
	parent.children[base] = &n
}

// update gives a directory the attributes of a later entry, and keeps what is
// in it.
func update(dir, from *Node, layer int) {
	children := dir.children
	*dir = *from
	dir.Layer, dir.children = layer, children
}

// maxLinks is how many symlinks a path may go through, as on Linux. Their
// targets may have MaxPath bytes altogether.
const maxLinks = 40

// find returns the node at a path, following the symlinks on the way, and the
// last one too if follow says so. It returns the path without symlinks as well.
func (t *Tree) find(p string, follow bool) (*Node, string) {
	n, names := t.resolve(p, follow, false)
	if n == nil {
		return nil, ""
	}
	return n, path.Join(append([]string{"."}, names...)...)
}

// resolve is find, with the names of the path, and makes directories of what is
// missing if create says so. Nothing leads out of the root: ".." of it is the
// root itself, and so is the start of an absolute target.
func (t *Tree) resolve(p string, follow, create bool) (*Node, []string) {
	nodes := []*Node{t.root} // on the way to where we are, the root before the first name
	var names []string
	length := 0 // of the names, with slashes
	rest := strings.Split(p, "/")
	for links, targets := 0, 0; len(rest) > 0; {
		dir, name := nodes[len(names)], rest[0]
		rest = rest[1:]
		switch {
		case !dir.IsDir():
			return nil, nil
		case name == "" || name == ".":
			continue
		case name == "..":
			if last := len(names) - 1; last >= 0 {
				length -= len(names[last]) + 1
				nodes, names = nodes[:last+1], names[:last]
			}
			continue
		}
		next := dir.children[name]
		if next == nil && create && length+len(name) <= MaxPath {
			next = implied()
			dir.children[name] = next
		}
		if next == nil {
			return nil, nil
		}
		if next.Type != tar.TypeSymlink || len(rest) == 0 && !follow {
			nodes, names = append(nodes, next), append(names, name)
			length += len(name) + 1
			continue
		}
		links, targets = links+1, targets+len(next.Link)
		if links > maxLinks || targets > MaxPath {
			return nil, nil
		}
		if strings.HasPrefix(next.Link, "/") {
			nodes, names, length = nodes[:1], names[:0], 0
		}
		rest = append(strings.Split(next.Link, "/"), rest...)
	}
	return nodes[len(names)], names
}

// All yields every path of the tree with its node, sorted, parents first, the
// root as ".". Names of one node by hard links are yielded each.
func (t *Tree) All() func(yield func(string, *Node) bool) {
	return func(yield func(string, *Node) bool) {
		type item struct {
			path string
			node *Node
		}
		stack := []item{{".", t.root}}
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !yield(top.path, top.node) {
				return
			}
			names := slices.Sorted(maps.Keys(top.node.children))
			for _, name := range slices.Backward(names) {
				stack = append(stack, item{path.Join(top.path, name), top.node.children[name]})
			}
		}
	}
}

// Lookup returns the node at a path, with symlinks followed, and its path
// without symlinks; nil where there is none.
func (t *Tree) Lookup(name string) (*Node, string) { return t.find(Clean(name), true) }
