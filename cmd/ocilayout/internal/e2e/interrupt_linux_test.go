package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// deadMount mounts a file system that never answers, as one is whose server is
// gone: whoever looks at it hangs in the kernel.
func deadMount(t *testing.T) string {
	t.Helper()
	device, err := syscall.Open("/dev/fuse", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	testrun.Permitted(t, "a file system of one's own", err)
	t.Cleanup(func() { syscall.Close(device) })
	dir := t.TempDir()
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=%d,group_id=%d", device, os.Getuid(), os.Getgid())
	testrun.Permitted(t, "a mount", syscall.Mount("dead", dir, "fuse", syscall.MS_NOSUID|syscall.MS_NODEV, options))
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// Whatever a command wants of a file system that does not answer, an interrupt
// ends it.
func TestInterruptDeadMount(t *testing.T) {
	t.Parallel()
	dir, dead := copyLayout(t, "buildah-push"), deadMount(t)
	for _, args := range [][]string{
		{"verify", dead}, {"ls", dead}, {"inspect", dead}, {"tree", dead}, {"blobs", dead},
		{"files", dead}, {"cat", dead + ":1.0"}, {"diff", dir, dead}, {"verify", dir, "-o", filepath.Join(dead, "report")},
	} {
		t.Run(strings.Join(args[:1], " "), func(t *testing.T) {
			t.Parallel()
			stdout, stderr := interruptedAtDeadMount(t, args...)
			if stdout != "" || stderr != "ocilayout: interrupted\n" {
				t.Errorf("%q: stdout %q, stderr %q", args, stdout, stderr)
			}
		})
	}
	t.Run("what was begun", func(t *testing.T) {
		t.Parallel()
		stdout, stderr := interruptedAtDeadMount(t, "verify", dir, "--blob-dir", dead)
		if want := dir + ": INCOMPLETE - not verified\n"; stdout != want || stderr != "" {
			t.Errorf("%q, not %q; stderr %q", stdout, want, stderr)
		}
	})
	t.Run("what was found before", func(t *testing.T) {
		t.Parallel()
		bad := filepath.Join(t.TempDir(), "manifest.json")
		write(t, bad, `{"schemaVersion":1}`)
		reports := t.TempDir()
		_, stderr := interruptedAtDeadMount(t, append([]string{"validate", "--type", "manifest", bad, filepath.Join(dead, "manifest.json")}, allReports(reports)...)...)
		checkReports(t, reports, false, "schema-version")
		if stderr != "" {
			t.Errorf("stderr %s", stderr)
		}
	})
}

// interruptedAtDeadMount runs the program, interrupts it once it hangs in the dead file
// system, and returns what it printed.
func interruptedAtDeadMount(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd, out, err := programNamed(t, patient(t), args...)
	must(t, cmd.Start())
	waitForDeadMount(t, cmd.Process.Pid)
	interrupt(t, cmd, os.Interrupt)
	return out.String(), err.String()
}

func waitForDeadMount(t *testing.T, pid int) {
	t.Helper()
	waitUntil(t, pid, "task/*/wchan", func(name string) bool {
		raw, err := os.ReadFile(name)
		return err == nil && strings.Contains(string(raw), "fuse")
	})
}
