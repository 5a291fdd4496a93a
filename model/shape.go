package model

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// shape is what the loader and the encoder know of a struct type: its members,
// from the fields' json tags, and from their oci tags which are required and
// which may be null.
type shape struct {
	fields  []field
	byName  map[string]int
	members int // index of the embedded Members
}

type field struct {
	name     string
	index    int
	required bool
	nullable bool
	content  bool // it leads to content, or says what that is
}

var (
	membersType = reflect.TypeFor[Members]()
	shapes      sync.Map // reflect.Type → *shape
)

// shapeOf returns the shape of a struct type. It panics on a type that cannot
// be loaded, which is a programmer's error.
func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	mustLoad(t, make(map[reflect.Type]bool))
	s, _ := shapes.LoadOrStore(t, newShape(t))
	return s.(*shape)
}

// mustLoad panics on a struct that cannot be loaded, or that has a field of such
// a type anywhere below: now, and not at the first document that has the member.
func mustLoad(t reflect.Type, seen map[reflect.Type]bool) {
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("model: cannot load a %v: it is no struct", t))
	}
	if seen[t] {
		return
	}
	seen[t] = true
	for _, f := range newShape(t).fields {
		mustLoadField(t.Field(f.index).Type, seen)
	}
}

func mustLoadField(t reflect.Type, seen map[reflect.Type]bool) {
	if t == rawType || isBytes(t) {
		return
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int64:
		return
	case reflect.Slice:
		mustLoadField(t.Elem(), seen)
		return
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			mustLoadField(t.Elem(), seen)
			return
		}
	case reflect.Struct:
		mustLoad(t, seen)
		return
	case reflect.Pointer:
		mustLoad(t.Elem(), seen)
		return
	}
	panic(fmt.Sprintf("model: cannot load a %v", t))
}

func newShape(t reflect.Type) *shape {
	s := &shape{byName: make(map[string]int), members: -1}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type == membersType {
			s.members = i
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || !f.IsExported() {
			continue
		}
		s.byName[name] = len(s.fields)
		s.fields = append(s.fields, field{
			name:     name,
			index:    i,
			required: strings.Contains(f.Tag.Get("oci"), "required"),
			nullable: strings.Contains(f.Tag.Get("oci"), "nullable"),
			content:  leadsToContent(t, name),
		})
	}
	if s.members < 0 {
		panic(fmt.Sprintf("model: %v does not embed model.Members", t))
	}
	if len(s.fields) > 64 {
		panic(fmt.Sprintf("model: %v has more than 64 members", t))
	}
	return s
}

// fold returns the known member whose name equals name but for letter case, and nil.
// Letters are equal as Unicode folds them, which is how encoding/json compares: a long
// s is an s, and the Kelvin sign a k.
func (s *shape) fold(name string) *field {
	for i := range s.fields {
		if strings.EqualFold(s.fields[i].name, name) {
			return &s.fields[i]
		}
	}
	return nil
}
