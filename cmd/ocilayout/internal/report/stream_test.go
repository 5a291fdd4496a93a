package report

import (
	"slices"
	"strings"
	"testing"
)

// A table without headers has no line for them, and what it indents fits too.
func TestTableIndent(t *testing.T) {
	var b strings.Builder
	table := NewTable(&b, 20, Column{Paint: NewStyle(true).Change}, Column{Right: true}, Column{Flexible: true}).Indent(2)
	err := table.Stream(slices.Values([][]string{{"+ A", "5 B", "a-very-long-cell"}, {"- B", "15 B", "b"}}))
	want := "  \x1b[32m+\x1b[0m A   5 B  a-ver...\n  \x1b[31m-\x1b[0m B  15 B  b\n"
	if got := b.String(); err != nil || got != want {
		t.Errorf("%v\n%q, want\n%q", err, got, want)
	}
}

func TestChange(t *testing.T) {
	for text, want := range map[string]string{"": "", "= a": "= a", "~ a": "\x1b[33m~\x1b[0m a"} {
		if got := NewStyle(true).Change(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
		if got := (Style{}).Change(text); got != text {
			t.Errorf("%q: %q without colour", text, got)
		}
	}
}
