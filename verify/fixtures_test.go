package verify_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Every rule has a fixture that breaks it, and bears its name.
func TestFixturesBreakEveryRule(t *testing.T) {
	byName := make(map[string]fixtures.Fixture)
	for _, f := range allFixtures() {
		if _, ok := byName[f.Name]; ok {
			t.Errorf("two fixtures are named %s", f.Name)
		}
		byName[f.Name] = f
	}
	for r := range rule.All() {
		f, ok := byName[string(r.ID)]
		switch {
		case !ok:
			t.Errorf("no fixture breaks rule %s", r.ID)
		case !slices.ContainsFunc(f.Want, func(w fixtures.Want) bool { return w.Rule == r.ID }):
			t.Errorf("fixture %s does not break its rule", f.Name)
		}
	}
	for name, f := range byName {
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("fixture %s is not described in a sentence", name)
		}
		if (f.OnDisk != nil || f.Wrap != nil) && f.TestOnly == "" {
			t.Errorf("fixture %s does not say why it exists in tests alone", name)
		}
		if good := strings.HasPrefix(name, "good-"); good != (len(f.Want) == 0) {
			t.Errorf("fixture %s wants %d findings", name, len(f.Want))
		}
	}
}

// Each fixture gives the findings that it wants, and no other.
func TestFixtures(t *testing.T) {
	for _, f := range allFixtures() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			for _, jobs := range []int{1, 8} {
				checkFixture(t, f, jobs)
			}
		})
	}
}

func checkFixture(t *testing.T, f fixtures.Fixture, jobs int) {
	t.Helper()
	l, err := f.Layout(t.TempDir())
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f.Options.Jobs = jobs
	r := run(t, l, f.Options)
	if r.err != nil {
		t.Fatalf("jobs %d: %v", jobs, r.err)
	}
	if diff := cmp.Diff(f.Want, r.wants()); diff != "" {
		t.Errorf("%s: findings with jobs %d (-want +got):\n%s\n%s", f.Doc, jobs, diff, describe(r.findings))
	}
	if diff := cmp.Diff(f.WantText(), wantText(r.findings)); diff != "" {
		t.Errorf("%s: findings with jobs %d, as text (-want +got):\n%s", f.Doc, jobs, diff)
	}
	if r.stats.Complete == f.Incomplete {
		t.Errorf("jobs %d: Stats.Complete is %v", jobs, r.stats.Complete)
	}
}

// describe lists findings for a message.
func describe(findings []verify.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(fixtures.Want{Rule: f.Rule, Path: f.Path, Pointer: f.Pointer, Entry: f.Entry}.Line(f.Severity))
	}
	return b.String()
}

// Write replaces what it wrote before, leaves the rest alone, and each fixture that
// git can hold gives, read from there, what its .want says.
func TestFixturesOnDisk(t *testing.T) {
	root := t.TempDir()
	writeOver(t, root, fixtures.Write, true)
	checked := 0
	for _, f := range allFixtures() {
		want, err := os.ReadFile(filepath.Join(root, f.Name+".want"))
		if err != nil {
			t.Error(err)
			continue
		}
		if f.TestOnly != "" {
			continue
		}
		checked++
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			open := layout.Open
			name := filepath.Join(root, f.Name)
			if f.Archive != nil {
				name, open = name+".tar", f.Open
			}
			l, err := open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			r := run(t, l, f.Options)
			if r.err != nil {
				t.Fatal(r.err)
			}
			if diff := cmp.Diff(string(want), wantText(r.findings)); diff != "" {
				t.Errorf("%s: findings (-want +got):\n%s", f.Doc, diff)
			}
		})
	}
	if checked < 100 {
		t.Errorf("only %d layouts were checked", checked)
	}
}

// wantText writes findings as a .want does.
func wantText(findings []verify.Finding) string {
	if len(findings) == 0 {
		return "none\n"
	}
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s %s", f.Severity, f.Rule, f.Path)
		if f.Pointer != "" {
			b.WriteString(" " + f.Pointer)
		}
		if f.Entry != "" {
			b.WriteString(" " + strconv.QuoteToASCII(f.Entry))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// What git holds is, byte for byte, what make layouts writes there.
func TestCommittedLayouts(t *testing.T) {
	const committed = "../testdata/layouts"
	fresh, got := t.TempDir(), tree(t, committed)
	for name := range got {
		if filepath.Ext(name) == ".want" {
			if err := os.WriteFile(filepath.Join(fresh, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := fixtures.Refresh(fresh); err != nil {
		t.Fatal(err)
	}
	want := tree(t, fresh)
	if len(want) < 100 {
		t.Errorf("make layouts writes only %d files", len(want))
	}
	for name := range want {
		if content, ok := got[name]; !ok {
			t.Errorf("%s is missing: run make layouts", name)
		} else if content != want[name] {
			t.Errorf("%s has other bytes: run make layouts", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s belongs to no fixture: run make layouts, or remove it", name)
		}
	}
}

// Refresh replaces what is there, and leaves the rest alone.
func TestRefreshFixtures(t *testing.T) { writeOver(t, t.TempDir(), fixtures.Refresh, false) }

// writeOver writes over a directory in which there is something already. all says
// that fixtures are to be written that it does not have.
func writeOver(t *testing.T, root string, write func(root string) error, all bool) {
	t.Helper()
	for name, content := range map[string]string{
		"README.md": "mine", "real/index.json": "mine", "gone/index.json": "old", "gone.tar": "old", "gone.want": "old",
		"good-image/extra": "old", "good-image.want": "old", "blob-symlink.want": "old",
	} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(root); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"README.md": true, "real/index.json": true, "gone": false, "gone.tar": false, "gone.want": false,
		"good-image/extra": false, "good-image/index.json": true, "good-image.want": true,
		"blob-symlink": false, "blob-symlink.want": true,
		"good-layers/index.json": all, "good-archive.tar": all, "good-layers.want": all,
	} {
		if _, err := os.Stat(filepath.Join(root, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}

// tree returns every file below root that is for Write to make.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case name == "real":
			return fs.SkipDir
		case d.IsDir() || name == "README.md":
			return nil
		}
		content, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
