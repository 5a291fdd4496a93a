package manual

import (
	"slices"
	"strings"
	"testing"
)

// A text is neither a request nor an escape to roff, and no markup to Markdown.
func TestEscapes(t *testing.T) {
	for line, want := range map[string]string{
		".TH": `\&.TH`, "'br": `\(aqbr`, `a\fB`: `a\efB`, "--x": `\-\-x`, "plain": "plain",
	} {
		if got := roff(line); got != want {
			t.Errorf("%q: %q, not %q", line, got, want)
		}
	}
	p := Program{Name: "p", Summary: "s", Commands: []Command{{Name: "c", Summary: "a<b", Description: "one\n\na:  1\nb:  2",
		Examples: []string{"p c"}, Flags: []Flag{{Names: []string{"--x", "-x"}, Value: "A|B", Summary: "what | it_does", Default: "1"}}}}}
	page := string(Markdown(p))
	for _, want := range []string{"\n## p c\n\nA\\<b.\n", "\none\n\n```text\na:  1\nb:  2\n```\n", "| `--x A\\|B, -x A\\|B` | what \\| it\\_does (default: 1) |\n", "```sh\np c\n```"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	pages := Man(p)
	if len(pages) != 2 || !strings.Contains(string(pages["p-c.1"]), "\n.TP\n\\fB\\-\\-x A|B, \\-x A|B\\fR\nwhat | it_does (default: 1)\n") || !strings.Contains(string(pages["p.1"]), "\\fBp\\-c\\fR(1)\na<b\n") {
		t.Errorf("%q", pages)
	}
}

// Help has flags in groups and breaks lines at 80 columns, but for what is to be copied.
func TestHelp(t *testing.T) {
	long := strings.Repeat("word ", 30)
	p := Program{Name: "p", Summary: "s"}
	c := Command{Name: "c", Summary: "does c", Usage: "p c [FLAGS]", Examples: []string{"p c 1", "p c 2"}, Description: long + "\n\na:  1\nb:  2", Flags: []Flag{
		{Names: []string{"--max-x"}, Value: "N", Summary: long, Group: "Limits"}, {Names: []string{"--format", "-f"}, Value: "F", Summary: "how", Default: "text", Group: "Output"},
		{Names: []string{"--a-very-long-name-of-a-flag-indeed"}, Summary: "which"}}}
	help := string(CommandHelp(p, c))
	for line := range strings.Lines(help) {
		if len(line) > 81 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	for _, want := range []string{"p c - does c\n\nUsage: p c [FLAGS]\ne.g.   p c 1\n       p c 2\n", "\na:  1\nb:  2\n", "\nWhat to look at:\n  --a-very-long-name-of-a-flag-indeed\n    which\n",
		"\nOutput:\n  -f, --format F  how (default: text)\n\nLimits:\n  --max-x N  word word", "\n             word word", "\nExit status:\n  0    it was"} {
		if !strings.Contains(help, want) {
			t.Errorf("no %q in\n%s", want, help)
		}
	}
}

func TestExamples(t *testing.T) {
	usage, examples := Examples("p c [FLAGS]\n\nExample: p c 1\nExample: p c 2")
	if usage != "p c [FLAGS]" || !slices.Equal(examples, []string{"p c 1", "p c 2"}) {
		t.Errorf("%q, %q", usage, examples)
	}
}
