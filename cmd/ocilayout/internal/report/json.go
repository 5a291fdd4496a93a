package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON writes v as indented JSON in one line or more, in ASCII: what is not is
// written as \u escapes, which any reader turns back into the same strings.
func JSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(&asciiWriter{w: w})
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// asciiWriter is ascii as a writer, for what is too long to be held another time.
// It lets line breaks be, which stand between values.
type asciiWriter struct{ w io.Writer }

func (a *asciiWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		// Up to the end of a line: no string goes beyond it, and it is no part of a rune.
		n := bytes.IndexByte(rest, '\n') + 1
		line, end := rest[:max(n-1, 0)], rest[max(n-1, 0):n]
		if n == 0 {
			n, line, end = len(rest), rest, nil
		}
		if _, err := a.w.Write(append(ascii(line), end...)); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// jsonLine writes v as JSON in one line.
func jsonLine(w io.Writer, v any) error {
	raw, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(raw, '\n'))
	return err
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(true)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return ascii(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// ascii escapes what encoding/json leaves as it is, and a terminal or a CI
// system would act on. Anything but printable ASCII stands within strings, and
// so does "##".
func ascii(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		switch {
		case r == '#' && len(out) > 0 && out[len(out)-1] == '#':
			out = append(out, `\u0023`...)
		case printable(r):
			out = append(out, raw[0])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		raw = raw[n:]
	}
	return out
}
