package layout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// GraphOptions say what [Layout.Graph] reads.
type GraphOptions struct {
	Limits Limits
	// Index is index.json as [Layout.Index] read it, and is not changed; nil has it
	// read.
	Index *Document
	// Selector picks the Entries. The rest of the layout is read all the same: it
	// may refer to them.
	Selector Selector
	// SelectedOnly leaves the rest of the layout out.
	SelectedOnly bool
	// DocumentsOnly leaves out what is not a document, and subjects, and has descriptors
	// returned whole.
	DocumentsOnly bool
	// Platforms, if there are any, narrow the entries of every index to those of a
	// platform that one of them matches, and those of no known platform.
	Platforms []model.Platform
	// Unreferenced has the blobs listed that nothing names.
	Unreferenced bool
}

// Graph returns the graph of the layout. It reads every document once and looks at
// every other blob; memory follows the number of descriptors, which
// GraphOptions.Limits bound, and no document stays in it. The same layout gives the
// same graph. It ends on every input, and goes on past whatever is damaged.
//
// Errors: those of Resolve where the selector fits no entry, or several, and the
// cause where ctx is cancelled. That index.json cannot be read is one of the
// Problems, unless a selector asks for one of its entries.
func (l *Layout) Graph(ctx context.Context, o GraphOptions) (*Graph, error) {
	b := &graphBuilder{
		options: o, limits: o.Limits.WithDefaults(), graph: new(Graph), blobs: new(VisitedBlobs), documents: make(map[*Document]*edgeList),
		texts: make(map[string]string), platforms: make(map[string]*model.Platform), namings: make(map[namingStep]*Naming),
		root: &Node{Content: new(Content)}, noContent: new(Content), noNaming: new(Naming), noRemarks: new(Remarks),
	}
	if o.Index == nil {
		o.Index = l.Index(ctx, o.Limits)
	}
	root := *o.Index // which the walk forgets in the end
	if err := root.Failure(); err != nil {
		b.graph.Problems = append(b.graph.Problems, err)
	}
	index, _ := root.Doc.(*model.Index)
	if index == nil && !o.Selector.All() {
		return nil, root.Failure()
	}
	var places []int
	if index != nil {
		var err error
		if places, err = Resolve(index, o.Selector); err != nil {
			return nil, err
		}
	}
	walk := WalkOptions{Limits: o.Limits, Index: &root, Platforms: o.Platforms, DocumentsOnly: o.DocumentsOnly, Blobs: b.blobs}
	if o.SelectedOnly {
		walk.Only = append([]int{}, places...)
	}
	b.documents[&root] = &edgeList{node: b.root}
	for v := range l.Walk(ctx, walk) {
		b.visit(v)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	b.pick(index, places)
	b.finish()
	if o.Unreferenced {
		if err := b.unreferenced(ctx, l.blobs); err != nil {
			return nil, err
		}
	}
	return b.graph, nil
}

// graphBuilder makes a Graph of what a walk visits.
type graphBuilder struct {
	options   GraphOptions
	limits    Limits
	graph     *Graph
	blobs     *VisitedBlobs // their IDs are those of the Nodes
	root      *Node         // index.json
	documents map[*Document]*edgeList
	about     []attestation
	embedded  int // bytes of documents that descriptors embed
	tooDeep   bool

	// What many nodes and edges have in common is there once.
	texts     map[string]string
	platforms map[string]*model.Platform
	namings   map[namingStep]*Naming
	noContent *Content
	noNaming  *Naming
	noRemarks *Remarks
	remarks   *Remarks // of the last edge that had any
}

// edgeList is where the descriptors of a document go.
type edgeList struct {
	node *Node
	last int // order of the last one
}

// attestation is a node that says by an annotation which manifest it is about.
type attestation struct {
	from  *Node
	about digest.Digest
}

// visit notes one descriptor with what it leads to. A document may be walked
// twice, if only a damaged one, or one that is left out, led to it at first: its
// descriptors come in the same order again, and are noted once.
func (b *graphBuilder) visit(v *Visit) {
	if v.From == nil {
		return
	}
	from := b.documents[v.From]
	if v.TooMany {
		from.node.cut = true
		b.limited(fmt.Errorf("there are more than %d descriptors: the rest is not read", b.limits.Descriptors))
		return
	}
	if v.TooDeep && !b.tooDeep {
		b.tooDeep = true
		b.limited(fmt.Errorf("documents are nested deeper than %d: what lies deeper is not read", b.limits.Depth))
	}
	isNew := false
	n := b.node(v)
	if at := order(&v.Edge); at > from.last {
		from.last, isNew = at, true
		b.edge(v, from.node, n)
	}
	if n == nil {
		return
	}
	n.tooDeep = n.tooDeep || v.TooDeep
	if v.Blob.Err != nil && !n.embedded {
		n.embedded = substitute(v.Edge.Descriptor, v.Blob.Err) != nil
	}
	if v.Document != nil {
		b.document(v, n)
	} else if isNew && n.References == 1 {
		if n.State = v.State(); n.State == StateUnreadable {
			b.unread(v.Blob.Err)
		}
	}
}

// order tells the place of a descriptor in its document, from 1 up.
func order(e *model.Edge) int {
	switch e.Role {
	case model.RoleConfig:
		return 1
	case model.RoleSubject:
		return int(^uint(0) >> 1)
	}
	return e.Index + 2
}

// node returns the node of a blob, which is made when it is first visited; nil where
// the descriptor has no digest.
func (b *graphBuilder) node(v *Visit) *Node {
	switch {
	case v.Blob == nil:
		return nil
	case v.Blob.ID < len(b.graph.Nodes):
		return b.graph.Nodes[v.Blob.ID]
	}
	n := b.newNode(v.Blob.Digest, v.Edge)
	if v.Blob.Err == nil {
		n.Size = v.Blob.Info.Size
	}
	if v.Blob.Info.Path != n.Path() {
		n.path = v.Blob.Info.Path
	}
	n.missing = blobs.Absent(v.Blob.Err)
	return n
}

func (b *graphBuilder) newNode(d digest.Digest, edge model.Edge) *Node {
	kind := model.KindOf(edge.Descriptor.MediaType)
	n := &Node{ID: len(b.graph.Nodes), Digest: d, Claimed: edge.Descriptor.Size, opaque: kind == model.KindOpaque, Kind: kind.String(), Content: b.noContent, Naming: b.noNaming}
	if n.opaque && (edge.Role == model.RoleConfig || edge.Role == model.RoleLayer) {
		n.Kind = string(edge.Role)
	}
	b.graph.Nodes = append(b.graph.Nodes, n)
	return n
}

// edge adds a descriptor to the document that has it.
func (b *graphBuilder) edge(v *Visit, from, n *Node) {
	e := b.newEdge(v.Edge, from, n)
	e.Left, e.settled = v.LeftOut, v.settled
	if v.Edge.Role == model.RoleFSLayer && n != nil {
		e.Size = v.Blob.Info.Size // of which schema 1 says nothing
		if n.References == 1 {
			n.Claimed = e.Size
		}
	}
	from.Edges = append(from.Edges, e)
	if n == nil {
		return
	}
	if e.Member() == model.RoleSubject && from != b.root {
		b.refers(n, Referrer{From: from, By: BySubject})
	}
	if e.About != "" {
		b.about = append(b.about, attestation{n, digest.Digest(e.About)})
	}
}

// newEdge makes an edge to a node, which is nil where the digest is not a digest.
func (b *graphBuilder) newEdge(edge model.Edge, from, to *Node) Edge {
	d := edge.Descriptor
	e := Edge{To: to, MediaType: b.text(d.MediaType), Size: d.Size, Index: edge.Index, Platform: b.platform(d.Platform),
		member: uint8(slices.Index(roles, edge.Role)), runs: model.Runnable(d)}
	r := Remarks{ArtifactType: b.text(d.ArtifactType)}
	if b.options.DocumentsOnly && edge.Role == model.RoleManifest {
		whole := *d
		r.whole = &whole
	}
	if to == nil {
		r.notDigest = b.text(string(d.Digest))
	} else {
		to.References++
		to.Naming = b.naming(to.Naming, e.MediaType, e.Role())
		kind := model.KindOf(e.MediaType)
		to.branches = to.branches || kind == model.KindIndex || kind == model.KindManifest
	}
	if len(d.Annotations) > 0 {
		r.Created, r.About = b.text(d.Annotations[model.AnnotationCreated]), b.text(d.Annotations[model.AnnotationBuildKitDigest])
		if from == b.root {
			r.RefName, r.Named = d.Annotations[model.AnnotationRefName]
			r.ContainerdName = d.Annotations[model.AnnotationContainerdName]
		}
	}
	e.Remarks = b.remark(r)
	return e
}

// content returns the content of a node, to be written to.
func (b *graphBuilder) content(n *Node) *Content {
	if n.Content == b.noContent {
		n.Content = new(Content)
	}
	return n.Content
}

// refers adds a referrer, unless it is the last one: it is, where a blob was read as
// two kinds of documents.
func (b *graphBuilder) refers(to *Node, r Referrer) {
	if last := len(to.Referrers) - 1; last < 0 || to.Referrers[last] != r {
		c := b.content(to)
		c.Referrers = append(c.Referrers, r)
	}
}

func (b *graphBuilder) limited(err error) {
	b.graph.Limited = cmp.Or(b.graph.Limited, err)
	b.problem(err)
}

// unread notes an error that hides something.
func (b *graphBuilder) unread(err error) {
	if hides(err) {
		b.problem(err)
	}
}

// hides says whether there may be something that err keeps from being read. What is no
// regular file has no bytes that another attempt could show.
func hides(err error) bool {
	return err != nil && !blobs.Absent(err) && !errors.Is(err, blobs.ErrNotRegular)
}

// maxProblems bounds what is said of a failing disk.
const maxProblems = 20

func (b *graphBuilder) problem(err error) {
	switch n := len(b.graph.Problems); {
	case n < maxProblems:
		b.graph.Problems = append(b.graph.Problems, err)
	case n == maxProblems:
		b.graph.Problems = append(b.graph.Problems, errors.New("and there is more that could not be read"))
	}
}

// document notes what a document says of itself, at the first visit to it.
func (b *graphBuilder) document(v *Visit, n *Node) {
	d := v.Document
	if b.documents[d] != nil || d.Err != nil && n.State != StateOK {
		return
	}
	if b.graph.Unloaded == nil && d.Doc == nil {
		if err := cmp.Or(d.Err, d.Problems.Err(), ErrMismatch); hides(err) {
			b.graph.Unloaded = fmt.Errorf("%s: %w", d.Path, err)
		}
	}
	if n.State == StateOK {
		n.State = v.State()
	} else if v.State() == StateDamaged {
		n.State = StateDamaged
	}
	if d.Err != nil {
		b.unread(d.Err)
		return
	}
	c := b.content(n)
	if d.Doc != nil {
		b.documents[d] = &edgeList{node: n}
		edges := 0
		for range d.Doc.Edges() {
			edges++
		}
		c.Edges = slices.Grow(c.Edges, edges)
	}
	const maxEmbedded = 1 << 20
	if d.Substituted && b.embedded+len(d.Raw) <= maxEmbedded {
		b.embedded += len(d.Raw)
		c.data = slices.Clone(d.Raw)
	}
	b.describe(v, n, c)
}

// describe notes what kind of thing a document says that it is.
func (b *graphBuilder) describe(v *Visit, n *Node, c *Content) {
	whole := v.Document.Problems.Err() == nil
	switch doc := v.Document.Doc.(type) {
	case *model.Index:
		n.read, n.Kind = whole, "index"
		c.ArtifactType, c.ArtifactKind = b.text(doc.ArtifactType), doc.ArtifactKind()
		c.Created = b.text(doc.Annotations[model.AnnotationCreated])
	case *model.ArtifactManifest:
		n.read, n.Kind = whole, "artifact"
		c.ArtifactType, c.ArtifactKind = b.text(doc.ArtifactType), model.ArtifactKind(doc.ArtifactType, "")
		c.Created = b.text(doc.Annotations[model.AnnotationCreated])
	case *model.Manifest:
		n.read = whole
		c.Created = b.text(doc.Annotations[model.AnnotationCreated])
		if !whole && doc.EffectiveArtifactType() == "" {
			return // cut off before it says what it is
		}
		n.runs = model.KindOf(doc.Config.MediaType) == model.KindImage && doc.ArtifactType == "" && (len(doc.Layers) == 0 ||
			slices.ContainsFunc(doc.Layers, func(d model.Descriptor) bool { return model.KindOf(d.MediaType) == model.KindLayer }))
		n.Kind, c.ArtifactKind = "image", doc.ArtifactKind()
		if doc.ArtifactType != "" || model.KindOf(doc.Config.MediaType) != model.KindImage {
			c.ArtifactType = b.text(doc.EffectiveArtifactType())
		}
		if c.ArtifactType != "" || c.ArtifactKind != "" {
			n.Kind = "artifact"
		}
	case *model.Image:
		p := doc.Platform()
		c.Created = b.text(doc.Created)
		if p.OS != "" || p.Architecture != "" {
			c.Platform = b.platform(&p)
		}
	}
}
