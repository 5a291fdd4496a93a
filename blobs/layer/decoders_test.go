package layer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// There is memory for one of the largest windows: two streams that want it have it
// one after the other, and who does not wait has one that is not counted.
func TestDecodersLendOneWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lend := func(ctx context.Context, waits bool, n int64) (*decoder, error) {
			d, err := lendDecoder(ctx, waits, n)
			if err == nil {
				d.largest = 0 // it is not used
			}
			return d, err
		}
		first, err := lend(t.Context(), true, MaxWindow)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int64{1, MaxWindow} {
			other, err := lend(t.Context(), false, n)
			if err != nil || other.lent != 0 {
				t.Fatalf("%v, and %d bytes are lent twice", err, other.lent)
			}
			other.giveBack()
		}
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if _, err := lend(ctx, true, MaxWindow); !errors.Is(err, cause) {
			t.Errorf("%v, want the cause of the cancellation", err)
		}
		var second *decoder
		go func() { second, _ = lend(t.Context(), true, MaxWindow) }()
		synctest.Wait()
		if second != nil {
			t.Fatal("the second has it while the first does")
		}
		first.giveBack()
		synctest.Wait()
		if second == nil {
			t.Fatal("the second does not have it once the first is done")
		}
		second.giveBack()
		if !windows.TryAcquire(MaxWindow) {
			t.Fatal("not all was given back")
		}
		windows.Release(MaxWindow)
	})
}

// A few small decoders wait for the next to ask, and make room for a large one.
func TestDecodersIdle(t *testing.T) {
	lend := func(windows ...int64) {
		var lent []*decoder
		for _, n := range windows {
			d, err := lendDecoder(t.Context(), true, n)
			if err != nil {
				t.Fatal(err)
			}
			lent = append(lent, d)
		}
		for _, d := range lent {
			d.giveBack()
		}
	}
	lend(1<<20, idleWindow, idleWindow, 1<<20)
	if len(idle) != cap(idle) {
		t.Errorf("%d are idle, want %d", len(idle), cap(idle))
	}
	lend(MaxWindow / 2)
	if len(idle) != 0 {
		t.Errorf("%d are idle beside a large window", len(idle))
	}
	if garbage.Load() <= mostGarbage {
		t.Error("large windows do not count as garbage")
	}
	lend(1 << 20)
	if garbage.Load() > mostGarbage || len(idle) != 1 {
		t.Errorf("%d bytes are garbage, and %d idle", garbage.Load(), len(idle))
	}
}
