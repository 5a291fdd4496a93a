package main

import (
	"bytes"
	"cmp"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

var updateDocs = flag.Bool("update-docs", false, "rewrite the output of commands in the documentation, and its Go examples")

// The pages whose snippets are run.
var pages = []string{"README.md", "docs/*.md", "CONTRIBUTING.md"}

// A snippet, with the comment that names the example it shows. A comment is not
// seen by those who read the page.
var fence = regexp.MustCompile("(?ms)^(<!-- example: (\\S+) -->\n)?```(\\w+)\n(.*?)^```$")

// defaultExamples are the examples that a page's Go snippets show where no
// comment names one.
var defaultExamples = map[string]string{"README.md": "verify.Example"}

// Every console snippet of the documentation prints what it says it prints, and
// every Go snippet is an example that the tests run.
func TestDocumentation(t *testing.T) {
	t.Setenv(report.StepSummary, "") // the tests may be a step themselves
	t.Chdir("../..")
	snippets := 0
	for _, pattern := range pages {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no page %s: %v", pattern, err)
		}
		for _, file := range files {
			page, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			current := fence.ReplaceAllFunc(page, func(block []byte) []byte {
				m := fence.FindSubmatch(block)
				comment, name, kind, text := string(m[1]), string(m[2]), string(m[3]), string(m[4])
				switch kind {
				case "console":
					text = console(t, file, text)
				case "go":
					text = example(t, cmp.Or(name, defaultExamples[file]), file)
				default:
					return block
				}
				snippets++
				return []byte(comment + "```" + kind + "\n" + text + "```")
			})
			if bytes.Equal(current, page) {
				continue
			}
			if *updateDocs {
				if err := os.WriteFile(file, current, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			t.Errorf("%s shows what is not so; go test ./cmd/ocilayout -run Documentation -update-docs mends it. It should be:\n%s", file, current)
		}
	}
	if snippets == 0 {
		t.Error("no snippet was found")
	}
}

// console runs the commands of a snippet and returns it with what they print.
func console(t *testing.T, file, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue // output of the command before
		}
		b.WriteString(line)
		args := strings.Fields(strings.ReplaceAll(command, "go run ./cmd/ocilayout", "ocilayout"))
		if args[0] != "ocilayout" {
			t.Fatalf("%s: cannot run %q", file, command)
		}
		run(t.Context(), args, &b, &b)
	}
	return b.String()
}

// example returns the body of an example, which is what a Go snippet has to
// show. It is named by its package's directory and its function:
// "model.ExampleLoad".
func example(t *testing.T, name, file string) string {
	t.Helper()
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || !strings.HasPrefix(name[dot+1:], "Example") {
		t.Fatalf("%s: a Go snippet needs a comment such as <!-- example: model.ExampleLoad --> on the line before it, and has %q", file, name)
	}
	tests, err := filepath.Glob(filepath.Join(filepath.FromSlash(name[:dot]), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range tests {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if body := functionBody(t, path, source, name[dot+1:]); body != "" {
			if !strings.Contains(body, "\n// Output:\n") {
				t.Errorf("%s: no test runs %s, which has no output", file, name)
			}
			return body
		}
	}
	t.Fatalf("%s: no example %s", file, name)
	return ""
}

// functionBody returns the lines between the braces of a function, one tab
// less indented, and "" where the file has no such function.
func functionBody(t *testing.T, path string, source []byte, name string) string {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Name.Name != name {
			continue
		}
		body := source[files.Position(f.Body.Lbrace).Offset+1 : files.Position(f.Body.Rbrace).Offset]
		var b strings.Builder
		for line := range strings.Lines(strings.TrimPrefix(string(body), "\n")) {
			b.WriteString(strings.TrimPrefix(line, "\t"))
		}
		return b.String()
	}
	return ""
}
