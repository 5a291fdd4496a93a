package graph

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Options say what to read.
type Options struct {
	Limits layout.Limits
	// Selector picks the Entries. The rest of the layout is read all the same: it
	// may refer to them.
	Selector layout.Selector
	// Platforms, if there are any, narrow the entries of every index to those of a
	// platform that one of them matches, and those of no known platform.
	Platforms []model.Platform
	// Unreferenced has the blobs listed that nothing names.
	Unreferenced bool
}

// Read returns the graph of a layout. It reads every document once and looks at
// every other blob; memory follows the number of descriptors, which
// Options.Limits bound, and no document stays in it. The same layout gives the
// same graph. It ends on every input, and goes on past whatever is damaged.
//
// Errors: those of layout.Resolve where the selector fits no entry, or several,
// and the cause where ctx is cancelled. That index.json cannot be read is one of
// the Problems, unless a selector asks for one of its entries.
func Read(ctx context.Context, l *layout.Layout, o Options) (*Graph, error) {
	r := &reader{options: o, graph: &Graph{}, nodes: make(map[digest.Digest]*Node), documents: make(map[*layout.Document]*document), texts: make(map[string]string)}
	root := l.Index(ctx, o.Limits)
	if err := rootProblem(root); err != nil {
		r.graph.Problems = append(r.graph.Problems, err)
	}
	places, err := resolve(root, o.Selector)
	if err != nil {
		return nil, err
	}
	var entries Node
	r.documents[root] = &document{node: &entries}
	for v := range l.Walk(ctx, layout.WalkOptions{Limits: o.Limits, Index: root}) {
		r.visit(v)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r.finish(&entries)
	r.pick(entries.Edges, places)
	if o.Unreferenced {
		if err := r.unreferenced(ctx, l.Blobs()); err != nil {
			return nil, err
		}
	}
	return r.graph, nil
}

// rootProblem says what keeps index.json from being read to its end.
func rootProblem(root *layout.Document) error {
	if e, ok := errors.AsType[*fs.PathError](root.Err); ok { // which names the file once more
		return fmt.Errorf("%s: %w", root.Path, e.Err)
	}
	if root.Err != nil {
		return fmt.Errorf("%s: %w", root.Path, root.Err)
	}
	if err := root.Problems.Err(); err != nil {
		return fmt.Errorf("%s: %w", root.Path, err)
	}
	return nil
}

// resolve returns the places of the entries that the selector picks.
func resolve(root *layout.Document, s layout.Selector) ([]int, error) {
	index, ok := root.Doc.(*model.Index)
	switch {
	case !ok && s.All():
		return nil, nil
	case !ok:
		return nil, rootProblem(root)
	}
	return layout.Resolve(index, s)
}

type reader struct {
	options   Options
	graph     *Graph
	nodes     map[digest.Digest]*Node
	documents map[*layout.Document]*document
	texts     map[string]string
	tooDeep   bool
}

// document is where the descriptors of a document go.
type document struct {
	node *Node
	last int // order of the last one
}

// visit notes one descriptor with what it leads to. A document may be walked
// twice, if only a damaged one led to it at first: its descriptors come in the
// same order again, and are noted once.
func (r *reader) visit(v *layout.Visit) {
	if v.From == nil {
		return
	}
	if v.TooMany {
		r.problem(fmt.Errorf("there are more than %d descriptors: the rest is not read", r.options.Limits.WithDefaults().Descriptors))
		return
	}
	if v.TooDeep && !r.tooDeep {
		r.tooDeep = true
		r.problem(fmt.Errorf("documents are nested deeper than %d: what lies deeper is not read", r.options.Limits.WithDefaults().Depth))
	}
	from := r.documents[v.From]
	edge := r.edge(v, from.node)
	if at := order(&edge); at > from.last {
		from.last = at
		r.add(v, from.node, edge)
	}
	if edge.To == nil {
		return
	}
	r.state(v, edge.To)
	if v.Document != nil {
		r.document(v, edge.To)
	}
}

// order tells the place of a descriptor in its document, from 1 up.
func order(e *Edge) int {
	switch e.member {
	case model.RoleConfig:
		return 1
	case model.RoleSubject:
		return int(^uint(0) >> 1)
	}
	return e.place + 2
}

func (r *reader) edge(v *layout.Visit, from *Node) Edge {
	d := v.Edge.Descriptor
	e := Edge{MediaType: r.text(d.MediaType), Size: d.Size, Role: roleOf(v.Edge),
		ArtifactType: r.text(d.ArtifactType), member: v.Edge.Role}
	e.place, _ = strconv.Atoi(v.Edge.Pointer[strings.LastIndexByte(v.Edge.Pointer, '/')+1:])
	if v.From.Path == model.IndexFile {
		e.RefName = d.Annotations[model.AnnotationRefName]
	}
	if d.Platform != nil {
		e.named = true
		e.Platform = r.platform(*d.Platform)
		e.Left = v.Edge.Role == model.RoleManifest && !from.inside && !r.wanted(*d.Platform)
	}
	if v.Node == nil {
		e.Digest = r.text(string(d.Digest))
		return e
	}
	if v.Edge.Role == model.RoleFSLayer {
		e.Size = v.Node.Info.Size // of which schema 1 says nothing
	}
	e.To = r.node(v, from, &e)
	e.Digest = string(e.To.Digest)
	return e
}

// node returns the node of a blob, which is made when it is first met.
func (r *reader) node(v *layout.Visit, from *Node, e *Edge) *Node {
	n := r.nodes[v.Node.Digest]
	if n == nil {
		d := v.Node.Digest
		kind := model.KindOf(e.MediaType)
		n = &Node{ID: len(r.graph.Nodes), Digest: d, Path: v.Node.Info.Path, Kind: firstKind(v.Edge), Claimed: e.Size,
			opaque: kind == model.KindOpaque, inside: from.inside || e.named && e.member == model.RoleManifest}
		r.nodes[d] = n
		r.graph.Nodes = append(r.graph.Nodes, n)
	}
	return n
}

// maxTypes is how many media types are kept of a blob.
const maxTypes = 16

// add notes a descriptor that was not met before.
func (r *reader) add(v *layout.Visit, from *Node, e Edge) {
	from.Edges = append(from.Edges, e)
	n := e.To
	if n == nil {
		return
	}
	n.References++
	if !slices.Contains(n.Roles, e.Role) {
		n.Roles = append(n.Roles, e.Role)
	}
	if len(n.MediaTypes) < maxTypes && !slices.Contains(n.MediaTypes, e.MediaType) {
		n.MediaTypes = append(n.MediaTypes, e.MediaType)
	}
	if e.member == model.RoleSubject && from.Digest != "" && !refers(n, from) { // index.json has no digest
		n.Referrers = append(n.Referrers, Referrer{From: from, By: BySubject})
	}
	kind := v.Kind()
	n.branches = n.branches || kind == model.KindIndex || kind == model.KindManifest
}

// refers says whether the last referrer noted is this one: it is, where a blob
// was read as two kinds of documents.
func refers(n, from *Node) bool {
	last := len(n.Referrers) - 1
	return last >= 0 && n.Referrers[last].From == from
}

// state notes what the file system has of the blob.
func (r *reader) state(v *layout.Visit, n *Node) {
	d := v.Edge.Descriptor
	n.embedded = n.embedded || d.Data != nil && blobs.Absent(v.Node.Err) && d.DataDefect() == nil
	if n.stated {
		return
	}
	n.stated = true
	switch {
	case v.Node.Err == nil:
		n.Size = v.Node.Info.Size
	case blobs.Absent(v.Node.Err):
		n.State, n.missing = layout.StateMissing, true
	default:
		n.State = layout.StateUnreadable
		r.unread(v.Node.Err)
	}
}

// unread notes an error that hides something. What is no regular file has no
// bytes that another attempt could show.
func (r *reader) unread(err error) {
	if !blobs.Absent(err) && !errors.Is(err, blobs.ErrNotRegular) {
		r.problem(err)
	}
}

// maxProblems bounds what is told of a failing disk.
const maxProblems = 20

func (r *reader) problem(err error) {
	switch n := len(r.graph.Problems); {
	case n < maxProblems:
		r.graph.Problems = append(r.graph.Problems, err)
	case n == maxProblems:
		r.graph.Problems = append(r.graph.Problems, errors.New("and there is more that could not be read"))
	}
}

// document notes what a document says of itself, when it is first met.
func (r *reader) document(v *layout.Visit, n *Node) {
	d := v.Document
	if r.documents[d] != nil {
		return
	}
	if d.Doc != nil {
		r.documents[d] = &document{node: n}
		edges := 0
		for range d.Doc.Edges() {
			edges++
		}
		n.Edges = slices.Grow(n.Edges, edges)
	}
	switch {
	case d.Err != nil:
		if n.State == layout.StateOK {
			n.State = layout.StateUnreadable
			r.unread(d.Err)
		}
		return
	case !d.Substituted && v.Node.Sum.Digest != "" && !v.Node.Matches():
		n.State = layout.StateDamaged
	case n.State == layout.StateOK && (d.Doc == nil || d.Problems.Err() != nil):
		n.State = layout.StateUnreadable
	}
	r.describe(v, n)
}

func (r *reader) describe(v *layout.Visit, n *Node) {
	whole := v.Document.Problems.Err() == nil
	switch doc := v.Document.Doc.(type) {
	case *model.Index:
		n.read = whole
		n.Kind, n.ArtifactType, n.ArtifactKind = "index", r.text(doc.ArtifactType), doc.ArtifactKind()
	case *model.ArtifactManifest:
		n.read = whole
		n.Kind, n.ArtifactType, n.ArtifactKind = "artifact", r.text(doc.ArtifactType), model.ArtifactKind(doc.ArtifactType, "")
	case *model.Manifest:
		n.read = whole
		if !whole && doc.EffectiveArtifactType() == "" {
			return // cut off before it says what it is
		}
		n.Kind, n.ArtifactKind = "image", doc.ArtifactKind()
		if doc.ArtifactType != "" || model.KindOf(doc.Config.MediaType) != model.KindImage {
			n.ArtifactType = r.text(doc.EffectiveArtifactType())
		}
		if n.ArtifactType != "" || n.ArtifactKind != "" {
			n.Kind = "artifact"
		}
	case *model.Image:
		if p := doc.Platform(); p.OS != "" || p.Architecture != "" {
			n.Platform, n.otherOS = r.platform(p), !r.wanted(p)
		}
	}
}

func (r *reader) platform(p model.Platform) string {
	if p.OS == "" && p.Architecture == "" {
		return ""
	}
	return r.text(p.String())
}

func (r *reader) wanted(p model.Platform) bool {
	match := func(wanted model.Platform) bool { return wanted.Match(p) }
	return len(r.options.Platforms) == 0 || slices.ContainsFunc(r.options.Platforms, match)
}

// maxText is how many bytes are kept of what has no reason to be longer.
const maxText = 1024

// text returns s, cut off, as one string for all that are equal: a layout repeats
// the same few types in every descriptor.
func (r *reader) text(s string) string {
	s = s[:min(len(s), maxText)]
	if known, ok := r.texts[s]; ok {
		return known
	}
	s = strings.Clone(s)
	r.texts[s] = s
	return s
}
