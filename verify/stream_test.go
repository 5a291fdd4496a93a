package verify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
	"go.uber.org/goleak"
)

// ruined builds a layout with faults for every stage of a run to find: in the
// root, in documents, in what lies under blobs, and in the bytes of blobs of
// many sizes. There are four faults for each of the images, and four more.
func ruined(t *testing.T, images int) afero.Fs {
	var corrupt []string
	fsys := build(t, func(b *layouttest.Builder) {
		for i := range images {
			layer := b.Layer(layouttest.Files{"f": strings.Repeat("x", 1+i*i%977*7), "n": fmt.Sprint(i)})
			config := b.Blob(model.MediaTypeImageConfig, fmt.Appendf(nil, `{"os":"linux","n":%d,"rootfs":{"type":"layers","diff_ids":[%q]}}`, i, layer.DiffID))
			b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(config, layer.Descriptor)), fmt.Sprintf("-v%d", i))
			loose := b.Blob("text/plain", fmt.Append(nil, "loose ", i))
			corrupt = append(corrupt, blobs.Path(layer.Digest))
			if i%2 == 0 {
				corrupt = append(corrupt, blobs.Path(loose.Digest))
			} else {
				b.File("blobs/sha256/"+fmt.Sprint(i)+".tmp", nil)
			}
		}
		b.File("notes.txt", nil)
		b.File("blobs/stray", nil)
		b.File("blobs/SHA1/x", nil)
	})
	for _, name := range corrupt {
		if err := layouttest.Corrupt(fsys, name, 3); err != nil {
			t.Fatal(err)
		}
	}
	if err := layouttest.Replace(fsys, model.LayoutFile, "1.0.0", "2.0.0"); err != nil {
		t.Fatal(err)
	}
	return fsys
}

// The findings and their order are the same whatever runs beside what.
func TestFindingsAreTheSameForAnyJobs(t *testing.T) {
	fsys := ruined(t, 50)
	first := verifyFs(t, fsys, verify.Options{Jobs: 1})
	if len(first.findings) < 200 {
		t.Fatalf("only %d faults", len(first.findings))
	}
	for i := range 20 {
		for _, jobs := range []int{1, 8} {
			r := verifyFs(t, fsys, verify.Options{Jobs: jobs})
			if diff := cmp.Diff(first.findings, r.findings); diff != "" {
				t.Fatalf("run %d, jobs %d: other findings (-first +this):\n%s", i, jobs, diff)
			}
			if diff := cmp.Diff(first.stats, r.stats); diff != "" {
				t.Fatalf("run %d, jobs %d: other stats (-first +this):\n%s", i, jobs, diff)
			}
		}
	}
}

// Findings come by stages: the root, the walk, the names under blobs with what nothing
// refers to and may be a manifest, what else lies in the root, the bytes.
func TestFindingsComeByStages(t *testing.T) {
	r := verifyFs(t, ruined(t, 3), verify.Options{})
	var got []string
	for _, f := range r.findings {
		if n := len(got); n == 0 || got[n-1] != string(f.Rule) {
			got = append(got, string(f.Rule))
		}
	}
	want := []string{
		"oci-layout-version-unknown",
		"ref-name-grammar", "config-member-missing",
		"blobs-algorithm-name", "blobs-stray-file", "blob-name-grammar", "blob-unreferenced",
		"blob-digest-mismatch", "blob-unreferenced", "blob-digest-mismatch",
		"root-file-extra",
		"blob-digest-mismatch",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
}

// Who leaves the loop gets nothing more, and leaves nothing running behind.
func TestLeavingTheLoop(t *testing.T) {
	fsys := ruined(t, 6)
	whole := verifyFs(t, fsys, verify.Options{})
	for stop := 1; stop <= len(whole.findings); stop++ {
		before := goleak.IgnoreCurrent()
		v := verify.New(layout.New(fsys), verify.Options{Jobs: 8})
		var got []verify.Finding
		for f, err := range v.Findings(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, f); len(got) == stop {
				break
			}
		}
		if err := goleak.Find(before); err != nil {
			t.Fatalf("after %d findings: %v", stop, err)
		}
		if diff := cmp.Diff(whole.findings[:stop], got); diff != "" {
			t.Fatalf("the first %d findings (-want +got):\n%s", stop, diff)
		}
		if s := v.Stats(); s.Complete || s.Errors+s.Warnings+s.Infos != int64(stop) {
			t.Fatalf("after %d findings: %+v", stop, s)
		}
	}
}

