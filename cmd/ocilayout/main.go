// Command ocilayout opens OCI image layouts, shows what is in them, and tells
// whether every byte of them is what their descriptors promise.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Signals come to the first thread. What hangs in the kernel must not do so there,
// as no signal but the last wakes it: main has that thread to itself, and waits.
func init() { runtime.LockOSThread() }

func main() { os.Exit(mainStatus(halfSecond)) }

// mainStatus is main without the exit, so that deferred calls run.
func mainStatus(l leeway) int {
	spareMemory()
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	// A reader that went away is a failed write, which has a status of its own.
	signal.Ignore(syscall.SIGPIPE)
	return l.run(ctx, os.Stderr, func(ctx context.Context) int { return command(ctx, os.Args, os.Stdout, os.Stderr) })
}
