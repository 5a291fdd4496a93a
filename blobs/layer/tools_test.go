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
	if _, err := exec.LookPath(name); err != nil {
		without(t, name, err)
	}
}

// without skips a test that needs something which this machine does not have. The
// machines of CI have to have it.
func without(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") != "" && runtime.GOOS == "linux" {
		t.Fatalf("%s is needed where CI is set: %v", what, err)
	}
	t.Skipf("without %s: %v", what, err)
}
