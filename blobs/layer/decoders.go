package layer

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// decoders lends zstd decoders. A decoder keeps the memory of the largest window
// that it had, so that each is lent for windows up to a size, and the sum of all
// these is bounded, those included that wait for the next to ask. Whoever
// asks for more than is left waits, in turn, and holds nothing meanwhile: so no
// two wait for one another.
type decoders struct {
	mu      sync.Mutex
	left    int64
	idle    []*decoder
	waiting []*loan
	garbage int64 // windows that were thrown away, and that may not be collected yet
}

// decoder is one that is lent, or idle.
type decoder struct {
	*zstd.Decoder
	window int64 // that it is lent for
	before int64 // garbage that has to be gone before it is made
}

// loan is what somebody asks for.
type loan struct {
	window  int64
	granted chan *decoder
}

// lender is that of the process: it has the memory of one window of the largest
// size that is read.
var lender = &decoders{left: MaxWindow}

// take returns a decoder for windows up to n, which is at most MaxWindow, or the
// cause of the end of ctx.
func (d *decoders) take(ctx context.Context, n int64) (*decoder, error) {
	l := d.ask(n)
	select {
	case lent := <-l.granted:
		return d.make(lent)
	case <-ctx.Done():
	}
	if !d.withdraw(l) {
		d.give(<-l.granted) // it was granted at the same moment
	}
	return nil, context.Cause(ctx)
}

// try is take for those who do not wait: it returns nil where they would have to.
func (d *decoders) try(n int64) *decoder {
	l := d.ask(n)
	if d.withdraw(l) {
		return nil
	}
	lent, err := d.make(<-l.granted)
	if err != nil {
		return nil
	}
	return lent
}

func (d *decoders) ask(n int64) *loan {
	l := &loan{n, make(chan *decoder, 1)}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, l)
	d.grant()
	return l
}

// withdraw says whether the loan was still waiting, which it does no longer.
func (d *decoders) withdraw(l *loan) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.Index(d.waiting, l)
	if at < 0 {
		return false
	}
	d.waiting = slices.Delete(d.waiting, at, at+1)
	d.grant() // those behind it may want less
	return true
}

// give takes back what was lent.
func (d *decoders) give(lent *decoder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if lent.Decoder != nil && lent.Reset(nil) == nil {
		d.idle = append(d.idle, lent)
	} else {
		d.left += lent.window
	}
	d.grant()
	for d.idleBytes() > mostIdle {
		d.drop()
	}
}

// mostIdle is how many bytes of windows are kept for the next to ask, and
// mostGarbage how many may be thrown away before it is seen to that they are
// gone. The collector by itself would come when as much again was taken.
const (
	mostIdle    = 16 << 20
	mostGarbage = 16 << 20
)

func (d *decoders) idleBytes() (sum int64) {
	for _, idle := range d.idle {
		sum += idle.window
	}
	return sum
}

// drop throws the decoder away that was idle for longest.
func (d *decoders) drop() {
	d.left += d.idle[0].window
	d.garbage += d.idle[0].window
	d.idle = slices.Delete(d.idle, 0, 1)
}

// grant serves those who came first, as far as it goes.
func (d *decoders) grant() {
	for len(d.waiting) > 0 {
		lent := d.lend(d.waiting[0].window)
		if lent == nil {
			return
		}
		d.waiting[0].granted <- lent
		d.waiting = d.waiting[1:]
	}
}

// lend returns an idle decoder of the size, or room for one. Idle ones of other
// sizes make room, the oldest first.
func (d *decoders) lend(n int64) *decoder {
	for i, idle := range d.idle {
		if idle.window == n {
			d.idle = slices.Delete(d.idle, i, i+1)
			return idle
		}
	}
	for d.left < n && len(d.idle) > 0 {
		d.drop()
	}
	if d.left < n {
		return nil
	}
	d.left -= n
	lent := &decoder{window: n}
	if d.garbage > mostGarbage {
		lent.before = d.garbage
	}
	return lent
}

// make makes the decoder where there is none yet. One goroutine, the caller's:
// overlap is made further out, and a decoder with goroutines of its own is slower
// where other cores are busy.
func (d *decoders) make(lent *decoder) (*decoder, error) {
	if lent.Decoder != nil {
		return lent, nil
	}
	if lent.before > 0 {
		runtime.GC()
		d.mu.Lock()
		d.garbage = max(d.garbage-lent.before, 0)
		d.mu.Unlock()
		lent.before = 0
	}
	var err error
	if lent.Decoder, err = newDecoder(); err != nil {
		d.give(lent)
	}
	return lent, err
}

func newDecoder() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(MaxWindow), zstd.WithDecoderMaxMemory(MaxWindow))
}
