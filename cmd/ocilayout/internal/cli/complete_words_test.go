package cli

import (
	"slices"
	"strings"
	"testing"
)

// There is no PowerShell to run the script in here: what it is given is quoted so
// that nothing in it is evaluated.
func TestPowerShellQuote(t *testing.T) {
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
	f.Fuzz(func(t *testing.T, typed string, prefix int, name string) {
		words := splitLine(typed, " \t\n\"'@><=;|&(:")
		word := words[len(words)-1]
		if prefix < 0 || prefix > len(word.text) || name == "" || strings.ContainsAny(typed+name, "\n\\") || !strings.HasPrefix(name, word.text[prefix:]) {
			return
		}
		inserted, ok := bashWord(&word, prefix, name)
		if !ok {
			return
		}
		from := word.breakRaw
		if word.quote != 0 {
			from = word.quoteRaw
		}
		whole := splitLine(word.raw[:from]+inserted, "")
		if len(whole) != 1 || whole[0].text != word.text[:prefix]+name {
			t.Errorf("%q with %d prefix and %q becomes %q", typed, prefix, name, texts(whole))
		}
	})
}
