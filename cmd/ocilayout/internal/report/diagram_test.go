package report

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// hostileTexts are texts that would end a label, or mean more than themselves in it.
var hostileTexts = []string{
	`"]; n9 [label="x`, `<b>x</b>`, `<<script>alert(1)</script>>`, `\N \G \" \`, "a\nb\r\n}", "x]\n  n0 --> n9", "`**md**`", "#quot;&quot;&#34;",
	"%% note", "--> end", "click n0 call x()", "\x1b[31m\u202e", `|"| n9`, "", ":::c", ";}{()[]",
}

// dot is the whole language of our diagrams: letters, digits and a few signs
// stand within quotes, and no others.
var (
	label   = `"(?:[A-Za-z0-9 .:/+\-@_,()]|&#[0-9]+;|\\n)*"`
	dotLine = regexp.MustCompile(`^  n[0-9]+(?: -> n[0-9]+)? \[label=` + label + `(?:, (?:color|style)="[a-z]+")?\];$`)
	mLabel  = `"(?:[A-Za-z0-9 .:/+\-@_,()]|#[0-9]+;|<br/>)*"`
	mLine   = regexp.MustCompile(`^  (?:n[0-9]+\[` + mLabel + `\]|n[0-9]+ -\.?->\|` + mLabel + `\| n[0-9]+|style n[0-9]+ stroke:#f00)$`)
)

func TestDiagram(t *testing.T) {
	for name, test := range map[string]struct {
		begin func(*bytes.Buffer) *Diagram
		head  []string
		line  *regexp.Regexp
		tail  []string
		lines int
	}{
		"dot":     {func(b *bytes.Buffer) *Diagram { return NewDOT(b) }, []string{"digraph layout {", "  rankdir=LR;", "  node [shape=box];"}, dotLine, []string{"}"}, 4},
		"mermaid": {func(b *bytes.Buffer) *Diagram { return NewMermaid(b) }, []string{"flowchart LR"}, mLine, nil, 5},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			d := test.begin(&b)
			for i, text := range hostileTexts {
				d.Node(2*i, []string{text, "second"}, false)
				d.Node(2*i+1, []string{text}, true)
				d.Arrow(2*i, 2*i+1, text, true)
				d.Arrow(2*i, 2*i+1, text, false)
			}
			if err := d.End(); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if got, want := len(lines), len(test.head)+test.lines*len(hostileTexts)+len(test.tail); got != want {
				t.Errorf("%d lines, not %d", got, want)
			}
			for i, line := range lines {
				switch end := i - (len(lines) - len(test.tail)); {
				case i < len(test.head) && line == test.head[i], end >= 0 && line == test.tail[end]:
				case !test.line.MatchString(line):
					t.Errorf("line %d: %s", i, line)
				}
			}
		})
	}
}

// Graphviz takes the diagram, and counts as many nodes and edges as there are.
func TestGraphvizLoads(t *testing.T) {
	testrun.Tool(t, "dot") // without it, TestDiagram alone holds the grammar
	var b bytes.Buffer
	d := NewDOT(&b)
	for i, text := range hostileTexts {
		d.Node(i, []string{text}, i%2 == 0)
		d.Arrow(0, i, text, false)
	}
	if err := d.End(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "dot", "-Tplain")
	cmd.Stdin = &b
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{"node": len(hostileTexts), "edge": len(hostileTexts)} {
		if got := strings.Count("\n"+string(out), fmt.Sprintf("\n%s ", kind)); got != want {
			t.Errorf("%d times %s, not %d", got, kind, want)
		}
	}
}