// When the loop is left, every read that was under way has come to its end.
func TestLeavingTheLoopWaits(t *testing.T) {
	fsys := ruined(t, 20)
	s := spy(fsys)
	var reading atomic.Int64
	s.Plan = func(op faultfs.Op) faultfs.Fault {
		return faultfs.Reads(func(f io.Reader, p []byte) (int, error) {
			reading.Add(1)
			defer reading.Add(-1)
			time.Sleep(time.Millisecond)
			return f.Read(p)
		})
	}
	for f, err := range verify.New(layout.New(s), verify.Options{Jobs: 8}).Findings(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Rule == rule.BlobDigestMismatch {
			break
		}
	}
	if n := reading.Load(); n != 0 {
		t.Errorf("%d reads are still under way", n)
	}
}

// A run that is cancelled from the start, or at any operation on the file
// system, says so last, blames no file for it, and is never complete.
func TestCancel(t *testing.T) {
	fsys := ruined(t, 4)
	whole := verifyFs(t, fsys, verify.Options{})
	all := spy(fsys)
	verifyFs(t, all, verify.Options{Jobs: 1})
	cause := errors.New("enough")
	ops := all.Ops()
	for at := -1; at < len(ops); at++ {
		for _, jobs := range []int{1, 8} {
			before := goleak.IgnoreCurrent()
			ctx, cancel := context.WithCancelCause(t.Context())
			s := spy(fsys)
			if at < 0 {
				cancel(cause)
			} else {
				s.Plan = faultfs.At(ops[at], faultfs.Do(func() { cancel(cause) }))
			}
			r := runContext(t, ctx, layout.New(s), verify.Options{Jobs: jobs})
			if !errors.Is(r.err, cause) {
				t.Errorf("cancelled at operation %d, jobs %d: error %v, want the cause", at, jobs, r.err)
			}
			if n := len(r.findings); n > len(whole.findings) || n > 0 && !cmp.Equal(whole.findings[:n], r.findings) {
				t.Errorf("cancelled at operation %d, jobs %d: not the first findings of a whole run:\n%s", at, jobs, describe(r.findings))
			}
			if err := goleak.Find(before); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A selection that could not be looked up because the run was cancelled is not
// one that does not exist.
func TestCancelWithSelection(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) { b.Entry(b.Image("linux/amd64"), "v1") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := runContext(t, ctx, layout.New(fsys), verify.Options{Select: layout.Selector{RefName: "v1"}})
	if !errors.Is(r.err, context.Canceled) || errors.Is(r.err, layout.ErrNoEntry) {
		t.Errorf("error %v, want that the context was cancelled and no other", r.err)
	}
}

// Many verifications of one Layout at once do not disturb each other, nor does
// it disturb them to be asked for their Stats.
func TestConcurrentVerifiers(t *testing.T) {
	fsys := ruined(t, 10)
	want := verifyFs(t, fsys, verify.Options{})
	l := layout.New(fsys)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			v := verify.New(l, verify.Options{Jobs: 3})
			done := make(chan struct{})
			var asked sync.WaitGroup
			asked.Go(func() {
				var last verify.Stats
				for {
					s := v.Stats()
					if s.BytesRead < last.BytesRead || s.Errors < last.Errors || last.Complete && !s.Complete {
						t.Errorf("Stats went back from %+v to %+v", last, s)
					}
					last = s
					select {
					case <-done:
						return
					default:
					}
				}
			})
			var got []verify.Finding
			for f, err := range v.Findings(t.Context()) {
				if err != nil {
					t.Error(err)
				}
				got = append(got, f)
			}
			close(done)
			asked.Wait()
			if diff := cmp.Diff(want.findings, got); diff != "" {
				t.Errorf("findings beside other runs (-alone +beside):\n%s", diff)
			}
		})
	}
	group.Wait()
}

