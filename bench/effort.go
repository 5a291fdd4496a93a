package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// effort is what one run of a command took.
type effort struct {
	wall, processor time.Duration
	memory          int64 // bytes of the largest process at its peak
}

// measure runs a command, which is to succeed, and returns what it prints. It is
// started by a small program: what a process is started from counts as its own
// memory at first.
func measure(ctx context.Context, bin string, command []string) (effort, []byte, error) {
	args := append([]string{"-wall", "1h", "--"}, command...)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "measured"), args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// What it prints goes to a file, so that nobody else is at work meanwhile.
	stdout, err := os.CreateTemp("", "ocilayout-bench-*")
	if err != nil {
		return effort{}, nil, err
	}
	defer os.Remove(stdout.Name())
	defer stdout.Close()
	cmd.Stdout = stdout
	e, err := report(ctx, cmd)
	if err != nil {
		return effort{}, nil, fmt.Errorf("%q: %w\n%s", command, err, &stderr)
	}
	printed, err := os.ReadFile(stdout.Name())
	return e, printed, err
}

// report runs the small program, and reads what it reports.
func report(ctx context.Context, cmd *exec.Cmd) (effort, error) {
	read, written, err := os.Pipe()
	if err != nil {
		return effort{}, err
	}
	defer read.Close()
	cmd.ExtraFiles = []*os.File{written}
	err = cmd.Start()
	written.Close()
	if err != nil {
		return effort{}, err
	}
	lines := bufio.NewReader(read)
	var child, status int
	if _, err := fmt.Fscanln(lines, &child); err == nil {
		// The command is in a process group of its own, which no terminal interrupts.
		defer context.AfterFunc(ctx, func() { syscall.Kill(-child, syscall.SIGKILL) })()
	}
	var e effort
	var hung bool
	_, err = fmt.Fscanln(lines, &status, &e.memory, &e.processor, &e.wall, &hung)
	if ended := cmd.Wait(); ended != nil {
		err = ended
	}
	if err == nil && (status != 0 || hung) {
		err = fmt.Errorf("status %d", status)
	}
	e.memory <<= 10
	return e, err
}

// series is what several runs of one command took.
type series []effort

func (s series) wall() time.Duration {
	return median(s, func(e effort) time.Duration { return e.wall })
}
func (s series) processor() time.Duration {
	return median(s, func(e effort) time.Duration { return e.processor })
}

// memory is the peak of all runs, because that is what has to be there.
func (s series) memory() int64 {
	most := int64(0)
	for _, e := range s {
		most = max(most, e.memory)
	}
	return most
}

// spread is how far the wall times lie apart, as a part of the median.
func (s series) spread() float64 {
	least, most := s[0].wall, s[0].wall
	for _, e := range s {
		least, most = min(least, e.wall), max(most, e.wall)
	}
	return float64(most-least) / float64(s.wall())
}

func median(s series, of func(effort) time.Duration) time.Duration {
	var all []time.Duration
	for _, e := range s {
		all = append(all, of(e))
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}
