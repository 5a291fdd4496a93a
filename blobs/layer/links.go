package layer

import (
	"archive/tar"
	"path"
	"slices"
)

// linked returns what the hard link under way, which is to stand at base in a
// directory, leads to, or 0 after it reported why that is nothing. Old is what
// stands there already.
func (a *Application) linked(old uint32, s step, base string) uint32 {
	t, c := a.tree, a.c
	if c.link == "" {
		return 0 // which is said without applying it
	}
	p := Clean(c.link)
	if p == "." {
		a.problem(ProblemLinkDirectory, p, true)
		return 0
	}
	dir, name := path.Split(p)
	w := &a.target
	if result := t.walk(w, dir, true, 0); result != arrived || w.leaf != 0 {
		a.missing(p)
		return 0
	}
	replaces := func(s step) bool { return old == s.dir|dirBit }
	end := w.top()
	ref, _ := t.child(end, name)
	switch {
	case name == "..":
		a.problem(ProblemLinkDirectory, p, false)
		return 0
	case ref == 0 && end.dir == s.dir && name == base, ref != 0 && ref == old && end.dir == s.dir && name == base, slices.ContainsFunc(w.steps[1:], replaces):
		a.problem(ProblemLinkSelf, p, true)
		return 0
	case ref == 0:
		a.missing(p)
		return 0
	case ref&dirBit != 0:
		d := t.dirs.at(ref &^ dirBit)
		a.problem(ProblemLinkDirectory, p, d.touched == a.layer)
		return 0
	}
	if w.via != "" {
		a.problem(ProblemThroughSymlink, w.via, w.viaBy == a.layer)
	}
	own := t.touched(ref) == a.layer
	if !own {
		a.problem(ProblemLinkLower, p, false)
	}
	i := t.leafs.at(ref - 1).inode
	if !sameAttributes(c.attributes, t.attribute[t.inodes.at(i).attributes]) {
		a.problem(ProblemLinkAttributes, p, own)
	}
	return ref
}

// sameAttributes says whether a hard link's entry changes nothing of its target. A
// symlink has no mode, and attributes that the entry leaves out stay.
func sameAttributes(link, target attributes) bool {
	return (link.mode == target.mode || target.kind == tar.TypeSymlink) && link.uid == target.uid && link.gid == target.gid &&
		(link.xattrs == 0 || link.xattrs == target.xattrs)
}

// missing reports a hard link to nothing, in the end.
func (a *Application) missing(p string) {
	problem := Problem{ProblemLinkMissing, a.c.number, a.c.entryName(), p, false}
	if len(a.pending) == maxPending {
		a.report(problem)
		return
	}
	if a.forward == nil {
		a.forward = make(map[uint32]bool)
	}
	at := placeOf(a.wantSpace(), p)
	group := a.tree.table.get(at)
	if group == 0 {
		a.groups++
		group = uint32(a.groups)
		a.tree.put(at, group)
	}
	a.pending = append(a.pending, pendingLink{problem, group})
}
