package verify_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
	"github.com/spf13/afero"
)

// inMemory returns a fixture's file system, nil where it needs a real one.
func inMemory(t *testing.T, f fixtures.Fixture) afero.Fs {
	t.Helper()
	if f.OnDisk != nil {
		return nil
	}
	fsys := afero.NewMemMapFs()
	if err := f.Build(fsys); err != nil {
		t.Fatal(err)
	}
	if f.Wrap != nil {
		fsys = f.Wrap(fsys)
	}
	return fsys
}

// The order in which a directory lists its names, and the number of blobs that are
// read at once, change no finding, nor any number.
func TestOrderAndJobs(t *testing.T) {
	seeds := uint64(4) // one of each number of jobs
	if testrun.Exhaustive() {
		seeds = 20
	}
	for _, f := range allFixtures() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			var want result
			var fsys afero.Fs
			for seed := range seeds {
				if fsys == nil || f.Wrap != nil { // such a file system counts what is asked of it
					if fsys = inMemory(t, f); fsys == nil {
						return
					}
				}
				order := faultfs.Shuffled(seed)
				shuffled := &faultfs.Faults{Plan: func(op faultfs.Op) faultfs.Fault {
					if op.Kind == faultfs.OpList {
						return order
					}
					return faultfs.Fault{}
				}}
				f.Options.Jobs = []int{1, 2, 4, 64}[seed%4]
				r := run(t, layout.New(shuffled.Over(fsys)), f.Options)
				if r.err != nil {
					t.Fatal(r.err)
				}
				if seed == 0 {
					want = r
				}
				if diff := cmp.Diff(want.findings, r.findings); diff != "" || want.stats != r.stats {
					t.Fatalf("order %d, jobs %d (-want +got):\n%s\n%+v\n%+v", seed, f.Options.Jobs, diff, want.stats, r.stats)
				}
			}
		})
	}
}

// Verifications of one file system at the same time are independent.
func TestTwoAtATime(t *testing.T) {
	for _, f := range allFixtures() {
		if f.Wrap != nil { // such a file system counts what is asked of it
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			fsys := inMemory(t, f)
			if fsys == nil {
				return
			}
			f.Options.Jobs = 2
			var results [3]result
			var all sync.WaitGroup
			l := layout.New(fsys)
			for i := range results {
				all.Go(func() {
					if i > 0 { // two share the layout as well
						results[i] = run(t, l, f.Options)
						return
					}
					results[i] = run(t, layout.New(fsys), f.Options)
				})
			}
			all.Wait()
			for i, r := range results {
				if diff := cmp.Diff(results[0].findings, r.findings); diff != "" || fmt.Sprint(r.err, r.stats) != fmt.Sprint(results[0].err, results[0].stats) {
					t.Errorf("verification %d (-first +this):\n%s", i, diff)
				}
			}
		})
	}
}
