package main

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// The collector has room to work in, however much is in use.
func TestMemoryFor(t *testing.T) {
	for live := int64(0); live < 8<<30; live += 10 << 20 {
		limit := memoryFor(live)
		if limit < softMemory || limit < live+8<<20 && live > softMemory || limit > max(softMemory, live*5/4+8<<20) {
			t.Fatalf("with %d bytes in use, the limit is %d", live, limit)
		}
	}
}

func TestAfterCollection(t *testing.T) {
	var calls, live atomic.Int64
	afterCollection(func() {
		live.Store(liveMemory())
		calls.Add(1)
	})
	for calls.Load() < 3 { // a collection can come before the next call is waited for
		runtime.GC()
	}
	if live.Load() <= 0 {
		t.Errorf("%d bytes are in use", live.Load())
	}
}
