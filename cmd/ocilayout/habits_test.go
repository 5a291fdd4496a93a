package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

var advised = regexp.MustCompile(`'ocilayout ([a-z]+)[^']*'`)

// What a word of another tool leads on to is a command that there is, with flags that it
// has, and no word of another tool is one.
func TestWordsOfOtherTools(t *testing.T) {
	app := newApp(nil, nil)
	for word, use := range cli.OtherCommands() {
		if app.Command(word) != nil {
			t.Errorf("%s is a command", word)
		}
		for _, m := range advised.FindAllStringSubmatch(use, -1) {
			if app.Command(m[1]) == nil {
				t.Errorf("%s leads on to %s, which is no command", word, m[0])
			}
		}
		_, stderr := outcome(t, exit.StatusUsage, word, "x")
		if !strings.Contains(stderr, use) {
			t.Errorf("%s: %s", word, stderr)
		}
	}
}
