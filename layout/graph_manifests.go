package layout

import (
	"iter"

	"github.com/ocilayout/ocilayout/model"
)

// Manifests yields the manifests that entries lead to through indexes, and these indexes,
// each once, in document order, but for what the platforms leave out; each behind the
// entry that leads to it first. In a graph with GraphOptions.DocumentsOnly it goes through
// sound indexes alone.
func Manifests(entries ...*Edge) iter.Seq2[*Edge, *Edge] {
	return func(yield func(entry, e *Edge) bool) {
		var entry *Edge
		seen := make(map[string]bool)
		stack := [][]*Edge{entries} // what is to come, at each depth
		for len(stack) > 0 {
			top := len(stack) - 1
			if len(stack[top]) == 0 {
				stack = stack[:top]
				continue
			}
			e := stack[top][0]
			stack[top] = stack[top][1:]
			if top == 0 {
				entry = e
			}
			kind := model.KindOf(e.MediaType)
			if e.Left || seen[e.Digest()] || kind != model.KindIndex && kind != model.KindManifest {
				continue
			}
			seen[e.Digest()] = true
			if !yield(entry, e) {
				return
			}
			if kind == model.KindIndex && e.To != nil && (e.whole == nil || e.Sound()) {
				stack = append(stack, e.To.entries())
			}
		}
	}
}

// entries returns those of an index.
func (n *Node) entries() []*Edge {
	var entries []*Edge
	for i := range n.Edges {
		if e := &n.Edges[i]; e.Member() == model.RoleManifest {
			entries = append(entries, e)
		}
	}
	return entries
}
