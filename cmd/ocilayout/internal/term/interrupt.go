package term

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// How long the program waits after an interrupt. Half a second is the promise; the
// rest of it is for the end of the process on a busy machine.
const forCommand = 150 * time.Millisecond // to end by itself

var (
	forAll      = 320 * time.Millisecond // for the command, and the reports of one that does not end
	forLastWord = 30 * time.Millisecond  // to say so, and to remove temporary files
)

// Signals returns a context that ends at SIGINT, SIGTERM, or SIGHUP unless that is
// ignored, as nohup has it. A second signal ends the process at once.
func Signals(parent context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(parent, signals...)
	context.AfterFunc(ctx, stop)
	// A reader that went away is a failed write, which has a status of its own.
	signal.Ignore(syscall.SIGPIPE)
	return ctx, stop
}

// Unfinished is what a command has begun to write.
type Unfinished interface {
	// Finish writes it to its end without the command, if it can be written at once,
	// and says whether it was.
	Finish(ctx context.Context) bool
	// Remove removes temporary files, whatever is being done with them.
	Remove()
}

// interruption is what a command shares with whoever waits for its end.
type interruption struct {
	begun atomic.Pointer[Unfinished]
	said  sync.Once
}

type interruptionKey struct{}

func interruptionOf(ctx context.Context) *interruption {
	if i, ok := ctx.Value(interruptionKey{}).(*interruption); ok {
		return i
	}
	return new(interruption)
}

// OnInterrupt has u finished or removed if the command of ctx does not end by itself
// after an interrupt. Only the last one counts.
func OnInterrupt(ctx context.Context, u Unfinished) { interruptionOf(ctx).begun.Store(&u) }

// SayInterrupted prints that the command of ctx was interrupted, once.
func SayInterrupted(ctx context.Context, stderr io.Writer) {
	interruptionOf(ctx).said.Do(func() { io.WriteString(stderr, "ocilayout: interrupted\n") })
}

// Run runs a command, and returns its status. The library ends between two
// reads when ctx does. But nothing cancels a read, an open or a listing that hangs in
// the kernel, nor a write that nobody takes: such a command is left behind, for the
// end of the process to end it too.
func Run(ctx context.Context, stderr io.Writer, command func(context.Context) int) int {
	i := new(interruption)
	ctx = context.WithValue(ctx, interruptionKey{}, i)
	ended, finished := make(chan int, 1), make(chan struct{}, 1)
	go func() { ended <- command(ctx) }()
	select {
	case status := <-ended:
		return status
	case <-ctx.Done():
	}
	timeout := time.After(forAll)
	select {
	case status := <-ended:
		return status
	case <-time.After(forCommand):
	}
	u := i.begun.Load()
	if u != nil {
		go blobs.Guard(func() error {
			if (*u).Finish(ctx) {
				finished <- struct{}{}
			}
			return nil
		})
	}
	select {
	case status := <-ended:
		return status
	case <-finished:
		return exit.StatusInterrupted
	case <-timeout:
	}
	var last sync.WaitGroup
	last.Go(func() { SayInterrupted(ctx, stderr) })
	if u := i.begun.Load(); u != nil {
		last.Go((*u).Remove)
	}
	done := make(chan struct{})
	go func() { last.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(forLastWord):
	}
	return exit.StatusInterrupted
}
