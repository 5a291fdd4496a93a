package report

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"
)

// Terminal returns a writer that lets through what a terminal may show: printable
// ASCII, letters and line breaks. Anything else it escapes.
func Terminal(w io.Writer) io.Writer { return &terminal{w: w} }

type terminal struct {
	w    io.Writer
	rest []byte // the start of a character whose end is to come
}

func (t *terminal) Write(p []byte) (int, error) {
	var out bytes.Buffer
	text := append(t.rest, p...)
	for len(text) > 0 && utf8.FullRune(text) {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\n' || r == '\t' || r >= ' ' && r <= '~':
			out.WriteByte(text[0])
		case r == utf8.RuneError && n == 1:
			quoted := strconv.QuoteToASCII(string(text[:1]))
			out.WriteString(quoted[1 : len(quoted)-1])
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		}
		text = text[n:]
	}
	t.rest = bytes.Clone(text)
	if _, err := t.w.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}
