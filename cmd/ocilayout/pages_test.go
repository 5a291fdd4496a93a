package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// unmarked takes the escapes of Markdown and roff out of a page.
var unmarked = strings.NewReplacer(`\<`, "<", `\*`, "*", `\_`, "_", `\|`, "|", "`", " ", `\-`, "-", `\(aq`, "'", `\fB`, " ", `\fR`, " ", `\&`, "", `\e`, `\`)

// headings are words of --help that no page has.
var headings = []string{"Usage:", "Flags:", "e.g.", "-", "ocilayout"}

// The pages say of every command what its --help says.
func TestPagesSayWhatHelpSays(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	all, err := os.ReadFile(filepath.Join(docs, "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	ofAll, _, _ := strings.Cut(string(all), "\n## ") // such as the exit statuses
	for _, command := range visible(newApp(nil, nil)) {
		man, err := os.ReadFile(filepath.Join(docs, "man", "ocilayout-"+command.Name+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		_, section, _ := strings.Cut(string(all), "\n## ocilayout "+command.Name+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		section += ofAll
		help, _ := outcome(t, exit.StatusOK, command.Name, "--help")
		for page, text := range map[string]string{"docs/cli.md": section, "the man page": string(man)} {
			words := strings.Fields(strings.ToLower(unmarked.Replace(text)))
			for i := range words {
				words[i] = strings.Trim(words[i], ",.:\"")
			}
			for _, word := range strings.Fields(help) {
				if !slices.Contains(headings, word) && !slices.Contains(words, strings.ToLower(strings.Trim(word, ",.:\""))) {
					t.Errorf("%s of %s does not say %q", page, command.Name, word)
				}
			}
		}
	}
}

// Help fits into 80 columns, but for commands that are to be copied as they are.
func TestHelpWidth(t *testing.T) {
	for _, command := range append(visible(newApp(nil, nil)), nil) {
		args := []string{"help"}
		if command != nil {
			args = append(args, command.Name)
		}
		help, _ := outcome(t, exit.StatusOK, args...)
		for line := range strings.Lines(help) {
			if line = strings.TrimRight(line, "\n"); len(line) > 80 && !strings.Contains(line, "ocilayout completion") && !strings.Contains(line, " --format '") {
				t.Errorf("%q has %d columns: %s", args, len(line), line)
			}
		}
	}
}
