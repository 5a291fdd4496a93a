package layer_test

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// tool skips the test where a program is missing. Where CI runs, it must not be.
func tool(t *testing.T, name string) {
	t.Helper()
	_, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("CI") != "" && runtime.GOOS == "linux":
		t.Fatalf("%s is needed where CI is set: %v", name, err)
	default:
		t.Skipf("without %s: %v", name, err)
	}
}
