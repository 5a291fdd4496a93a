package verify_test

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// BenchmarkGrows verifies layouts of a hundred blobs up to a million. Each step should
// take ten times the time and the memory of the one before, and no more: what is
// printed for each blob stays as it is.
//
// The file system makes up what it holds. The time that this takes is in ns/blob, the
// memory is not in the rest: live-MiB is the most that a verification holds on the
// heap, once the collector has taken what it does not, in a run of its own. What the
// collector has not taken yet comes on top of it, as its settings are. It is looked at
// sixteen times for as many calls of the file system as there are blobs, and so not
// while the names of blobs are gone through, unless nothing refers to these.
func BenchmarkGrows(b *testing.B) {
	for blobs := 100; blobs <= 1_000_000; blobs *= 10 {
		b.Run(fmt.Sprintf("blobs=%d", blobs), func(b *testing.B) {
			m := newMadeUp(b, blobs, 8)
			b.Run("structure", func(b *testing.B) { grows(b, m, verify.LevelStructure) })
			b.Run("digest", func(b *testing.B) { grows(b, m, verify.LevelDigest) })
			if blobs <= 100_000 {
				b.Run("content", func(b *testing.B) { grows(b, m, verify.LevelContent) })
			}
			m.unreferenced()
			b.Run("unreferenced", func(b *testing.B) { grows(b, m, verify.LevelDigest) })
		})
	}
}

func grows(b *testing.B, m *madeUp, level verify.Level) {
	o := verify.Options{Level: level, Limits: layout.Limits{Descriptors: math.MaxInt}}
	live := mostLive(func(look func()) {
		every := max(1, m.blobs()/16)
		var mu sync.Mutex // held also by who does not look, so that nobody goes on meanwhile
		m.each = func(call int64) {
			mu.Lock()
			defer mu.Unlock()
			if call%int64(every) == 0 {
				look()
			}
		}
		verifyMadeUp(b, m, o)
		m.each = nil
	})
	b.ReportAllocs()
	for b.Loop() {
		verifyMadeUp(b, m, o)
	}
	count := float64(m.blobs())
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/blob")
	b.ReportMetric(float64(live)/(1<<20), "live-MiB")
	b.ReportMetric(float64(live)/count, "live-B/blob")
}

// mostLive returns how many more bytes are on the heap, at most, than before, where do
// has it looked at.
func mostLive(do func(look func())) int64 {
	live := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, most := live(), int64(0)
	do(func() { most = max(most, live()-before) })
	return most
}

// verifyMadeUp verifies the layout, in which nothing is wrong but what nothing names.
func verifyMadeUp(b *testing.B, m *madeUp, o verify.Options) {
	if err := o.Policy.Set(string(rule.PlatformMissing) + "=ignore"); err != nil {
		b.Fatal(err)
	}
	v := verify.New(layout.New(m), o)
	for f, err := range v.Findings(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		if f.Rule != rule.BlobUnreferenced {
			b.Fatalf("%+v", f)
		}
	}
	if s := v.Stats(); !s.Complete || s.Blobs != int64(m.blobs()) {
		b.Fatalf("%+v", s)
	}
}

// openTakes is about what an object store takes to begin its answer.
const openTakes = 40 * time.Millisecond

// BenchmarkWaits verifies layouts in a file system where each Open takes long, as in
// an object store. Jobs that wait need no processor: with twice as many, half the time
// should go by, as far as the blobs are not behind one another. Blobs are in waves: of
// those that are opened at once, each wave takes the time of one. opens/job is how many
// there would be if every job had always one to open.
func BenchmarkWaits(b *testing.B) {
	for _, blobs := range []int{64, 256} {
		for _, level := range []verify.Level{verify.LevelStructure, verify.LevelDigest} {
			for _, jobs := range []int{1, 4, 16, 64} {
				b.Run(fmt.Sprintf("blobs=%d/%v/jobs=%d", blobs, level, jobs), func(b *testing.B) {
					m := newMadeUp(b, blobs, 2)
					m.wait = openTakes
					for b.Loop() {
						m.opens.Store(0)
						verifyMadeUp(b, m, verify.Options{Level: level, Jobs: jobs})
					}
					b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(openTakes), "waves")
					b.ReportMetric(float64(m.opens.Load())/float64(jobs), "opens/job")
				})
			}
		}
	}
}
