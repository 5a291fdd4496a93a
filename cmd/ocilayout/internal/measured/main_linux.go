// Command measured runs a program and writes to file descriptor 3 what that
// took: first the process id, in a line, and at the end its status, its peak
// memory in KiB, its processor time, the time from start to end, both in
// nanoseconds, and whether it had to be ended. What the program starts in its turn,
// and waits for, is in that: the memory of the largest process, the time of all.
//
// It is for tests and for the benchmark. What a process is started from counts as its own memory at
// first, so that the peak of a test that has made a large layout would be the
// peak of everything it runs. This program is small.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	wall := flag.Duration("wall", time.Minute, "after which the program has to dump its goroutines and end")
	user := flag.Uint("user", 0, "to run as, 0 for one's own")
	flag.Parse()
	if err := measure(os.NewFile(3, "report"), *wall, uint32(*user), flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "measured:", err)
		os.Exit(1)
	}
}

func measure(report *os.File, wall time.Duration, user uint32, args []string) error {
	if len(args) == 0 {
		return errors.New("no program to run")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if user != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: user, Gid: user}
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	fmt.Fprintln(report, cmd.Process.Pid)
	hung := false
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(wall):
		hung = true
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGQUIT)
		select {
		case err = <-ended:
		case <-time.After(5 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			err = <-ended
		}
	}
	took := time.Since(began)
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return err
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	processor := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	_, err = fmt.Fprintln(report, cmd.ProcessState.ExitCode(), used.Maxrss, processor.Nanoseconds(), took.Nanoseconds(), hung)
	return err
}
