package layer

import (
	"archive/tar"
	"path"
	"strings"
)

// Application is a layer on its way onto a Tree, which it has for itself until
// End. It is not safe for concurrent use.
type Application struct {
	tree   *Tree
	layer  uint32 // from 1
	report func(Problem)
	c      *change // the entry under way

	w, target walk
	// lastDir is the directory of the entry before, as long as w leads there: most
	// entries share it. marked is the removed path on the way to it, "" for none.
	lastDir string
	cached  bool
	marked  string
	result  outcome // of the way

	removed bool // the layer has a whiteout
	parents []parent
	pending []pendingLink
	groups  int
	forward map[uint32]bool
	err     error
}

// pendingLink is a hard link without a target, which may still come.
type pendingLink struct {
	Problem
	group uint32 // of links to the same target
}

// parent is a directory of lower layers that the layer has something in, and no
// entry for so far.
type parent struct {
	Problem
	dir uint32
}

// maxPending is how many of them are remembered; of more it is not said whether
// the target comes later.
const maxPending = 1000

// change is what an application needs of an entry.
type change struct {
	number     int
	form       byte   // of the name in the archive
	name       string // that, if the form is otherwise
	path       string
	link       string
	attributes attributes
	sum        uint32 // of all that a directory's entry says
	entry      *Entry // nil where it was recorded, for a skeleton
}

// Begin begins to apply a layer. Each problem with an entry is reported where the
// entry is applied, or at the end; report may be nil.
func (t *Tree) Begin(report func(Problem)) *Application {
	if t.listed != nil {
		t.listed.index = nil
	}
	t.layers++
	if report == nil {
		report = func(Problem) {}
	}
	a := &Application{tree: t, layer: uint32(t.layers), report: report}
	a.w.making = a.making
	return a
}

// Add applies the next entry. Entries that lead out of the root or are longer
// than MaxPath are left out, as are whiteouts that name nothing and headers that
// are no file's.
func (a *Application) Add(e *Entry) {
	if a.err == nil && applies(e) {
		c := changeOf(e)
		a.apply(&c)
	}
}

// maxParents is how many parents are remembered.
const maxParents = 1000

// Err returns ErrNames once entries are left out for it.
func (a *Application) Err() error { return a.err }

// End ends the application. The error is ErrNames, after which the tree is of no
// use: entries were left out.
func (a *Application) End() error {
	for _, p := range a.pending {
		if a.forward[p.group] {
			p.Kind = ProblemLinkForward
		}
		a.report(p.Problem)
	}
	for _, p := range a.parents {
		if a.tree.dirs.at(p.dir).made != a.layer {
			a.report(p.Problem)
		}
	}
	a.pending, a.parents = nil, nil
	return a.err
}

// applies says whether the entry is somewhere in the tree.
func applies(e *Entry) bool {
	return !escapes(e.Path) && len(e.Path) <= MaxPath && e.Typeflag != tar.TypeXGlobalHeader
}

// escapes says whether a cleaned path leads out of the root.
func escapes(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }

func (a *Application) apply(c *change) error {
	a.c = c
	dir, base := path.Split(c.path)
	if dir = strings.TrimSuffix(dir, "/"); dir == "" {
		dir = "."
	}
	switch {
	case c.path == ".":
		a.root()
	case strings.HasPrefix(base, WhiteoutPrefix):
		a.whiteout(dir, base)
	default:
		a.file(dir, base)
	}
	if a.tree.full() {
		a.err = ErrNames
	}
	return a.err
}

func (a *Application) problem(kind ProblemKind, at string, own bool) {
	a.report(Problem{kind, a.c.number, a.c.entryName(), at, own})
}

// Spaces of the table for paths of one layer, beside the directories.
func (a *Application) markSpace() uint64 { return 1<<40 | uint64(a.layer) }
func (a *Application) wantSpace() uint64 { return 1<<41 | uint64(a.layer) }
func (a *Application) holdSpace() uint64 { return 1<<43 | uint64(a.layer) }

// What is noted of a path that a whiteout removed.
const (
	markNothing   = 1 + iota // that was an empty directory, or nothing
	markFile                 // that was no directory
	markDirectory            // that had something in it
	markReplaced             // and it has an entry by now
)

func (a *Application) mark(p string) uint32 {
	if !a.removed {
		return 0
	}
	return a.tree.table.get(placeOf(a.markSpace(), p))
}

// markOn returns the first path on the way that was removed and has no entry.
func (a *Application) markOn(dir string) string {
	if !a.removed || dir == "." {
		return ""
	}
	for i := 0; i <= len(dir); i++ {
		if i == len(dir) || dir[i] == '/' {
			if m := a.mark(dir[:i]); m != 0 && m != markReplaced {
				return dir[:i]
			}
		}
	}
	return ""
}

// way leads to the directory of the entry, and says whether it is there. It
// reports what is in the way.
func (a *Application) way(dir string, create bool) bool {
	if !a.cached || dir != a.lastDir {
		layer := a.layer
		if !create {
			layer = 0
		}
		a.cached = false
		a.result = a.tree.walk(&a.w, dir, true, layer)
		if a.result == arrived && a.w.leaf != 0 {
			a.result, a.w.at, a.w.atRef = blocked, dir, a.w.leaf
		}
		a.marked = a.markOn(dir)
		switch a.result {
		case arrived:
			a.lastDir, a.cached = strings.Clone(dir), true
		case blocked:
			a.problem(ProblemBlocked, a.w.at, a.tree.touched(a.w.atRef) == a.layer)
			return false
		case looping:
			a.problem(ProblemLoop, a.w.at, a.tree.touched(a.w.atRef) == a.layer && a.w.viaBy == a.layer)
			return false
		case tooLong:
			a.problem(ProblemLoop, a.w.at, false)
			return false
		}
	}
	if a.w.via != "" {
		a.problem(ProblemThroughSymlink, a.w.via, a.w.viaBy == a.layer)
	}
	if a.marked != "" {
		a.problem(ProblemBelowWhiteout, a.marked, true)
	}
	return a.result == arrived
}

