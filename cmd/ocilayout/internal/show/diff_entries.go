package show

import (
	"maps"
	"slices"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// entries compares the entries of index.json: all, if both sides are layouts as a
// whole, or else the two that are selected. Where one side is one entry and the
// other a layout with several, there is nothing to compare.
func (c *comparer) entries() Entries {
	e := Entries{Index: []Member{}, OnlyInA: []Entry{}, OnlyInB: []Entry{}, Changed: []EntryChange{}}
	if c.a.Selector.All() && c.b.Selector.All() {
		e.Index = differences(c.a.index, c.b.index, "/manifests")
		e.compare(c.a.byName(), c.b.byName())
		return e
	}
	x, y := c.a.only(), c.b.only()
	if x == nil || y == nil || x.Digest == y.Digest {
		return e
	}
	e.Changed = append(e.Changed, EntryChange{entryOf(x), entryOf(y), []Member{}})
	if model.KindOf(x.MediaType) == model.KindIndex && model.KindOf(y.MediaType) == model.KindIndex {
		one, two := read[*model.Index](c.a, x, "index"), read[*model.Index](c.b, y, "index")
		if one != nil && two != nil {
			e.Index = differences(one, two, "/manifests")
		}
	}
	return e
}

// only returns the one blob that is selected, nil if there are more.
func (s *side) only() *model.Descriptor {
	if len(s.places) == 0 {
		return nil
	}
	first := &s.index.Manifests[s.places[0]]
	for _, place := range s.places {
		if s.index.Manifests[place].Digest != first.Digest {
			return nil
		}
	}
	return first
}

// byName returns the entries under each reference name. Those without one are
// named by their digest, which no reference name can be.
func (s *side) byName() map[string][]*model.Descriptor {
	found := make(map[string][]*model.Descriptor)
	for i := range s.index.Manifests {
		d := &s.index.Manifests[i]
		name, ok := d.Annotations[model.AnnotationRefName]
		key := "name " + name
		if !ok {
			key = "digest " + string(d.Digest)
		}
		found[key] = append(found[key], d)
	}
	return found
}

// compare compares entries of the same name: those of the same
// digest first, and of the others each with the next.
func (e *Entries) compare(a, b map[string][]*model.Descriptor) {
	names := maps.Clone(a)
	maps.Copy(names, b)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		var pairs [][2]*model.Descriptor
		left := make(map[digest.Digest][]*model.Descriptor)
		for _, y := range b[name] {
			left[y.Digest] = append(left[y.Digest], y)
		}
		used := make(map[*model.Descriptor]bool)
		var restA, restB []*model.Descriptor
		for _, x := range a[name] {
			if same := left[x.Digest]; len(same) > 0 {
				left[x.Digest], used[same[0]] = same[1:], true
				pairs = append(pairs, [2]*model.Descriptor{x, same[0]})
			} else {
				restA = append(restA, x)
			}
		}
		for _, y := range b[name] {
			if !used[y] {
				restB = append(restB, y)
			}
		}
		both := min(len(restA), len(restB))
		for n := range both {
			pairs = append(pairs, [2]*model.Descriptor{restA[n], restB[n]})
		}
		e.changed(pairs)
		e.OnlyInA = append(e.OnlyInA, entriesOf(restA[both:])...)
		e.OnlyInB = append(e.OnlyInB, entriesOf(restB[both:])...)
	}
}

func (e *Entries) changed(pairs [][2]*model.Descriptor) {
	for _, p := range pairs {
		if found := differences(p[0], p[1]); len(found) > 0 {
			e.Changed = append(e.Changed, EntryChange{entryOf(p[0]), entryOf(p[1]), found})
		}
	}
}

func entriesOf(descriptors []*model.Descriptor) (entries []Entry) {
	for _, d := range descriptors {
		entries = append(entries, entryOf(d))
	}
	return entries
}

func entryOf(d *model.Descriptor) Entry {
	return Entry{d.Annotations[model.AnnotationRefName], d.MediaType, string(d.Digest), d.Size}
}
