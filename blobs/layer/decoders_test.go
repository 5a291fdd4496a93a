package layer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// Where there is memory for one window, two streams that want all of it have it one
// after the other.
func TestDecodersLendOneWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all = 8 << 20
		d := &decoders{left: all}
		first, err := d.take(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		if d.try(all) != nil || d.try(1) != nil {
			t.Fatal("it is lent twice")
		}
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if _, err := d.take(ctx, all); !errors.Is(err, cause) {
			t.Errorf("%v, want the cause of the cancellation", err)
		}
		var second *decoder
		go func() { second, _ = d.take(t.Context(), all) }()
		synctest.Wait()
		if second != nil {
			t.Fatal("the second has it while the first does")
		}
		d.give(first)
		synctest.Wait()
		if second == nil {
			t.Fatal("the second does not have it once the first is done")
		}
		if d.try(all) != nil {
			t.Error("it is lent while the second has it")
		}
		d.give(second)
	})
}

// Windows that nobody has are kept for the next, up to a size in all.
func TestDecodersIdle(t *testing.T) {
	d := &decoders{left: MaxWindow}
	for _, window := range []int64{1 << 20, mostIdle / 2, mostIdle, MaxWindow / 2, 1 << 20} {
		lent, err := d.take(t.Context(), window)
		if err != nil {
			t.Fatal(err)
		}
		d.give(lent)
		if idle := d.idleBytes(); idle > mostIdle || d.left+idle != MaxWindow {
			t.Errorf("after a window of %d: %d bytes are idle, and %d left", window, idle, d.left)
		}
	}
	if len(d.idle) != 1 {
		t.Errorf("%d are idle", len(d.idle))
	}
}
