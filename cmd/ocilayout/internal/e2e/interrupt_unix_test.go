//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// interrupt sends the signal to a command that was started, and checks that it ends
// as an interrupted one does. How long that took is told, and not judged: it is up
// to the machine.
func interrupt(t *testing.T, cmd *exec.Cmd, signal os.Signal) {
	t.Helper()
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	sent := time.Now()
	err := cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != statusInterrupted {
		t.Errorf("%q: status %d (%v), not %d", cmd.Args, got, err, statusInterrupted)
	}
	t.Logf("%q ended %v after the signal", cmd.Args[:2], time.Since(sent).Round(time.Millisecond))
}

// terabyte makes a file that long, which takes no space.
func terabyte(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	testrun.Need(t, "file system for files of a terabyte", f.Truncate(1<<40))
}

// allReports returns the flags for a report of each format in a file of its own.
func allReports(dir string) (flags []string) {
	for _, format := range report.Formats {
		flags = append(flags, "--report", format+":"+filepath.Join(dir, format))
	}
	return flags
}

// checkReports holds the reports of all formats that an interrupted run left in a
// directory against what they have to say, and sees that nothing else is there.
// Not all formats can tell of an interrupt that came when everything was judged.
func checkReports(t *testing.T, dir string, judged bool, wants ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(report.Formats) {
		t.Errorf("%v in the directory, not %q", entries, report.Formats)
	}
	own := map[string][]string{
		"json":   {"\n  \"complete\": false,\n  \"valid\": false,\n"},
		"ndjson": {`{"type":"report",`, `"complete":false,"valid":false}`},
		"sarif":  {`"exitCode": 130`, `"executionSuccessful": false`},
	}
	if !judged {
		const why = " signal received"
		own["text"], own["line"], own["markdown"] = []string{": INCOMPLETE"}, []string{": incomplete: ", why}, []string{"; interrupted\n", why}
		own["codequality"] = []string{`"incomplete"`, why}
		own["junit"], own["github"] = []string{"<error ", why}, []string{"::error ", why}
		own["json"], own["ndjson"], own["sarif"] = append(own["json"], why), append(own["ndjson"], why), append(own["sarif"], why)
	}
	for _, format := range report.Formats {
		raw, err := os.ReadFile(filepath.Join(dir, format))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range slices.Concat(own[format], wants) {
			if !strings.Contains(string(raw), want) {
				t.Errorf("the report in %s has no %q: %s", format, want, raw)
			}
		}
		if format == "json" || format == "ndjson" {
			if err := outputtest.Report(string(raw)); err != nil {
				t.Error(err)
			}
		}
	}
}

// waitForReports waits until the program has begun to write reports into dir.
func waitForReports(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if entries, _ := os.ReadDir(dir); len(entries) == len(report.Formats) {
			return
		}
	}
	t.Fatal("no report was begun")
}

// A run that is interrupted ends at once, with a status of its own and reports
// that have what was found until then, and do not claim to be complete.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP) // else what the tests run under nohup inherits is that it is ignored
	t.Cleanup(func() { signal.Stop(heard) })
	dir := copyLayout(t, "buildah-push")
	write(t, filepath.Join(dir, "README"), "of no use")
	huge := filepath.Join(dir, "blobs", "sha256", someHex)
	terabyte(t, huge)
	for name, sent := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reports := t.TempDir()
			cmd, stdout, stderr := programNamed(t, patient(t), append([]string{"verify", "-v", dir, "no such layout"}, allReports(reports)...)...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, cmd.Process.Pid, huge)
			interrupt(t, cmd, sent)
			checkReports(t, reports, false, "root-file-extra", "blob-unreferenced")
			for _, want := range []string{"root-file-extra", dir + ": INCOMPLETE - no errors so far", "Not finished: "} {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("stdout has no %q: %s", want, stdout)
				}
			}
			// What was not begun is not spoken of.
			if stderr.Len() > 0 || strings.Contains(stdout.String(), "no such layout") {
				t.Errorf("stdout %q, stderr %q", stdout, stderr)
			}
		})
	}
}

// Who has a hangup ignored, as nohup does, has it ignored.
func TestHangupIgnored(t *testing.T) {
	t.Parallel()
	dir := copyLayout(t, "buildah-push")
	huge := filepath.Join(dir, "blobs", "sha256", someHex)
	terabyte(t, huge)
	cmd, stdout, stderr := programNamed(t, "sh", "-c", `trap "" HUP; exec "$0" verify "$1"`, patient(t), dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, cmd.Process.Pid, huge)
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	interrupt(t, cmd, os.Interrupt) // which comes second, and would not be the cause
	if want := "interrupt signal received"; !strings.Contains(stdout.String(), want) {
		t.Errorf("stdout has no %q: %s; stderr: %s", want, stdout, stderr)
	}
}

