package faultfs

import (
	"sync"
	"time"
)

// Meeting is a fault that shows how many operations are under way at once.
type Meeting struct {
	of       int
	mu       sync.Mutex
	now, all int
	complete chan struct{}
}

// patience is how long an operation waits for others that do not come. It has no part
// in a test that passes.
const patience = 10 * time.Second

// Meet returns a Meeting of n operations: each waits until n of them have been under
// way at once, or gives up after ten seconds.
func Meet(n int) *Meeting { return &Meeting{of: n, complete: make(chan struct{})} }

// Fault returns the fault, for as many operations as are to meet.
func (m *Meeting) Fault() Fault {
	return Do(func() {
		m.come()
		defer m.leave()
		select {
		case <-m.complete:
		case <-time.After(patience):
		}
	})
}

// Most returns how many operations there were at once, at most.
func (m *Meeting) Most() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all
}

func (m *Meeting) come() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now++; m.now > m.all {
		if m.all = m.now; m.all == m.of {
			close(m.complete)
		}
	}
}

func (m *Meeting) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now--
}
