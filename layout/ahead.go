package layout

import (
	"context"
	"runtime"
	"sync"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

const (
	maxAhead = 1024 // documents that are read at once, however many are asked for
	// aheadMemory is what all documents may take, roughly, that are held because
	// they were read ahead, and aheadLevel what those may at one depth: so much is
	// left for what they lead to, which the walk comes to before.
	aheadMemory = 16 << 20
	aheadLevel  = aheadMemory / 4
	// aheadFactor is how many bytes of memory are put aside for a byte of a document
	// while it is decoded, and aheadSmall is for a small one. What needs more, the walk
	// decodes.
	aheadFactor = 12
	aheadSmall  = 16 << 10
	// decoders may decode at once: what a document takes meanwhile, in problems as
	// well, is not put aside.
	decoders = 4
)

// ahead reads documents before the walk comes to them, several at once: most of the
// time that it takes is spent waiting. It decides nothing. The walk asks it what it
// would have asked of the store, once for each blob, and gets what the store gave.
//
// It is the walk's own goroutine that plans. At each depth it goes through the
// documents in the order of the walk, and has those read that they name, up to as many
// as there are workers. A document that was read is the next to be gone through, one
// deeper.
type ahead struct {
	walker  *walker
	ctx     context.Context
	cancel  context.CancelFunc
	most    int // that are read at once, and that are held at each depth
	reading int
	workers int
	work    chan *early
	done    chan *early
	over    sync.WaitGroup
	decoder chan struct{} // holds one for each that is at work
	planned map[digest.Digest]*early
	levels  []*level // by how deep the documents are that name others; index.json is at 0

	mu   sync.Mutex
	held int64 // bytes, and put aside
}

// level is what is planned at one depth.
type level struct {
	from    []*early // the documents to go through, in the order of the walk
	planned int      // that they named, and the walk has not come to
	held    int64    // bytes of those; guarded by ahead.mu
}

// early is a blob that is read ahead as a document, or a document that the walk read
// itself.
type early struct {
	digest    digest.Digest
	mediaType string
	depth     int
	limits    Limits // for reading it
	level     *level // of what named it

	// What a worker fills in, to be read once it is done.
	info     blobs.Info
	missing  error // of Stat
	read     bool
	raw      []byte
	sum      blobs.Sum
	err      error          // of reading
	doc      model.Document // nil also where the walk is to decode it
	within   int            // the model.Limits.Memory that it was decoded within
	reserved int64

	ready   bool
	beneath Limits // for what it names
	next    int    // the descriptor that is planned next
}

// newAhead returns nil where nothing is to be read ahead.
func newAhead(w *walker) *ahead {
	most := min(w.options.Ahead, maxAhead)
	if most <= 0 {
		return nil
	}
	a := &ahead{walker: w, most: most, planned: make(map[digest.Digest]*early),
		work: make(chan *early, most), done: make(chan *early, most),
		decoder: make(chan struct{}, min(decoders, runtime.GOMAXPROCS(0)))}
	a.ctx, a.cancel = context.WithCancel(w.ctx)
	return a
}

// close ends all that is under way, and returns when it has ended.
func (a *ahead) close() {
	if a == nil {
		return
	}
	a.cancel()
	close(a.work)
	a.over.Wait()
}

// follow has what the document names read ahead, as the walk is to go through it next.
func (a *ahead) follow(f *frame, depth int) {
	if a == nil || f.document.early != nil {
		return // or it is in the plan already
	}
	e := &early{depth: depth, doc: f.document.Doc, beneath: f.beneath, ready: true}
	f.document.early = e
	l := a.level(depth)
	l.from = append([]*early{e}, l.from...)
	a.plan()
}

func (a *ahead) level(depth int) *level {
	for len(a.levels) <= depth {
		a.levels = append(a.levels, new(level))
	}
	return a.levels[depth]
}

// plan gives the workers as much as they may do. What is deepest comes first in the
// walk.
func (a *ahead) plan() {
	for depth := len(a.levels) - 1; depth >= 0; depth-- {
		l := a.levels[depth]
		for a.reading < a.most && l.planned < a.most {
			e := a.find(l, depth)
			if e == nil {
				break
			}
			a.begin(e)
		}
	}
}

// find returns the next blob to read of those that are named at a depth.
func (a *ahead) find(l *level, depth int) *early {
	for len(l.from) > 0 {
		from := l.from[0]
		if !from.ready {
			return nil // what comes after it in the walk must not get in its way
		}
		for from.doc != nil {
			edge, ok := from.doc.Edge(from.next)
			if !ok {
				break
			}
			from.next++
			if a.walker.leftOut(depth, from.next-1, edge) || !a.wanted(edge.Descriptor) {
				continue
			}
			d := edge.Descriptor
			return &early{digest: d.Digest, mediaType: d.MediaType, depth: depth + 1, limits: from.beneath, level: l}
		}
		l.from[0], l.from = nil, l.from[1:]
	}
	return nil
}

// wanted says whether the walk will read what the descriptor names, and has not met it.
func (a *ahead) wanted(d *model.Descriptor) bool {
	if !model.KindOf(d.MediaType).Document() || a.planned[d.Digest] != nil {
		return false
	}
	if _, err := model.ParseDigest(string(d.Digest)); err != nil {
		return false
	}
	_, met := a.walker.nodes.Find(d.Digest)
	return !met
}

func (a *ahead) begin(e *early) {
	a.planned[e.digest] = e
	e.level.planned++
	if e.depth < a.walker.limits.Depth { // else the walk goes no further
		l := a.level(e.depth)
		l.from = append(l.from, e)
	}
	if a.reading++; a.reading > a.workers {
		a.workers++
		a.over.Go(func() {
			for e := range a.work {
				a.read(e)
				a.done <- e // which has room for all
			}
		})
	}
	a.work <- e // as well
}

// wait waits for what is planned under the digest, and returns nil where nothing is.
func (a *ahead) wait(d digest.Digest) *early {
	if a == nil {
		return nil
	}
	for {
		select {
		case e := <-a.done:
			a.finish(e)
			continue
		default:
		}
		e := a.planned[d]
		if e == nil || e.ready {
			return e
		}
		a.finish(<-a.done)
	}
}

func (a *ahead) finish(e *early) {
	a.reading--
	e.ready = true
	if e.doc != nil {
		e.beneath = e.limits.Beneath(e.doc)
	}
	a.plan()
}

// stat is what Stat says of a blob that the walk meets for the first time.
func (a *ahead) stat(d digest.Digest) (blobs.Info, error) {
	if e := a.wait(d); e != nil {
		return e.info, e.missing
	}
	return a.walker.find(d)
}

// take returns what was read of a blob, nil where nothing was planned. It is the
// walk's from then on.
func (a *ahead) take(d digest.Digest) *early {
	e := a.wait(d)
	if e == nil {
		return nil
	}
	delete(a.planned, d)
	e.level.planned--
	a.giveBack(e, 0)
	a.plan()
	return e
}

// reserve puts memory aside, where there is as much.
func (a *ahead) reserve(e *early, n int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.level.held+n > aheadLevel || a.held+n > min(aheadMemory, a.walker.limits.Memory) {
		return false
	}
	e.reserved, e.level.held, a.held = n, e.level.held+n, a.held+n
	return true
}

// giveBack gives back what was put aside, but for so much.
func (a *ahead) giveBack(e *early, but int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := max(e.reserved-but, 0)
	e.reserved, e.level.held, a.held = e.reserved-n, e.level.held-n, a.held-n
}

// read does what the walk would do, up to where a limit asks for care. It runs beside
// others.
func (a *ahead) read(e *early) {
	l := a.walker.layout
	if e.missing = blobs.Guard(func() (err error) { e.info, err = a.walker.find(e.digest); return err }); e.missing != nil {
		return
	}
	size := e.info.Size
	if size < 0 || !e.fits(e.limits) || !a.reserve(e, size+aheadSmall+aheadFactor*size) {
		return
	}
	e.read = true
	e.err = blobs.Guard(func() (err error) { e.raw, e.sum, err = l.readBlob(a.ctx, e.digest, e.info, e.limits); return err })
	if e.err == nil {
		a.decode(e)
	}
	a.giveBack(e, max(int64(len(e.raw)), taken(e.doc)))
}

// fits says whether the walk would read the blob within the limits.
func (e *early) fits(limits Limits) bool {
	return e.info.Size <= min(limits.Document, limits.Memory)
}

// bytes returns what reading the blob gives the walk, which reads it now if it was not
// read ahead.
func (e *early) bytes(w *walker, n *VisitedBlob) ([]byte, blobs.Sum, error) {
	if e == nil || !e.read || !e.fits(w.beneath()) {
		return w.layout.readBlob(w.ctx, n.Digest, n.Info, w.beneath())
	}
	return e.raw, e.sum, e.err
}

// decoded returns the document, if decoding it now gives the same.
func (e *early) decoded(ctx context.Context, mediaType string, limits model.Limits) model.Document {
	if e == nil || e.mediaType != mediaType || e.within > limits.Memory || ctx.Err() != nil {
		return nil
	}
	return e.doc
}

// drop forgets all that was read. It may be in the plan still.
func (e *early) drop() { *e = early{ready: true} }

// decode decodes what nothing is wrong with, and leaves the rest to the walk.
func (a *ahead) decode(e *early) {
	a.decoder <- struct{}{}
	defer func() { <-a.decoder }()
	limits := e.limits.OfDocument(int64(len(e.raw)))
	limits.Memory = min(limits.Memory, int(e.reserved)-len(e.raw))
	e.within = limits.Memory
	blobs.Guard(func() error {
		doc, problems, err := decode(a.ctx, e.mediaType, e.raw, limits)
		if err == nil && len(problems) == 0 {
			e.doc = doc
		}
		return err
	})
}
