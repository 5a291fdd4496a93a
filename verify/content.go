package verify

import (
	"cmp"
	"context"
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
}

// content reads the blobs that are left, several at once, and emits what is
// wrong with them in the order of the jobs.
func (r *run) content() {
	r.schedule()
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
				o := outcome{job: order[n]}
				o.err = blobs.Guard(func() error { o = r.read(ctx, order[n]); return o.err })
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
			waiting[o.job] = &o
		case <-r.ctx.Done():
			return
		}
		for emitted < len(r.jobs) && waiting[emitted] != nil {
			j := r.jobs[emitted]
			r.guard(Finding{Path: j.info.Path, Digest: j.digest, Trail: trail(j.from, j.pointer)}, func() { r.outcome(waiting[emitted]) })
			waiting[emitted] = nil
			if r.judgeImages(emitted); r.stopped {
				return
			}
			emitted++
		}
	}
}

// readingOrder returns the places of the jobs in the order in which to read
// them: image by image, so that what images need of their layers can soon be
// forgotten, and within an image the largest blob first, so that none is begun
// when all the others are done.
func (r *run) readingOrder() []int {
	order := make([]int, len(r.jobs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &r.jobs[a], &r.jobs[b]
		return cmp.Or(cmp.Compare(x.image, y.image), cmp.Compare(y.info.Size, x.info.Size))
	})
	return order
}

func (r *run) workers() int {
	if r.options.Jobs > 0 {
		return r.options.Jobs
	}
	return runtime.GOMAXPROCS(0)
}

// read reads one blob. It runs beside others.
func (r *run) read(ctx context.Context, i int) outcome {
	j := r.jobs[i]
	if j.layer != nil {
		sum, layer, err := r.scan(ctx, j)
		return outcome{i, sum, layer, err}
	}
	sum, err := r.layout.Blobs().Sum(ctx, j.digest, j.info, func(n int) { r.counters.bytesRead.Add(int64(n)) })
	return outcome{i, sum, nil, err}
}

// outcome judges what reading a blob gave. What damaged bytes unpack to is no
// further fault.
func (r *run) outcome(o *outcome) {
	j := r.jobs[o.job]
	switch {
	case o.err != nil:
		r.notChecked()
		r.unreadable(o.err, Finding{Path: j.info.Path, Digest: j.digest, Trail: trail(j.from, j.pointer)})
	case o.sum.Digest != j.digest:
		f := mismatch(j.digest, o.sum.Digest)
		f.Path, f.Digest, f.Trail = j.info.Path, j.digest, trail(j.from, j.pointer)
		r.emit(f)
	case o.layer != nil:
		r.layer(j, o.layer)
	}
}
