package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// softMemory is where the garbage collector begins to work harder, in bytes. What is
// in use is bounded by limits of its own; this keeps garbage from doubling it.
const softMemory = 100 << 20

// limitMemory has the collector save memory rather than time, once there is much of
// it in use, unless the environment says how it is to work.
func limitMemory() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
		afterCollection(func() { debug.SetMemoryLimit(memoryFor(liveMemory())) })
	}
}

// memoryFor is where the collector is to begin again, with so many bytes in use. At
// softMemory it would never end, once as much is in use: half of all time would go
// into it.
func memoryFor(live int64) int64 { return max(softMemory, live+live/4+8<<20) }

// liveMemory is what was in use at the end of the last collection.
func liveMemory() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// afterCollection calls do after each collection.
func afterCollection(do func()) {
	type collected struct{ _ [64]byte } // so that it is not put together with what is in use
	runtime.AddCleanup(new(collected), func(do func()) {
		afterCollection(do)
		do()
	}, do)
}
