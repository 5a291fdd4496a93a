package layer

import (
	"context"
	"errors"
	"testing"
)

// Tables wait for one another where they would take more memory than there is,
// and who is cancelled leaves the others what it waited for.
func TestHoldTable(t *testing.T) {
	release, err := holdTable(t.Context(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	failed := make(chan error)
	go func() {
		_, err := holdTable(ctx, mostTables)
		failed <- err
	}()
	got := make(chan func())
	go func() {
		release, err := holdTable(t.Context(), 1)
		if err != nil {
			t.Error(err)
		}
		got <- release
	}()
	select {
	case <-got:
		t.Error("there is memory for a second table")
	default:
	}
	cancel(cause)
	if err := <-failed; !errors.Is(err, cause) {
		t.Errorf("%v, want the cause of the cancellation", err)
	}
	release()
	(<-got)()
}
