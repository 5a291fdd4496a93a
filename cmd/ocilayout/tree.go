package main

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/graph"
)

var treeFormats = []string{cli.TextFormat, "json", "dot", "mermaid"}

// deepest is how many levels the text shows unless --depth says more: what
// refers to what may be nested without end.
const deepest = 64

func treeCommand() *cli.Command {
	return &cli.Command{
		Name:      "tree",
		Usage:     "show the graph of a layout: indexes, manifests, configs, layers and referrers",
		ArgsUsage: "LAYOUT[:REF]",
		UsageText: "ocilayout tree LAYOUT[:REF] [FLAGS]\n\nExample: ocilayout tree ./image-dir --platform linux/arm64",
		Description: "What is missing, damaged or unreadable is marked. What refers to a manifest stands below it. " +
			"Nothing is shown twice: where it comes again, it is named only. dot is for Graphviz, mermaid for Markdown pages.",
		Flags: append([]cli.Flag{
			cli.FormatFlag(treeFormats...), cli.ColorFlag(),
			&cli.BoolFlag{Name: "full-digest", Usage: "do not shorten digests", DisableDefaultText: true},
			&cli.IntFlag{Name: "depth", Value: deepest, Usage: "`N` levels to show as text"},
			cli.PlatformFlag(),
		}, slices.Concat(cli.LayoutFlags(), cli.DocumentLimitFlags(), cli.GraphLimitFlags(cli.MostShown))...),
		Action: runTree,
	}
}

func runTree(c *cli.Context) error {
	format, style := cli.Format(c), cli.Style(c)
	depth := c.Int("depth")
	if c.IsSet("depth") && format != cli.TextFormat {
		return exit.Usagef("--depth goes with --format text")
	}
	a, err := cli.OneAddress(c, "LAYOUT")
	if err != nil {
		return err
	}
	g, err := readGraph(c, a, graph.Options{Platforms: cli.Platforms(c)})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(c.App.Writer)
	switch format {
	case "json":
		err = treeJSON(out, a.Given, g)
	case "dot":
		err = drawTree(report.NewDOT(out), a.Given, g, shortOf(c, g))
	case "mermaid":
		err = drawTree(report.NewMermaid(out), a.Given, g, shortOf(c, g))
	default:
		var cut bool
		cut, err = (&treeText{out, term.Width(c.App.Writer), style, shortOf(c, g)}).print(a.Given, g, depth)
		if cut && !c.IsSet("depth") {
			g.Problems = append(g.Problems, errors.New("there are more levels than are shown: --depth shows more"))
		}
	}
	return finished(out, err, a, g)
}

// shortOf returns how much of a digest is shown.
func shortOf(c *cli.Context, g *graph.Graph) int {
	if c.Bool("full-digest") {
		return 1 << 20
	}
	return g.Short()
}

// treeText prints a graph, with lines cut to width, if that is not 0.
type treeText struct {
	io.Writer
	width int
	style report.Style
	short int
}

// print writes the graph with a line for each step, and says whether levels are
// left out.
func (t *treeText) print(path string, g *graph.Graph, depth int) (cut bool, err error) {
	err = writeString(t, report.Value(path), "\n")
	var bars []string // for each level that the line is below: whether more comes
	for step := range g.Steps(depth) {
		if err != nil {
			return cut, err
		}
		cut = cut || step.Mark == graph.MarkCut
		branch, bar := "|-- ", "|   "
		if step.Last {
			branch, bar = "`-- ", "    "
		}
		bars = bars[:step.Depth]
		err = writeString(t, t.line(strings.Join(bars, "")+branch, &step), "\n")
		bars = append(bars, bar)
	}
	return cut, err
}

// line shows what a step leads to. Where it is cut, what is wrong with it stays.
func (t *treeText) line(before string, step *graph.Step) string {
	text, mark, note := treeLine(step, t.short)
	text = before + text
	if mark != "" {
		mark = " " + mark
	}
	if note != "" {
		note = " " + note
	}
	if t.width > 0 {
		room := t.width - len(mark) - len(note)
		if room < len(before) { // there is no place for both
			return report.Cut(text+mark+note, t.width)
		}
		text = report.Cut(text, room)
	}
	return text + t.style.Mark(mark) + t.style.Dim(note)
}

// treeLine shows what a step leads to, what is wrong with that, and where more of
// it is shown.
func treeLine(step *graph.Step, short int) (text, mark, note string) {
	words := []string{stepKind(step)}
	n, e := step.Node, step.Edge
	if n == nil {
		words = append(words, report.Value(e.Digest))
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
	case graph.MarkAbove:
		note = "(shown above)"
	case graph.MarkBelow:
		note = "(shown below)"
	case graph.MarkCut:
		note = "(more below)"
	}
	return strings.Join(words, " "), mark, note
}

// stepKind is the word that a line begins with.
func stepKind(step *graph.Step) string {
	switch {
	case step.Referrer != nil && step.Referrer.By == graph.ByTag:
		return "referrers: " + step.Node.Label()
	case step.Referrer != nil:
		return "referrer: " + step.Node.Label()
	case step.Edge.Role == graph.RoleSubject && step.Node == nil:
		return "subject:"
	case step.Edge.Role == graph.RoleSubject:
		return "subject: " + step.Node.Label()
	case step.Edge.Role == graph.RoleConfig, step.Edge.Role == graph.RoleLayer, step.Node == nil:
		return string(step.Edge.Role)
	}
	return step.Node.Label()
}

