package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Diagram writes nodes and arrows in a language that other programs draw. Errors
// of the writer are returned by End.
type Diagram struct {
	w       io.Writer
	mermaid bool
	err     error
}

// NewDOT begins a diagram in the language of Graphviz.
func NewDOT(w io.Writer) *Diagram {
	d := &Diagram{w: w}
	d.print("digraph layout {\n  rankdir=LR;\n  node [shape=box];\n")
	return d
}

// NewMermaid begins a flowchart of Mermaid.
func NewMermaid(w io.Writer) *Diagram {
	d := &Diagram{w: w, mermaid: true}
	d.print("flowchart LR\n")
	return d
}

// Node draws a box with lines of any text. wrong makes it stand out.
func (d *Diagram) Node(id int, lines []string, wrong bool) {
	var texts []string
	for _, line := range lines {
		texts = append(texts, d.quote(line))
	}
	switch {
	case d.mermaid:
		d.print("  n%d[\"%s\"]\n", id, strings.Join(texts, "<br/>"))
		if wrong {
			d.print("  style n%d stroke:#f00\n", id)
		}
	case wrong:
		d.print("  n%d [label=\"%s\", color=\"red\"];\n", id, strings.Join(texts, `\n`))
	default:
		d.print("  n%d [label=\"%s\"];\n", id, strings.Join(texts, `\n`))
	}
}

// Arrow draws an arrow with any text, dashed or not.
func (d *Diagram) Arrow(from, to int, text string, dashed bool) {
	text = d.quote(text)
	switch {
	case d.mermaid && dashed:
		d.print("  n%d -.->|\"%s\"| n%d\n", from, text, to)
	case d.mermaid:
		d.print("  n%d -->|\"%s\"| n%d\n", from, text, to)
	case dashed:
		d.print("  n%d -> n%d [label=\"%s\", style=\"dashed\"];\n", from, to, text)
	default:
		d.print("  n%d -> n%d [label=\"%s\"];\n", from, to, text)
	}
}

// End ends the diagram and returns the first error there was.
func (d *Diagram) End() error {
	if !d.mermaid {
		d.print("}\n")
	}
	return d.err
}

func (d *Diagram) print(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.w, format, args...)
	}
}

// quote returns text that stands between double quotes and means nothing but
// itself there. Neither language has its own quotes broken by letters, digits
// and a few signs; anything else is written as a reference to the character.
func (d *Diagram) quote(s string) string {
	var b strings.Builder
	for _, r := range Value(s) { // which is ASCII
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" .:/+-@_,()", r):
			b.WriteRune(r)
		case d.mermaid:
			b.WriteString("#" + strconv.Itoa(int(r)) + ";")
		default:
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		}
	}
	return b.String()
}
