package model

import (
	"iter"
)

// Members is what a JSON object held beyond the typed fields of its struct. It
// is embedded in every type that is read from an object; its zero value belongs
// to a value that was made in Go.
type Members struct {
	shape   *shape // nil: not loaded
	present uint64 // by field index: the member was there and not null
	bad     uint64 // by field index: it was there, and its value could not be loaded
	null    uint64 // by field index: it was null, which counts as absent
	more    *more
}

// more is what few objects need, held behind one pointer because a document can
// hold a hundred thousand descriptors.
type more struct {
	raw     []byte
	memory  int
	unknown []member
	cut     bool
}

type member struct {
	name  string
	value []byte
}

func (m *Members) extra() *more {
	if m.more == nil {
		m.more = new(more)
	}
	return m.more
}

// Loaded says whether the value was read from JSON, rather than made in Go.
func (m *Members) Loaded() bool { return m.shape != nil }

// Has says whether the object that was loaded had a member of that name, known
// or unknown, with a value other than null. Values that could not be loaded
// count: Has tells an absent member from one that is zero or wrong. It is false
// for every name of a value that was made in Go.
func (m *Members) Has(name string) bool {
	if m.shape == nil {
		return false
	}
	if i, ok := m.shape.byName[name]; ok {
		return (m.present|m.bad)&(1<<i) != 0
	}
	for key, value := range m.Unknown() {
		if key == name {
			return string(value) != "null"
		}
	}
	return false
}

// Unknown yields the members that the type has no field for, in document order,
// each with the bytes of its value. A name whose letter case differs from a
// known one is unknown. The bytes are shared: do not change them.
func (m *Members) Unknown() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if m.more == nil {
			return
		}
		for _, u := range m.more.unknown {
			if m.shape != nil {
				if _, known := m.shape.byName[u.name]; known {
					continue // the JSON of a member that could not be loaded
				}
			}
			if !yield(u.name, u.value) {
				return
			}
		}
	}
}

// Raw returns the bytes that the document was loaded from, whatever was changed
// since, and nil for a value
// made in Go and for an object within a document. The bytes are shared: do not
// change them. A digest is computed over these, never over an encoding.
func (m *Members) Raw() []byte {
	if m.more == nil {
		return nil
	}
	return m.more.raw
}

// Memory returns roughly how many bytes a document that was loaded takes beside
// those of Raw, and 0 where Raw returns nil.
func (m *Members) Memory() int {
	if m.more == nil {
		return 0
	}
	return m.more.memory
}

// absent says whether a required member is missing: it was not in the object
// that was loaded, or a value made in Go leaves it empty. Nothing is missing
// from an object that was cut short.
func (m *Members) absent(name string, empty bool) bool {
	if m.shape == nil {
		return empty
	}
	return empty && !m.Has(name) && !m.IsCut()
}

// IsCut says whether loading ended within the object, at a syntax error or a
// limit, so that there may be more of it than is known.
func (m *Members) IsCut() bool { return m.more != nil && m.more.cut }

// Wrong says whether the member was there and its value could not be loaded.
// Loading has reported it, and the field says nothing about the document.
func (m *Members) Wrong(name string) bool {
	if m.shape == nil {
		return false
	}
	i, ok := m.shape.byName[name]
	return ok && m.bad&(1<<i) != 0
}

// badValue returns the JSON of a member that could not be loaded; nil where the
// document ends within it.
func (m *Members) badValue(name string) []byte {
	if m.more == nil {
		return nil
	}
	for _, u := range m.more.unknown {
		if u.name == name {
			return u.value
		}
	}
	return nil
}

// set notes that the field of a known member was set by Go code, so that the
// member is written even where the value is zero.
func (m *Members) set(name string) {
	if m.shape == nil {
		return
	}
	bit := uint64(1) << m.shape.byName[name]
	m.present |= bit
	m.bad &^= bit
	m.null &^= bit
}

// partial is the error for a change to a list or map that could not be loaded
// whole: written again, it would lose what was not loaded.
func partial(name string) error {
	return refused("%q could not be loaded whole; remove it with Unset first", name)
}

// changeable returns an error for the name of a list or map that could not be
// loaded whole.
func (m *Members) changeable(name string) error {
	if m.Wrong(name) || m.IsCut() {
		return partial(name)
	}
	return nil
}
