package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/spf13/afero"
)

// layoutOf makes a layout with an entry for each reference name.
func layoutOf(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	image := b.Image("linux/amd64", b.Layer(layouttest.Files{"a": "a"}))
	for _, name := range names {
		b.Entry(image, name)
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// completed returns the lines that the script of a shell reads.
func completed(t *testing.T, args ...string) []string {
	t.Helper()
	stdout, _ := outcome(t, exit.StatusOK, append([]string{"__complete"}, args...)...)
	return strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
}

// Names that do not look like what they are, are offered to no shell.
func TestHiddenNames(t *testing.T) {
	dir := layoutOf(t, "new\nline", "esc\x1b[31m", "\u202ertl", "tab\tx", "\x7f", "\u200b", "good")
	word := dir + ":"
	for shell, args := range map[string][]string{
		"bash": {" :=@", "ocilayout ls " + word}, "zsh": {"", "ls", word}, "fish": {"ocilayout ls " + word}, "powershell": {"=ls", "=" + word},
	} {
		lines := completed(t, append([]string{shell}, args...)...)
		if len(lines) != 2 || !strings.Contains(lines[1], "good") {
			t.Errorf("%s: %q", shell, lines)
		}
	}
}

// There is no PowerShell to run the script in here: it evaluates nothing that it reads.
func TestPowerShell(t *testing.T) {
	dir := layoutOf(t, "it's", "v1")
	got := completed(t, "powershell", "=ls", "="+dir+":")
	if len(got) != 3 || !strings.HasPrefix(got[1], "'"+dir+":it''s'\tit's\t") {
		t.Errorf("%q", got)
	}
	empty := completed(t, "powershell", "=completion", "=")
	if len(empty) != 1+len(cli.Shells) {
		t.Errorf("%q", empty)
	}
	script, _ := outcome(t, exit.StatusOK, "completion", "powershell")
	for _, want := range []string{"Register-ArgumentCompleter -Native -CommandName 'ocilayout'", "'__complete' 'powershell' @words", "CompletionResult]::new("} {
		if !strings.Contains(script, want) {
			t.Errorf("the script does not say %q", want)
		}
	}
	if strings.Contains(script, "Invoke-Expression") {
		t.Error("the script evaluates what it reads")
	}
}

// Nobody waits for long: an index.json that is too large, or cannot be read, or
// is none, has no names.
func TestCompletionOfBadLayouts(t *testing.T) {
	app := newApp(nil, nil)
	large := layoutOf(t, "v1")
	write(t, filepath.Join(large, "index.json"), `{"manifests":[]}`+strings.Repeat(" ", 16<<20))
	broken := layoutOf(t, "v1")
	write(t, filepath.Join(broken, "index.json"), "[")
	for _, dir := range []string{large, broken, t.TempDir()} {
		if c := cli.Complete(t.Context(), app, []string{"ls", dir + ":"}); len(c.Candidates) > 0 {
			t.Errorf("%+v", c)
		}
		if got := wordsOf(cli.Complete(t.Context(), app, []string{"ls", dir, "--platform", ""})); !slices.Contains(got, "linux/amd64") || !slices.Contains(got, "windows/amd64") {
			t.Errorf("%q", got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if c := cli.Complete(ctx, app, []string{"ls", layoutOf(t, "v1") + ":"}); len(c.Candidates) > 0 {
		t.Errorf("%+v", c)
	}
}
