package layout

import (
	"fmt"

	"github.com/ocilayout/ocilayout/model"
)

// ManifestFinder finds the manifests that descriptors of a graph lead to through indexes,
// each once, in document order, but for those that the platforms leave out. Its functions
// get the descriptor in the graph, the same as the index has it, and the limits for what is
// read while the indexes above are held.
type ManifestFinder struct {
	Limits Limits
	// Open returns an index on the way, or nil: then what it lists is passed over. Where
	// Open is nil, no descriptors are handed on.
	Open func(*Edge, *model.Descriptor, Limits) *model.Index
	// Found is called for each manifest. Find ends where it returns false.
	Found func(*Edge, *model.Descriptor, Limits) bool
	// Limited, unless nil, is called for what a limit kept from being read, or what it
	// lists, with an error that says so.
	Limited func(*model.Descriptor, error)

	seen map[string]bool
}

// Find finds the manifests that the descriptor leads to, but for those that it found
// before. d is the same descriptor, whole, or nil where Open is nil. It says whether it
// came to the end.
func (f *ManifestFinder) Find(e *Edge, d *model.Descriptor) bool {
	if f.seen == nil {
		f.seen = make(map[string]bool)
		f.Limits = f.Limits.WithDefaults()
	}
	return f.find(e, d, f.Limits, 0)
}

func (f *ManifestFinder) limited(d *model.Descriptor, err error) {
	if f.Limited != nil {
		f.Limited(d, err)
	}
}

func (f *ManifestFinder) find(e *Edge, d *model.Descriptor, limits Limits, depth int) bool {
	kind := model.KindOf(e.MediaType)
	if e.Left || f.seen[e.Digest()] || kind != model.KindIndex && kind != model.KindManifest {
		return true
	}
	if depth == limits.Depth {
		f.limited(d, fmt.Errorf("indexes are nested deeper than %d", depth))
		return true
	}
	f.seen[e.Digest()] = true
	switch {
	case e.To != nil && e.To.cut:
		f.limited(d, fmt.Errorf("there are more than %d descriptors", limits.Descriptors))
	case kind == model.KindIndex && e.To != nil && e.To.tooDeep:
		f.limited(d, fmt.Errorf("indexes are nested deeper than %d", limits.Depth))
	}
	if kind == model.KindManifest {
		return f.Found(e, d, limits)
	}
	var index *model.Index
	if f.Open != nil {
		if index = f.Open(e, d, limits); index == nil {
			return true
		}
		limits = limits.Beneath(index)
	}
	if e.To == nil {
		return true
	}
	for i := range e.To.Edges {
		below := &e.To.Edges[i]
		if below.Member() != model.RoleManifest {
			continue
		}
		var d *model.Descriptor
		if index != nil {
			if below.Index >= len(index.Manifests) {
				continue // it is another one by now
			}
			d = &index.Manifests[below.Index]
		}
		if !f.find(below, d, limits, depth+1) {
			return false
		}
	}
	return true
}
