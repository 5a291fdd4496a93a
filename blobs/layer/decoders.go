package layer

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"
)

// windows bounds the memory of all zstd windows that are in use at once to one of
// the largest size. Whoever wants more waits, in turn, and holds nothing
// meanwhile: so no two wait for one another.
var windows = semaphore.NewWeighted(MaxWindow)

// A few decoders wait for the next to ask, each with the memory of the largest
// window that it had. Large ones are thrown away, and the collector is called
// before more than mostGarbage of them would be waiting for it: by itself it
// would come when as much again was in use.
const (
	idleWindow  = 8 << 20
	mostGarbage = 16 << 20
)

var (
	idle       = make(chan *decoder, 2)
	garbage    atomic.Int64 // bytes of windows
	collecting sync.Mutex
)

// decoder is one that is lent, or idle.
type decoder struct {
	*zstd.Decoder
	lent    int64 // bytes of windows
	largest int64 // window that it had
}

// lendDecoder returns a decoder for windows up to n, which is at most MaxWindow.
// It waits for the memory while ctx lasts, whose cause is then the error. Who
// does not wait gets one at once that is not counted, if there is no room.
func lendDecoder(ctx context.Context, waits bool, n int64) (*decoder, error) {
	lent := n
	if waits {
		if windows.Acquire(ctx, n) != nil {
			return nil, context.Cause(ctx)
		}
	} else if !windows.TryAcquire(n) {
		lent = 0
	}
	d, err := anyDecoder(n)
	if err != nil {
		windows.Release(lent)
		return nil, err
	}
	d.lent, d.largest = lent, max(d.largest, n)
	return d, nil
}

// anyDecoder returns an idle decoder or makes one. For a large window, those that
// are idle make room. It has one goroutine, the caller's: overlap is made further
// out, and a decoder with goroutines of its own is slower where other cores are
// busy.
func anyDecoder(n int64) (*decoder, error) {
	for {
		select {
		case d := <-idle:
			if n <= idleWindow {
				return d, nil
			}
			garbage.Add(d.largest)
			continue
		default:
		}
		break
	}
	collect()
	d, err := newDecoder()
	return &decoder{Decoder: d}, err
}

// collect returns when not much garbage is left.
func collect() {
	collecting.Lock()
	defer collecting.Unlock()
	if old := garbage.Load(); old > mostGarbage {
		runtime.GC()
		garbage.Add(-old)
	}
}

// giveBack takes back what was lent.
func (d *decoder) giveBack() {
	lent := d.lent
	keep := d.largest <= idleWindow && d.Reset(nil) == nil
	if keep {
		select {
		case idle <- d:
		default:
			keep = false
		}
	}
	if !keep {
		garbage.Add(d.largest)
		d.Decoder = nil
	}
	windows.Release(lent)
}

func newDecoder() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(MaxWindow), zstd.WithDecoderMaxMemory(MaxWindow))
}
