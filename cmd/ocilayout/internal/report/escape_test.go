package report

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestValue(t *testing.T) {
	long := strings.Repeat("x", longest)
	for _, test := range []struct{ value, want string }{
		{"", `""`},
		{"index.json", "index.json"},
		{"index.json#/manifests/0", "index.json#/manifests/0"},
		{"two words, and a full stop.", "two words, and a full stop."},
		{"<script>", "<script>"},
		{"a::b", "a::b"},
		{"a\"b", `a"b`},

		// What acts on a terminal, or on whoever reads it.
		{"\x1b[31m", `"\x1b[31m"`},
		{"\u009b31m", `"\u009b31m"`},
		{"a\nb\r\tc\x00\a\x7f", `"a\nb\r\tc\x00\a\x7f"`},
		{"\u202eabc", `"\u202eabc"`},
		{"\u2066\u200b\ufeff", `"\u2066\u200b\ufeff"`},
		{"\u3164\ufe0f\u2800\u034f", `"\u3164\ufe0f\u2800\u034f"`},
		{"é", `"\u00e9"`},
		{"\U0001f600", `"\U0001f600"`},
		{"a\xff\xc3", `"a\xff\xc3"`},
		{"\ufffd", `"\ufffd"`},
		{`a\b`, `"a\\b"`},

		// What acts on a CI system, or looks like what was quoted.
		{"::error::x", `"::error::x"`},
		{":", `":"`}, // a colon often follows a value
		{"  ::error::x", `"  ::error::x"`},
		{"a##[error]x", `"a#\x23[error]x"`},
		{"####", `"#\x23#\x23"`},
		{`"quoted"`, `"\"quoted\""`},
		{`""`, `"\"\""`},

		// What is too long is cut off between characters.
		{long, long},
		{long + "y", long + "... (401 bytes)"},
		{long[1:] + "é", long[1:] + "... (401 bytes)"},
		{long[2:] + "éx", `"` + long[2:] + `\u00e9"... (401 bytes)`},
	} {
		if got := Value(test.value); got != test.want {
			t.Errorf("%q is shown as %s, not %s", test.value, got, test.want)
		}
	}
}

func TestText(t *testing.T) {
	long := strings.Repeat("x", longestText)
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{`no rule "x"`, `no rule "x"`},
		{`no rule "\x1b"`, `no rule "\x1b"`},
		{"a \x1b[31mb\u202e\xff", `a \x1b[31mb\u202e\xff`},
		{"a\nb", `a\nb`},
		{"a \U0001f600", `a \U0001f600`},
		{"a ##vso[x]", `a #\x23vso[x]`},
		{long, long},
		{long + "y", long + "... (2001 bytes)"},
	} {
		if got := Text(test.text); got != test.want {
			t.Errorf("%q is shown as %s, not %s", test.text, got, test.want)
		}
	}
}

// strange are strings that are hard to show.
var strange = []string{
	"", "plain", "a b", " a", "a\\b", `"`, "\x1b[31m", "\u009b", "\n", "\r\n::error::x", "::set-output name=a::b",
	"##vso[x]", "###", "\u202e", "é", "\U0001f600", "\xff", "\xed\xa0\x80", "\ufffd", "\x00",
	strings.Repeat("é", 250), strings.Repeat("##", 1200), strings.Repeat("\xf0\x9f\x98\x80", 600),
}

// shown holds what is shown to what a reader can bear.
func shown(t *testing.T, s string, most int) {
	t.Helper()
	if len(s) > most {
		t.Errorf("%d bytes, more than %d", len(s), most)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			t.Errorf("byte %#x in %q", s[i], s)
		}
	}
	if strings.Contains(s, "##") {
		t.Errorf("a command in %q", s)
	}
}

func FuzzValue(f *testing.F) {
	for _, s := range strange {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Value(s)
		shown(t, got, 4*longest+40)
		if got == "" || strings.HasPrefix(strings.TrimSpace(got), "::") {
			t.Errorf("%q is shown as %q", s, got)
		}
		if len(s) > longest {
			if !strings.HasSuffix(got, fmt.Sprintf("... (%d bytes)", len(s))) {
				t.Errorf("%q does not say that it is cut off", got)
			}
			return
		}
		// What is shown stands for one value alone.
		back := got
		if got[0] == '"' {
			var err error
			if back, err = strconv.Unquote(got); err != nil {
				t.Fatalf("%s: %v", got, err)
			}
		}
		if back != s {
			t.Errorf("%s reads as %q, not as %q", got, back, s)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range strange {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		shown(t, got, 4*longestText+40)
		if len(s) <= longestText && !strings.Contains(s, "##") && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 && got != s {
			t.Errorf("%q is shown as %q", s, got)
		}
	})
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, ""},
		{"one", 10, "one"},
		{"one two", 7, "one two"},
		{"one two", 6, "one\ntwo"},
		{"  one\n\ttwo  three ", 9, "one two\nthree"},
		{"a longer-than-the-line b", 6, "a\nlonger-than-the-line\nb"},
	} {
		if got := Wrap(test.text, test.width); got != test.want {
			t.Errorf("%q in %d is %q, not %q", test.text, test.width, got, test.want)
		}
	}
}
