package model

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"sync"
)

// Memory is counted, and not values alone: a value takes from 36 bytes, in an index
// as tools write it, to 80, in one of empty entries. A limit that admits an index of
// 100,000 images with their platforms, of 2,000,000 values and 70 MiB, would let
// others take 150 MiB.

// What values take in memory that are not counted by their type alone, in bytes
// and roughly: it is the order of magnitude that is to be bounded.
const (
	mapCost     = 48 // an empty map
	groupSlots  = 8  // entries that the first one makes room for
	moreCost    = 64 // what an object has that few have
	nameCost    = 40 // a name among those of its object, while that is read
	unknownCost = 80 + nameCost
	problemCost = 160
)

// spend counts memory that is about to be used, and says whether it may be. What
// it counts follows from the document and the limits alone.
func (l *loader) spend(n int) bool {
	if l.memory += n; l.memory > l.limits.Memory {
		l.limit("more memory than the limit for what the document holds", l.limits.Memory)
	}
	return !l.stopped
}

// entryCost is what entry number n of a map takes. Maps grow by doubling.
func entryCost(n int, t reflect.Type) int {
	slot := int(t.Key().Size()+t.Elem().Size()) + 1
	switch {
	case n == 0:
		return groupSlots * slot
	case n < groupSlots:
		return 0
	}
	return 2 * slot
}

// room returns how many elements of an array to make room for at once: as many
// as it has, where the limits allow them. A slice that grows as it is filled
// leaves twice its size behind.
func (l *loader) room(element reflect.Type) int {
	at := bytes.IndexByte(l.raw[l.dec.InputOffset():], '[')
	if at < 0 {
		return 0
	}
	most := l.limits.Items
	if size := int(element.Size()); size > 0 {
		most = min(most, max(l.limits.Memory-l.memory, 0)/size)
	}
	return countElements(l.raw[int(l.dec.InputOffset())+at:], most)
}

// countElements counts the elements of the array that raw begins with, up to
// most. It is exact for what is JSON, and ends on everything.
func countElements(raw []byte, most int) int {
	n, depth, empty := 0, 0, true
	for i := 0; i < len(raw) && n < most; i++ {
		switch c := raw[i]; c {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			i += stringLength(raw[i+1:])
		case '[', '{':
			if depth++; depth == 1 {
				continue
			}
		case ']', '}':
			if depth--; depth == 0 {
				if !empty {
					n++
				}
				return n
			}
		case ',':
			if depth == 1 {
				n++
			}
		}
		empty = false
	}
	return n
}

// stringLength returns how many bytes there are up to the quote that ends the
// string, and that one.
func stringLength(raw []byte) int {
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// texts are strings that the document had before, each at the place of its hash,
// so that what is said again and again, as media types and keys of annotations
// are, is held once.
type texts [256]string

// maxShared is the length of a string up to which it is looked for there: that
// of a digest by sha512, and of any media type.
const maxShared = 136

var textsPool = sync.Pool{New: func() any { return new(texts) }}

// done gives back what the loader borrowed.
func (l *loader) done() {
	clear(l.texts[:])
	textsPool.Put(l.texts)
}

// text returns p as a string, the one that was made before if that is at hand.
func (l *loader) text(p []byte) string {
	if len(p) <= 1 {
		return string(p) // which takes no memory
	}
	if len(p) > maxShared {
		l.spend(len(p))
		return string(p)
	}
	known := &l.texts[place(p)]
	if *known != string(p) {
		l.spend((len(p) + 15) &^ 15)
		*known = string(p)
	}
	return *known
}

// place is a hash of the end of p, where what is alike differs, and its length.
// It is the same in every run, so that what is counted is.
func place(p []byte) uint8 {
	var end [8]byte
	copy(end[:], p[max(len(p)-len(end), 0):])
	return uint8((binary.LittleEndian.Uint64(end[:]) ^ uint64(len(p))) * 0x9e3779b97f4a7c15 >> 56)
}

// names are those that an object had so far. The first few take no map.
type names struct {
	few  [groupSlots]string
	n    int
	many map[string]struct{}
}

// add adds a name, and says whether it was there.
func (s *names) add(name string) (repeated bool) {
	if s.has(name) {
		return true
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return false
	}
	if s.many == nil {
		s.many = make(map[string]struct{})
	}
	s.many[name] = struct{}{}
	return false
}

func (s *names) has(name string) bool {
	for _, known := range s.few[:s.n] {
		if known == name {
			return true
		}
	}
	_, ok := s.many[name]
	return ok
}
