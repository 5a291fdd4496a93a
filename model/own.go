package model

import (
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// MemberNames returns the names of the members that T knows, in the order of its
// fields. T is a struct that [Load] can load; MemberNames panics on any other.
func MemberNames[T any]() []string {
	var names []string
	for _, f := range shapeOf(reflect.TypeFor[T]()).fields {
		names = append(names, f.name)
	}
	return names
}

// Required yields a problem of rule id for every member below doc that the oci
// tag "required" asks for and that is missing, in the order of the fields. It is
// for documents of your own; those of this package have Validate, which asks for
// more. A member that was there and could not be loaded is not missing: loading
// has reported it. In a value that was made in Go, a required string, pointer or
// json.RawMessage is missing where it is empty; numbers, booleans, lists and maps
// are not, as [Encode] writes them all the same.
//
// An optional struct is looked into only where it is there. A nil doc yields
// nothing. Required panics on a T that Load cannot load.
func Required[T any](doc *T, id rule.ID) iter.Seq[Problem] {
	shapeOf(reflect.TypeFor[T]())
	return validation(As{}, func(c *checker) {
		if doc != nil {
			c.requiredIn(reflect.ValueOf(doc).Elem(), id)
		}
	})
}

func (c *checker) requiredIn(v reflect.Value, id rule.ID) {
	s := shapeOf(v.Type())
	m := v.Field(s.members).Addr().Interface().(*Members)
	for _, f := range s.fields {
		value := v.Field(f.index)
		there := !isEmpty(value) || m.Has(f.name) && !m.Wrong(f.name)
		switch {
		case f.required && m.absent(f.name, !there && (m.Loaded() || emptyInGo(value))):
			c.report(id, f.name, "the member "+f.name+" is required", f.name, "")
		case there || f.required && value.Kind() == reflect.Struct && !m.Loaded():
			c.in(f.name, func() { c.requiredBelow(value, id) })
		}
	}
}

// emptyInGo says whether a field that Go code left empty is missing.
func emptyInGo(v reflect.Value) bool {
	return v.Kind() == reflect.String || v.Kind() == reflect.Pointer || v.Type() == rawType
}

// maxNesting ends the walk through values that were made in Go and that point
// at one another.
const maxNesting = 1000

func (c *checker) requiredBelow(v reflect.Value, id rule.ID) {
	if c.done || len(c.path) > maxNesting {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.requiredBelow(v.Elem(), id)
		}
	case reflect.Struct:
		c.requiredIn(v, id)
	case reflect.Slice:
		if isBytes(v.Type()) {
			return
		}
		for i := range v.Len() {
			c.in(strconv.Itoa(i), func() { c.requiredBelow(v.Index(i), id) })
		}
	case reflect.Map:
		values := stringKeys(v)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			c.in(name, func() { c.requiredBelow(values[name], id) })
		}
	}
}

// Unset takes a member out of doc, known or unknown: its field becomes zero, and
// the document is as if the member had never been there. Encode leaves it out,
// unless it is required and doc was made in Go. The error is [ErrNotFound].
// Unset panics on a T that [Load] cannot load.
func Unset[T any](doc *T, name string) error {
	v := reflect.ValueOf(doc).Elem()
	s := shapeOf(v.Type())
	m := v.Field(s.members).Addr().Interface().(*Members)
	if i, known := s.byName[name]; known {
		v.Field(s.fields[i].index).SetZero()
		m.present &^= 1 << i
		m.bad &^= 1 << i
		m.null &^= 1 << i
		return nil
	}
	if m.more != nil {
		is := func(u member) bool { return u.name == name }
		if slices.ContainsFunc(m.more.unknown, is) {
			changed := *m.more // a copy of doc keeps the member
			changed.unknown = slices.DeleteFunc(slices.Clone(changed.unknown), is)
			m.more = &changed
			return nil
		}
	}
	return fmt.Errorf("model: the member %q: %w", clip(name), ErrNotFound)
}
