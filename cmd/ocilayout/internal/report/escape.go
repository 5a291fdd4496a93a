package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How many bytes of a value and of a sentence are shown. Digests and pointers
// are shorter than the one, a list of twenty digests than the other.
const (
	longest     = 400
	longestText = 2000
)

// Value returns s so that it can be shown anywhere, also at the beginning of a
// line: as it is if it is plain, and otherwise quoted as a Go string in ASCII,
// so that neither control characters nor look-alikes nor changes of direction
// reach the reader, nor commands a CI system that reads along. The empty string
// is "".
func Value(s string) string {
	s, more := clip(s, longest)
	if !plain(s) {
		s = hashes(strconv.QuoteToASCII(s))
	}
	return s + more
}

// Text is Value for a sentence that stands behind words of our own: it is not
// quoted, and only what is not printable ASCII is escaped.
func Text(s string) string {
	s, more := clip(s, longestText)
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if printable(r) {
			b.WriteByte(s[0])
		} else {
			quoted := strconv.QuoteToASCII(s[:n])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[n:]
	}
	return hashes(b.String()) + more
}

// clip cuts off what is beyond the first most bytes, between characters.
func clip(s string, most int) (start, more string) {
	if len(s) <= most {
		return s, ""
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end], fmt.Sprintf("... (%d bytes)", len(s))
}

// plain says whether s is printable ASCII that looks like nothing else: neither
// like a quoted string nor like a command to a CI system.
func plain(s string) bool {
	if s == "" || s[0] == '"' || s[0] == ' ' || s[0] == ':' || strings.Contains(s, "##") {
		return false
	}
	if strings.HasPrefix(s, "section_start:") || strings.HasPrefix(s, "section_end:") { // GitLab folds what is between
		return false
	}
	for _, r := range s {
		if !printable(r) || r == '\\' {
			return false
		}
	}
	return true
}

func printable(r rune) bool { return r >= ' ' && r <= '~' }

// hashes takes "##" apart, with which the commands of several CI systems begin
// wherever in a line they stand, as "##[" and "##vso[".
func hashes(s string) string { return strings.ReplaceAll(s, "##", `#\x23`) }

// Wrap breaks text into lines of at most width bytes, where words allow.
func Wrap(text string, width int) string { return Fill(text, 0, width, "") }

// Fill is Wrap where the first line begins at a column, and the others behind indent.
func Fill(text string, column, width int, indent string) string {
	var b strings.Builder
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+len(word) > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}

// broken breaks every line that is longer than width at the last space that
// fits, and indents what follows, so that it begins no line. A word that is
// longer stays whole, to be copied, and one that would be a command to a CI system
// stays behind the word before it. A width of 0 breaks nothing.
func broken(text string, width int) string {
	const indent = "    "
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		for width > 2*len(indent) && len(line) > width {
			at := breakOf(line, width)
			if at < 0 {
				break
			}
			b.WriteString(line[:at] + "\n")
			line = indent + line[at+1:]
		}
		b.WriteString(line)
	}
	return b.String()
}

// breakOf returns the last space at which a line can be broken so that it is no
// wider, or else the first one at all, and -1 if there is none.
func breakOf(line string, width int) int {
	start := len(line) - len(strings.TrimLeft(line, " "))
	can := func(at int) bool {
		next := strings.TrimLeft(line[at:], " ")
		return line[at] == ' ' && !strings.HasPrefix(next, "::") && !strings.HasPrefix(next, "section_")
	}
	for at := width; at >= start; at-- {
		if can(at) {
			return at
		}
	}
	for at := max(start, width+1); at < len(line); at++ {
		if can(at) {
			return at
		}
	}
	return -1
}
