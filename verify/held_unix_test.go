//go:build unix

package verify_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/spf13/afero"
)

// A run goes on in the directory that was opened, also where a link to another
// layout takes its place meanwhile.
func TestRootReplacedMeanwhile(t *testing.T) {
	const name = "hard-link-lower" // which has findings of several stages
	other := t.TempDir()
	copyTo(t, "good-image", other)
	copied := func() (string, *layout.Layout) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "img")
		copyTo(t, name, dir)
		for _, extra := range []string{"extra", "blobs/extra"} {
			if err := os.WriteFile(filepath.Join(dir, extra), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		l, err := layout.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return parent, l
	}
	_, l := copied()
	want := run(t, l, verify.Options{})
	if len(want.findings) < 3 || !want.stats.Complete {
		t.Fatal(describe(want.findings))
	}
	for at := range want.findings {
		parent, l := copied()
		var got []verify.Finding
		v := verify.New(l, verify.Options{})
		for f, err := range v.Findings(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, f); len(got) != at+1 {
				continue
			}
			dir := filepath.Join(parent, "img")
			if err := os.Rename(dir, filepath.Join(parent, "moved")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(other, dir); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want.findings, got); diff != "" || v.Stats() != want.stats {
			t.Errorf("replaced after %d findings (-want +got):\n%s", at+1, diff)
		}
	}
}

// copyTo writes a fixture's files to a directory.
func copyTo(t *testing.T, name, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := fixture(t, name).Build(afero.NewBasePathFs(afero.NewOsFs(), dir)); err != nil {
		t.Fatal(err)
	}
}
