package layer

import "strings"

// maxLinks is how many symlinks a path may go through, as on Linux. Their
// targets may have MaxPath bytes altogether.
const maxLinks = 40

// outcome is where a way through the tree ends.
type outcome uint8

const (
	arrived outcome = iota
	missing         // there is nothing
	blocked         // it leads through what is no directory
	looping         // it leads through too many symlinks
	tooLong         // it leads deeper than a path can be
)

// walk is a way through the tree, from the root on. Nothing leads out of it: ".."
// of the root is the root itself, and so is the start of an absolute target.
type walk struct {
	steps []step
	leaf  uint32 // where it ends, if that is no directory, else 0
	// at is what is in the way of a walk that does not arrive: the path of it as far
	// as that was asked for, and the reference.
	at    string
	atRef uint32
	via   string // the first symlink that it goes through, "" for none
	viaBy uint32 // the layer that has it
	exact bool   // what is missing is no way, also where ".." leads back from it
	// making, unless nil, is called before a directory is made where the walk is.
	making func()
}

func (w *walk) top() step { return w.steps[len(w.steps)-1] }

// walk follows a path, and the symlinks on it, also the last one if follow says
// so. Directories that are missing are made by the layer that make is, unless that
// is 0.
func (t *Tree) walk(w *walk, p string, follow bool, make uint32) outcome {
	*w = walk{steps: append(w.steps[:0], step{since: t.dirs.at(0).cleared}), exact: w.exact, making: w.making}
	rest := p
	given := len(p) // so many bytes at the end of rest are those of p
	link := ""      // the last symlink, as far as p names it
	for links, targets := 0, 0; rest != ""; {
		name, next, more := strings.Cut(rest, "/")
		here := link
		if len(rest) <= given {
			here = p[:len(p)-len(rest)+len(name)]
		}
		s := w.top()
		switch name {
		case "", ".":
			rest = next
			continue
		case "..":
			if len(w.steps) > 1 {
				w.steps = w.steps[:len(w.steps)-1]
			}
			rest = next
			continue
		}
		ref, removed := t.child(s, name)
		if ref == 0 {
			if back, ok := leadsBack(next); ok && !w.exact {
				rest = back
				continue
			}
			w.at = here
			if make == 0 {
				return missing
			}
			if s.length+len(name) > MaxPath {
				return tooLong
			}
			ref = t.mkdir(w, name, make, removed)
		}
		if ref&dirBit != 0 {
			w.steps = append(w.steps, t.in(s, ref&^dirBit, name))
			rest = next
			continue
		}
		target, soft := t.symlink(ref)
		if !soft || !more && !follow {
			if more {
				w.at, w.atRef = here, ref
				return blocked
			}
			w.leaf = ref
			return arrived
		}
		if w.via == "" {
			w.via, w.viaBy = here, t.touched(ref)
		}
		if links, targets = links+1, targets+len(target); links > maxLinks || targets > MaxPath {
			w.at, w.atRef = w.via, ref
			return looping
		}
		if strings.HasPrefix(target, "/") {
			w.steps = w.steps[:1]
		}
		link, rest, given = here, target, min(given, len(next))
		if more {
			rest = target + "/" + next
		}
	}
	return arrived
}

// leadsBack says whether a path leads out of the directory that it is relative to,
// by its text, and returns what it goes on with there. Those who unpack go by the
// text where there is nothing.
func leadsBack(p string) (rest string, ok bool) {
	for depth := 1; p != ""; {
		var name string
		switch name, p, _ = strings.Cut(p, "/"); name {
		case "", ".":
		case "..":
			if depth--; depth == 0 {
				return p, true
			}
		default:
			depth++
		}
	}
	return "", false
}

// mkdir makes a directory that no entry speaks of.
func (t *Tree) mkdir(w *walk, name string, layer uint32, over bool) uint32 {
	if w.making != nil {
		w.making()
	}
	parent := w.top().dir
	at := named{dir: parent}
	if t.listed != nil {
		at.name = t.names.add(name)
	}
	n := t.newDir(at, false)
	*t.dirs.at(n) = directory{born: layer, touched: layer, over: over}
	t.put(placeOf(uint64(parent), name), n|dirBit)
	t.touch(w.steps, layer, true)
	return n | dirBit
}

// touch notes that a layer has something in a directory, and in those that lead
// to it; loose, that it lies in a directory further down that has no entry.
func (t *Tree) touch(steps []step, layer uint32, loose bool) {
	for i := len(steps) - 1; i >= 0; i-- {
		d := t.dirs.at(steps[i].dir)
		if d.touched == layer && (!loose || d.loose == layer) {
			return
		}
		t.change(steps[i].dir)
		if d.touched = layer; loose {
			d.loose = layer
		}
		loose = loose || d.made != layer
	}
}
