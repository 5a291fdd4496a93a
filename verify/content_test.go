package verify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
	"go.uber.org/goleak"
)

// spoiled builds images whose blobs are all right, and whose layers are not: each
// has faults of its own, shares layers with others, and is of another length.
func spoiled(t *testing.T, images int) afero.Fs {
	return build(t, func(b *layouttest.Builder) {
		shared := pile(b, "bin/ bin/sh", "dup dup /abs", ".wh.none late=later later")
		for i := range images {
			big := b.Pack(model.MediaTypeLayerZstd, b.Archive(layouttest.File(fmt.Sprint("f", i), strings.Repeat("x", i*i%977*300)), layouttest.File("../up", "")))
			odd := b.Pack(model.MediaTypeLayerGzip, fmt.Appendf(nil, "no archive %d", i))
			layers := []layouttest.Layer{shared[i%3], big, wrong(numbered(b, i)), shared[(i+1)%3]}
			if i%4 == 0 {
				layers = append(layers, odd)
			}
			if i%5 == 0 {
				big.MediaType = model.MediaTypeLayerGzip
				layers[1] = big
			}
			entered(b, fmt.Sprint("v", i), layers...)
		}
	})
}

// What is found in layers, and its order, is the same whatever is read beside
// what.
func TestContentIsTheSameForAnyJobs(t *testing.T) {
	fsys := spoiled(t, 30)
	first := verifyFs(t, fsys, verify.Options{Jobs: 1})
	if rules := len(slices.Compact(slices.Sorted(rulesOf(first)))); len(first.findings) < 100 || rules < 8 {
		t.Fatalf("only %d faults of %d rules", len(first.findings), rules)
	}
	for i := range 8 {
		for _, jobs := range []int{2, 8, 64} {
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

// Jobs that wait need no processor: as many blobs are opened at once as there are jobs.
func TestJobsWaitTogether(t *testing.T) {
	const jobs = 12
	fsys := build(t, func(b *layouttest.Builder) {
		for i := range 30 {
			b.Entry(b.Blob("application/x-blob", fmt.Append(nil, i)), "")
		}
	})
	meeting := faultfs.Meet(jobs)
	s := spy(fsys)
	s.Plan = func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.OpOpen && strings.HasPrefix(op.Name, "blobs/sha256/") {
			return meeting.Fault()
		}
		return faultfs.Fault{}
	}
	if r := verifyFs(t, s, verify.Options{Level: verify.LevelDigest, Jobs: jobs}); !r.valid() || meeting.Most() != jobs {
		t.Errorf("%d blobs were opened at once: %s", meeting.Most(), describe(r.findings))
	}
}

func rulesOf(r result) func(func(rule.ID) bool) {
	return func(yield func(rule.ID) bool) {
		for _, f := range r.findings {
			if !yield(f.Rule) {
				return
			}
		}
	}
}

// However many images share a layer, it is opened once, and each of its bytes is
// read once.
func TestLayersAreReadOnce(t *testing.T) {
	s := spy(spoiled(t, 12))
	r := verifyFs(t, s, verify.Options{Jobs: 4})
	for name, n := range s.Counts(faultfs.OpOpen) {
		if info, err := s.base.Stat(name); err != nil || n != 1 || !info.IsDir() && s.Bytes(name) != info.Size() {
			t.Errorf("%s was opened %d times, and %d of %d bytes were read (%v)", name, n, s.Bytes(name), info.Size(), err)
		}
	}
	if r.stats.BytesRead != r.stats.Bytes || r.stats.BytesToRead != r.stats.Bytes || r.stats.NotChecked != 0 || !r.stats.Complete {
		t.Errorf("%+v", r.stats)
	}
}

// Who leaves the loop amid the layers gets the first findings, nothing more, and
// leaves nothing running behind.
func TestLeavingTheLoopAmidLayers(t *testing.T) {
	fsys := spoiled(t, 6)
	whole := verifyFs(t, fsys, verify.Options{})
	for stop := 1; stop <= len(whole.findings); stop++ {
		before := goleak.IgnoreCurrent()
		v := verify.New(layout.New(fsys), verify.Options{Jobs: 4})
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

// A run that is cancelled in the middle of a layer, at whichever read, ends with
// the cause and no finding about the layer, and nothing runs on.
func TestCancelAmidLayer(t *testing.T) {
	var name string
	fsys := build(t, func(b *layouttest.Builder) {
		content := strings.Repeat("some content, ", 100_000)
		l := wrong(b.Pack(model.MediaTypeLayerGzip, b.Archive(layouttest.File("../a", content), layouttest.File("b", content))))
		name = blobs.Path(l.Digest)
		entered(b, "v1", l, numbered(b, 1), numbered(b, 2))
	})
	whole := spy(fsys)
	if r := verifyFs(t, whole, verify.Options{Jobs: 1}); len(r.findings) != 2 {
		t.Fatal(describe(r.findings))
	}
	reads := whole.Count(faultfs.OpRead, name)
	if reads < 10 {
		t.Fatalf("the layer is read in %d pieces", reads)
	}
	cause := errors.New("enough")
	for at := 1; at <= reads; at++ {
		for _, jobs := range []int{1, 3} {
			before := goleak.IgnoreCurrent()
			ctx, cancel := context.WithCancelCause(t.Context())
			s := spy(fsys)
			s.Plan = faultfs.At(faultfs.Op{Kind: faultfs.OpRead, Name: name, Turn: at - 1}, faultfs.Do(func() { cancel(cause) }))
			r := runContext(t, ctx, layout.New(s), verify.Options{Jobs: jobs})
			if !errors.Is(r.err, cause) || len(r.findings) > 0 || r.stats.Complete {
				t.Errorf("read %d, jobs %d: error %v, %+v, findings:\n%s", at, jobs, r.err, r.stats, describe(r.findings))
			}
			// What is under way when the context ends may end as well, but no
			// more is begun.
			if n := s.Count(faultfs.OpRead, name); n > at+1 {
				t.Errorf("read %d, jobs %d: %d reads followed", at, jobs, n-at)
			}
			if err := goleak.Find(before); err != nil {
				t.Fatal(err)
			}
			cancel(nil)
		}
	}
}

// Whichever read of a layer fails, the layer is told to be unreadable, and no
// more of it: what was read so far is no verdict.
func TestEveryReadOfLayerFails(t *testing.T) {
	for _, mediaType := range layerTypes {
		var name string
		fsys := build(t, func(b *layouttest.Builder) {
			l := wrong(b.Pack(mediaType, b.Archive(layouttest.File("../a", strings.Repeat("some content, ", 50_000)), layouttest.File("b", ""))))
			name = blobs.Path(l.Digest)
			entered(b, "v1", l)
		})
		whole := spy(fsys)
		verifyFs(t, whole, verify.Options{Jobs: 1})
		for at := range whole.Count(faultfs.OpRead, name) {
			s := spy(fsys)
			s.Plan = faultfs.At(faultfs.Op{Kind: faultfs.OpRead, Name: name, Turn: at}, faultfs.Fail(errors.New("no")))
			r := verifyFs(t, s, verify.Options{})
			checkPlaces(t, r, "file-unreadable "+name)
			if r.stats.Complete || r.stats.NotChecked != 1 {
				t.Errorf("%s, read %d: %+v", mediaType, at, r.stats)
			}
		}
	}
}

// contentRules are those that only the level content can tell of.
func contentRules() map[rule.ID]bool {
	rules := map[rule.ID]bool{rule.ConfigUserUnknown: true, rule.AnnotationBaseLayers: true, rule.ArtifactLayerNotTar: true}
	on := false
	for r := range rule.All() {
		if on = on || r.ID == rule.DiffIDCount; on && r.ID != rule.HistoryCount {
			rules[r.ID] = true
		}
	}
	return rules
}

// The levels below content find what they can, and that content can wait for.
func TestLevelDigest(t *testing.T) {
	content := contentRules()
	if len(content) < 40 || content[rule.DigestGrammar] {
		t.Fatalf("%d rules are about content", len(content))
	}
	for _, f := range allFixtures() {
		t.Run(f.Name, func(t *testing.T) {
			l, err := f.Layout(t.TempDir())
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			f.Options.Level = verify.LevelDigest
			r := run(t, l, f.Options)
			var want []fixtures.Want
			for _, w := range f.Want {
				if !content[w.Rule] && !strings.HasPrefix(w.Pointer, "/rootfs/diff_ids/") || w.Rule == rule.DiffIDGrammar {
					want = append(want, w)
				}
			}
			if diff := cmp.Diff(want, r.wants()); diff != "" || r.err != nil {
				t.Errorf("%s: error %v, findings (-want +got):\n%s", f.Doc, r.err, diff)
			}
		})
	}
}

// The zero level is the deepest, and has a name.
func TestLevelDefault(t *testing.T) {
	v := verify.New(layout.New(afero.NewMemMapFs()), verify.Options{})
	if got := v.Level(); got != verify.LevelContent || got.String() != "content" {
		t.Errorf("level %s", got)
	}
	for _, level := range []verify.Level{verify.LevelStructure, verify.LevelDigest, verify.LevelContent} {
		if got, err := verify.ParseLevel(level.String()); err != nil || got != level {
			t.Errorf("%s: %v, %v", level, got, err)
		}
	}
	for _, word := range []string{"", "default", "Content", "full"} {
		if got, err := verify.ParseLevel(word); err == nil {
			t.Errorf("%q is level %s", word, got)
		}
	}
}

// What is odd and allowed is worth knowing, and no more than that.
func TestOdditiesAreNoFaults(t *testing.T) {
	for _, name := range []string{
		"diff-id-not-checked-attestation", "diff-id-not-checked-absent", "layer-not-to-distribute", "tar-trailing",
		"entry-device", "entry-xattr-empty", "entry-xattr-trusted", "entry-time", "whiteout-opaque", "whiteout-order", "whiteout-no-target", "whiteout-no-target-base",
	} {
		f := fixture(t, name)
		l, err := f.Layout(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, l, f.Options)
		if err := errors.Join(r.err, l.Close()); err != nil {
			t.Fatal(err)
		}
		mixed := int64(0) // which is another matter
		for _, f := range r.findings {
			if f.Rule == rule.MediaTypeMixed {
				mixed++
			}
		}
		if s := r.stats; s.Errors > 0 || s.Warnings > mixed || s.Infos == 0 || !s.Complete {
			t.Errorf("%s: %+v\n%s", name, s, describe(r.findings))
		}
	}
}
