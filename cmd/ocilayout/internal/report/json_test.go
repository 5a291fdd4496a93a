package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, map[string]any{"a": []string{"\u009b\u202e\x7f", "\U0001f600", "<&>", "a##[b]###", `\u0041"`}, "b": []string{}, "c": nil}); err != nil {
		t.Fatal(err)
	}
	want := `{
  "a": [
    "\u009b\u202e\u007f",
    "\ud83d\ude00",
    "\u003c\u0026\u003e",
    "a#\u0023[b]#\u0023#",
    "\\u0041\""
  ],
  "b": [],
  "c": null
}
`
	if b.String() != want {
		t.Errorf("%s, not %s", &b, want)
	}
}

func TestJSONLine(t *testing.T) {
	var b bytes.Buffer
	if err := jsonLine(&b, []string{"a\nb", "é"}); err != nil {
		t.Fatal(err)
	}
	if want := `["a\nb","\u00e9"]` + "\n"; b.String() != want {
		t.Errorf("%q, not %q", &b, want)
	}
}

var errFull = errors.New("full")

// full is a writer that takes no more than so many bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestJSONErrors(t *testing.T) {
	for name, write := range map[string]func(*full, any) error{
		"JSON":     func(w *full, v any) error { return JSON(w, v) },
		"jsonLine": func(w *full, v any) error { return jsonLine(w, v) },
	} {
		if err := write(new(full), "x"); !errors.Is(err, errFull) {
			t.Errorf("%s to a full writer: %v", name, err)
		}
		if err := write(&full{100}, func() {}); err == nil || errors.Is(err, errFull) {
			t.Errorf("%s of what JSON cannot hold: %v", name, err)
		}
		if err := write(&full{100}, "x"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a string holds, JSON is lines of printable ASCII that read as the
// same string, or as what encoding/json makes of bytes that are not UTF-8.
func FuzzJSON(f *testing.F) {
	for _, s := range strange {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, write := range []func(*bytes.Buffer, any) error{
			func(b *bytes.Buffer, v any) error { return JSON(b, v) },
			func(b *bytes.Buffer, v any) error { return jsonLine(b, v) },
		} {
			var b bytes.Buffer
			if err := write(&b, map[string]string{s: s}); err != nil {
				t.Fatal(err)
			}
			text, ok := strings.CutSuffix(b.String(), "\n")
			if !ok {
				t.Fatalf("no newline ends %q", &b)
			}
			for line := range strings.SplitSeq(text, "\n") {
				shown(t, line, len(b.String()))
			}
			var back map[string]string
			if err := json.Unmarshal(b.Bytes(), &back); err != nil {
				t.Fatalf("%v: %s", err, &b)
			}
			want := s
			if !utf8.ValidString(s) {
				want = string([]rune(s)) // each byte that is none becomes U+FFFD
			}
			if got, ok := back[want]; !ok || got != want || len(back) != 1 {
				t.Errorf("%q reads as %q", s, back)
			}
		}
	})
}
