package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Map returns what [Encode] writes of v as a map: objects are map[string]any,
// arrays []any, integers that fit are int64 and all other numbers json.Number,
// so that no digit is lost. Of two members with one name the first counts. The
// map shares nothing with v. The error is that of Encode.
func Map(v any) (map[string]any, error) {
	raw, err := Encode(v)
	if err != nil {
		return nil, err
	}
	value, err := generic(newRawDecoder(raw))
	if err != nil {
		return nil, fmt.Errorf("model: a map of %T: %w", v, err)
	}
	return value.(map[string]any), nil // Encode writes objects only
}

// generic reads the next value. Its recursion is bounded by the encoder, which
// writes no deeper than the decoder reads.
func generic(dec *jsontext.Decoder) (any, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '0':
		number := token.String()
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			return n, nil
		}
		return json.Number(number), nil
	case '[':
		return genericArray(dec)
	}
	return genericObject(dec)
}

func genericArray(dec *jsontext.Decoder) (any, error) {
	values := []any{}
	for dec.PeekKind() != ']' {
		value, err := generic(dec)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	_, err := dec.ReadToken()
	return values, err
}

func genericObject(dec *jsontext.Decoder) (any, error) {
	members := make(map[string]any)
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		value, err := generic(dec)
		if err != nil {
			return nil, err
		}
		if _, repeated := members[name]; !repeated {
			members[name] = value
		}
	}
	_, err := dec.ReadToken()
	return members, err
}

// ErrCanonical is what errors.Is finds in the error of Canonical where a document
// has no canonical form.
var ErrCanonical = errors.New("no canonical form")

// Canonical returns a document that [Encode] wrote, or any other JSON, in the one
// form that RFC 8785 gives it: members sorted by name, no space, numbers and
// strings as short as can be. So equal documents get equal digests
// (considerations.md, Canonicalization). What cannot be written so without a loss
// is [ErrCanonical]: a name that stands twice, bytes that are not UTF-8, an integer
// beyond 2^53 that a float64 does not hold, or a number beyond them all.
func Canonical(raw []byte) ([]byte, error) {
	exact := jsontext.Value(bytes.Clone(raw))
	canonical := jsontext.Value(bytes.Clone(raw))
	if err := errors.Join(exact.Canonicalize(jsontext.CanonicalizeRawInts(false)), canonical.Canonicalize()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCanonical, err)
	}
	if !bytes.Equal(exact, canonical) || overflows(raw) {
		return nil, fmt.Errorf("%w: a number is too large", ErrCanonical)
	}
	return canonical, nil
}

// overflows says whether some number is beyond what a float64 holds, which
// Canonicalize makes the largest one there is.
func overflows(raw []byte) bool {
	for dec := newRawDecoder(raw); ; {
		token, err := dec.ReadToken()
		if err != nil {
			return false // the end
		}
		if token.Kind() == '0' {
			if _, err := strconv.ParseFloat(token.String(), 64); err != nil {
				return true
			}
		}
	}
}

// ErrNotFound is what errors.Is finds in the errors of Get and Unset: the document
// has no such member or element.
var ErrNotFound = errors.New("not found")

// Get returns what the RFC 6901 pointer leads to in v, a document of this
// package or any struct that [Load] can load, as [Encode] writes it: changes
// show, and unknown members are found like known ones. "" is the whole
// document; [Pointer] makes a pointer of names as they stand. The error wraps
// [ErrNotFound], is one of Encode, or says that this is not a JSON pointer.
//
// The whole document is encoded for each call: to read many values, use the
// fields, or [Map].
func Get(v any, pointer string) (json.RawMessage, error) {
	if pointer != "" && pointer[0] != '/' || badEscape(pointer) {
		return nil, fmt.Errorf("model: not a JSON pointer: %q", clip(pointer))
	}
	raw, err := Encode(v)
	if err != nil {
		return nil, err
	}
	if pointer == "" {
		return raw, nil
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		if raw = element(raw, unescapeToken.Replace(token)); raw == nil {
			return nil, fmt.Errorf("model: %w: %q", ErrNotFound, clip(pointer))
		}
	}
	return bytes.Clone(raw), nil
}

// element returns the member of that name or the element at that index, which
// is written without leading zeros, and nil where there is none.
func element(raw []byte, token string) []byte {
	n := 0
	for name, value := range elementsOf(raw) {
		if raw[0] == '[' {
			name = strconv.Itoa(n)
			n++
		}
		if name == token {
			return value
		}
	}
	return nil
}

// newRawDecoder reads what a loader or encoder has read or written before.
func newRawDecoder(raw []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// elementsOf yields the elements of an array, or the members of an object, each
// as it is written, and nothing for any other value.
func elementsOf(raw []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		dec := newRawDecoder(raw)
		open, err := dec.ReadToken()
		if err != nil || open.Kind() != '{' && open.Kind() != '[' {
			return
		}
		object := open.Kind() == '{'
		for kind := dec.PeekKind(); kind != '}' && kind != ']'; kind = dec.PeekKind() {
			name := ""
			if object {
				token, err := dec.ReadToken()
				if err != nil {
					return
				}
				name = token.String()
			}
			start := dec.InputOffset()
			if dec.SkipValue() != nil || !yield(name, bytes.TrimLeft(raw[start:dec.InputOffset()], " \t\r\n:,")) {
				return
			}
		}
	}
}

var unescapeToken = strings.NewReplacer("~1", "/", "~0", "~")

// badEscape reports a tilde that is not part of ~0 or ~1.
func badEscape(pointer string) bool {
	return strings.Count(pointer, "~") != strings.Count(pointer, "~0")+strings.Count(pointer, "~1")
}
