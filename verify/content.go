package verify

import (
	"cmp"
	"context"
	"math"
	"slices"

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
	rules   []func(*image)
	checked int // images that are done with
	stacks  stacks
	byPath  map[string]*image // by the path of the manifest, once it is needed
}

// outcome is what reading one blob gave.
type outcome struct {
	sum   blobs.Sum
	layer *layerOutcome // where it was read as a layer
	err   error
}

// sound stands for every outcome that gives no finding. Most do not, and the largest
// blobs are read first, so that nearly all can be waiting for one.
var sound = new(outcome)

type doneJob struct {
	job     int
	outcome *outcome
}

// check reads the blobs, and emits what is wrong with them.
func (c *contentCheck) check(jobs []uint32) {
	c.jobs, c.rules = jobs, c.imageRules()
	c.schedule()
	c.countStacks()
	if c.checkImages(-1); len(c.jobs) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	done, order := make(chan doneJob), c.readingOrder()
	workers := c.options.parallel(len(order), func(i int) bool {
		d := doneJob{int(order[i]), c.read(ctx, int(order[i]))}
		select {
		case done <- d:
			return true
		case <-ctx.Done():
			return false
		}
	})
	defer workers.Wait()
	defer cancel()
	c.inOrder(done)
}

// inOrder receives the outcomes as they come, and checks them in the order of the jobs.
func (c *contentCheck) inOrder(done <-chan doneJob) {
	waiting := make([]*outcome, len(c.jobs))
	for emitted := 0; emitted < len(c.jobs); {
		select {
		case d := <-done:
			waiting[d.job] = d.outcome
		case <-c.ctx.Done():
			return
		}
		for emitted < len(c.jobs) && waiting[emitted] != nil {
			if waiting[emitted] != sound {
				n := c.at(int(c.jobs[emitted]))
				c.guard(onBlob(n, Finding{}), func() { c.outcome(n, waiting[emitted]) })
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
	huge := max(total/int64(4*c.options.Jobs), 1<<20)
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
func (c *contentCheck) read(ctx context.Context, job int) *outcome {
	n, o := c.at(int(c.jobs[job])), new(outcome)
	o.err = blobs.Guard(func() (err error) {
		if n.layer != nil {
			o.sum, o.layer, err = c.layers.scan(ctx, n)
			return err
		}
		o.sum, err = c.layout.Blobs().Sum(ctx, n.Digest, n.Info, func(read int) { c.count(func(s *Stats) { s.BytesRead += int64(read) }) })
		return err
	})
	if o.err == nil && o.layer == nil && o.sum.Digest == n.Digest {
		return sound
	}
	return o
}

// outcome checks what reading a blob gave. What damaged bytes unpack to is no further
// fault.
func (c *contentCheck) outcome(n *node, o *outcome) {
	switch {
	case o.err != nil:
		c.notChecked()
		c.emitUnreadable(o.err, onBlob(n, Finding{}))
	case o.sum.Digest != n.Digest:
		if o.layer != nil {
			o.layer.facts.free()
		}
		c.emit(onBlob(n, mismatch(n.Digest, o.sum.Digest, c.causes.ofBlob(n, o.sum))))
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
