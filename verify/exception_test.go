package verify_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// What the policy excepts is counted apart, and neither an error nor a gap.
func TestExceptions(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	l := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
	b.Entry(b.Image("linux/amd64", l), "v1")
	for _, err := range []error{b.Finish(), layouttest.Corrupt(fsys, blobs.Path(l.Digest), 1000)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		is       rule.Exception
		excepted int64
	}{
		"its digest":    {rule.Exception{Rule: rule.BlobDigestMismatch, Digest: string(l.Digest), Layouts: []string{"build/**"}}, 1},
		"another":       {rule.Exception{Rule: rule.BlobDigestMismatch, Digest: string(digest.FromString("another"))}, 0},
		"other layouts": {rule.Exception{Rule: rule.BlobDigestMismatch, Digest: string(l.Digest), Layouts: []string{"app"}}, 0},
		"expired":       {rule.Exception{Rule: rule.BlobDigestMismatch, Digest: string(l.Digest), Until: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := verify.Options{Name: "build/app"}
			tc.is.Reason = "known"
			if err := o.Policy.Except(tc.is); err != nil {
				t.Fatal(err)
			}
			r, err := verify.Run(t.Context(), layout.New(fsys), o)
			if err != nil || len(r.Findings) != 1 {
				t.Fatalf("%v, %v", err, r.Findings)
			}
			f := r.Findings[0]
			if (f.Exception != nil) != (tc.excepted == 1) || r.Stats.Excepted != tc.excepted || r.Stats.Errors != 1-tc.excepted || f.Severity != rule.Error {
				t.Errorf("%+v, %+v", f, r.Stats)
			}
			if _, invalid := errors.AsType[*verify.InvalidError](r.Err()); invalid != (tc.excepted == 0) || !invalid && r.Err() != nil {
				t.Errorf("%v", r.Err())
			}
		})
	}
}

// What was not checked may be accepted, for one blob.
func TestExceptionOfGap(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	l := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
	b.Entry(b.Image("linux/amd64", l), "v1")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	o := verify.Options{}
	o.LayerLimits.Bytes = 100
	if r, _ := verify.Run(t.Context(), layout.New(fsys), o); !errors.Is(r.Err(), verify.ErrIncomplete) {
		t.Fatalf("%v, %v", r.Err(), r.Findings)
	}
	if err := o.Policy.Except(rule.Exception{Rule: rule.LimitLayerBytes, Digest: string(l.Digest), Reason: "it is ours"}); err != nil {
		t.Fatal(err)
	}
	if r, err := verify.Run(t.Context(), layout.New(fsys), o); err != nil || r.Err() != nil || r.Stats.Excepted != 1 {
		t.Errorf("%v, %v, %+v", err, r.Err(), r.Stats)
	}
}

func TestPlaces(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	shared, own := b.Layer(layouttest.Files{"a": "a"}), b.Layer(layouttest.Files{"b": "b"})
	amd, arm := b.Image("linux/amd64", shared), b.Image("linux/arm64", shared, own)
	index := b.Index(amd, arm)
	b.Entry(index, "v1")
	single := b.Image("linux/s390x", b.Layer(layouttest.Files{"c": "c"}))
	single.Platform = nil
	b.Entry(single, "v2")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		damage func() error
		rule   rule.ID
		want   verify.Place
	}{
		{"layer", func() error { return layouttest.Corrupt(fsys, blobs.Path(own.Digest), 1000) }, rule.BlobDigestMismatch,
			verify.Place{Reference: "v1", Platform: "linux/arm64", Role: "layer", Layer: 1}},
		{"manifest", func() error { return layouttest.Remove(fsys, blobs.Path(arm.Digest)) }, rule.BlobMissing,
			verify.Place{Reference: "v1", Platform: "linux/arm64", Role: "manifest"}},
		{"manifest whose configuration is not read yet", func() error { return layouttest.Append(fsys, blobs.Path(single.Digest), " ") }, rule.BlobDigestMismatch,
			verify.Place{Reference: "v2", Role: "manifest"}},
		{"index", func() error { return layouttest.Append(fsys, blobs.Path(index.Digest), " ") }, rule.BlobDigestMismatch,
			verify.Place{Reference: "v1", Role: "index"}},
		{"entry", func() error { return layouttest.Replace(fsys, "index.json", `"v2"`, `"!"`) }, rule.RefNameGrammar,
			verify.Place{Reference: "!", Role: "manifest"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.damage(); err != nil {
				t.Fatal(err)
			}
			r, err := verify.Run(t.Context(), layout.New(fsys), verify.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				if f.Rule == tc.rule && f.Place == tc.want {
					return
				}
			}
			t.Errorf("none of %+v", r.Findings)
		})
	}
}
