package verify

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// contentCheck reads every blob that is left, several at once, and compares its bytes
// with its digest. Of layers it checks what they unpack to, and of images how that fits
// their configurations. Findings come in the order of the jobs.
type contentCheck struct {
	common
	*imageTable
	causes  *causes
	layers  *layerCheck
	jobs    []uint32 // the IDs of blobs to read, in the order of their findings
	checked int      // images that are done with
	stacks  stacks
	byPath  map[string]*image // by the path of the manifest, once it is needed
}

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

func (o outcome) toKeep() *outcome {
	if o.sound {
		return sound
	}
	return &o
}

// check reads the blobs, and emits what is wrong with them.
func (c *contentCheck) check(jobs []uint32) {
	c.jobs = jobs
	c.schedule()
	c.countStacks()
	if c.checkImages(-1); len(c.jobs) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	outcomes := make(chan outcome)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()

	var next atomic.Int64
	order := c.readingOrder()
	for range min(c.options.workers(), len(c.jobs)) {
		workers.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(order) {
					return
				}
				o := outcome{job: int(order[n])}
				o.err = blobs.Guard(func() error { o = c.read(ctx, int(order[n])); return o.err })
				select {
				case outcomes <- o:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	c.inOrder(outcomes)
}

// inOrder receives the outcomes as they come, and checks them in the order of the jobs.
func (c *contentCheck) inOrder(outcomes <-chan outcome) {
	waiting := make([]*outcome, len(c.jobs))
	for emitted := 0; emitted < len(c.jobs); {
		select {
		case o := <-outcomes:
			waiting[o.job] = o.toKeep()
		case <-c.ctx.Done():
			return
		}
		for emitted < len(c.jobs) && waiting[emitted] != nil {
			if waiting[emitted] != sound {
				n := c.at(int(c.jobs[emitted]))
				c.guard(Finding{Path: n.Info.Path, Digest: n.Digest, Trail: n.place.Trail()}, func() { c.outcome(n, waiting[emitted]) })
			}
			waiting[emitted] = nil
			if c.checkImages(emitted); c.stopped {
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
func (c *contentCheck) readingOrder() []uint32 {
	order := make([]uint32, len(c.jobs))
	total := int64(0)
	for i, id := range c.jobs {
		order[i] = uint32(i)
		total += c.nodes.Size(int(id))
	}
	// There are at most four for each worker: what scans gave of so many is kept.
	huge := max(total/int64(4*c.options.workers()), 1<<20)
	slices.SortStableFunc(order, func(a, b uint32) int {
		x, y := int(c.jobs[a]), int(c.jobs[b])
		bySize := cmp.Compare(c.nodes.Size(y), c.nodes.Size(x))
		switch xHuge, yHuge := c.nodes.Size(x) > huge, c.nodes.Size(y) > huge; {
		case xHuge && yHuge:
			return bySize
		case xHuge:
			return -1
		case yHuge:
			return 1
		}
		return cmp.Or(cmp.Compare(c.firstImage(x), c.firstImage(y)), bySize)
	})
	return order
}

// firstImage returns the first image that has the blob as a layer, and else what
// comes after all of them.
func (c *contentCheck) firstImage(id int) int {
	if plan := c.rows.At(id).layer; plan != nil {
		return int(plan.image)
	}
	return math.MaxInt
}

// read reads one blob. It runs beside others.
func (c *contentCheck) read(ctx context.Context, i int) outcome {
	n := c.at(int(c.jobs[i]))
	if n.layer != nil {
		sum, layer, err := c.layers.scan(ctx, n)
		return outcome{job: i, sum: sum, layer: layer, err: err}
	}
	sum, err := c.layout.Blobs().Sum(ctx, n.Digest, n.Info, func(read int) { c.counters.bytesRead.Add(int64(read)) })
	return outcome{job: i, sum: sum, err: err, sound: err == nil && sum.Digest == n.Digest}
}

// outcome checks what reading a blob gave. What damaged bytes unpack to is no further
// fault.
func (c *contentCheck) outcome(n *node, o *outcome) {
	switch {
	case o.err != nil:
		c.notChecked()
		c.emitUnreadable(o.err, Finding{Path: n.Info.Path, Digest: n.Digest, Trail: n.place.Trail()})
	case o.sum.Digest != n.Digest:
		if o.layer != nil {
			o.layer.facts.free()
		}
		f := mismatch(n.Digest, o.sum.Digest, c.causes.ofBlob(n, o.sum))
		f.Path, f.Digest, f.Trail = n.Info.Path, n.Digest, n.place.Trail()
		c.emit(f)
	case o.layer != nil:
		c.layers.report(n, o.layer)
	}
}

// mismatch is the finding about bytes that are not those of their digest, with the cause
// where that is known.
func mismatch(expected, actual digest.Digest, cause string) Finding {
	message := "the bytes do not hash to the digest"
	if cause != "" {
		message += ": " + cause
	}
	return Finding{Rule: rule.BlobDigestMismatch, Message: message,
		Expected: string(expected), Actual: string(actual)}
}
