package report

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/verify/rule"
)

const someDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// drawn returns a table of the columns that the commands have, width wide.
func drawn(t *testing.T, width int, style Style) string {
	t.Helper()
	var b bytes.Buffer
	table := NewTable(&b, width, Column{Header: "NAME", Flexible: true}, Column{Header: "DIGEST", Short: ShortDigest},
		Column{Header: "SIZE", Right: true}, Column{Header: "CREATED", Short: ShortTime}, Column{Header: "STATE", Paint: style.Mark})
	table.Row("a", someDigest, "1 B", "1970-01-01T00:00:00Z", "-")
	table.Row("a-name-that-is-long", "-", "10 KiB", "yesterday", "missing")
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What does not fit becomes shorter step by step, and no more of it than needed.
func TestTable(t *testing.T) {
	whole := "" +
		"NAME                 DIGEST                                                                     SIZE  CREATED               STATE\n" +
		"a                    " + someDigest + "     1 B  1970-01-01T00:00:00Z  -\n" +
		"a-name-that-is-long  -                                                                        10 KiB  yesterday             missing\n"
	date := "" +
		"NAME                 DIGEST                 SIZE  CREATED     STATE\n" +
		"a                    sha256:0123456789ab     1 B  1970-01-01  -\n" +
		"a-name-that-is-long  -                    10 KiB  yesterday   missing\n"
	narrow := "" +
		"NAME      DIGEST                 SIZE  CREATED     STATE\n" +
		"a         sha256:0123456789ab     1 B  1970-01-01  -\n" +
		"a-nam...  -                    10 KiB  yesterday   missing\n"
	for width, want := range map[int]string{
		0: whole, 200: whole, 131: whole,
		79: "" +
			"NAME                 DIGEST                 SIZE  CREATED               STATE\n" +
			"a                    sha256:0123456789ab     1 B  1970-01-01T00:00:00Z  -\n" +
			"a-name-that-is-long  -                    10 KiB  yesterday             missing\n",
		78: date, 69: date,
		65: "" +
			"NAME             DIGEST                 SIZE  CREATED     STATE\n" +
			"a                sha256:0123456789ab     1 B  1970-01-01  -\n" +
			"a-name-that-...  -                    10 KiB  yesterday   missing\n",
		58: narrow, 20: narrow, 1: narrow, // as narrow as it can be
	} {
		got := drawn(t, width, Style{})
		if got != want {
			t.Errorf("%d wide:\n%snot\n%s", width, got, want)
		}
		for line := range strings.Lines(got) {
			if n := len(strings.TrimSuffix(line, "\n")); width >= 58 && n > width {
				t.Errorf("%d wide: %q is %d wide", width, line, n)
			}
		}
	}
}

// Of several columns the widest is cut first, so that short ones stay whole.
func TestTableWidest(t *testing.T) {
	var b bytes.Buffer
	table := NewTable(&b, 30, Column{Header: "A", Flexible: true}, Column{Header: "B", Flexible: true})
	table.Row(strings.Repeat("a", 10), strings.Repeat("b", 100))
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "A           B\naaaaaaaaaa  bbbbbbbbbbbbbbb...\n"; b.String() != want {
		t.Errorf("%q", b.String())
	}
}

// Colour changes nothing but the colour: no column moves.
func TestTablePaint(t *testing.T) {
	plain, painted := drawn(t, 80, Style{}), drawn(t, 80, NewStyle(true))
	if want := "\x1b[1;31mmissing\x1b[0m\n"; !strings.HasSuffix(painted, want) || strings.Count(painted, "\x1b") != 2 {
		t.Errorf("%q", painted)
	}
	if got := strings.NewReplacer("\x1b[1;31m", "", "\x1b[0m", "").Replace(painted); got != plain {
		t.Errorf("%q, not %q", got, plain)
	}
}

func TestTableError(t *testing.T) {
	table := NewTable(&full{10}, 0, Column{Header: "NAME"})
	table.Row(strings.Repeat("a", 100))
	if err := table.Flush(); !errors.Is(err, errFull) {
		t.Error(err)
	}
}

func TestShort(t *testing.T) {
	for s, want := range map[string]string{
		someDigest:                            "sha256:0123456789ab",
		"blake3:" + strings.Repeat("a", 64):   "blake3:aaaaaaaaaaaa",
		"sha256:0123456789ab":                 "sha256:0123456789ab",
		"sha256:0123456789abc\\":              "sha256:0123456789abc\\",
		`"sha256:\x1b` + someDigest[7:] + `"`: `"sha256:\x1b` + someDigest[7:] + `"`,
		"-":                                   "-",
		"":                                    "",
	} {
		if got := ShortDigest(s); got != want {
			t.Errorf("%q becomes %q", s, got)
		}
	}
	for s, want := range map[string]string{
		"2026-01-02T03:04:05Z":           "2026-01-02",
		"2026-01-02T03:04:05.678+02:00":  "2026-01-02",
		"2026-01-02 03:04:05":            "2026-01-02 03:04:05",
		`"2026-01-02T03:04:05Z\x1b[31m"`: `"2026-01-02T03:04:05Z\x1b[31m"`,
		"-":                              "-",
	} {
		if got := ShortTime(s); got != want {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

// Each severity looks different, and the zero Style leaves all as it is.
func TestStyle(t *testing.T) {
	seen := make(map[string]bool)
	for _, severity := range []rule.Severity{rule.Error, rule.Warning, rule.Info, rule.Ignore} {
		got := NewStyle(true).Severity(severity, "x")
		if seen[got] || !strings.HasPrefix(got, "\x1b[") || !strings.HasSuffix(got, "mx\x1b[0m") {
			t.Errorf("%v: %q", severity, got)
		}
		seen[got] = true
		if got := (Style{}).Severity(severity, "x"); got != "x" {
			t.Errorf("%v without colour: %q", severity, got)
		}
	}
	on := NewStyle(true)
	if on.Mark("-") != "-" || on.Mark("") != "" || on.Mark("missing") == "missing" || on.Dim("x") == "x" || (Style{}).Mark("x")+(Style{}).Dim("x") != "xx" {
		t.Errorf("%q %q %q", on.Mark("-"), on.Mark("missing"), on.Dim("x"))
	}
}

// In a report only severities are coloured, and in that for machines nothing.
func TestStyledReport(t *testing.T) {
	for _, format := range Formats {
		var plain, styled bytes.Buffer
		for w, style := range map[*bytes.Buffer]Style{&plain: {}, &styled: NewStyle(true)} {
			report := NewReport(format, w, Options{Tool: Tool{"ocilayout", "v0.0.0"}, Style: style})
			for _, f := range findings {
				if err := report.Finding("a", f); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(report.Layout(results[2]), report.Close(0)); err != nil {
				t.Fatal(err)
			}
		}
		want, got := plain.String(), styled.String()
		if format == "text" {
			for _, colored := range []string{NewStyle(true).Severity(rule.Error, "error"), NewStyle(true).Severity(rule.Warning, "warning"), NewStyle(true).Severity(rule.Error, "INVALID")} {
				if !strings.Contains(got, colored) {
					t.Errorf("no %q in %q", colored, got)
				}
			}
			got = regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(got, "")
		}
		if got != want {
			t.Errorf("%s: %q, not %q", format, got, want)
		}
	}
}

// Sentences are broken between words, values never.
func TestBroken(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three four", 0, "one two three four"},
		{"one two three four", 18, "one two three four"},
		{"one two three four", 17, "one two three\n    four"},
		{"one two three four", 9, "one two\n    three\n    four"},
		{"one two three four", 3, "one two three four"},
		{"    a-long-word and more", 12, "    a-long-word\n    and more"},
		{"    a-word-without-an-end", 10, "    a-word-without-an-end"},
		{"one two three\nfour five six", 10, "one two\n    three\nfour five\n    six"},
		{"one two three  four", 14, "one two three \n    four"},
		{"", 10, ""},
	} {
		if got := broken(test.text, test.width); got != test.want {
			t.Errorf("%q in %d: %q, not %q", test.text, test.width, got, test.want)
		}
	}
}

// On a terminal no finding loses a word, and no line begins with another's.
func TestReportWidth(t *testing.T) {
	for _, width := range []int{20, 40, 80, 200} {
		var b bytes.Buffer
		report := NewReport("text", &b, Options{Width: width, Verbose: true})
		for _, f := range findings {
			if err := report.Finding("a", f); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range results {
			if err := report.Layout(r); err != nil {
				t.Fatal(err)
			}
		}
		for line := range strings.Lines(b.String()) {
			shown(t, strings.TrimSuffix(line, "\n"), 1<<20)
			if strings.HasPrefix(strings.TrimLeft(line, " "), "::") {
				t.Errorf("%d wide: a command: %q", width, line)
			}
		}
		for _, f := range findings {
			if got, want := strings.Join(strings.Fields(b.String()), " "), strings.Join(strings.Fields(Text(f.Message)), " "); !strings.Contains(got, want) {
				t.Errorf("%d wide: %q is not in %s", width, want, b.String())
			}
		}
	}
}

func TestShortMediaType(t *testing.T) {
	for s, want := range map[string]string{
		"application/vnd.oci.image.layer.v1.tar+gzip":       "layer.v1.tar+gzip",
		"application/vnd.oci.empty.v1+json":                 "oci.empty.v1+json",
		"application/vnd.docker.image.rootfs.diff.tar.gzip": "docker.image.rootfs.diff.tar.gzip",
		"application/vnd.":                                  "application/vnd.",
		"application/vnd.oci.image.":                        "oci.image.",
		"text/plain":                                        "text/plain",
		"-":                                                 "-",
	} {
		if got := ShortMediaType(s); got != want {
			t.Errorf("%q becomes %q, not %q", s, got, want)
		}
	}
}
