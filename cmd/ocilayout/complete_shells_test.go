package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// Names that do not look like what they are, are offered to no shell.
func TestHiddenNames(t *testing.T) {
	dir := layoutOf(t, "new\nline", "esc\x1b[31m", "\u202ertl", "tab\tx", "\x7f", "\u200b", "good")
	word := dir + ":"
	for shell, args := range map[string][]string{
		"bash": {" :=@", "ocilayout ls " + word}, "zsh": {"", "ls", word}, "fish": {"ocilayout ls " + word}, "powershell": {"=ls", "=" + word},
	} {
		lines := completers[shell](t.Context(), newApp(nil, nil), args)
		if len(lines) != 2 || !strings.Contains(lines[1], "good") {
			t.Errorf("%s: %q", shell, lines)
		}
	}
}

// There is no PowerShell to run the script in here: what it is given is quoted so
// that nothing in it is evaluated.
func TestPowerShell(t *testing.T) {
	for name, want := range map[string]string{
		"v1.0": "img:v1.0", "$(x)": "'img:$(x)'", "a'b": "'img:a''b'", "`x`": "'img:`x`'", "a b": "'img:a b'", "x;y": "'img:x;y'", "a,b": "'img:a,b'",
	} {
		if got, ok := powerShellQuote("img:" + name); !ok || got != want {
			t.Errorf("%q: %q, not %q", name, got, want)
		}
	}
	for _, name := range []string{"a\u2019b", "gr\u00fcn"} {
		if got, ok := powerShellQuote(name); ok {
			t.Errorf("%q is offered as %q", name, got)
		}
	}
	dir := layoutOf(t, "it's", "v1")
	got := completers["powershell"](t.Context(), newApp(nil, nil), []string{"=ls", "=" + dir + ":"})
	if len(got) != 3 || !strings.HasPrefix(got[1], "'"+dir+":it''s'\tit's\t") {
		t.Errorf("%q", got)
	}
	empty := completers["powershell"](t.Context(), newApp(nil, nil), []string{"=completion", "="})
	if len(empty) != 1+len(shells) {
		t.Errorf("%q", empty)
	}
	script, _ := outcome(t, statusOK, "completion", "powershell")
	for _, want := range []string{"Register-ArgumentCompleter -Native -CommandName 'ocilayout'", "'__complete' 'powershell' @words", "CompletionResult]::new("} {
		if !strings.Contains(script, want) {
			t.Errorf("the script does not say %q", want)
		}
	}
	if strings.Contains(script, "Invoke-Expression") {
		t.Error("the script evaluates what it reads")
	}
}

// A line is divided as a shell does.
func TestSplitLine(t *testing.T) {
	for line, want := range map[string][]string{
		"":                        {""},
		"a  b ":                   {"a", "b", ""},
		`a\ b 'c d' "e f"`:        {"a b", "c d", "e f"},
		`"a\"b\c" 'a\b'`:          {`a"b\c`, `a\b`},
		`a'b c`:                   {"ab c"},
		`FOO=1 ./ocilayout ls a:`: {"FOO=1", "./ocilayout", "ls", "a:"},
		`a\`:                      {`a\`},
	} {
		if got := texts(splitLine(line, "")); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", line, got, want)
		}
	}
	for line, want := range map[string][]string{
		"sudo -E ocilayout ls x": {"ls", "x"}, "A=1 B=2 o ls": {"ls"}, "ocilayout ": {""}, "bin/ocilayout v": {"v"}, "ocilayout": {"ocilayout"},
	} {
		if got := texts(afterProgram(splitLine(line, ""))); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", line, got, want)
		}
	}
}

// What bash inserts makes the word what was offered, whatever is typed and
// whatever the name, and nothing of it is a character that means something.
func FuzzBashWord(f *testing.F) {
	f.Add("img:a", 4, "a$(x)")
	f.Add(`"img:a`, 4, "a b")
	f.Add(`my\ img@sha`, 7, "sha256:0a")
	f.Add("'i", 0, "it's")
	f.Add("a:b:c", 2, "b:c d")
	f.Fuzz(func(t *testing.T, typed string, kept int, name string) {
		words := splitLine(typed, " \t\n\"'@><=;|&(:")
		word := words[len(words)-1]
		if kept < 0 || kept > len(word.text) || name == "" || strings.ContainsAny(typed+name, "\n\\") || !strings.HasPrefix(name, word.text[kept:]) {
			return
		}
		inserted, ok := bashWord(&word, kept, name)
		if !ok {
			return
		}
		from := word.breakRaw
		if word.quote != 0 {
			from = word.quoteRaw
		}
		whole := splitLine(word.raw[:from]+inserted, "")
		if len(whole) != 1 || whole[0].text != word.text[:kept]+name {
			t.Errorf("%q with %d kept and %q becomes %q", typed, kept, name, texts(whole))
		}
	})
}

// Nobody waits for long: an index.json that is too large, or cannot be read, or
// is none, has no names.
func TestCompletionOfBadLayouts(t *testing.T) {
	app := newApp(nil, nil)
	large := layoutOf(t, "v1")
	write(t, filepath.Join(large, "index.json"), `{"manifests":[]}`+strings.Repeat(" ", int(completionLimits.Index)))
	broken := layoutOf(t, "v1")
	write(t, filepath.Join(broken, "index.json"), "[")
	for _, dir := range []string{large, broken, t.TempDir()} {
		if c := complete(t.Context(), app, []string{"ls", dir + ":"}); len(c.candidates) > 0 {
			t.Errorf("%+v", c)
		}
		if got := wordsOf(complete(t.Context(), app, []string{"ls", dir, "--platform", ""})); !slices.Equal(got, commonPlatforms) {
			t.Errorf("%q", got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if c := complete(ctx, app, []string{"ls", layoutOf(t, "v1") + ":"}); len(c.candidates) > 0 {
		t.Errorf("%+v", c)
	}
}