// facts are the names and types of what a step leads to, ready to be shown.
func facts(step *graph.Step) []string {
	n, e := step.Node, step.Edge
	var facts []string
	add := func(s string) {
		if s != "" {
			facts = append(facts, report.Value(s))
		}
	}
	artifactType, platform := n.ArtifactType, ""
	if n.Kind == "image" {
		platform = n.Platform
	}
	if e != nil {
		add(e.RefName)
		if e.Platform != "" {
			platform = e.Platform
		}
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
func stateMark(n *graph.Node, claimed int64) string {
	if wrongSize(n, claimed) {
		return bytesOf(n.Size) + " on disk"
	}
	return string(n.State)
}

// drawTree draws the graph: each node once, and each descriptor as an arrow.
// index.json has the number after the last node's.
func drawTree(d *report.Diagram, path string, g *graph.Graph, short int) error {
	root := len(g.Nodes)
	d.Node(root, []string{"index.json", path}, false)
	drawn := make([]bool, root)
	next := root + 1 // for what is no digest
	for step := range g.Steps(0) {
		id := next
		if n := step.Node; n == nil {
			next++
			d.Node(id, []string{stepKind(&step), step.Edge.Digest, "not a digest"}, true)
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

func drawNode(d *report.Diagram, n *graph.Node, short int) {
	lines := []string{n.Label(), graph.Abbreviate(string(n.Digest), short)}
	mark := stateMark(n, n.Claimed)
	for _, line := range []string{n.Platform, n.ArtifactType, bytesOf(n.Claimed), mark} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	d.Node(n.ID, lines, mark != "")
}

// drawArrow draws how a step comes about. A referrer's subject is an arrow of
// its own, from the referrer.
func drawArrow(d *report.Diagram, from, to int, step *graph.Step) {
	switch {
	case step.Edge == nil && step.Referrer.By == graph.BySubject:
	case step.Edge == nil:
		d.Arrow(to, from, string(step.Referrer.By), true)
	case step.Edge.RefName != "":
		d.Arrow(from, to, step.Edge.RefName, false)
	case step.Edge.Platform != "":
		d.Arrow(from, to, step.Edge.Platform, false)
	default:
		d.Arrow(from, to, string(step.Edge.Role), step.Edge.Role == graph.RoleSubject)
	}
}

// treeHead is what --format json has, but for the member nodes.
type treeHead struct {
	SchemaVersion int        `json:"schemaVersion"`
	Path          string     `json:"path"`
	Complete      bool       `json:"complete"`
	Entries       []treeEdge `json:"entries"`
}

type treeEdge struct {
	Pointer      string     `json:"pointer"`
	Role         graph.Role `json:"role"`
	Digest       string     `json:"digest"`
	MediaType    string     `json:"mediaType"`
	Size         int64      `json:"size"`
	Reference    string     `json:"reference"`
	Platform     string     `json:"platform"`
	ArtifactType string     `json:"artifactType"`
}

type treeNode struct {
	Digest       string         `json:"digest"`
	Path         string         `json:"path"`
	Kind         string         `json:"kind"`
	ArtifactKind string         `json:"artifactKind"`
	ArtifactType string         `json:"artifactType"`
	Platform     string         `json:"platform"`
	MediaTypes   []string       `json:"mediaTypes"`
	Roles        []graph.Role   `json:"roles"`
	References   int            `json:"references"`
	Size         int64          `json:"size"`
	State        layout.State   `json:"state"`
	Edges        []treeEdge     `json:"edges"`
	Referrers    []treeReferrer `json:"referrers"`
}

type treeReferrer struct {
	Digest string      `json:"digest"`
	By     graph.Means `json:"by"`
	Tag    string      `json:"tag"`
}

func treeJSON(w io.Writer, path string, g *graph.Graph) error {
	return report.JSONList(w, treeHead{1, path, len(g.Problems) == 0, treeEdges(g.Entries)}, "nodes", treeNodes(g))
}

// treeNodes yields each node that is shown once, in the order of the tree.
func treeNodes(g *graph.Graph) iter.Seq[treeNode] {
	return func(yield func(treeNode) bool) {
		listed := make([]bool, len(g.Nodes))
		for step := range g.Steps(0) {
			n := step.Node
			if n == nil || listed[n.ID] {
				continue
			}
			listed[n.ID] = true
			if !yield(newTreeNode(n)) {
				return
			}
		}
	}
}

func newTreeNode(n *graph.Node) treeNode {
	t := treeNode{Digest: string(n.Digest), Path: n.Path, Kind: n.Kind, ArtifactKind: n.ArtifactKind, ArtifactType: n.ArtifactType, Platform: n.Platform, MediaTypes: n.MediaTypes,
		Roles: n.Roles, References: n.References, Size: n.Size, State: n.State, Edges: treeEdges(n.Edges), Referrers: []treeReferrer{}}
	for _, r := range n.Referrers {
		t.Referrers = append(t.Referrers, treeReferrer{string(r.From.Digest), r.By, r.Tag})
	}
	return t
}

// treeEdges lists descriptors, without those that the platforms leave out.
func treeEdges(edges []graph.Edge) []treeEdge {
	list := []treeEdge{}
	for i := range edges {
		if e := &edges[i]; !e.Left {
			list = append(list, treeEdge{e.Pointer(), e.Role, e.Digest, e.MediaType, e.Size, e.RefName, e.Platform, e.ArtifactType})
		}
	}
	return list
}
