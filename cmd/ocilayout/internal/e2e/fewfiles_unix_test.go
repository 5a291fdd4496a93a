//go:build unix

package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/spf13/afero"
)

// A process that may open a few files only comes to the right verdict, or says
// that it came to none.
func TestFewFiles(t *testing.T) {
	t.Parallel()
	for _, sound := range []bool{true, false} {
		dir := filepath.Join(t.TempDir(), "img")
		fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
		b := layouttest.New(fsys)
		var layers []layouttest.Layer
		for n := range 40 {
			layers = append(layers, b.Layer(layouttest.Files{fmt.Sprintf("file%d", n): "content\n"}))
		}
		b.Entry(b.Image("linux/amd64", layers...), "v1")
		if err := b.Finish(); err != nil {
			t.Fatal(err)
		}
		verdict := statusOK
		if !sound {
			verdict = statusFindings
			if err := layouttest.Corrupt(fsys, blobs.Path(layers[20].Digest), 200); err != nil {
				t.Fatal(err)
			}
		}
		proven := false
		// With fewer than nine the Go runtime itself does not come up, and says so.
		for files := 10; files <= 20; files++ {
			for _, jobs := range []string{"1", "64"} {
				cmd, stdout, stderr := program(t, "verify", dir, "-j", jobs)
				limited := fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, files)
				cmd.Args = append([]string{"sh", "-c", limited}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
				cmd.Path = "/bin/sh"
				cmd.Run()
				status := cmd.ProcessState.ExitCode()
				if proven = proven || status == verdict; status != verdict && status != statusFailed {
					t.Errorf("%d files, %s jobs: status %d, want %d or %d\n%s%s", files, jobs, status, verdict, statusFailed, stdout, stderr)
				}
			}
		}
		if !proven {
			t.Error("no number of files is enough")
		}
	}
}
