package model

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// wanted is the JSON kind that a Go type is loaded from, and its name.
type wanted struct {
	kind jsontext.Kind
	name string
}

var (
	rawType = reflect.TypeFor[json.RawMessage]()
	anyKind = wanted{0, "any value"}
)

func wantedKind(t reflect.Type) wanted {
	switch {
	case t == rawType:
		return anyKind
	case isBytes(t):
		return wanted{'"', "string"}
	}
	switch t.Kind() {
	case reflect.String:
		return wanted{'"', "string"}
	case reflect.Bool:
		return wanted{'t', "boolean"}
	case reflect.Int64:
		return wanted{'0', "integer"}
	case reflect.Slice:
		return wanted{'[', "array"}
	case reflect.Map, reflect.Struct:
		return wanted{'{', "object"}
	case reflect.Pointer:
		return wantedKind(t.Elem())
	}
	panic(fmt.Sprintf("model: cannot load a %v", t))
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// scalar reads a string, number or boolean of the kind that dst wants.
func (l *loader) scalar(dst reflect.Value) result {
	switch {
	case isBytes(dst.Type()):
		return l.base64(dst)
	case dst.Kind() == reflect.String:
		dst.SetString(l.str())
	case dst.Kind() == reflect.Bool:
		dst.SetBool(l.dec.PeekKind() == 't')
		l.token()
	default:
		return l.integer(dst)
	}
	if l.stopped {
		return bad
	}
	return loaded
}

// integer reads a number as it is written: of what JSON has, ParseInt takes no
// fraction and no exponent.
func (l *loader) integer(dst reflect.Value) result {
	literal, ok := l.literal()
	if !ok {
		return bad
	}
	n, err := strconv.ParseInt(string(literal), 10, 64)
	if err != nil {
		l.report(rule.JSONInteger, l.pointer(), "the number is not an integer that fits 64 bits, written without fraction and exponent",
			"integer", clip(string(literal)))
		return bad
	}
	l.exact(literal)
	dst.SetInt(n)
	return loaded
}

// maxExact is the largest integer up to which a double holds every one.
const maxExact = 1 << 53

// exact reports a number that a reader which keeps numbers as doubles would
// change or lose.
func (l *loader) exact(literal []byte) {
	f, err := strconv.ParseFloat(string(literal), 64)
	if isInteger := !bytes.ContainsAny(literal, ".eE"); err != nil || isInteger && (f >= maxExact || f <= -maxExact) {
		l.report(rule.JSONNumberRange, l.pointer(), "the number is beyond what readers that keep numbers as doubles hold exactly",
			"from -9007199254740991 to 9007199254740991", clip(string(literal)))
	}
}

// base64 reads RFC 4648 section 4 with padding and without line breaks, which
// the standard decoder would skip even when strict.
func (l *loader) base64(dst reflect.Value) result {
	text := l.str()
	if l.stopped {
		return bad
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		l.report(rule.DataBase64, l.pointer(), "the value is not base64 with the standard alphabet, padded and without line breaks",
			"base64", clip(text))
		return bad
	}
	dst.SetBytes(data)
	return loaded
}

// str reads a string or a name and returns it unescaped. Bytes that are no
// UTF-8 come back as U+FFFD, after they were reported.
func (l *loader) str() string {
	literal, ok := l.literal()
	if !ok {
		return ""
	}
	if len(literal) > l.limits.String {
		l.limit("a string longer than the limit", l.limits.String)
		return ""
	}
	inner := literal[1 : len(literal)-1]
	if !l.odd && bytes.IndexByte(inner, '\\') < 0 {
		return l.text(inner)
	}
	text, err := jsontext.AppendUnquote(nil, literal)
	if err != nil {
		if utf8.Valid(literal) {
			l.report(rule.JSONSurrogate, l.pointer(), "a string holds half of a surrogate pair, which is no character", "", clip(string(literal)))
		} else {
			l.report(rule.JSONUTF8, l.pointer(), "a string holds bytes that are no UTF-8", "", clip(strings.ToValidUTF8(string(literal), "\uFFFD")))
		}
	}
	if at := bytes.IndexFunc(text, isNoncharacter); at >= 0 {
		l.report(rule.JSONNoncharacter, l.pointer(), "a string holds a code point that is set aside as no character", "", clip(string(literal)))
	}
	return l.text(text)
}

// isNoncharacter says whether Unicode sets the code point aside for no character
// ever: the last two of each plane, and 32 more.
func isNoncharacter(r rune) bool {
	return r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}

// mayHoldNoncharacter spares nearly every document the look at each code point:
// the UTF-8 of all noncharacters has one of these.
func mayHoldNoncharacter(raw []byte) bool {
	return bytes.Contains(raw, []byte("\xef\xb7")) || bytes.Contains(raw, []byte("\xbf\xbe")) || bytes.Contains(raw, []byte("\xbf\xbf"))
}

// literal reads a scalar or a name and returns it as it is written.
func (l *loader) literal() ([]byte, bool) {
	if !l.count() {
		return nil, false
	}
	literal, err := l.dec.ReadValue()
	if err != nil {
		l.syntax(err)
		return nil, false
	}
	return literal, true
}

// token reads one token: a literal, or the opening or closing of an array or
// object.
func (l *loader) token() bool {
	if !l.count() {
		return false
	}
	if _, err := l.dec.ReadToken(); err != nil {
		l.syntax(err)
		return false
	}
	return true
}

func (l *loader) count() bool {
	if l.stopped {
		return false
	}
	if l.values++; l.values > l.limits.Values {
		l.limit("more values than the limit", l.limits.Values)
		return false
	}
	if l.values%1024 == 0 {
		select {
		case <-l.limits.Done:
			l.report(rule.LimitJSON, l.pointer(), "loading was ended; nothing after it was read", "", "")
			l.stopped = true
			return false
		default:
		}
	}
	return true
}

// since returns the JSON of the value that was read after offset start.
func (l *loader) since(start int64) []byte {
	return bytes.TrimLeft(l.raw[start:l.dec.InputOffset()], " \t\r\n:,")
}

// pointer returns the place of the value or name that was read last.
func (l *loader) pointer() string { return string(l.dec.StackPointer()) }

func (l *loader) report(id rule.ID, pointer, message, expected, actual string) {
	if l.pointers += len(pointer); len(l.problems) >= maxProblems || l.pointers > maxPointers {
		l.problems = append(l.problems, Problem{Rule: rule.LimitJSON, Message: "more problems in one document than are kept",
			Expected: strconv.Itoa(maxProblems)})
		l.stopped = true
		return
	}
	l.reported += problemCost + len(pointer) + len(actual)
	l.problems = append(l.problems, Problem{id, pointer, message, expected, actual})
}

// moveLast moves the newest problem to place at: a value of the wrong type is
// reported before what is wrong inside it.
func (l *loader) moveLast(at int) {
	last := len(l.problems) - 1
	p := l.problems[last]
	copy(l.problems[at+1:], l.problems[at:last])
	l.problems[at] = p
}

func (l *loader) wrongType(want string, got jsontext.Kind) {
	l.report(rule.JSONType, l.pointer(), "the value has the wrong type", want, kindName(got))
}

func (l *loader) repeated(name string) {
	l.report(rule.JSONDuplicateName, l.pointer(), "the name stands more than once in its object", "", clip(name))
}

func (l *loader) limit(message string, most int) {
	if l.stopped {
		return
	}
	l.report(rule.LimitJSON, l.pointer(), message+"; nothing after it was read", strconv.Itoa(most), "")
	l.stopped = true
}

// syntax reports what ends the document before its time.
func (l *loader) syntax(err error) {
	if l.stopped {
		return
	}
	message, pointer := "the document is not JSON", ""
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		pointer = string(e.JSONPointer)
		message = fmt.Sprintf("not JSON at byte %d: %v", e.ByteOffset, e.Err)
	}
	switch {
	case len(bytes.TrimLeft(l.raw, " \t\r\n")) == 0:
		message = "the document is empty"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		message = fmt.Sprintf("the document ends early, after %d bytes", len(l.raw))
	}
	l.report(rule.JSONSyntax, pointer, message, "one JSON value", "")
	l.stopped = true
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "boolean"
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "nothing"
}
