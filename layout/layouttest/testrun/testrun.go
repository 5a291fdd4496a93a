// Package testrun says which of their cases the tests of this module try, and what they
// do without something that they need. It is for the tests of this module: its names may
// change at any time.
package testrun

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// Exhaustive says that tests leave nothing out: make exhaustive. Ask it within tests, so
// that go test notices a change, and does not give what it has cached.
func Exhaustive() bool { return os.Getenv("OCILAYOUT_EXHAUSTIVE") != "" }

// OneOf returns of how many cases a test tries one: of n, or of short under -short, and
// all of them if it is Exhaustive. A prime reaches each kind of case where there are as
// many kinds in turn.
func OneOf(n, short int) int {
	switch {
	case Exhaustive():
		return 1
	case testing.Short():
		return short
	}
	return n
}

// NotShort skips a test under -short, which is for the race detector: it slows down what
// has one goroutine, and takes memory of its own. make test runs each such test once
// without it.
func NotShort(t testing.TB, why string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("%s: left out with -short, which is for the race detector", why)
	}
}

// Tool skips a test that needs a program which is not installed. Where CI is set, on
// Linux, the test fails: .ci/run installs all of them.
func Tool(t testing.TB, name string) {
	t.Helper()
	_, err := exec.LookPath(name)
	Need(t, name, err)
}

// Need is Tool for anything else: err says why it is not there, and is nil if it is.
func Need(t testing.TB, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") != "" && runtime.GOOS == "linux":
		t.Fatalf("CI is set, and there is no %s: %v", what, err)
	default:
		t.Skipf("without %s: %v", what, err)
	}
}

// Permitted skips a test where the system forbids what it needs, or does not have it: err
// is one of permission, or of a file that does not exist. Any other error fails it.
func Permitted(t testing.TB, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist):
		t.Skipf("the system does not permit %s: %v", what, err)
	default:
		t.Fatalf("%s: %v", what, err)
	}
}
