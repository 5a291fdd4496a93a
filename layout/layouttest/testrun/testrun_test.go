package testrun_test

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// recorder is a test that says how it was ended.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Skipf(string, ...any)  { r.skipped = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true }

// What is missing fails a run of CI, and what the system forbids does not; what fails for
// another reason is never skipped.
func TestEnds(t *testing.T) {
	missing := fmt.Errorf("it is %w", fs.ErrNotExist)
	for _, test := range []struct {
		name            string
		ci              string
		do              func(testing.TB)
		skipped, failed bool
	}{
		{"there", "true", func(t testing.TB) { testrun.Need(t, "x", nil) }, false, false},
		{"missing", "", func(t testing.TB) { testrun.Need(t, "x", missing) }, true, false},
		{"missing in CI", "true", func(t testing.TB) { testrun.Need(t, "x", missing) }, runtime.GOOS != "linux", runtime.GOOS == "linux"},
		{"no such tool", "", func(t testing.TB) { testrun.Tool(t, "no-such-tool") }, true, false},
		{"permitted", "true", func(t testing.TB) { testrun.Permitted(t, "x", nil) }, false, false},
		{"forbidden", "true", func(t testing.TB) { testrun.Permitted(t, "x", fs.ErrPermission) }, true, false},
		{"not there", "true", func(t testing.TB) { testrun.Permitted(t, "x", missing) }, true, false},
		{"broken", "", func(t testing.TB) { testrun.Permitted(t, "x", errors.New("broken")) }, false, true},
	} {
		t.Setenv("CI", test.ci)
		r := new(recorder)
		if test.do(r); r.skipped != test.skipped || r.failed != test.failed {
			t.Errorf("%s: skipped %t, failed %t", test.name, r.skipped, r.failed)
		}
	}
}

func TestOneOf(t *testing.T) {
	t.Setenv("OCILAYOUT_EXHAUSTIVE", "")
	if n, want := testrun.OneOf(7, 31), map[bool]int{true: 31, false: 7}[testing.Short()]; n != want || testrun.Exhaustive() {
		t.Errorf("%d, not %d", n, want)
	}
	t.Setenv("OCILAYOUT_EXHAUSTIVE", "1")
	if n := testrun.OneOf(7, 31); n != 1 || !testrun.Exhaustive() {
		t.Errorf("%d, not 1", n)
	}
}