// A second signal ends the program there and then, as if it did not handle any.
func TestInterruptTwice(t *testing.T) {
	t.Parallel()
	dir := copyLayout(t, "buildah-push")
	cmd, _, stderr := programNamed(t, patient(t), "verify", dir)
	cmd.Stdout = fullPipe(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForWrite(t, cmd.Process.Pid)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for again := time.Tick(time.Millisecond); ; {
		select {
		case <-again:
			cmd.Process.Signal(syscall.SIGTERM) // the first two count, unless they come as one
		case err := <-ended:
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM || stderr.Len() > 0 {
				t.Errorf("%v; stderr %s", err, stderr)
			}
			return
		}
	}
}

// What nobody writes into does not keep validate from being interrupted, whether it
// hangs in opening or in reading, and is not spoken of as if it had been read. What
// was found in other documents is told.
func TestInterruptValidate(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "manifest.json")
	write(t, bad, `{"schemaVersion":1}`)
	for name, test := range map[string]struct {
		signal os.Signal
		open   bool // for writing, into the FIFO
		stdin  bool // which is a pipe
	}{
		"opening a FIFO":         {os.Interrupt, false, false},
		"reading a FIFO":         {syscall.SIGTERM, true, false},
		"reading standard input": {os.Interrupt, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "fifo")
			if err := syscall.Mkfifo(file, 0o600); err != nil {
				t.Fatal(err)
			}
			idle, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			defer idle.Close()
			given := file
			if test.stdin {
				given = "-"
			}
			reports := t.TempDir()
			cmd, stdout, stderr := programNamed(t, patient(t), append([]string{"validate", bad, given, "no such file", "--type", "manifest"}, allReports(reports)...)...)
			cmd.Stdin = idle
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if test.open && !test.stdin {
				w, err := os.OpenFile(file, os.O_WRONLY, 0) // which waits until the program has opened it
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
			}
			waitForReports(t, reports)
			interrupt(t, cmd, test.signal)
			checkReports(t, reports, false, "schema-version")
			if stderr.Len() > 0 || strings.Contains(stdout.String(), "no such file") {
				t.Errorf("stdout %s, stderr %s", stdout, stderr)
			}
			if want := given + ": INCOMPLETE - not validated\n"; !strings.Contains(stdout.String(), want) || !strings.HasSuffix(stdout.String(), "; interrupted\n") {
				t.Errorf("%q has no %q", stdout, want)
			}
		})
	}
}

// A report that nobody reads does not keep the program, nor the other reports.
func TestInterruptUnread(t *testing.T) {
	t.Parallel()
	dir := copyLayout(t, "buildah-push")
	write(t, filepath.Join(dir, "README"), "of no use")
	bad := filepath.Join(t.TempDir(), "manifest.json")
	write(t, bad, `{"schemaVersion":1}`)
	for _, args := range [][]string{{"verify", dir, "-v"}, {"verify", dir, "-v", "-f", "json"}, {"validate", bad, "--type", "manifest"}, {"validate", bad, "--type", "manifest", "-f", "sarif"}} {
		t.Run(strings.Join(append(args[:1:1], args[2:]...), " "), func(t *testing.T) {
			t.Parallel()
			reports := t.TempDir()
			cmd, _, stderr := programNamed(t, patient(t), append(args, allReports(reports)...)...)
			cmd.Stdout = fullPipe(t)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForReports(t, reports)
			waitForWrite(t, cmd.Process.Pid)
			interrupt(t, cmd, os.Interrupt)
			want := "root-file-extra"
			if args[0] == "validate" {
				want = "document-media-type-missing"
			}
			checkReports(t, reports, true, want)
			if want := "ocilayout: interrupted\n"; stderr.String() != want {
				t.Errorf("stderr %q", stderr)
			}
		})
	}
}

// fullPipe returns a pipe that takes no more, as that of a reader who has fallen
// asleep.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	if err := w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 4096); err == nil; {
		_, err = w.Write(chunk)
	}
	return w
}

// waitFor waits until the process has file open, or for a second where that
// cannot be seen.
func waitFor(t *testing.T, pid int, file string) {
	t.Helper()
	waitUntil(t, pid, "fd/*", func(name string) bool {
		target, err := os.Readlink(name)
		return err == nil && target == file
	})
}

// waitForWrite waits until the process hangs in writing to standard output.
func waitForWrite(t *testing.T, pid int) {
	t.Helper()
	waitUntil(t, pid, "task/*/syscall", func(name string) bool {
		raw, err := os.ReadFile(name)
		return err == nil && strings.HasPrefix(string(raw), itoa(syscall.SYS_WRITE)+" 0x1 ")
	})
}

// waitUntil waits until one of the files that /proc has of the process shows
// something, or for a second where there are no such files.
func waitUntil(t *testing.T, pid int, pattern string, shows func(name string) bool) {
	t.Helper()
	pattern = filepath.Join("/proc", itoa(pid), pattern)
	if names, _ := filepath.Glob(pattern); len(names) == 0 {
		time.Sleep(time.Second)
		return
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if names, _ := filepath.Glob(pattern); slices.ContainsFunc(names, shows) {
			return
		}
	}
	t.Fatal("it never came to that")
}
