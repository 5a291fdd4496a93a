package layer

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// Tables wait for one another where they would take more than there is, in turn, and
// who is cancelled leaves the others what it waited for.
func TestTOCBudget(t *testing.T) {
	b := &budget{left: tocBudget}
	first, err := b.take(t.Context(), tocBudget-10)
	if err != nil {
		t.Fatal(err)
	}
	small, err := b.take(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error)
	go func() {
		_, err := b.take(ctx, 1<<40)
		got <- err
	}()
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			give, err := b.take(t.Context(), tocBudget/3)
			if err != nil {
				t.Error(err)
				return
			}
			b.mu.Lock()
			if b.left < 0 {
				t.Errorf("%d bytes are left", b.left)
			}
			b.mu.Unlock()
			give()
		})
	}
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	first()
	small()
	wait.Wait()
	if b.left != tocBudget || len(b.waiting) > 0 {
		t.Errorf("%d bytes are left, and %d wait", b.left, len(b.waiting))
	}
}
