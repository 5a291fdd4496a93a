package layer

import (
	"path"
	"strings"
)

// whiteoutName returns the name that a marker removes; "" for one that names
// nothing that there can be.
func whiteoutName(base string) string {
	name := base[len(WhiteoutPrefix):]
	if name == "." || name == ".." || strings.HasPrefix(name, WhiteoutPrefix) {
		return ""
	}
	return name
}

// whiteout applies a marker.
func (a *Application) whiteout(dir, base string) {
	opaque := base == WhiteoutOpaque
	name := whiteoutName(base)
	if name == "" && !opaque {
		return
	}
	p := a.c.path // of what is removed, and that of the marker for the content of a directory
	if !opaque {
		p = path.Join(dir, name)
	}
	t := a.tree
	at := placeOf(a.markSpace(), p)
	if a.mark(p) != 0 {
		a.problem(ProblemDuplicate, "", true)
	}
	below := a.markOn(dir)
	there := a.way(dir, false)
	if there && t.dirs.at(a.w.top().dir).direct == a.layer {
		a.problem(ProblemWhiteoutOrder, "", true)
	}
	known := below != "" || a.mark(p) != 0 || a.mark(dir) != 0
	mark := uint32(markNothing)
	switch {
	case there && opaque:
		a.clear(known)
		a.below()
	case there:
		mark = a.remove(name, p, known)
		a.below()
	case !known && a.result == missing:
		a.problem(ProblemNoTarget, p, false)
	}
	if opaque {
		mark = markReplaced
	}
	if t.table.get(at) == 0 || mark == markDirectory {
		t.put(at, mark)
	}
	a.removed, a.cached = true, false
}

// below notes where the marker stands.
func (a *Application) below() {
	for i := len(a.w.steps) - 1; i >= 0; i-- {
		if a.tree.dirs.at(a.w.steps[i].dir).marked == a.layer {
			return
		}
		a.tree.change(a.w.steps[i].dir).marked = a.layer
	}
}

// clear removes what lower layers have in the directory.
func (a *Application) clear(known bool) {
	s := a.w.top()
	d := a.tree.change(s.dir)
	if s.dir == 0 && a.layer > 1 {
		a.problem(ProblemWhiteoutRoot, "", false)
	}
	switch {
	case d.loose == a.layer:
		a.problem(ProblemWhiteoutOwn, "", true)
	case known, d.cleared == a.layer, s.since == a.layer:
	case s.dir == 0 && a.layer > 1, s.dir != 0 && (d.born != a.layer || d.over):
	default:
		a.problem(ProblemNoTarget, "", false)
	}
	d.cleared = a.layer
}

// remove removes what lower layers have under the name. It returns what is to be
// noted of the path.
func (a *Application) remove(name, p string, known bool) uint32 {
	t := a.tree
	s := a.w.top()
	ref, removed := t.child(s, name)
	switch {
	case ref == 0:
		if !known && !removed {
			a.problem(ProblemNoTarget, p, false)
		}
	case ref&dirBit == 0:
		if t.touched(ref) == a.layer {
			a.problem(ProblemWhiteoutOwn, p, true)
			return markReplaced
		}
		t.put(placeOf(uint64(s.dir), name), 0)
		return markFile
	default:
		d := t.dirs.at(ref &^ dirBit)
		if d.touched != a.layer && d.marked == a.layer {
			a.problem(ProblemWhiteoutOwn, p, true)
		}
		if d.touched != a.layer {
			t.put(placeOf(uint64(s.dir), name), 0)
			if d.direct|d.loose != 0 {
				return markDirectory
			}
			if d.overFile {
				return markFile
			}
			return markNothing
		}
		a.problem(ProblemWhiteoutOwn, p, true)
		if t.dirs.at(s.dir).direct != a.layer { // else it was reported
			a.problem(ProblemWhiteoutOrder, p, true)
		}
		if t.change(ref &^ dirBit).cleared = a.layer; d.made != a.layer {
			a.forget(ref &^ dirBit)
		}
		return markReplaced
	}
	return markNothing
}

// forget takes from a directory what lower layers said of it.
func (a *Application) forget(n uint32) {
	d := a.tree.change(n)
	d.attributes, d.sum, d.made = 0, 0, 0
	if a.tree.listed != nil {
		*a.tree.listed.details.at(a.tree.listed.dirs.at(n).inode) = detail{layer: -1}
	}
}