// Level structure opens no blob but documents, and finds all the same what a
// look at a file can tell.
func TestLevelStructure(t *testing.T) {
	var image model.Descriptor
	var good, cut, wrong, loose layouttest.Layer
	s := spy(build(t, func(b *layouttest.Builder) {
		good = b.Layer(layouttest.Files{"a": "good"})
		cut = b.Layer(layouttest.Files{"a": "cut"})
		wrong = b.Layer(layouttest.Files{"a": "wrong"})
		loose = b.Layer(layouttest.Files{"a": "loose"})
		image = b.Image("linux/amd64", good, cut, wrong)
		b.Entry(image, "v1")
	}))
	for _, err := range []error{
		layouttest.Truncate(s.base, blobs.Path(cut.Digest), 10),
		layouttest.Corrupt(s.base, blobs.Path(wrong.Digest), 10),
		layouttest.Corrupt(s.base, blobs.Path(loose.Digest), 10),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r := verifyFs(t, s, verify.Options{Level: verify.LevelStructure})
	if diff := cmp.Diff([]string{
		"descriptor-size-mismatch " + blobs.Path(image.Digest) + " /layers/1/size",
		"blob-unreferenced " + blobs.Path(loose.Digest),
	}, places(r)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	for _, layer := range []layouttest.Layer{good, cut, wrong, loose} {
		if n := s.Count(faultfs.OpOpen, blobs.Path(layer.Digest)); n > 0 {
			t.Errorf("%s was opened", layer.Digest)
		}
	}
	if !r.stats.Complete || r.stats.NotChecked != 4 || r.stats.Layers != 3 || r.stats.Blobs != 6 {
		t.Errorf("%+v", r.stats)
	}
}

// places lists findings as "rule path pointer entry".
func places(r result) []string {
	var list []string
	for _, w := range r.wants() {
		list = append(list, strings.TrimRight(fmt.Sprintf("%s %s %s", w.Rule, w.Path, strings.TrimLeft(w.Pointer+" "+w.Entry, " ")), " "))
	}
	return list
}

// A policy changes what findings weigh, not whether a layout is proven.
func TestPolicy(t *testing.T) {
	for _, tc := range []struct {
		policy                  string
		errors, warnings, infos int64
	}{
		{"", 0, 1, 3},
		{"blob-unreferenced=ignore", 0, 1, 2},
		{"blob-unreferenced=error", 1, 1, 2},
		{"digest-algorithm-unsupported=ignore", 0, 0, 3},
		{"digest-algorithm-unsupported=error", 1, 0, 3},
	} {
		var o verify.Options
		if tc.policy != "" {
			if err := o.Policy.Set(tc.policy); err != nil {
				t.Fatal(err)
			}
		}
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			b.Blob("text/plain", []byte("loose"))
			b.File("blobs/md5/5d41402abc4b2a76b9719d911017c592", []byte("hello"))
			b.Entry(model.Descriptor{MediaType: "text/plain", Digest: "md5:5d41402abc4b2a76b9719d911017c592", Size: 5}, "")
		}), o)
		if s := r.stats; s.Errors != tc.errors || s.Warnings != tc.warnings || s.Infos != tc.infos || s.Complete {
			t.Errorf("policy %q: %+v\n%s", tc.policy, r.stats, describe(r.findings))
		}
		for _, f := range r.findings {
			if f.Severity == rule.Ignore || f.Severity == rule.Unset {
				t.Errorf("policy %q: severity of %+v", tc.policy, f)
			}
		}
	}
}
