package layout

import (
	"context"
	"iter"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// WalkOptions say what to walk.
type WalkOptions struct {
	Limits Limits
	// Index is index.json as [Layout.Index] read it; nil has the walk read it. The
	// walk forgets its content in the end, so that it serves for one walk.
	Index *Document
	// Only, if not nil, are the places of the entries of index.json to walk. The
	// others are not visited.
	Only []int
	// DocumentsOnly leaves out what is not a document, and subjects.
	DocumentsOnly bool
	// Platforms, if there are any, narrow the entries of every index to those of
	// a platform that one of them matches, and those that name none.
	Platforms []model.Platform
	// Blobs, unless nil, is where the walk lists the blobs that it visits, for who
	// asks for them by their ID. It has to be empty.
	Blobs *VisitedBlobs
	// Ahead, if it is above 0, has up to as many documents read at once, though no
	// more than 1024, before the walk comes to them: a walk takes long where each file
	// takes long to open. It yields the same, and reads no file twice either. What was
	// read ahead is in vain only where the walk is left, or where Limits.Descriptors or
	// Limits.Memory keeps it from going on. It holds up to 16 MiB more.
	Ahead int
	// Misplaced has blobs that are missing looked for in other places and under other
	// names, as [blobs.Store.Find] does, and walked on from there.
	Misplaced bool
}

// Walk visits index.json, and then every descriptor that it leads to: depth
// first, in document order. It goes through nested indexes, manifests and
// subjects; a document is read at the first visit, whatever is wrong with it,
// and its descriptors are visited once. Configurations are read, layers and
// blobs of unknown media types are only looked at.
//
// The walk fails at nothing: each visit says what could not be read. A panic of
// the file system, or of what reads documents, is a *blobs.PanicError there. It ends on
// every input, because documents are remembered by digest and kind, and holds
// no more in memory than the documents on the way down and a few words for each
// blob. Cancelling ctx ends it early, and so does leaving the loop; no goroutine
// outlives it.
func (l *Layout) Walk(ctx context.Context, o WalkOptions) iter.Seq[*Visit] {
	return func(yield func(*Visit) bool) {
		w := &walker{layout: l, ctx: ctx, options: o, limits: o.Limits.WithDefaults(), nodes: o.Blobs, documents: make(map[int]*Document)}
		if w.nodes == nil {
			w.nodes = new(VisitedBlobs)
		}
		w.nodes.store = l.blobs
		l.blobs.Renew()
		w.find = l.blobs.Stat
		if o.Misplaced {
			w.find = l.blobs.Find
		}
		w.stat = w.find
		if w.ahead = newAhead(w); w.ahead != nil {
			w.stat = w.ahead.stat
		}
		defer w.ahead.close()
		w.run(yield)
	}
}

type walker struct {
	layout  *Layout
	ctx     context.Context
	options WalkOptions
	limits  Limits
	nodes   *VisitedBlobs
	stack   []*frame
	// documents are the blobs that were read as one, by the IDs of their nodes.
	documents map[int]*Document
	only      map[int]bool
	visited   int // descriptors
	ahead     *ahead
	stat      func(digest.Digest) (blobs.Info, error) // by what was read ahead, or by find
	find      func(digest.Digest) (blobs.Info, error)
}

// frame is a document whose descriptors are being visited.
type frame struct {
	document *Document
	beneath  Limits // for what is read on the way further down
	next     int
	judged   bool
	inside   bool // the platforms are settled further up
}

func (w *walker) run(yield func(*Visit) bool) {
	root := w.options.Index
	if root == nil {
		root = w.layout.readIndex(w.ctx, w.limits)
	}
	if !yield(&Visit{Document: root, First: true, Judged: true}) {
		return
	}
	if w.options.Only != nil {
		w.only = make(map[int]bool, len(w.options.Only))
		for _, i := range w.options.Only {
			w.only[i] = true
		}
	}
	if !w.push(root, judged, false) {
		root.release()
	}
	for len(w.stack) > 0 && w.ctx.Err() == nil {
		top := w.stack[len(w.stack)-1]
		i := top.next
		edge, ok := top.document.Doc.Edge(i)
		if !ok {
			w.stack = w.stack[:len(w.stack)-1]
			top.document.walked = false
			top.document.release()
			continue
		}
		top.next++ // of an index, entries come first: i is the place
		if w.leftOut(len(w.stack)-1, i, edge) {
			continue
		}
		v := w.visit(top, edge)
		if !yield(v) || v.TooMany {
			return
		}
		w.descend(v)
	}
}

// leftOut says whether the options leave out a descriptor, of index.json at a depth of 0.
func (w *walker) leftOut(depth, i int, edge model.Edge) bool {
	if w.options.DocumentsOnly && (edge.Role == model.RoleSubject || !model.KindOf(edge.Descriptor.MediaType).Document()) {
		return true
	}
	return depth == 0 && edge.Role == model.RoleManifest && w.only != nil && !w.only[i]
}

// readIndex reads index.json as a document.
func (l *Layout) readIndex(ctx context.Context, limits Limits) *Document {
	d := &Document{Path: model.IndexFile, kind: model.KindIndex}
	d.guard(func() (err error) {
		if d.Raw, _, err = blobs.ReadFile(ctx, l.fs, model.IndexFile, limits.Index); err != nil {
			return err
		}
		d.Size = int64(len(d.Raw))
		d.Doc, d.Problems, err = decode(ctx, model.MediaTypeIndex, d.Raw, limits.OfIndex())
		return err
	})
	return d
}

// guard has a document filled in, and empties it where that fails.
func (d *Document) guard(fill func() error) {
	if d.Err = blobs.Guard(fill); d.Err != nil {
		d.Raw, d.Doc, d.Problems = nil, nil, nil
	}
}

// visit looks at what a descriptor leads to, and reads it if it is a document
// that was not read yet.
func (w *walker) visit(top *frame, edge model.Edge) *Visit {
	v := &Visit{Edge: edge, From: top.document, Beneath: top.beneath, settled: top.inside}
	if p := edge.Descriptor.Platform; p != nil && edge.Role == model.RoleManifest {
		v.settled = true
		v.LeftOut = !top.inside && !Wanted(w.options.Platforms, p)
	}
	v.Judged = top.judged && !v.LeftOut
	if w.visited++; w.visited > w.limits.Descriptors {
		v.TooMany = true
		return v
	}
	d, err := model.ParseDigest(string(edge.Descriptor.Digest))
	if err != nil {
		return v
	}
	v.Blob, v.First = w.nodes.visit(d, w.stat)
	if kind := v.Kind(); kind.Document() {
		v.Document, v.First = w.document(v, kind)
		v.Cycle = v.Document.walked
		v.TooDeep = !v.Cycle && len(w.stack) >= w.limits.Depth && w.branches(v.Document)
	}
	return v
}

// branches says whether there is anything further down.
func (w *walker) branches(d *Document) bool {
	if d.Doc == nil {
		return false
	}
	_, ok := d.Doc.Edge(0)
	return ok
}

// document returns the node's blob, read as kind, and whether that is new, or
// new to a visit that is Judged. It reads again what was released before all was done
// with it.
func (w *walker) document(v *Visit, kind model.Kind) (*Document, bool) {
	known := w.documents[v.Blob.ID]
	for known != nil && known.kind != kind {
		known = known.other
	}
	if known != nil {
		first := v.Judged && !known.trusted
		known.trusted = known.trusted || v.Judged
		if known.released && (first || len(w.stack) < w.limits.Depth && known.state < w.due(v, known)) {
			known.released = false
			w.load(v, known)
		}
		return known, first
	}
	d := &Document{Path: v.Blob.Info.Path, place: v.Place(), kind: kind, trusted: v.Judged}
	d.other = w.documents[v.Blob.ID]
	if w.load(v, d); d.Err != nil && blobs.Absent(v.Blob.Err) {
		return d, w.nodes.absent(v.Blob, kind) // and not remembered: there may be as many as there are descriptors
	}
	w.documents[v.Blob.ID] = d
	return d, true
}

// load fills in what the blob holds, or what stands in for it.
func (w *walker) load(v *Visit, d *Document) {
	early := w.ahead.take(v.Blob.Digest)
	d.guard(func() (err error) {
		if err := v.Blob.Err; err == nil {
			if err := w.read(v.Blob, d, early); err != nil {
				return err
			}
		} else if raw := substitute(v.Edge.Descriptor, err); raw != nil {
			d.Raw, d.Size, d.Substituted = raw, int64(len(raw)), true
		} else {
			return err
		}
		limits := w.beneath().OfDocument(d.Size)
		if d.Doc = early.decoded(w.ctx, v.Edge.Descriptor.MediaType, limits); d.Doc != nil {
			d.early = early
			return nil
		}
		d.Doc, d.Problems, err = decode(w.ctx, v.Edge.Descriptor.MediaType, d.Raw, limits)
		return err
	})
	if early != nil && d.early == nil {
		early.drop()
	}
}

// beneath are the limits for a document that is read now.
func (w *walker) beneath() Limits { return w.stack[len(w.stack)-1].beneath }

// read reads the blob, unless it was read ahead, or as another kind before.
func (w *walker) read(n *VisitedBlob, d *Document, early *early) error {
	for other := w.documents[n.ID]; other != nil; other = other.other {
		if other.Err == nil && !other.Substituted && other.Raw != nil {
			d.Raw, d.Size = other.Raw, other.Size
			return nil
		}
	}
	raw, sum, err := early.bytes(w, n)
	if d.Size = sum.Size; err != nil {
		return err
	}
	if n.Sum.Digest != "" && n.Sum != sum {
		return &blobs.Error{Op: "read", Digest: n.Digest, Err: blobs.ErrChanged}
	}
	d.Raw, n.Sum = raw, sum
	if sum.Digest != "" {
		w.nodes.sum(n)
	}
	return nil
}

// substitute returns the content of an absent blob where the descriptor embeds
// it and it verifies.
func substitute(d *model.Descriptor, err error) []byte {
	if !blobs.Absent(err) || d.Data == nil || d.DataDefect() != nil {
		return nil
	}
	return d.Data
}

// descend walks the document's own descriptors next, unless they were walked.
func (w *walker) descend(v *Visit) {
	if v.Document == nil || v.Cycle {
		return
	}
	if v.TooDeep || !w.push(v.Document, w.due(v, v.Document), v.settled) {
		v.Document.release()
	}
}

// due says what the document's own descriptors are to be walked for: what a
// damaged document says is good for reachability alone.
func (w *walker) due(v *Visit, d *Document) state {
	sound := d.Substituted || v.Blob.Matches() || !model.Computable(v.Blob.Digest.Algorithm())
	if v.Judged && sound {
		return judged
	}
	return reached
}

// push has the document's descriptors walked next, unless they were walked for
// as much before.
func (w *walker) push(d *Document, due state, inside bool) bool {
	if d.released || d.state >= due {
		return false
	}
	if d.state = due; d.Doc == nil {
		return false
	}
	f := &frame{document: d, judged: due == judged, inside: inside, beneath: w.limits.Beneath(d.Doc)}
	if len(w.stack) > 0 {
		f.beneath = w.beneath().Beneath(d.Doc)
	}
	d.walked = true
	w.stack = append(w.stack, f)
	w.ahead.follow(f, len(w.stack)-1)
	return true
}
