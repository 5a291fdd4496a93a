package layer

import "maps"

// Mark is a state of a skeleton that Return brings back, as of a base that many
// images share. What it takes of memory follows what is changed since.
type Mark struct {
	tree  *Tree
	slots []oldSlot
	dirs  []oldDir
	seen  map[uint32]bool // directories that are among dirs
	gone  bool            // there was too much to remember

	counts struct{ dirs, leafs, inodes, attributes, chunks, chunk, layers int }
	bytes  int64
	before *Mark // that was set before
}

type oldSlot struct {
	place
	state uint32
}

type oldDir struct {
	n uint32
	directory
}

// mostUndone is how many changes all marks of a tree remember: at some 20 bytes each,
// and 60 for a directory.
const mostUndone = 100_000

// Mark returns the state that the skeleton is in. Marks are returned to in the
// reverse order of setting them: to return to one drops those set after it.
func (t *Tree) Mark() *Mark {
	m := &Mark{tree: t, seen: make(map[uint32]bool), bytes: t.bytes, before: t.mark}
	m.counts.dirs, m.counts.leafs, m.counts.inodes, m.counts.attributes = t.dirs.n, t.leafs.n, t.inodes.n, len(t.attribute)
	if m.counts.chunks = len(t.names.chunks); m.counts.chunks > 0 {
		m.counts.chunk = len(t.names.chunks[m.counts.chunks-1])
	}
	m.counts.layers = t.layers
	t.mark = m
	return m
}

// put writes into the table, and remembers what was there.
func (t *Tree) put(at place, ref uint32) {
	if m := t.mark; m != nil && !m.gone {
		if t.noted++; t.noted > mostUndone {
			m.lose()
		} else {
			m.slots = append(m.slots, oldSlot{at, t.table.state(at)})
		}
	}
	t.table.put(at, ref)
}

// change returns a directory that is about to be changed.
func (t *Tree) change(n uint32) *directory {
	d := t.dirs.at(n)
	if m := t.mark; m != nil && !m.gone && int(n) < m.counts.dirs && !m.seen[n] {
		if t.noted++; t.noted > mostUndone {
			m.lose()
		} else {
			m.seen[n] = true
			m.dirs = append(m.dirs, oldDir{n, *d})
		}
	}
	return d
}

// lose gives up: nobody can return to the mark, nor to those before it.
func (m *Mark) lose() {
	m.tree.noted = 0
	for ; m != nil; m = m.before {
		m.gone, m.slots, m.dirs, m.seen = true, nil, nil, nil
	}
}

// Return brings the state back, and says whether it could: not if too much was
// changed, or if the skeleton has returned further already. The mark can be
// returned to again.
func (m *Mark) Return() bool {
	t := m.tree
	for top := t.mark; ; top = top.before {
		if top == nil || top.gone {
			return false
		}
		if top == m {
			break
		}
	}
	for top := t.mark; ; top = top.before {
		top.undo()
		if top == m {
			break
		}
	}
	t.mark = m
	c := &m.counts
	t.dirs.cut(c.dirs)
	t.leafs.cut(c.leafs)
	t.inodes.cut(c.inodes)
	t.attribute = t.attribute[:c.attributes]
	t.names.chunks = t.names.chunks[:c.chunks]
	if c.chunks > 0 {
		t.names.chunks[c.chunks-1] = t.names.chunks[c.chunks-1][:c.chunk]
	}
	maps.DeleteFunc(t.attributes, func(_ attributes, n uint32) bool { return n >= uint32(c.attributes) })
	maps.DeleteFunc(t.plain, func(_, n uint32) bool { return n >= uint32(c.inodes) })
	maps.DeleteFunc(t.same, func(_ leaf, n uint32) bool { return n >= uint32(c.leafs) })
	t.last, t.lastNumber = t.attribute[0], 0
	t.bytes, t.layers = m.bytes, c.layers
	return true
}

// undo takes back what was changed since the mark was set, or since the one after
// it was.
func (m *Mark) undo() {
	for i := len(m.slots) - 1; i >= 0; i-- {
		m.tree.table.restore(m.slots[i].place, m.slots[i].state)
	}
	for i := len(m.dirs) - 1; i >= 0; i-- {
		*m.tree.dirs.at(m.dirs[i].n) = m.dirs[i].directory
	}
	m.tree.noted -= len(m.slots) + len(m.dirs)
	m.slots, m.dirs = m.slots[:0], m.dirs[:0]
	clear(m.seen)
}
