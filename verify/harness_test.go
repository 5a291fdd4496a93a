package verify_test

import (
	"context"
	"sync"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
	"go.uber.org/goleak"
)

// allFixtures are built once.
var allFixtures = sync.OnceValue(fixtures.All)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// result is what one verification gave.
type result struct {
	findings []verify.Finding
	stats    verify.Stats
	err      error
}

// valid is the one verdict that promises something.
func (r result) valid() bool { return r.err == nil && r.stats.Complete && r.stats.Errors == 0 }

// run verifies, and holds the stream of findings against what is promised of
// it: an error comes last and alone, and Stats counts what was yielded.
func run(t *testing.T, l *layout.Layout, o verify.Options) result {
	t.Helper()
	return runContext(t, t.Context(), l, o)
}

func runContext(t *testing.T, ctx context.Context, l *layout.Layout, o verify.Options) result {
	t.Helper()
	v := verify.New(l, o)
	var r result
	counts := make(map[rule.Severity]int64)
	for f, err := range v.Findings(ctx) {
		if r.err != nil {
			t.Fatalf("after the error %v comes %+v, %v", r.err, f, err)
		}
		if r.err = err; err != nil {
			if f.Rule != "" || f.Severity != rule.Unset {
				t.Errorf("the error %v comes with a finding %+v", err, f)
			}
			continue
		}
		if f.Message == "" || f.Path == "" {
			t.Errorf("finding %+v lacks a message or a path", f)
		}
		counts[f.Severity]++
		r.findings = append(r.findings, f)
	}
	r.stats = v.Stats()
	if r.stats.Errors != counts[rule.Error] || r.stats.Warnings != counts[rule.Warning] || r.stats.Infos != counts[rule.Info] {
		t.Errorf("Stats counts %d errors, %d warnings, %d infos; yielded were %v", r.stats.Errors, r.stats.Warnings, r.stats.Infos, counts)
	}
	if r.err != nil && r.stats.Complete {
		t.Errorf("Stats.Complete after the error %v", r.err)
	}
	return r
}

// verifyFs verifies the layout at the root of fsys, and takes an error for a
// failure of the test.
func verifyFs(t *testing.T, fsys afero.Fs, o verify.Options) result {
	t.Helper()
	r := run(t, layout.New(fsys), o)
	if r.err != nil {
		t.Fatalf("Findings: %v", r.err)
	}
	return r
}

// wants returns the places of the findings.
func (r result) wants() []fixtures.Want {
	var wants []fixtures.Want
	for _, f := range r.findings {
		wants = append(wants, fixtures.Want{Rule: f.Rule, Path: f.Path, Pointer: f.Pointer, Entry: f.Entry})
	}
	return wants
}

// build returns a layout in memory.
func build(t testing.TB, make func(b *layouttest.Builder)) afero.Fs {
	t.Helper()
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	make(b)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return fsys
}

// remarks are rules about how documents are written. Tests of the graph and of
// reading make theirs as short as they can, and are about something else.
var remarks = []rule.ID{
	rule.DocumentMediaTypeMissing, rule.IndexJSONMediaTypeMissing, rule.ManifestLayersEmpty, rule.ConfigTypeUnknown, rule.LayerTypeUnknown,
	rule.ConfigZeroSize, rule.ArtifactLayersEmpty, rule.IndexEntryDuplicate, rule.DigestNotSHA256, rule.DigestAlgorithmUnregistered, rule.PlatformValueUnlisted, rule.PlatformMissing, rule.JSONNumberRange,
}

// terse returns the options under which remarks do not count.
func terse(t *testing.T, o verify.Options) verify.Options {
	t.Helper()
	return without(t, o, remarks...)
}

// without returns the options under which the rules do not count.
func without(t *testing.T, o verify.Options, ids ...rule.ID) verify.Options {
	t.Helper()
	for _, id := range ids {
		if err := o.Policy.Set(string(id) + "=ignore"); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// limits are those of layers, 0 for the default.
func limits(bytes int64, entries int) layer.Limits {
	return layer.Limits{Bytes: bytes, Entries: entries}
}
