package verify_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
)

// Run returns what the stream yields and counts.
func TestRunIsTheStream(t *testing.T) {
	for _, f := range allFixtures() {
		fsys := inMemory(t, f)
		if fsys == nil || f.Wrap != nil { // which counts what is asked of it
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			want := run(t, layout.New(fsys), f.Options)
			got, err := verify.Run(t.Context(), layout.New(fsys), f.Options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.findings, got.Findings); diff != "" || got.Stats != want.stats || got.Omitted != 0 {
				t.Errorf("Run gives %d more, %+v, want %+v (-want +got):\n%s", got.Omitted, got.Stats, want.stats, diff)
			}
			if (got.Err() == nil) != want.valid() {
				t.Errorf("Err() = %v of %+v", got.Err(), want.stats)
			}
		})
	}
}

func TestReportErr(t *testing.T) {
	var layer model.Descriptor
	made := func() afero.Fs {
		return build(t, func(b *layouttest.Builder) {
			l := b.Layer(layouttest.Files{"a": "b"})
			layer = l.Descriptor
			b.Entry(b.Image("linux/amd64", l), "v1")
		})
	}
	report := func(fsys afero.Fs, o verify.Options) *verify.Report {
		t.Helper()
		r, err := verify.Run(t.Context(), layout.New(fsys), o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if err := report(made(), verify.Options{}).Err(); err != nil {
		t.Errorf("a valid layout: %v", err)
	}
	damaged := made()
	if err := layouttest.Corrupt(damaged, blobs.Path(layer.Digest), 100); err != nil {
		t.Fatal(err)
	}
	err := report(damaged, verify.Options{}).Err()
	invalid, ok := errors.AsType[*verify.InvalidError](err)
	if !ok || invalid.Errors != 1 || invalid.First.Rule != rule.BlobDigestMismatch || errors.Is(err, verify.ErrIncomplete) {
		t.Errorf("a damaged layer: %v", err)
	}
	if want := fmt.Sprintf("1 error: %s: error: the bytes do not hash to the digest [blob-digest-mismatch]", blobs.Path(layer.Digest)); fmt.Sprint(err) != want {
		t.Errorf("a damaged layer: %v, want %s", err, want)
	}
	// What the policy ignores is no error, and still not proven.
	unread := spy(made())
	unread.Plan = refuse(faultfs.OpOpen, blobs.Path(layer.Digest), fs.ErrPermission)
	err = report(unread, without(t, verify.Options{}, rule.FileUnreadable)).Err()
	if _, ok := errors.AsType[*verify.InvalidError](err); ok || !errors.Is(err, verify.ErrIncomplete) {
		t.Errorf("an unreadable layer whose rule is ignored: %v", err)
	}
}

// A run that ends early leaves a report that is not valid.
func TestRunErrors(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) { b.Entry(b.Image("linux/amd64"), "v1") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := verify.Run(ctx, layout.New(fsys), verify.Options{})
	if !errors.Is(err, context.Canceled) || !errors.Is(r.Err(), verify.ErrIncomplete) {
		t.Errorf("cancelled: %v, %v", err, r.Err())
	}
	r, err = verify.Run(t.Context(), layout.New(afero.NewMemMapFs()), verify.Options{})
	if !errors.Is(err, layout.ErrNotLayout) || !errors.Is(r.Err(), verify.ErrIncomplete) {
		t.Errorf("no layout: %v, %v", err, r.Err())
	}
}

// What is beyond the bound is counted, and the first error is known all the same.
func TestRunBound(t *testing.T) {
	const more = 7
	fsys := build(t, func(b *layouttest.Builder) {
		index := model.NewIndex()
		for i := range verify.MaxFindings + more {
			d := b.Blob(model.MediaTypeLayer, fmt.Append(nil, i))
			d.Annotations = map[string]string{model.AnnotationRefName: "v1"}
			index.Manifests = append(index.Manifests, d)
		}
		index.Manifests = append(index.Manifests, model.Describe(model.MediaTypeLayer, []byte("missing")))
		b.Entry(b.Document(model.MediaTypeIndex, index), "v1")
	})
	r, err := verify.Run(t.Context(), layout.New(fsys), verify.Options{Level: verify.LevelStructure})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Stats
	if len(r.Findings) != verify.MaxFindings || r.Omitted < more || int64(len(r.Findings))+r.Omitted != s.Errors+s.Warnings+s.Infos {
		t.Errorf("%d findings and %d more of %+v", len(r.Findings), r.Omitted, s)
	}
	invalid, ok := errors.AsType[*verify.InvalidError](r.Err())
	if !ok || invalid.First.Rule != rule.BlobMissing || invalid.Errors != 1 {
		t.Errorf("Err() = %v of %+v", r.Err(), s)
	}
}

// A finding is one printable line, whatever the layout has in it.
func TestFindingString(t *testing.T) {
	f := verify.Finding{Rule: rule.BlobMissing, Severity: rule.Error, Path: "index.json", Pointer: "/manifests/0", Message: "the blob is missing"}
	tests := []struct {
		path, pointer, message, want string
	}{
		{"index.json", "/manifests/0", "gone", "index.json#/manifests/0: error: gone [blob-missing]"},
		{"index.json", "", "gone", "index.json: error: gone [blob-missing]"},
		{"a\nb", "/\x1b[31m", "\r\x00", `a\nb#/\x1b[31m: error: \r\x00 [blob-missing]`},
		{"\u202e\u200b\u0085", "", "\xff\xfe", `\u202e\u200b\u0085: error: \xff\xfe [blob-missing]`},
		{`a\nb "é"`, "", "ü", `a\\nb "é": error: ü [blob-missing]`},
		{"\u2028\x7f\u00a0\ufeff", "", "", `\u2028\x7f\u00a0\ufeff: error:  [blob-missing]`},
	}
	for _, test := range tests {
		f.Path, f.Pointer, f.Message = test.path, test.pointer, test.message
		if got := f.String(); got != test.want {
			t.Errorf("String() = %s, want %s", got, test.want)
		}
		if got := fmt.Sprint(f); strings.ContainsAny(got, "\n\r\x1b\x00") {
			t.Errorf("printed as %q", got)
		}
	}
}
