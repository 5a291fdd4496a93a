//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A reader that has gone away is a report that did not arrive. Nothing more is
// said about it.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	bad, good := copyLayout(t, "buildah-push"), copyLayout(t, "buildah-push")
	if err := os.Remove(filepath.Join(bad, "blobs", "sha256", pushLayer)); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(good, "index.json")
	for _, args := range [][]string{
		{"verify", bad}, {"verify", bad, "-f", "json"}, {"verify", bad, "-f", "ndjson"},
		{"validate", index}, {"validate", index, "-f", "json"}, {"validate", index, "-f", "ndjson"},
		{"files", good}, {"files", good, "-f", "json"}, {"cat", good + ":1.0"}, {"cat", good, "--path", "etc/motd"},
		{"ls", bad}, {"ls", bad, "-f", "json"}, {"rules"}, {"rules", "-f", "json"}, {"explain", "blob-missing"}, {"version"},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd, _, stderr := program(t, args...)
		cmd.Stdout = w
		err = cmd.Run()
		w.Close()
		if got := cmd.ProcessState.ExitCode(); got != statusFailed {
			t.Errorf("%q: status %d (%v), not %d", args, got, err, statusFailed)
		}
		if stderr.Len() > 0 {
			t.Errorf("%q: stderr: %s", args, stderr)
		}
	}
}

// What the user may not read is neither good nor bad. Root may read everything,
// so that this takes another user where root runs the tests.
func TestPermissionDenied(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		closed string // what nobody may read
		status int
		stdout []string
		stderr string
	}{
		"nothing": {"", statusOK, []string{": valid - "}, ""},
		"layer": {"blobs/sha256/" + pushLayer, statusFailed, []string{
			": INCOMPLETE - no errors, but not everything was checked\n",
			"  not checked  the file could not be read  ",
			" file-unreadable\n",
			" blobs/sha256/" + pushLayer + "\n",
			" actual   permission denied\n",
			"\nNot checked: 1 blob.\n",
		}, ""},
		"algorithm":  {"blobs/sha256", statusFailed, []string{" blobs/sha256  permission denied\n", ": INCOMPLETE - "}, ""},
		"blobs":      {"blobs", statusFailed, []string{" blobs  permission denied\n", ": INCOMPLETE - "}, ""},
		"index":      {"index.json", statusFailed, []string{" file-unreadable\n               index.json\n", ": INCOMPLETE - "}, ""},
		"oci-layout": {"oci-layout", statusFailed, []string{" file-unreadable\n               oci-layout\n", ": INCOMPLETE - "}, ""},
		"layout":     {".", statusFailed, []string{": INCOMPLETE - not verified\n"}, "permission denied\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyLayout(t, "buildah-push")
			cmd, stdout, stderr := program(t, "verify", dir)
			asNobody(t, cmd, dir)
			if test.closed != "" {
				closed := filepath.Join(dir, test.closed)
				info, err := os.Stat(closed)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(closed, 0); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { os.Chmod(closed, info.Mode()) })
			}
			err := cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != test.status {
				t.Errorf("status %d (%v), not %d", got, err, test.status)
			}
			for _, want := range test.stdout {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("stdout has no %q: %s", want, stdout)
				}
			}
			if got := stderr.String(); (got == "") != (test.stderr == "") || !strings.HasSuffix(got, test.stderr) {
				t.Errorf("stderr: %s", got)
			}
		})
	}
}

// A directory that may not be written to takes no report.
func TestOutputDenied(t *testing.T) {
	t.Parallel()
	dir := copyLayout(t, "buildah-push")
	out := t.TempDir()
	if err := os.Chmod(out, 0o555); err != nil {
		t.Fatal(err)
	}
	cmd, stdout, stderr := program(t, "verify", dir, "-o", filepath.Join(out, "report"))
	asNobody(t, cmd, dir)
	asNobody(t, nil, out)
	err := cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != statusFailed {
		t.Errorf("status %d (%v), not %d", got, err, statusFailed)
	}
	want := "ocilayout: --output " + filepath.Join(out, "report") + ": permission denied\n"
	if stdout.Len() > 0 || stderr.String() != want {
		t.Errorf("stdout %q, stderr %q", stdout, stderr)
	}
}

// asNobody has root run cmd as a user who may read dir, and no more than anybody
// else. Who is not root needs no such thing.
func asNobody(t *testing.T, cmd *exec.Cmd, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	own := true
	for parent := filepath.Dir(dir); parent != filepath.Dir(parent); parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			t.Fatal(err)
		}
		if own = own && parent != filepath.Clean(os.TempDir()); own {
			if err := os.Chmod(parent, 0o755); err != nil {
				t.Fatal(err)
			}
		} else if info.Mode()&1 == 0 {
			t.Skipf("%s is closed to other users", parent)
		}
	}
	if cmd == nil {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}
