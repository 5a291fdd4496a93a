package inflate

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// The compiler proves of every index in the loop that counts that it is inside its
// array: what it cannot prove it checks, and tells here.
func TestNoChecks(t *testing.T) {
	testrun.NotShort(t, "it compiles the package")
	if runtime.GOARCH != "amd64" {
		t.Skip("what the compiler proves, it was made to prove for amd64")
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-d=ssa/check_bce", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "table.go:") {
		t.Fatalf("nothing is told of any file:\n%s", out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "./fast.go:") {
			t.Error(strings.TrimSpace(line))
		}
	}
}
