package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var updateDocs = flag.Bool("update-docs", false, "rewrite the output of commands in the documentation, and its Go examples")

// The pages whose snippets are run.
var pages = []string{"README.md", "docs/*.md", "CONTRIBUTING.md"}

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// Every console snippet of the documentation prints what it says it prints, and
// every Go snippet is an example that the tests run.
func TestDocumentation(t *testing.T) {
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
				switch kind, text := string(m[1]), string(m[2]); kind {
				case "console":
					snippets++
					text = console(t, file, text)
					return []byte("```" + kind + "\n" + text + "```")
				case "go":
					snippets++
					text = example(t, file, text)
					return []byte("```" + kind + "\n" + text + "```")
				}
				return block
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

// example returns the body of the verify package's Example, which is what a Go
// snippet has to show.
func example(t *testing.T, file, text string) string {
	source, err := os.ReadFile("verify/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?ms)^func Example\(\) \{\n(.*?)^\}$`).FindSubmatch(source)
	if m == nil {
		t.Fatalf("%s: no Example to hold the snippet against", file)
	}
	var b strings.Builder
	for line := range strings.Lines(string(m[1])) {
		b.WriteString(strings.TrimPrefix(line, "\t"))
	}
	return b.String()
}
