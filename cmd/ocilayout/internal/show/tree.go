package show

import (
	"cmp"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
)

// A Tree is what tree shows.
type Tree struct {
	Path        string
	Graph       *layout.Graph
	FullDigests bool // do not shorten them
}

// short returns how many characters of the encoded part of a digest are shown.
func (t Tree) short() int {
	if t.FullDigests {
		return 1 << 20
	}
	return shortDigests(t.Graph)
}

// Text writes the graph with a line for each step, as many levels as depth says, and
// says whether there are more.
func (t Tree) Text(w io.Writer, screen Screen, depth int) (cut bool, err error) {
	err, short := writeString(w, report.Value(t.Path), "\n"), t.short()
	var bars []string // for each level that the line is below: whether more comes
	for step := range steps(t.Graph, depth) {
		if err != nil {
			return cut, err
		}
		cut = cut || step.Mark == markCut
		branch, bar := "|-- ", "|   "
		if step.Last {
			branch, bar = "`-- ", "    "
		}
		bars = bars[:step.Depth]
		err = writeString(w, treeLine(screen, short, strings.Join(bars, "")+branch, &step), "\n")
		bars = append(bars, bar)
	}
	return cut, err
}

// treeLine shows what a step leads to. Where it is cut, what is wrong with it stays.
func treeLine(screen Screen, short int, before string, step *step) string {
	text, mark, note := treeParts(step, short)
	text = before + text
	if mark != "" {
		mark = " " + mark
	}
	if note != "" {
		note = " " + note
	}
	if screen.Width > 0 {
		room := screen.Width - len(mark) - len(note)
		if room < len(before) { // there is no place for both
			return report.Cut(text+mark+note, screen.Width)
		}
		text = report.Cut(text, room)
	}
	return text + screen.Style.Mark(mark) + screen.Style.Dim(note)
}

// treeParts shows what a step leads to, what is wrong with that, and where more of
// it is shown.
func treeParts(step *step, short int) (text, mark, note string) {
	words := []string{stepKind(step)}
	n, e := step.Node, step.Edge
	if n == nil {
		words = append(words, report.Value(e.Digest()))
		if e.RefName != "" {
			words = append(words, report.Value(e.RefName))
		}
		return strings.Join(words, " "), "[not a digest]", ""
	}
	words = append(words, digestText(string(n.Digest), short))
	words = append(words, facts(step)...)
	size := n.Size
	if e != nil {
		size = e.Size
	}
	words = append(words, bytesOf(size))
	if mark = stateMark(n, size); mark != "" {
		mark = "[" + mark + "]"
	}
	switch step.Mark {
	case markAbove:
		note = "(shown above)"
	case markBelow:
		note = "(shown below)"
	case markCut:
		note = "(more below)"
	}
	return strings.Join(words, " "), mark, note
}

// stepKind is the word that a line begins with.
func stepKind(step *step) string {
	switch {
	case step.Referrer != nil && step.Referrer.By == layout.ByTag:
		return "referrers: " + step.Node.Label()
	case step.Referrer != nil:
		return "referrer: " + step.Node.Label()
	case step.Edge.Role() == layout.RoleSubject && step.Node == nil:
		return "subject:"
	case step.Edge.Role() == layout.RoleSubject:
		return "subject: " + step.Node.Label()
	case step.Edge.Role() == layout.RoleConfig, step.Edge.Role() == layout.RoleLayer, step.Node == nil:
		return string(step.Edge.Role())
	}
	return step.Node.Label()
}

// facts are the names and types of what a step leads to, ready to be shown.
func facts(step *step) []string {
	n, e := step.Node, step.Edge
	var facts []string
	add := func(s string) {
		if s != "" {
			facts = append(facts, report.Value(s))
		}
	}
	artifactType, platform := n.ArtifactType, ""
	if n.Kind == "image" {
		platform = platformName(n.Platform)
	}
	if e != nil {
		add(e.RefName)
		platform = cmp.Or(platformName(e.Platform), platform)
		if artifactType == "" {
			artifactType = e.ArtifactType
		}
	} else {
		add(step.Referrer.Tag)
	}
	add(platform)
	add(artifactType)
	if e != nil && artifactType == "" && n.Opaque() {
		add(e.MediaType)
	}
	return facts
}

// stateMark says what is wrong with a blob, "" if nothing that can be seen.
func stateMark(n *layout.Node, claimed int64) string {
	if wrongSize(n, claimed) {
		return bytesOf(n.Size) + " on disk"
	}
	return string(n.State)
}
