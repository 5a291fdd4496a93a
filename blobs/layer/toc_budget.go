package layer

import (
	"context"
	"slices"
	"sync"
)

// tocBudget is how many bytes of tables of contents, as they are written, are held at
// once, over all layers. What is held of a table takes less than that.
const tocBudget = 64 << 20

// budget is shared by those who hold tables. Whoever asks for more than is left waits,
// in turn.
type budget struct {
	mu      sync.Mutex
	left    int64
	waiting []*share
}

type share struct {
	n       int64
	granted chan struct{}
}

var tocs = &budget{left: tocBudget}

// take waits for n bytes, or the end of ctx. More than there are is all of them. The
// caller calls give when it is done.
func (b *budget) take(ctx context.Context, n int64) (give func(), err error) {
	s := &share{min(n, tocBudget), make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, s)
	b.grant()
	b.mu.Unlock()
	give = func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.left += s.n
		b.grant()
	}
	select {
	case <-s.granted:
		return give, nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	at := slices.Index(b.waiting, s)
	if at >= 0 {
		b.waiting = slices.Delete(b.waiting, at, at+1)
		b.grant() // those behind it may want less
	}
	b.mu.Unlock()
	if at < 0 {
		give() // it was granted at the same moment
	}
	return nil, context.Cause(ctx)
}

// grant serves those who came first, as far as it goes.
func (b *budget) grant() {
	for len(b.waiting) > 0 && b.waiting[0].n <= b.left {
		b.left -= b.waiting[0].n
		close(b.waiting[0].granted)
		b.waiting = b.waiting[1:]
	}
}
