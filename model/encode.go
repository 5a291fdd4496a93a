package model

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Encode returns v, a document of this package or a struct that [Load] can
// load, as compact JSON: known members in the order of the fields, then the
// unknown ones as they were. A member is written if it is required, if it was
// there when v was loaded, or if its field holds a value. Map keys are sorted.
// A member that could not be loaded is written as it was, unless its field has
// been set since. A list or map that could not be loaded whole cannot be
// changed: Encode then returns [ErrRefused], until [Unset] has removed it. Of a
// document that ends early, or is beyond a limit, Encode writes what was read.
//
// What Encode returns loads to the same document, and yet may have other bytes
// and so another digest: for a document that was read, use [Members.Raw].
func Encode(v any) ([]byte, error) { return encode(v) }

// EncodeIndent is Encode with line breaks, and with indent for each level.
func EncodeIndent(v any, indent string) ([]byte, error) {
	return encode(v, jsontext.WithIndent(indent))
}

func encode(v any, options ...jsontext.Options) ([]byte, error) {
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil, fmt.Errorf("model: cannot encode a nil %T", v)
		}
		value = value.Elem()
	}
	if value.Kind() != reflect.Struct {
		return nil, fmt.Errorf("model: cannot encode a %T", v)
	}
	if !value.CanAddr() {
		addressable := reflect.New(value.Type()).Elem()
		addressable.Set(value)
		value = addressable
	}
	var out bytes.Buffer
	// What could not be loaded, or is unknown, is written back as it was.
	options = append(options, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true))
	e := &encoder{jsontext.NewEncoder(&out, options...)}
	if err := e.object(value); err != nil {
		return nil, fmt.Errorf("model: encoding %T: %w", v, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

type encoder struct{ *jsontext.Encoder }

func (e *encoder) object(v reflect.Value) error {
	s := shapeOf(v.Type())
	m := v.Field(s.members).Addr().Interface().(*Members)
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i, f := range s.fields {
		value := v.Field(f.index)
		wrong := m.bad&(1<<i) != 0
		if wrong && (isEmpty(value) || isCollection(value)) {
			if raw := m.badValue(f.name); raw != nil {
				if isCollection(value) && !loadsTo(raw, value) {
					return partial(f.name)
				}
				if err := e.member(f.name, raw); err != nil {
					return err
				}
				continue
			}
		}
		if isEmpty(value) && (wrong || value.Kind() == reflect.Pointer || m.present&(1<<i) == 0 && (!f.required || m.shape != nil)) {
			continue
		}
		if err := e.WriteToken(jsontext.String(f.name)); err != nil {
			return err
		}
		if err := e.value(value); err != nil {
			return err
		}
	}
	for name, value := range m.Unknown() {
		if err := e.member(name, value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

func (e *encoder) member(name string, value []byte) error {
	if err := e.WriteToken(jsontext.String(name)); err != nil {
		return err
	}
	return e.WriteValue(value)
}

func (e *encoder) value(v reflect.Value) error {
	switch {
	case v.Type() == rawType:
		return e.WriteValue(v.Bytes())
	case isBytes(v.Type()):
		return e.WriteToken(jsontext.String(base64.StdEncoding.EncodeToString(v.Bytes())))
	}
	switch v.Kind() {
	case reflect.String:
		return e.WriteToken(jsontext.String(v.String()))
	case reflect.Bool:
		return e.WriteToken(jsontext.Bool(v.Bool()))
	case reflect.Int64:
		return e.WriteToken(jsontext.Int(v.Int()))
	case reflect.Pointer:
		if v.IsNil() {
			return fmt.Errorf("a nil %v has no place in a document", v.Type())
		}
		return e.value(v.Elem())
	case reflect.Struct:
		return e.object(v)
	case reflect.Slice:
		return e.array(v)
	case reflect.Map:
		return e.stringMap(v)
	}
	return fmt.Errorf("a %v has no place in a document", v.Type())
}

func (e *encoder) array(v reflect.Value) error {
	if err := e.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for i := range v.Len() {
		if err := e.value(v.Index(i)); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndArray)
}

func (e *encoder) stringMap(v reflect.Value) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	values := stringKeys(v)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := e.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		if err := e.value(values[name]); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// stringKeys returns the values of a map by their names, each addressable.
func stringKeys(v reflect.Value) map[string]reflect.Value {
	values := make(map[string]reflect.Value, v.Len())
	for key, value := range v.Seq2() {
		element := reflect.New(v.Type().Elem()).Elem()
		element.Set(value)
		values[key.String()] = element
	}
	return values
}

// loadsTo says whether raw, a value that could not be loaded whole, gives v when
// it is loaded again, so that v is as it was.
func loadsTo(raw []byte, v reflect.Value) bool {
	again := reflect.New(v.Type()).Elem()
	l := newLoader(raw, Limits{Depth: math.MaxInt, Values: math.MaxInt, Items: math.MaxInt, String: math.MaxInt, Memory: math.MaxInt})
	defer l.done()
	l.value(again, false)
	return reflect.DeepEqual(again.Interface(), v.Interface())
}

func isCollection(v reflect.Value) bool {
	return v.Kind() == reflect.Map || v.Kind() == reflect.Slice && !isBytes(v.Type())
}

// isEmpty says whether a field holds nothing that was set: a slice or map that
// is there and empty counts as set only if loading says so.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		// The presence bit says whether an embedded object was loaded.
		for i := range v.NumField() {
			if !isEmpty(v.Field(i)) && v.Type().Field(i).Type != membersType {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}
