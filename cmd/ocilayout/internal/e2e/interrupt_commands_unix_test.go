//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Commands that read layers end with the status of an interrupt, and say so in a
// word.
func TestInterruptLayers(t *testing.T) {
	t.Parallel()
	dir := copyLayout(t, "buildah-push")
	huge := filepath.Join(dir, "blobs", "sha256", pushLayer)
	terabyte(t, huge)
	other := copyLayout(t, "umoci-new")
	for _, args := range [][]string{
		{"files", dir}, {"files", dir, "--layer", "0"}, {"cat", dir, "--path", "etc/motd"}, {"cat", dir + "@sha256:" + pushLayer}, {"diff", dir, other},
	} {
		t.Run(strings.Join(args[:1], " "), func(t *testing.T) {
			t.Parallel()
			cmd, _, stderr := program(t, args...)
			cmd.Stdout = nil
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, cmd.Process.Pid, huge)
			interrupt(t, cmd, os.Interrupt)
			if stderr.String() != "ocilayout: interrupted\n" {
				t.Errorf("%q: stderr %q", args, stderr)
			}
		})
	}
}

// So do all commands where nobody reads what they print.
func TestInterruptPrinting(t *testing.T) {
	t.Parallel()
	dir := copyLayout(t, "buildah-push")
	for _, args := range [][]string{
		{"ls", dir}, {"inspect", dir}, {"tree", dir}, {"blobs", dir}, {"files", dir}, {"cat", dir + ":1.0"}, {"diff", dir, dir}, {"rules"},
	} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			cmd, _, stderr := programNamed(t, patient(t), args...)
			cmd.Stdout = fullPipe(t)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForWrite(t, cmd.Process.Pid)
			interrupt(t, cmd, syscall.SIGTERM)
			if stderr.String() != "ocilayout: interrupted\n" {
				t.Errorf("%q: stderr %q", args, stderr)
			}
		})
	}
}

// A report that nobody opens the other end of keeps no file of another one.
func TestInterruptOpening(t *testing.T) {
	t.Parallel()
	dir := copyLayout(t, "buildah-push")
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	reports := t.TempDir()
	cmd, stdout, stderr := programNamed(t, patient(t), slices.Concat([]string{"verify", dir}, allReports(reports), []string{"--report", "json:" + fifo})...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForReports(t, reports)
	interrupt(t, cmd, os.Interrupt)
	if stdout.Len() > 0 || stderr.String() != "ocilayout: interrupted\n" {
		t.Errorf("stdout %q, stderr %q", stdout, stderr)
	}
	if left, err := os.ReadDir(reports); len(left) > 0 || err != nil {
		t.Errorf("%v, %v", left, err)
	}
}

// A layer that unpacks to a great deal is given up as soon as any other.
func TestInterruptBomb(t *testing.T) {
	t.Parallel()
	dir, blob := newLayout(t)
	frame := "\x28\xb5\x2f\xfd\x00\x38" + strings.Repeat("\x02\x00\x10a", 1<<19) // a block of 128 KiB in four bytes
	layer := blob(model.MediaTypeLayerZstd, frame) + "}"
	config := blob(model.MediaTypeImageConfig, `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:`+someHex+`"]}}`) + "}"
	manifest := blob(model.MediaTypeManifest, `{"schemaVersion":2,"mediaType":"`+model.MediaTypeManifest+`","config":`+config+`,"layers":[`+layer+`]}`) + "}"
	write(t, filepath.Join(dir, "index.json"), `{"schemaVersion":2,"manifests":[`+manifest+`]}`)
	write(t, filepath.Join(dir, "README"), "of no use")
	file := filepath.Join(dir, "blobs", "sha256", digest.FromString(frame).Encoded())
	for _, args := range [][]string{{"verify", "-v", dir}, {"files", dir}, {"cat", dir, "--path", "etc/motd"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			cmd, stdout, stderr := programNamed(t, patient(t), append(args, "--max-layer-ratio", "1000000")...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, cmd.Process.Pid, file)
			interrupt(t, cmd, syscall.SIGTERM)
			want := "ocilayout: interrupted\n"
			if args[0] == "verify" {
				want = ""
				if !strings.Contains(stdout.String(), "root-file-extra") || !strings.Contains(stdout.String(), dir+": INCOMPLETE - no errors so far") {
					t.Errorf("stdout %s", stdout)
				}
			}
			if stderr.String() != want {
				t.Errorf("stderr %q", stderr)
			}
		})
	}
}
