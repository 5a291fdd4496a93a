package main

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
)

// leeway is how long the program waits after an interrupt. The library ends
// between two reads; but nothing cancels a read, an open or a listing that hangs
// in the kernel, as they do on a network file system that is gone or a pipe that
// nobody fills, nor a write into one that nobody empties.
type leeway struct {
	work time.Duration // for the command to end by itself
	all  time.Duration // for the reports of one that does not, and for everything
}

// halfSecond is the promise, with time kept for the end of the process on a busy machine.
var halfSecond = leeway{work: 150 * time.Millisecond, all: 320 * time.Millisecond}

// farewell is how long the last words and the last files to remove may take.
var farewell = 30 * time.Millisecond

// interruption is what a command shares with whoever waits for its end.
type interruption struct {
	judging atomic.Pointer[judging] // whose reports are to arrive; nil for none
	told    sync.Once
}

type interruptionKey struct{}

// interruptionOf returns the interruption of the command that runs under ctx.
func interruptionOf(ctx context.Context) *interruption {
	if i, ok := ctx.Value(interruptionKey{}).(*interruption); ok {
		return i
	}
	return new(interruption)
}

// run runs a command, and returns its status. After an interrupt a command that
// does not end is left behind, for the end of the process to end it too: its
// reports arrive with what is in them by then, or else nothing is left of them.
func (l leeway) run(ctx context.Context, stderr io.Writer, command func(context.Context) int) int {
	i := new(interruption)
	ctx = context.WithValue(ctx, interruptionKey{}, i)
	ended := make(chan int, 1)
	go func() { ended <- command(ctx) }()
	select {
	case status := <-ended:
		return status
	case <-ctx.Done():
	}
	work, all := time.NewTimer(l.work), time.NewTimer(l.all)
	defer work.Stop()
	defer all.Stop()
	delivered := make(chan bool, 1)
	for {
		select {
		case status := <-ended:
			return status
		case <-work.C:
			go func() {
				ok := false
				blobs.Guard(func() error { ok = i.deliver(ctx); return nil })
				delivered <- ok
			}()
		case ok := <-delivered:
			if ok {
				return statusInterrupted
			}
		case <-all.C:
			i.leave(stderr)
			return statusInterrupted
		}
	}
}

// say tells that the command was interrupted, once.
func (i *interruption) say(stderr io.Writer) {
	i.told.Do(func() { complain(stderr, errors.New("interrupted")) })
}

// leave says the last word, and removes the files of reports that do not arrive.
func (i *interruption) leave(stderr io.Writer) {
	var last sync.WaitGroup
	last.Go(func() { i.say(stderr) })
	if j := i.judging.Load(); j != nil {
		last.Go(j.opened().remove)
	}
	done := make(chan struct{})
	go func() { last.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(farewell):
	}
}

// deliver makes the reports arrive without the command, and says whether all of
// them did. Each goes its own way: one that nobody reads does not keep another
// from its file.
func (i *interruption) deliver(ctx context.Context) bool {
	j := i.judging.Load()
	if j == nil {
		return false
	}
	judged := j.current.Load()
	if judged == nil {
		return false // there is nothing to report yet
	}
	result := judged.soFar(ctx)
	var sinks sync.WaitGroup
	var failed atomic.Bool
	for _, s := range j.opened() {
		sinks.Go(func() {
			for _, step := range []func() error{
				func() error { return s.layout(judged, result) },
				func() error { return s.close(statusInterrupted) },
				s.commit,
			} {
				if blobs.Guard(step) != nil {
					failed.Store(true)
					return
				}
			}
		})
	}
	sinks.Wait()
	j.meter.Stop()
	return !failed.Load()
}
