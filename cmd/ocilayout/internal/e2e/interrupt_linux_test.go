package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// deadMount mounts a file system that never answers, as one is whose server is
// gone: whoever looks at it hangs in the kernel.
func deadMount(t *testing.T) string {
	t.Helper()
	device, err := syscall.Open("/dev/fuse", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Close(device) })
	dir := t.TempDir()
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=%d,group_id=%d", device, os.Getuid(), os.Getgid())
	if err := syscall.Mount("dead", dir, "fuse", syscall.MS_NOSUID|syscall.MS_NODEV, options); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
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
	dir, dead := copyLayout(t, "buildah-push"), deadMount(t)
	for _, args := range [][]string{
		{"verify", dead}, {"ls", dead}, {"inspect", dead}, {"tree", dead}, {"blobs", dead},
		{"files", dead}, {"cat", dead + ":1.0"}, {"diff", dir, dead}, {"verify", dir, "-o", filepath.Join(dead, "report")},
	} {
		t.Run(strings.Join(args[:1], " "), func(t *testing.T) {
			cmd, stdout, stderr := program(t, args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForDeadMount(t, cmd.Process.Pid)
			interrupt(t, cmd, os.Interrupt)
			if stdout.Len() > 0 || stderr.String() != "ocilayout: interrupted\n" {
				t.Errorf("%q: stdout %q, stderr %q", args, stdout, stderr)
			}
		})
	}
	// What was begun is told.
	cmd, stdout, stderr := programNamed(t, patient(t), "verify", dir, "--blob-dir", dead)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForDeadMount(t, cmd.Process.Pid)
	interrupt(t, cmd, os.Interrupt)
	if want := dir + ": incomplete: not verified\n"; stdout.String() != want || stderr.Len() > 0 {
		t.Errorf("%q, not %q; stderr %q", stdout, want, stderr)
	}
	// So is what was found before.
	bad := filepath.Join(t.TempDir(), "manifest.json")
	write(t, bad, `{"schemaVersion":1}`)
	reports := t.TempDir()
	cmd, _, stderr = programNamed(t, patient(t), append([]string{"validate", "--type", "manifest", bad, filepath.Join(dead, "manifest.json")}, allReports(reports)...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForReports(t, reports)
	interrupt(t, cmd, os.Interrupt)
	checkReports(t, reports, false, "schema-version")
	if stderr.Len() > 0 {
		t.Errorf("stderr %s", stderr)
	}
}

func waitForDeadMount(t *testing.T, pid int) {
	t.Helper()
	waitUntil(t, pid, "task/*/wchan", func(name string) bool {
		raw, err := os.ReadFile(name)
		return err == nil && strings.Contains(string(raw), "fuse")
	})
}
