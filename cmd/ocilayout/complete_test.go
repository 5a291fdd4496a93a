package main

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli/manual"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/spf13/afero"
)

// visible returns the commands that --help lists.
func visible(app *cli.App) []*cli.Command {
	return slices.DeleteFunc(slices.Clone(app.Commands), func(c *cli.Command) bool { return c.Hidden })
}

func wordsOf(c cli.Completion) []string {
	var words []string
	for _, one := range c.Candidates {
		words = append(words, one.Word)
	}
	return words
}

// Completion knows the value of every flag of every command: it is one of a set,
// which the usage names, or its placeholder says what it is.
func TestCompletionKnowsFlags(t *testing.T) {
	app := newApp(nil, nil)
	sets := 0
	for _, command := range visible(app) {
		for _, flag := range command.Flags {
			name := "--" + flag.Names()[0]
			if _, isBool := flag.(*cli.BoolFlag); isBool {
				continue
			}
			f, ok := flag.(*cli.ChoiceFlag)
			if !ok {
				if !cli.CompletesValue(flag) {
					t.Errorf("%s %s: if its values are a closed set, make it a choice; else add the placeholder in its usage to those that completion knows", command.Name, name)
				}
				continue
			}
			sets++
			for _, words := range [][]string{{command.Name, name, ""}, {command.Name, name + "="}} {
				if got := wordsOf(cli.Complete(t.Context(), app, words)); !slices.Equal(got, f.Values) {
					t.Errorf("%q: %q, not %q", words, got, f.Values)
				}
			}
			for _, value := range f.Values {
				if !strings.Contains(f.Usage, strings.TrimRight(value, "=:")) {
					t.Errorf("%s %s: its usage does not name %s", command.Name, name, value)
				}
			}
		}
	}
	if sets == 0 {
		t.Error("no flag has a set of values")
	}
}

// A command takes the values that are offered, and no other.
func TestChoicesAreChecked(t *testing.T) {
	layout := filepath.Join("..", "..", "testdata", "layouts", "real", "buildah-push")
	stands := map[string]string{"LAYOUT": layout, "FILE": filepath.Join(layout, "index.json"), "ID": "blob-missing", "SHELL": "bash", "WORD": "blob", "PATH": "etc/motd", "COMMAND": "ls"}
	for _, command := range visible(newApp(nil, nil)) {
		var args []string
		for _, place := range cli.Arguments(command) {
			args = append(args, stands[cli.ArgumentKind(place)])
		}
		for _, flag := range command.Flags {
			f, ok := flag.(*cli.ChoiceFlag)
			if !ok {
				continue
			}
			try := func(value string) int {
				var stdout, stderr bytes.Buffer
				return run(t.Context(), slices.Concat([]string{"ocilayout", command.Name, "--" + f.Name, value}, args), &stdout, &stderr)
			}
			for _, value := range f.Values {
				if !strings.HasSuffix(value, "=") && !strings.HasSuffix(value, ":") && try(value) == exit.StatusUsage {
					t.Errorf("%s --%s %s is offered, and refused", command.Name, f.Name, value)
				}
			}
			if got := try("nonsense"); got != exit.StatusUsage {
				t.Errorf("%s --%s nonsense: status %d", command.Name, f.Name, got)
			}
		}
	}
}

// Completion knows every place for an argument.
func TestCompletionKnowsArguments(t *testing.T) {
	for _, command := range visible(newApp(nil, nil)) {
		for _, place := range cli.Arguments(command) {
			if cli.ArgumentKind(place) == "" {
				t.Errorf("%s: completion does not know what %s is", command.Name, place)
			}
		}
		if (command.ArgsUsage != "") != (len(cli.Arguments(command)) > 0) {
			t.Errorf("%s takes %q, and its usage shows %q", command.Name, command.ArgsUsage, cli.Arguments(command))
		}
	}
}

// differing are the commands whose examples do not end with status 0.
var differing = map[string]int{"diff": exit.StatusFindings}