// root applies an entry for the root.
func (a *Application) root() {
	if a.c.attributes.kind != tar.TypeDir {
		a.problem(ProblemRoot, "", true)
		return
	}
	a.duplicate(0)
	a.describe(0)
}

// duplicate reports that the layer has an entry for the directory already.
func (a *Application) duplicate(n uint32) {
	d := a.tree.dirs.at(n)
	switch {
	case d.made != a.layer:
	case d.sum == a.c.sum && d.attributes == a.tree.number(a.c.attributes):
		a.problem(ProblemDuplicateDirectory, "", true)
	default:
		a.problem(ProblemDuplicate, "", true)
	}
}

// describe gives a directory what the entry says.
func (a *Application) describe(n uint32) {
	d := a.tree.change(n)
	d.attributes, d.sum, d.made, d.touched = a.tree.number(a.c.attributes), a.c.sum, a.layer, a.layer
	a.tree.detail(n, a.c, int32(a.layer-1))
}

// file applies an entry that is neither for the root nor a whiteout.
func (a *Application) file(dir, base string) {
	t, c := a.tree, a.c
	if len(a.pending) > 0 {
		if group := t.table.get(placeOf(a.wantSpace(), c.path)); group != 0 {
			a.forward[group] = true
		}
	}
	if !a.way(dir, true) {
		return
	}
	s := a.w.top()
	if s.length+len(base) > MaxPath {
		a.problem(ProblemLoop, c.path, false)
		return
	}
	at := placeOf(uint64(s.dir), base)
	old, over := t.child(s, base)
	isDir := c.attributes.kind == tar.TypeDir
	var target uint32
	if c.attributes.kind == tar.TypeLink {
		if target = a.linked(old, s, base); target == 0 {
			if old != 0 && old&dirBit == 0 && t.touched(old) == a.layer {
				a.problem(ProblemDuplicate, "", true)
			}
			return
		}
	}
	a.replaced(old, isDir)
	overFile := old != 0 && old&dirBit == 0 && t.touched(old) != a.layer
	if m := a.mark(c.path); m != 0 {
		overFile = overFile || m == markFile
		if m == markDirectory && isDir {
			a.problem(ProblemBelowWhiteout, c.path, true)
		}
		t.put(placeOf(a.markSpace(), c.path), markReplaced)
		a.cached = false
	}
	a.parentsOf()
	t.touch(a.w.steps, a.layer, false)
	if t.dirs.at(s.dir).direct != a.layer {
		t.change(s.dir).direct = a.layer
	}
	switch {
	case isDir && old&dirBit != 0:
		a.describe(old &^ dirBit)
		return
	case isDir:
		over = over || old != 0 && t.touched(old) != a.layer
		where := named{dir: s.dir}
		if t.listed != nil {
			where.name = t.names.add(base)
		}
		overFile = overFile || t.wasRemoved(s.dir, base, a.layer)
		n := t.newDir(where, false)
		*t.dirs.at(n) = directory{born: a.layer, touched: a.layer, over: over, overFile: overFile}
		a.describe(n)
		t.put(at, n|dirBit)
		return
	case target != 0:
		target = t.leafs.at(target - 1).inode
	default:
		target = t.file(c, int32(a.layer-1))
	}
	t.put(at, t.newLeaf(leaf{target, a.layer}, s.dir, base))
}

// replaced reports what is wrong with replacing what is there, and forgets the way
// if that leads through it.
func (a *Application) replaced(old uint32, isDir bool) {
	t := a.tree
	switch {
	case old == 0:
	case old&dirBit == 0:
		if t.touched(old) == a.layer {
			a.problem(ProblemDuplicate, "", true)
		}
		if t.kind(t.leafs.at(old-1).inode) == tar.TypeSymlink {
			a.cached = false
		}
	case isDir:
		a.duplicate(old &^ dirBit)
		d := t.dirs.at(old &^ dirBit)
		if had := t.attribute[d.attributes].xattrs; d.made != a.layer && had != 0 && had != a.c.attributes.xattrs {
			a.problem(ProblemXattrsKept, "", false)
		}
	default:
		a.cached = false
		switch d := t.dirs.at(old &^ dirBit); {
		case d.made == a.layer:
			a.problem(ProblemDuplicate, "", true)
		case d.touched == a.layer:
			a.problem(ProblemReplaces, "", true)
		}
	}
}

// parentsOf notes the directories on the way that the layer has something in for
// the first time.
func (a *Application) parentsOf() {
	t := a.tree
	for i := len(a.w.steps) - 1; i > 0; i-- {
		n := a.w.steps[i].dir
		d := t.dirs.at(n)
		if d.touched == a.layer {
			return
		}
		if d.attributes == 0 || len(a.parents) == maxParents {
			continue
		}
		at := ""
		if a.w.via == "" {
			at = strings.Join(strings.SplitN(a.c.path, "/", i+1)[:i], "/")
		}
		a.parents = append(a.parents, parent{Problem{ProblemParentMissing, a.c.number, a.c.entryName(), at, false}, n})
	}
}

// making is called before a directory without an entry is made on the way.
func (a *Application) making() {
	a.parentsOf()
	for _, s := range a.w.steps {
		if a.tree.dirs.at(s.dir).overFile {
			a.problem(ProblemParentReplaced, "", false)
			return
		}
	}
}
