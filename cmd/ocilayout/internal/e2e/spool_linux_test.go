package e2e

import (
	"archive/tar"
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// longArchive is an archive of more than a pipe and a small disk hold.
func longArchive(t *testing.T) []byte {
	t.Helper()
	noise := make([]byte, 2<<20)
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(noise) // never fails
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	must(t, w.WriteHeader(&tar.Header{Name: "noise", Size: int64(len(noise)), Mode: 0o644}))
	_, err := w.Write(noise)
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

// isEmpty says what was left in a directory.
func isEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// An archive that has no room to be unpacked is no fault of the archive.
func TestSpoolFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testrun.Permitted(t, "a mount", syscall.Mount("none", dir, "tmpfs", 0, "size=256k"))
	t.Cleanup(func() { must(t, syscall.Unmount(dir, 0)) })
	cmd, stdout, stderr := program(t, "verify", "-")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.Stdin = struct{ io.Reader }{bytes.NewReader(longArchive(t))} // through a pipe
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != statusFailed || stdout.String() != "-: INCOMPLETE - not verified\n" ||
		!strings.HasSuffix(stderr.String(), "unpack into "+dir+": no space left on device\n") {
		t.Errorf("status %d, stdout %s, stderr %s", got, stdout, stderr)
	}
	isEmpty(t, dir)
}

// Not even a program that is killed leaves behind what it unpacked.
func TestSpoolKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, _, _ := program(t, "verify", "-")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	stdin, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	_, err = stdin.Write(longArchive(t)[:1<<20]) // and no more
	must(t, err)
	unpacking := func() bool {
		fds := filepath.Join("/proc", itoa(cmd.Process.Pid), "fd")
		entries, _ := os.ReadDir(fds)
		for _, entry := range entries {
			if target, err := os.Readlink(filepath.Join(fds, entry.Name())); err == nil && strings.HasPrefix(target, dir) {
				return true
			}
		}
		return false
	}
	for deadline := time.Now().Add(30 * time.Second); !unpacking(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never began to unpack")
		}
	}
	isEmpty(t, dir)
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	isEmpty(t, dir)
}
