package verify

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ocilayout/ocilayout/blobs"
)

// outcome is what reading one blob gave.
type outcome struct {
	job   int
	sum   blobs.Sum
	layer *layerOutcome // where it was read as a layer
	err   error
	sound bool // there is nothing to say
}

// sound is kept in place of every outcome of which there is nothing to say. Most are
// so, and the largest blobs are read first, so that nearly all can be waiting for one.
var sound = new(outcome)

func (o outcome) kept() *outcome {
	if o.sound {
		return sound
	}
	return &o
}

// content reads the blobs that are left, several at once, and emits what is
// wrong with them in the order of the jobs.
func (r *run) content() {
	r.schedule()
	r.countPiles()
	if r.judgeImages(-1); len(r.jobs) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(r.ctx)
	outcomes := make(chan outcome)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()

	var next atomic.Int64
	order := r.readingOrder()
	for range min(r.workers(), len(r.jobs)) {
		workers.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(order) {
					return
				}
				o := outcome{job: int(order[n])}
				o.err = blobs.Guard(func() error { o = r.read(ctx, int(order[n])); return o.err })
				select {
				case outcomes <- o:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	r.inOrder(outcomes)
}

// inOrder takes every outcome as it comes, and judges them in the order of the
// jobs.
func (r *run) inOrder(outcomes <-chan outcome) {
	waiting := make([]*outcome, len(r.jobs))
	for emitted := 0; emitted < len(r.jobs); {
		select {
		case o := <-outcomes:
			waiting[o.job] = o.kept()
		case <-r.ctx.Done():
			return
		}
		for emitted < len(r.jobs) && waiting[emitted] != nil {
			if waiting[emitted] != sound {
				n := r.at(int(r.jobs[emitted]))
				r.guard(Finding{Path: n.Info.Path, Digest: n.Digest, Trail: n.place.Trail()}, func() { r.outcome(n, waiting[emitted]) })
			}
			waiting[emitted] = nil
			if r.judgeImages(emitted); r.stopped {
				return
			}
			emitted++
		}
	}
}

// readingOrder returns the places of the jobs in the order in which to read them.
// First come the few blobs that would keep one worker busy when the others are done,
// were they begun late, the largest first. Then it goes image by image, so that what
// images need of their layers can soon be forgotten, and within an image again the
// largest first.
func (r *run) readingOrder() []uint32 {
	order := make([]uint32, len(r.jobs))
	total := int64(0)
	for i, id := range r.jobs {
		order[i] = uint32(i)
		total += r.nodes.Size(int(id))
	}
	// There are at most four for each worker: what was told of so many is kept.
	huge := max(total/int64(4*r.workers()), 1<<20)
	slices.SortStableFunc(order, func(a, b uint32) int {
		x, y := int(r.jobs[a]), int(r.jobs[b])
		bySize := cmp.Compare(r.nodes.Size(y), r.nodes.Size(x))
		switch xHuge, yHuge := r.nodes.Size(x) > huge, r.nodes.Size(y) > huge; {
		case xHuge && yHuge:
			return bySize
		case xHuge:
			return -1
		case yHuge:
			return 1
		}
		return cmp.Or(cmp.Compare(r.firstImage(x), r.firstImage(y)), bySize)
	})
	return order
}

// firstImage returns the first image that has the blob as a layer, and else what
// comes after all of them.
func (r *run) firstImage(id int) int {
	if plan := r.known.At(id).layer; plan != nil {
		return int(plan.image)
	}
	return math.MaxInt
}

func (r *run) workers() int {
	if r.options.Jobs > 0 {
		return r.options.Jobs
	}
	return runtime.GOMAXPROCS(0)
}

// read reads one blob. It runs beside others.
func (r *run) read(ctx context.Context, i int) outcome {
	n := r.at(int(r.jobs[i]))
	if n.layer != nil {
		sum, layer, err := r.scan(ctx, n)
		return outcome{job: i, sum: sum, layer: layer, err: err}
	}
	sum, err := r.layout.Blobs().Sum(ctx, n.Digest, n.Info, func(read int) { r.counters.bytesRead.Add(int64(read)) })
	return outcome{job: i, sum: sum, err: err, sound: err == nil && sum.Digest == n.Digest}
}

// outcome judges what reading a blob gave. What damaged bytes unpack to is no
// further fault.
func (r *run) outcome(n *node, o *outcome) {
	switch {
	case o.err != nil:
		r.notChecked()
		r.emitUnreadable(o.err, Finding{Path: n.Info.Path, Digest: n.Digest, Trail: n.place.Trail()})
	case o.sum.Digest != n.Digest:
		if o.layer != nil {
			o.layer.facts.free()
		}
		f := mismatch(n.Digest, o.sum.Digest, r.causeOf(n, o.sum))
		f.Path, f.Digest, f.Trail = n.Info.Path, n.Digest, n.place.Trail()
		r.emit(f)
	case o.layer != nil:
		r.layer(n, o.layer)
	}
}