// Every command shows an example, and the example does what the command is for.
func TestExamples(t *testing.T) {
	dir := t.TempDir()
	fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
	b := layouttest.New(afero.NewBasePathFs(fsys, "image-dir"))
	older := b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/os-release": "ID=old\n"}))
	newer := b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/os-release": "ID=new\n"}))
	both := b.Index(newer, b.Image("linux/arm64", b.Layer(layouttest.Files{"etc/os-release": "ID=arm\n"})))
	b.Entry(older, "1.0")
	b.Entry(newer, "1.1")
	b.Entry(both, "latest")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	raw, err := afero.ReadFile(fsys, filepath.Join("image-dir", "blobs", "sha256", newer.Digest.Encoded()))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "manifest.json"), string(raw))
	t.Chdir(dir)
	for _, command := range visible(newApp(nil, nil)) {
		_, examples := manual.Examples(command.UsageText)
		if len(examples) == 0 {
			t.Errorf("%s --help shows no example", command.Name)
		}
		for _, example := range examples {
			args := unquoted(example)
			if args[0] != "ocilayout" || len(args) < 2 || args[1] != command.Name {
				t.Errorf("%q is no example of %s", example, command.Name)
				continue
			}
			if stdout, _ := outcome(t, differing[command.Name], args[1:]...); stdout == "" {
				t.Errorf("%q shows nothing", example)
			}
		}
	}
}

// unquoted divides a command line at blanks that are not between single quotes.
func unquoted(line string) []string {
	quoted := false
	return strings.FieldsFunc(strings.Map(func(r rune) rune {
		switch {
		case r == '\'':
			quoted = !quoted
			return -1
		case r == ' ' && !quoted:
			return '\x00'
		}
		return r
	}, line), func(r rune) bool { return r == '\x00' })
}

// What is on a line already decides what is offered.
func TestComplete(t *testing.T) {
	app := newApp(nil, nil)
	offered := func(words ...string) cli.Completion { return cli.Complete(context.Background(), app, words) }
	for _, files := range [][]string{{"ls", ""}, {"verify", "a", "b"}, {"ls", "--", "-x"}, {"cat", "--path", "x", ""}} {
		if c := offered(files...); c.Files != cli.AnyFiles || len(c.Candidates) > 0 {
			t.Errorf("%q: %+v", files, c)
		}
	}
	for _, dirs := range [][]string{{"verify", "--blob-dir", ""}} {
		if c := offered(dirs...); c.Files != cli.OnlyDirs || len(c.Candidates) > 0 {
			t.Errorf("%q: %+v", dirs, c)
		}
	}
	for _, none := range [][]string{{"ls", "a", ""}, {"verify", "--jobs", ""}, {"cat", "--path", ""}, {"version", ""}, {"rules", ""}, {"cat", "img:1.0", ""}, {"nonsense", ""}, {}} {
		if c := offered(none...); c.Files != cli.NoFiles || len(c.Candidates) > 0 {
			t.Errorf("%q: %+v", none, c)
		}
	}
	if c := offered("validate", ""); c.Files != cli.AnyFiles {
		t.Errorf("%+v", c)
	}
	if c := offered("verify", "--rule", "blob-missing-"); !slices.Equal(wordsOf(c), []string{"blob-missing-excused="}) || !c.Open {
		t.Errorf("%+v", c)
	}
	if got := wordsOf(offered("help", "ve")); !slices.Equal(got, []string{"verify", "version"}) {
		t.Errorf("%q", got)
	}
	if c := offered("explain", "blob-missing", "blob-missing-"); !slices.Equal(wordsOf(c), []string{"blob-missing-excused"}) {
		t.Errorf("%+v", c)
	}
	if c := offered("ls", "-fj"); !slices.Equal(wordsOf(c), []string{"json"}) || c.Prefix != 2 {
		t.Errorf("%+v", c)
	}
	again := wordsOf(offered("verify", "--level", "digest", "--platform", "linux/amd64", "--"))
	if slices.Contains(again, "--level") || !slices.Contains(again, "--platform") || !slices.Contains(again, "--help") {
		t.Errorf("%q", again)
	}
	if got := wordsOf(offered("")); !slices.Contains(got, "verify") || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "_") }) {
		t.Errorf("%q", got)
	}
}
