package show

import (
	"iter"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// step is one line of the graph shown as a tree.
type step struct {
	From     *layout.Node     // what it stands below; nil for an entry of index.json
	Edge     *layout.Edge     // how From names it; nil for a referrer
	Referrer *layout.Referrer // how it refers to From; nil for what an Edge names
	Node     *layout.Node     // nil where the digest is not a digest
	Depth    int              // 0 for an entry of index.json
	Last     bool             // the last below From
	Mark     mark
}

// mark says why nothing stands below a step though there may be something.
type mark string

// The marks.
const (
	markNone  mark = ""
	markAbove mark = "above" // the node was shown before
	markBelow mark = "below" // a subject, which is shown where an index lists it
	markCut   mark = "cut"   // the depth that was asked for is reached
)

// steps yields the graph as a tree: each entry, what its document names in
// document order, and then what refers to it. A node is shown once with all that
// is below it, where it comes first; a subject that has a place elsewhere is
// shown there. What the platforms leave out is left out. The number of steps is
// at most that of all descriptors and referrers, also where there are cycles.
//
// depth is how many levels to show, 0 for all. It holds nothing but the way
// down and a bit for each node.
func steps(g *layout.Graph, depth int) iter.Seq[step] {
	return func(yield func(step) bool) {
		t := &traversal{graph: g, depth: depth, shown: make([]bool, len(g.Nodes)), placed: placed(g)}
		t.run(yield)
	}
}

type traversal struct {
	graph  *layout.Graph
	depth  int
	shown  []bool // by Node.ID
	placed []bool // by Node.ID: has a place that is no subject's
	stack  []stepLevel
}

// stepLevel is a node of which the steps below are under way.
type stepLevel struct {
	node  *layout.Node
	steps []step
}

func (t *traversal) run(yield func(step) bool) {
	t.stack = append(t.stack, stepLevel{nil, entrySteps(t.graph)})
	for len(t.stack) > 0 {
		top := &t.stack[len(t.stack)-1]
		if len(top.steps) == 0 {
			t.stack = t.stack[:len(t.stack)-1]
			continue
		}
		step := top.steps[0]
		top.steps = top.steps[1:]
		step.Last, step.Depth = len(top.steps) == 0, len(t.stack)-1
		below := t.below(&step)
		if !yield(step) {
			return
		}
		if len(below) > 0 {
			t.stack = append(t.stack, stepLevel{step.Node, below})
		}
	}
}

// below returns the steps below one, or marks it.
func (t *traversal) below(step *step) []step {
	n := step.Node
	switch {
	case n == nil:
		return nil
	case t.shown[n.ID]:
		step.Mark = markAbove
		return nil
	case subject(step.Edge) && t.placed[n.ID]:
		step.Mark = markBelow
		return nil
	}
	below := stepsOf(n)
	if t.depth > 0 && step.Depth+1 >= t.depth && len(below) > 0 {
		step.Mark = markCut
		return nil
	}
	t.shown[n.ID] = true
	return below
}

func subject(e *layout.Edge) bool { return e != nil && e.Member() == model.RoleSubject }

// stepsOf returns what stands below a node.
func stepsOf(n *layout.Node) []step {
	steps := edgeSteps(n, n.Edges)
	for i := range n.Referrers {
		steps = append(steps, step{From: n, Referrer: &n.Referrers[i], Node: n.Referrers[i].From})
	}
	return steps
}

func entrySteps(g *layout.Graph) []step {
	var steps []step
	for _, e := range g.Entries {
		if !e.Left {
			steps = append(steps, step{Edge: e, Node: e.To})
		}
	}
	return steps
}

func edgeSteps(from *layout.Node, edges []layout.Edge) []step {
	var steps []step
	for i := range edges {
		if e := &edges[i]; !e.Left {
			steps = append(steps, step{From: from, Edge: e, Node: e.To})
		}
	}
	return steps
}

// placed says of each node whether steps lead to it that are no subject's.
func placed(g *layout.Graph) []bool {
	placed := make([]bool, len(g.Nodes))
	steps := entrySteps(g)
	for len(steps) > 0 {
		step := steps[len(steps)-1]
		steps = steps[:len(steps)-1]
		if step.Node == nil || subject(step.Edge) || placed[step.Node.ID] {
			continue
		}
		placed[step.Node.ID] = true
		steps = append(steps, stepsOf(step.Node)...)
	}
	return placed
}

// shortDigests returns how many characters of the encoded part of a digest tell all the
// blobs of the graph apart: 12, or more where it takes more.
func shortDigests(g *layout.Graph) int {
	var digests []string
	for _, n := range slices.Concat(g.Nodes, g.Unreferenced) {
		digests = append(digests, string(n.Digest))
	}
	slices.Sort(digests)
	short := shortest
	for i := 1; i < len(digests); i++ {
		a, b := digests[i-1], digests[i]
		common := 0
		for common < len(a) && common < len(b) && a[common] == b[common] {
			common++
		}
		short = max(short, common-strings.IndexByte(a, ':'))
	}
	return short
}

// shortest is how many characters of a digest are shown at least.
const shortest = 12

// abbreviate returns a digest with at most n characters of its encoded part.
func abbreviate(digest string, n int) string {
	colon := strings.IndexByte(digest, ':')
	return digest[:min(len(digest), colon+1+n)]
}
