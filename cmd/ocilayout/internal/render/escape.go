package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longest is how many bytes of one value are shown. Digests and pointers are
// shorter.
const longest = 400

// Value returns s so that it can be shown: as it is if it is printable ASCII,
// and otherwise quoted as a Go string in ASCII, so that neither control
// characters nor look-alikes nor changes of direction reach the reader. The
// empty string is "".
func Value(s string) string {
	s, more := clip(s)
	if !plain(s) || s == "" {
		s = strconv.QuoteToASCII(s)
	}
	return s + more
}

// Text is Value for a sentence: what has to be escaped is, without quotes
// around the whole.
func Text(s string) string {
	s, more := clip(s)
	if plain(s) {
		return s + more
	}
	quoted := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + more
}

func clip(s string) (kept, more string) {
	if len(s) <= longest {
		return s, ""
	}
	kept = s[:longest]
	for i := 0; i < utf8.UTFMax && !utf8.ValidString(kept[len(kept)-1:]); i++ {
		kept = kept[:len(kept)-1]
	}
	return kept, fmt.Sprintf("... (%d bytes)", len(s))
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// Wrap breaks text into lines of at most width bytes, where words allow.
func Wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		switch {
		case column == 0:
		case column+1+len(word) > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
