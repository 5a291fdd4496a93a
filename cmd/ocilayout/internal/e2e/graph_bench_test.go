//go:build unix

package e2e

import (
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// largeLayout writes a layout of images with a config and eight layers each.
func largeLayout(b *testing.B, images int) string {
	b.Helper()
	dir := b.TempDir()
	l := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	for i := range images {
		var layers []layouttest.Layer
		for j := range 8 {
			d := l.Blob(model.MediaTypeLayerGzip, fmt.Appendf(nil, "layer %d of %d", j, i))
			layers = append(layers, layouttest.Layer{Descriptor: d, DiffID: d.Digest})
		}
		l.Entry(l.Image("linux/amd64", layers...), fmt.Sprintf("image-%d", i))
	}
	if err := l.Finish(); err != nil {
		b.Fatal(err)
	}
	return dir
}

// What the program takes for 10,000 manifests and 100,000 blobs. It is to be
// below 5 s and 300 MiB.
func BenchmarkLargeGraph(b *testing.B) {
	dir := largeLayout(b, 10_000)
	for _, command := range []string{"tree", "tree -f json", "tree -f dot", "tree -f mermaid", "blobs", "blobs -f json", "blobs --unreferenced", "blobs --sort size"} {
		b.Run(command, func(b *testing.B) {
			var peak int64
			var busy time.Duration // wall time is of little use on a machine that does other things
			for b.Loop() {
				cmd := exec.Command("ocilayout", append(strings.Fields(command), dir)...)
				// What is kept here would be counted as the program's: a new process begins as a copy of this one.
				cmd.Stdout = io.Discard
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				busy += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				peak = max(peak, int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss))
			}
			if runtime.GOOS != "darwin" { // which counts in bytes
				peak <<= 10
			}
			b.ReportMetric(busy.Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
		})
	}
}
