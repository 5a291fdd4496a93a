package show

import (
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
)

// Draw draws the graph: each node once, and each descriptor as an arrow.
// index.json has the number after the last node's.
func (t Tree) Draw(d *report.Diagram) error {
	root, short := len(t.Graph.Nodes), t.short()
	d.Node(root, []string{"index.json", t.Path}, false)
	drawn := make([]bool, root)
	next := root + 1 // for what is no digest
	for step := range steps(t.Graph, 0) {
		id := next
		if n := step.Node; n == nil {
			next++
			d.Node(id, []string{stepKind(&step), step.Edge.Digest(), "not a digest"}, true)
		} else if id = n.ID; !drawn[id] {
			drawn[id] = true
			drawNode(d, n, short)
		}
		from := root
		if step.From != nil {
			from = step.From.ID
		}
		drawArrow(d, from, id, &step)
	}
	return d.End()
}

func drawNode(d *report.Diagram, n *layout.Node, short int) {
	lines := []string{n.Label(), abbreviate(string(n.Digest), short)}
	mark := stateMark(n, n.Claimed)
	for _, line := range []string{platformName(n.Platform), n.ArtifactType, bytesOf(n.Claimed), mark} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	d.Node(n.ID, lines, mark != "")
}

// drawArrow draws how a step comes about. A referrer's subject is an arrow of
// its own, from the referrer.
func drawArrow(d *report.Diagram, from, to int, step *step) {
	switch {
	case step.Edge == nil && step.Referrer.By == layout.BySubject:
	case step.Edge == nil:
		d.Arrow(to, from, string(step.Referrer.By), true)
	case step.Edge.RefName != "":
		d.Arrow(from, to, step.Edge.RefName, false)
	case platformName(step.Edge.Platform) != "":
		d.Arrow(from, to, platformName(step.Edge.Platform), false)
	default:
		d.Arrow(from, to, string(step.Edge.Role()), step.Edge.Role() == layout.RoleSubject)
	}
}
