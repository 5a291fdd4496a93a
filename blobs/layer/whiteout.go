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
	again := a.mark(p) != 0
	if again {
		a.problem(ProblemDuplicate, "", true)
	}
	below := a.markOn(dir)
	there := a.way(dir, false)
	if there && t.dirs.at(a.w.top().dir).direct == a.layer {
		a.problem(ProblemWhiteoutOrder, "", true)
	}
	known := below != "" || again || a.mark(dir) != 0
	mark := uint32(markNothing)
	switch {
	case there && opaque:
		a.clear(known)
	case there:
		mark = a.remove(name, p, known)
	case !known && a.result == missing:
		a.problem(ProblemNoTarget, p, false)
	}
	if !opaque && !again && mark != markReplaced && a.holds(p) { // else it was reported
		a.problem(ProblemWhiteoutAbove, p, true)
	}
	if below == "" && a.result == missing && !a.holds(dir) {
		a.unmade(dir)
	}
	if below == "" && !(a.result == blocked && t.touched(a.w.atRef) == a.layer) {
		a.hold(dir)
	}
	if opaque {
		mark = markReplaced
	}
	if t.table.get(at) == 0 || mark == markDirectory {
		t.put(at, mark)
	}
	a.removed, a.cached = true, false
}

// hold notes that a whiteout stands in the directory. Those who unpack each layer by
// itself make that and those on the way, whatever lower layers have there: so it is
// the names that count, and not where they lead to.
func (a *Application) hold(dir string) {
	for ; dir != "." && !a.holds(dir); dir = path.Dir(dir) {
		a.tree.put(placeOf(a.holdSpace(), dir), 1)
	}
}

// unmade reports what making would, of directories that are made for the whiteout by
// others and not here.
func (a *Application) unmade(dir string) {
	if a.w.via != "" {
		return // which was reported, and they do not go that way
	}
	t := a.tree
	over := dir != a.w.at && t.wasRemoved(a.w.top().dir, path.Base(a.w.at), a.layer)
	for _, s := range a.w.steps {
		over = over || t.dirs.at(s.dir).overFile
	}
	if over {
		a.problem(ProblemParentReplaced, "", false)
	}
}

// holds says whether a whiteout stands below the path.
func (a *Application) holds(p string) bool {
	return a.tree.table.get(placeOf(a.holdSpace(), p)) != 0
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
	t.removals = true
	t.put(removedAt(s.dir, name), a.layer)
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

// removedAt is where it is noted which layer last had a whiteout for a name.
func removedAt(dir uint32, name string) place { return placeOf(1<<42|uint64(dir), name) }

// wasRemoved says whether a lower layer has a whiteout for the name.
func (t *Tree) wasRemoved(dir uint32, name string, layer uint32) bool {
	if !t.removals {
		return false
	}
	by := t.table.get(removedAt(dir, name))
	return by != 0 && by < layer
}
