package model

import (
	"bytes"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// newWordsDecoder reads what a loader or encoder has let through before.
func newWordsDecoder(words []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(words), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// elementsOf yields the elements of an array, or the members of an object, each
// as it is written, and nothing for any other value.
func elementsOf(words []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		dec := newWordsDecoder(words)
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
			if dec.SkipValue() != nil || !yield(name, bytes.TrimLeft(words[start:dec.InputOffset()], " \t\r\n:,")) {
				return
			}
		}
	}
}

// repaired writes a member that could not be loaded as a whole: what Go code
// has set since, and the rest as it was.
func (e *encoder) repaired(m *Members, name string, v reflect.Value) error {
	words := m.words(name)
	if words == nil && isEmpty(v) {
		return nil
	}
	if err := e.WriteToken(jsontext.String(name)); err != nil {
		return err
	}
	return e.repairedValue(v, words)
}

func (e *encoder) repairedValue(v reflect.Value, words []byte) error {
	switch {
	case words == nil:
		return e.value(v)
	case isEmpty(v):
		return e.WriteValue(words)
	case isCollection(v) && v.Kind() == reflect.Slice && words[0] == '[':
		return e.repairedArray(v, words)
	case isCollection(v) && v.Kind() == reflect.Map && words[0] == '{':
		return e.repairedMap(v, words)
	}
	return e.value(v)
}

func (e *encoder) repairedArray(v reflect.Value, words []byte) error {
	if err := e.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	origins := originsOf(v, words)
	for i := range v.Len() {
		if err := e.repairedValue(v.Index(i), origins[i]); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndArray)
}

// originsOf returns for each element of v the words that it could not be loaded
// from, nil for the others. In an array as long as it was or longer they go by
// position. In a shorter one the elements have moved up: the empty ones are then
// the empty ones there were, in their order.
func originsOf(v reflect.Value, words []byte) [][]byte {
	var all, empty [][]byte
	for _, element := range elementsOf(words) {
		value := reflect.New(v.Type().Elem()).Elem()
		origin := element
		if reload(value, element) != bad {
			origin = nil
		}
		all = append(all, origin)
		if isEmpty(value) {
			empty = append(empty, origin)
		}
	}
	origins := make([][]byte, v.Len())
	if len(origins) >= len(all) {
		copy(origins, all)
		return origins
	}
	for i := range origins {
		if isEmpty(v.Index(i)) && len(empty) > 0 {
			origins[i], empty = empty[0], empty[1:]
		}
	}
	return origins
}

// repairedMap writes the members of v, and those of the object that could not
// be loaded and were not set since, sorted by name.
func (e *encoder) repairedMap(v reflect.Value, words []byte) error {
	values := stringKeys(v)
	origins := make(map[string][]byte)
	for name, element := range elementsOf(words) {
		if _, repeated := origins[name]; repeated {
			continue
		}
		origins[name] = nil
		if reload(reflect.New(v.Type().Elem()).Elem(), element) == bad {
			origins[name] = element
		}
	}
	maps.DeleteFunc(origins, func(_ string, origin []byte) bool { return origin == nil })
	for name := range values {
		delete(origins, name)
	}
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(values)), maps.Keys(origins))
	slices.Sort(names)
	for _, name := range names {
		if origin, ok := origins[name]; ok {
			if err := e.member(name, origin); err != nil {
				return err
			}
			continue
		}
		if err := e.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		if err := e.value(values[name]); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// reload loads words, which stood in a document that was loaded within limits.
func reload(into reflect.Value, words []byte) result {
	l := newLoader(words, Limits{Depth: math.MaxInt, Values: math.MaxInt, Items: math.MaxInt, String: math.MaxInt})
	return l.value(into, false)
}
