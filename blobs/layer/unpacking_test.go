package layer

import (
	"context"
	"errors"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
)

// faulty is a decompressor with a defect, which it shows after some reads.
type faulty struct {
	reads  int
	closed int
}

func (f *faulty) Read(p []byte) (int, error) {
	if f.reads--; f.reads < 0 {
		panic("of the decompressor")
	}
	return len(p), nil
}

func (f *faulty) close() { f.closed++ }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A defect of a decompressor ends both stages, however much of the blob is left, and
// is handed on as what it is.
func TestUnpackingPanics(t *testing.T) {
	for _, reads := range []int{0, 1, 2, 3, 100} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s, raw, unpacked := &scan{ctx: ctx}, newPipe(), newPipe()
		s.stage(func() error { return raw.step(ctx, endless{}) }, raw.end)
		u := newUnpacking(ctx, cancel, raw, unpacked, ScanOptions{})
		d := &faulty{reads: reads}
		u.limited = &limited{d, Limits{}.WithDefaults(), func() int64 { return 1 << 40 }, 0}
		s.stage(u.step, u.end)
		err := unpacked.drain()
		s.stages.Wait()
		for _, err := range []error{err, u.failed} {
			if _, ok := errors.AsType[*blobs.PanicError](err); !ok {
				t.Errorf("after %d reads: %v", reads, err)
			}
		}
		if d.closed != 1 {
			t.Errorf("after %d reads it is closed %d times", reads, d.closed)
		}
		raw.release()
		unpacked.release()
	}
}
