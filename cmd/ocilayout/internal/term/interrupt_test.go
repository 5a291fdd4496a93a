package term

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// interrupted runs the command, with an interrupt after a second, and returns the
// status and how long after the interrupt it came. It runs in a bubble of synctest,
// which fails where a goroutine is still there in the end.
func interrupted(stderr io.Writer, command func(context.Context) int) (status int, after time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	begun := time.Now()
	time.AfterFunc(time.Second, cancel)
	status = Run(ctx, stderr, command)
	return status, time.Since(begun) - time.Second
}

// A command has some time to end by itself, with whatever status. One that does
// not is left behind.
func TestInterruptible(t *testing.T) {
	for name, test := range map[string]struct {
		command func(ctx context.Context, stderr io.Writer) int
		status  int
		after   time.Duration
		stderr  string
	}{
		"at once": {func(ctx context.Context, stderr io.Writer) int {
			<-ctx.Done()
			SayInterrupted(ctx, stderr)
			return exit.StatusInterrupted
		}, exit.StatusInterrupted, 0, "ocilayout: interrupted\n"},
		"late": {func(ctx context.Context, stderr io.Writer) int {
			time.Sleep(time.Second + forAll - time.Millisecond)
			return exit.StatusFindings
		}, exit.StatusFindings, forAll - time.Millisecond, ""},
		"too late": {func(ctx context.Context, stderr io.Writer) int {
			time.Sleep(time.Hour)
			return exit.StatusOK
		}, exit.StatusInterrupted, forAll, "ocilayout: interrupted\n"},
		"after its last word": {func(ctx context.Context, stderr io.Writer) int {
			<-ctx.Done()
			defer time.Sleep(time.Hour)
			SayInterrupted(ctx, stderr)
			return exit.StatusInterrupted
		}, exit.StatusInterrupted, forAll, "ocilayout: interrupted\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stderr bytes.Buffer
				status, after := interrupted(&stderr, func(ctx context.Context) int { return test.command(ctx, &stderr) })
				if status != test.status || after != test.after || stderr.String() != test.stderr {
					t.Errorf("status %d after %v, not %d after %v; stderr %q", status, after, test.status, test.after, &stderr)
				}
				time.Sleep(2 * time.Hour) // what was left behind comes to its end
			})
		})
	}
}

// A terminal or pipe that takes nothing more does not take the last word either.
func TestInterruptibleSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := make(hangingWriter)
		never := make(chan int)
		status, after := interrupted(hanging, func(context.Context) int { return <-never })
		if status != exit.StatusInterrupted || after != forAll+forLastWord || after >= time.Second/2 {
			t.Errorf("status %d after %v", status, after)
		}
		close(never)
		close(hanging)
	})
}

type hangingWriter chan struct{}

func (w hangingWriter) Write(p []byte) (int, error) { <-w; return len(p), nil }
