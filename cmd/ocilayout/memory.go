package main

import (
	"os"
	"runtime/debug"
)

// softMemory is where the garbage collector begins to work harder, in bytes. What
// is kept is bounded by limits of its own; this keeps what is thrown away from
// doubling it.
const softMemory = 100 << 20

// spareMemory has the collector spare memory rather than time, once there is much
// of it in use, unless the environment says how it is to work.
func spareMemory() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
}
