package layer

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// index is the children of each directory: those of directory n are
// refs[starts[n]:starts[n+1]], in the order of their names.
type index struct {
	starts []uint32
	refs   []uint32
}

// children returns the index, which it makes where nobody asked for it before.
func (t *Tree) children() *index {
	l := t.listed
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.index == nil {
		l.index = t.newIndex()
	}
	return l.index
}

func (t *Tree) newIndex() *index {
	const dead = ^uint32(0)
	since := make([]uint32, t.dirs.n) // as a step has it; dead for directories that are not there
	since[0] = t.dirs.at(0).cleared
	there := func(n named, ref uint32) bool {
		return since[n.dir] != dead && t.touched(ref) >= since[n.dir] && t.table.get(placeOf(uint64(n.dir), string(t.names.get(n.name)))) == ref
	}
	x := &index{starts: make([]uint32, t.dirs.n+2)}
	// A directory comes after the one that it is in.
	for n := uint32(1); n < uint32(t.dirs.n); n++ {
		since[n] = dead
		if at := t.listed.dirs.at(n).named; there(at, n|dirBit) {
			since[n] = max(since[at.dir], t.dirs.at(n).cleared)
			x.starts[at.dir+2]++
		}
	}
	leafs := make([]bool, t.leafs.n)
	for n := range leafs {
		if at := *t.listed.leafs.at(uint32(n)); there(at, uint32(n)+1) {
			leafs[n] = true
			x.starts[at.dir+2]++
		}
	}
	for n := 2; n < len(x.starts); n++ {
		x.starts[n] += x.starts[n-1]
	}
	x.refs = make([]uint32, x.starts[len(x.starts)-1])
	add := func(dir, ref uint32) {
		x.refs[x.starts[dir+1]] = ref
		x.starts[dir+1]++
	}
	for n := uint32(1); n < uint32(t.dirs.n); n++ {
		if since[n] != dead {
			add(t.listed.dirs.at(n).dir, n|dirBit)
		}
	}
	for n, ok := range leafs {
		if ok {
			add(t.listed.leafs.at(uint32(n)).dir, uint32(n)+1)
		}
	}
	for n := range t.dirs.n {
		slices.SortFunc(x.of(uint32(n)), func(a, b uint32) int { return bytes.Compare(t.name(a), t.name(b)) })
	}
	return x
}

func (x *index) of(dir uint32) []uint32 { return x.refs[x.starts[dir]:x.starts[dir+1]] }

// name returns the last name of the path that a reference stands for.
func (t *Tree) name(ref uint32) []byte {
	if ref&dirBit != 0 {
		return t.names.get(t.listed.dirs.at(ref &^ dirBit).name)
	}
	return t.names.get(t.listed.leafs.at(ref - 1).name)
}

// All yields every path of the tree with its node, sorted, parents first, the
// root as ".". Names of one file by hard links are yielded each.
func (t *Tree) All() func(yield func(string, *Node) bool) {
	return func(yield func(string, *Node) bool) {
		x := t.children()
		if !yield(".", t.node(dirBit)) {
			return
		}
		type level struct {
			path string
			left []uint32
		}
		levels := []level{{"", x.of(0)}}
		for len(levels) > 0 {
			top := &levels[len(levels)-1]
			if len(top.left) == 0 {
				levels = levels[:len(levels)-1]
				continue
			}
			ref := top.left[0]
			top.left = top.left[1:]
			p := top.path + string(t.name(ref))
			if !yield(p, t.node(ref)) {
				return
			}
			if ref&dirBit != 0 {
				levels = append(levels, level{p + "/", x.of(ref &^ dirBit)})
			}
		}
	}
}

// Lookup returns the node at a path, with symlinks followed, and its path
// without symlinks; nil where there is none.
func (t *Tree) Lookup(name string) (*Node, string) {
	ref, w := t.find(Clean(name), true)
	if ref == 0 {
		return nil, ""
	}
	var names []string
	for _, s := range w.steps[1:] {
		names = append(names, string(t.name(s.dir|dirBit)))
	}
	if w.leaf != 0 {
		names = append(names, string(t.name(w.leaf)))
	}
	return t.node(ref), path.Join(".", strings.Join(names, "/"))
}

// find returns the reference at a path, 0 for none, and the way there. It follows
// the last symlink too if follow says so.
func (t *Tree) find(p string, follow bool) (uint32, *walk) {
	w := &walk{exact: true} // as the system has it
	switch {
	case t.walk(w, p, follow, 0) != arrived:
		return 0, w
	case w.leaf != 0:
		return w.leaf, w
	}
	return w.top().dir | dirBit, w
}
