package faultfs

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/spf13/afero"
)

// View is what somebody who reads a layout gave.
type View struct {
	Shown  any  // all that it tells, for cmp.Diff
	Marked bool // it says that something is missing
	Err    error
}

// Sweep has look read fsys with every fault of every operation, each kind of fault in each
// kind of operation once, and of the others one of that many. Nothing may be left out in
// silence: there is an error, or a mark, or all that there is without the fault, unless
// mayDiffer. Nothing may stay open or hang, and a panic of the file system alone comes
// back.
func Sweep(t *testing.T, fsys afero.Fs, every int, look func(afero.Fs) View, mayDiffer func(fault string, op Op) bool) {
	t.Helper()
	clean := new(Faults)
	want := look(clean.Over(fsys))
	if want.Err != nil || want.Marked || len(clean.Unclosed()) > 0 {
		t.Fatalf("%+v, open %v", want, clean.Unclosed())
	}
	tried, runs := make(map[string]bool), 0
	for _, op := range clean.Ops() {
		faults := maps.Collect(EveryFault(op.Kind))
		for _, fault := range slices.Sorted(maps.Keys(faults)) {
			plans := []func(Op) Fault{At(op, faults[fault])}
			if fault == "EIO" || !strings.HasPrefix(fault, "E") && fault != "panic" {
				plans = append(plans, From(op, faults[fault])) // the other errors differ by number alone
			}
			for _, plan := range plans {
				kind := fmt.Sprint(op.Kind, fault)
				if runs++; tried[kind] && runs%every > 0 {
					continue
				}
				tried[kind] = true
				what := fmt.Sprintf("%s at %v", fault, op)
				f := &Faults{Plan: plan}
				got := ended(what, func() View { return look(f.Over(fsys)) })
				if p, ok := errors.AsType[*blobs.PanicError](got.Err); ok && p.Value != "a file system that panics" {
					t.Fatalf("%s: %v\n%s", what, p, p.Stack)
				}
				if left := f.Unclosed(); len(left) > 0 {
					t.Errorf("%s: open are %v", what, left)
				}
				if got.Err != nil || got.Marked || mayDiffer(fault, op) {
					continue
				}
				if diff := cmp.Diff(want.Shown, got.Shown); diff != "" {
					t.Errorf("%s: in silence, it shows something else (-want +got):\n%s", what, diff)
				}
			}
		}
	}
	if len(tried) == 0 {
		t.Error("it asks nothing of the file system")
	}
	t.Logf("%d faults", runs)
}

// ended returns what look gives, with a panic as the error. It ends the process, and shows
// what every goroutine is at, where that takes longer than anything here can.
func ended(what string, look func() View) (got View) {
	timer := time.AfterFunc(time.Minute, func() {
		stacks := make([]byte, 1<<20)
		panic(fmt.Sprintf("%v hangs\n%s", what, stacks[:runtime.Stack(stacks, true)]))
	})
	defer timer.Stop()
	if err := blobs.Guard(func() error { got = look(); return got.Err }); err != nil {
		got.Err = err
	}
	return got
}
