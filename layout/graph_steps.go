package layout

import (
	"iter"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/model"
)

// Step is one line of the graph shown as a tree.
type Step struct {
	From     *Node     // what it stands below; nil for an entry of index.json
	Edge     *Edge     // how From names it; nil for a referrer
	Referrer *Referrer // how it refers to From; nil for what an Edge names
	Node     *Node     // nil where the digest is none
	Depth    int       // 0 for an entry of index.json
	Last     bool      // the last below From
	Mark     Mark
}

// Mark says why nothing stands below a step though there may be something.
type Mark string

// The marks.
const (
	MarkNone  Mark = ""
	MarkAbove Mark = "above" // the node was shown before
	MarkBelow Mark = "below" // a subject, which is shown where an index lists it
	MarkCut   Mark = "cut"   // the depth that was asked for is reached
)

// Steps yields the graph as a tree: each entry, what its document names in
// document order, and then what refers to it. A node is shown once with all that
// is below it, where it comes first; a subject that has a place elsewhere is
// shown there. What the platforms leave out is left out. The number of steps is
// at most that of all descriptors and referrers, also where there are cycles.
//
// depth is how many levels to show, 0 for all. It holds nothing but the way
// down and a bit for each node.
func (g *Graph) Steps(depth int) iter.Seq[Step] {
	return func(yield func(Step) bool) {
		t := &traversal{graph: g, depth: depth, shown: make([]bool, len(g.Nodes)), placed: g.placed()}
		t.run(yield)
	}
}

type traversal struct {
	graph  *Graph
	depth  int
	shown  []bool // by Node.ID
	placed []bool // by Node.ID: has a place that is no subject's
	stack  []stepLevel
}

// stepLevel is a node of which the steps below are under way.
type stepLevel struct {
	node  *Node
	steps []Step
}

func (t *traversal) run(yield func(Step) bool) {
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
func (t *traversal) below(step *Step) []Step {
	n := step.Node
	switch {
	case n == nil:
		return nil
	case t.shown[n.ID]:
		step.Mark = MarkAbove
		return nil
	case subject(step.Edge) && t.placed[n.ID]:
		step.Mark = MarkBelow
		return nil
	}
	below := stepsOf(n)
	if t.depth > 0 && step.Depth+1 >= t.depth && len(below) > 0 {
		step.Mark = MarkCut
		return nil
	}
	t.shown[n.ID] = true
	return below
}

func subject(e *Edge) bool { return e != nil && e.Member() == model.RoleSubject }

// stepsOf returns what stands below a node.
func stepsOf(n *Node) []Step {
	steps := edgeSteps(n, n.Edges)
	for i := range n.Referrers {
		steps = append(steps, Step{From: n, Referrer: &n.Referrers[i], Node: n.Referrers[i].From})
	}
	return steps
}

func entrySteps(g *Graph) []Step {
	var steps []Step
	for _, e := range g.Entries {
		if !e.Left {
			steps = append(steps, Step{Edge: e, Node: e.To})
		}
	}
	return steps
}

func edgeSteps(from *Node, edges []Edge) []Step {
	var steps []Step
	for i := range edges {
		if e := &edges[i]; !e.Left {
			steps = append(steps, Step{From: from, Edge: e, Node: e.To})
		}
	}
	return steps
}

// placed says of each node whether steps lead to it that are no subject's.
func (g *Graph) placed() []bool {
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

// Short returns how many characters of the encoded part of a digest tell all the
// blobs of the graph apart: 12, or more where it takes more.
func (g *Graph) Short() int {
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
