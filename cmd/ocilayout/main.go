// Command ocilayout opens OCI image layouts, shows what is in them, and tells
// whether every byte of them is what their descriptors promise.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainStatus()) }

// mainStatus is main without the exit, so that deferred calls run.
func mainStatus() int {
	spareMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	// A reader that went away is a failed write, which has a status of its own.
	signal.Ignore(syscall.SIGPIPE)
	return run(ctx, os.Args, os.Stdout, os.Stderr)
}
