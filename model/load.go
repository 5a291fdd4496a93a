package model

import (
	"bytes"
	"reflect"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Load reads exactly one JSON object into a new T, a struct that embeds
// [Members] and whose fields carry json tags, and oci tags "required" and
// "nullable". The document types of this package are such structs; so can be
// yours. Fields may be strings, booleans, int64, []byte (base64), slices, maps
// with string keys, structs of the same kind and pointers to them, and
// json.RawMessage. Load panics on any other T.
//
// Everything that is malformed is reported at once, in document order; what can
// be loaded is loaded all the same. Member names are compared byte by byte, and
// the first of two equal ones counts. The result is nil only where there is no
// object at all; where the document is broken off or a limit is hit, it holds
// what was read up to there. Required members are Validate's business, not
// Load's.
//
// Time and memory are linear in raw, and memory is bounded by limits. The
// result shares raw: do not change it afterwards.
func Load[T any](raw []byte, limits Limits) (*T, Problems) {
	value := new(T)
	l := newLoader(raw, limits)
	defer l.done()
	if !l.document(reflect.ValueOf(value).Elem()) {
		return nil, l.problems
	}
	return value, l.problems
}

// loader makes one pass over a document. Names are checked here and not by the
// decoder, which would end at the first that repeats.
type loader struct {
	raw      []byte // without a byte order mark
	whole    []byte
	dec      *jsontext.Decoder
	limits   Limits
	problems Problems
	values   int
	memory   int // bytes, roughly, of what was loaded
	reported int // bytes, roughly, of the problems, which are bounded by themselves
	texts    *texts
	pointers int  // bytes of the problems' pointers
	odd      bool // some string may hold bad UTF-8, or what is no character
	stopped  bool // nothing more can or may be read
}

// result is what became of one value.
type result uint8

const (
	loaded result = iota
	null
	bad
)

func newLoader(raw []byte, limits Limits) *loader {
	l := &loader{whole: raw, limits: limits.withDefaults(), texts: textsPool.Get().(*texts)}
	l.raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if len(l.raw) != len(raw) {
		l.report(rule.JSONBOM, "", "the document begins with a byte order mark", "", "")
	}
	l.odd = !utf8.Valid(l.raw) || mayHoldNoncharacter(l.raw)
	l.dec = jsontext.NewDecoder(bytes.NewBuffer(l.raw),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return l
}

// document reads the one value that the document is, and says whether it is an
// object.
func (l *loader) document(dst reflect.Value) bool {
	s := shapeOf(dst.Type())
	if encoding := wideEncoding(l.raw); encoding != "" {
		from := encoding
		if marked(l.raw) {
			from = encoding[:len("UTF-16")] // iconv then goes by the mark, and drops it
		}
		l.report(rule.JSONSyntax, "", "the document is "+encoding+", which the > of Windows PowerShell writes, and JSON is UTF-8; iconv -f "+from+" -t UTF-8 converts it", "UTF-8", encoding)
		return false
	}
	if kind := l.dec.PeekKind(); kind != '{' {
		at := len(l.problems)
		if l.skip(); l.stopped {
			return false
		}
		l.problems = l.problems[:at] // one finding for a document broken at its root
		l.wrongType("object", kind)
		l.end()
		return false
	}
	l.object(dst, s)
	l.end()
	m := dst.Field(s.members).Addr().Interface().(*Members)
	m.extra().raw, m.extra().memory = l.whole, l.memory+l.reported
	return true
}

// end reports what follows the document's one value.
func (l *loader) end() {
	if l.stopped {
		return
	}
	rest := bytes.TrimLeft(l.raw[l.dec.InputOffset():], " \t\r\n")
	if len(rest) > 0 {
		l.report(rule.JSONSyntax, "", "bytes follow the end of the document", "one JSON value", clip(string(rest)))
	}
}

// value reads the next value into dst.
func (l *loader) value(dst reflect.Value, nullable bool) result {
	kind := l.dec.PeekKind()
	if kind == 'n' && nullable {
		l.skip()
		return null
	}
	want := wantedKind(dst.Type())
	if want == anyKind {
		start := l.dec.InputOffset()
		if l.skip(); l.stopped {
			return bad
		}
		dst.SetBytes(l.since(start))
		return loaded
	}
	if kind != want.kind && (want.kind != 't' || kind != 'f') {
		at := len(l.problems)
		if l.skip(); !l.stopped {
			l.wrongType(want.name, kind)
			l.moveLast(at)
		}
		return bad
	}
	switch want.kind {
	case '{':
		return l.objectOrMap(dst)
	case '[':
		return l.array(dst)
	}
	return l.scalar(dst)
}

// objectOrMap reads an object into a struct, a pointer to one, or a map.
func (l *loader) objectOrMap(dst reflect.Value) result {
	switch dst.Kind() {
	case reflect.Map:
		return l.stringMap(dst)
	case reflect.Pointer:
		if !l.spend(int(dst.Type().Elem().Size())) {
			return bad
		}
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	l.object(dst, shapeOf(dst.Type()))
	return loaded
}

// object reads the members of a struct, knowing that an object comes next.
func (l *loader) object(dst reflect.Value, s *shape) {
	m := dst.Field(s.members).Addr().Interface().(*Members)
	m.shape = s
	var known uint64
	var others names
	l.each('{', func(name string) {
		i, isKnown := s.byName[name]
		if isKnown && known&(1<<i) != 0 || !isKnown && others.add(name) {
			l.repeated(name)
			l.skip()
			return
		}
		start := l.dec.InputOffset()
		if !isKnown {
			l.variant(s.fold(name), name)
			l.skip()
			l.keep(m, name, start)
			return
		}
		known |= 1 << i
		f := s.fields[i]
		switch l.value(dst.Field(f.index), f.nullable) {
		case loaded:
			m.present |= 1 << i
		case null:
			m.null |= 1 << i
		case bad:
			m.bad |= 1 << i
			l.keep(m, name, start)
		}
	})
	if l.stopped {
		m.extra().cut = true
	}
}

// variant reports a name that differs from that of a known member by letter case.
func (l *loader) variant(known *field, name string) {
	switch {
	case known == nil:
	case known.content:
		l.report(rule.JSONCaseVariantContent, l.pointer(), "the name differs by letter case from one that leads to content or says what it is; "+
			"tools written in Go take it for that, and get other content than is checked here", known.name, clip(name))
	default:
		l.report(rule.JSONCaseVariant, l.pointer(), "the name differs by letter case from a known one, and is not it", known.name, clip(name))
	}
}

// keep stores the JSON of a member that no field holds, which began at start.
func (l *loader) keep(m *Members, name string, start int64) {
	cost := unknownCost
	if m.more == nil {
		cost = moreCost + int(reflect.TypeFor[member]().Size())
	}
	if l.spend(cost) {
		m.extra().unknown = append(m.extra().unknown, member{name, l.since(start)})
	}
}

// stringMap reads an object into a map with string keys. A value that cannot be
// loaded is reported and left out.
func (l *loader) stringMap(dst reflect.Value) result {
	t := dst.Type()
	if !l.spend(mapCost) {
		return bad
	}
	dst.Set(reflect.MakeMap(t))
	var wrong []reflect.Value
	element := reflect.New(t.Elem()).Elem()
	l.each('{', func(name string) {
		key := reflect.ValueOf(name).Convert(t.Key())
		if dst.MapIndex(key).IsValid() {
			l.repeated(name)
			l.skip()
			return
		}
		if !l.spend(entryCost(dst.Len(), t)) {
			return
		}
		element.SetZero()
		if l.value(element, false) == bad {
			wrong = append(wrong, key)
		}
		dst.SetMapIndex(key, element)
	})
	for _, key := range wrong {
		dst.SetMapIndex(key, reflect.Value{})
	}
	if wrong != nil {
		return bad
	}
	return loaded
}

// array reads an array into a slice. An element that cannot be loaded keeps its
// place as a zero value, so that the pointers of the others stay true.
func (l *loader) array(dst reflect.Value) result {
	outcome := loaded
	size := int(dst.Type().Elem().Size())
	dst.Set(reflect.MakeSlice(dst.Type(), 0, l.room(dst.Type().Elem())))
	l.each('[', func(string) {
		if !l.spend(size) {
			return
		}
		n := dst.Len()
		dst.Grow(1)
		dst.SetLen(n + 1)
		element := dst.Index(n)
		if l.value(element, false) != bad {
			return
		}
		outcome = bad
		if element.Kind() == reflect.Struct {
			l.spend(moreCost)
			s := shapeOf(element.Type())
			m := element.Field(s.members).Addr().Interface().(*Members)
			m.shape, m.extra().cut = s, true // nothing is missing from what is no object
		}
	})
	return outcome
}

// each reads an array or object whose opening comes next, calls one for every
// element before it is read, with the member's name in an object, and reads the
// closing. It ends early once the loader is stopped.
func (l *loader) each(open jsontext.Kind, one func(name string)) {
	if !l.token() {
		return
	}
	if l.dec.StackDepth() > l.limits.Depth {
		l.limit("nested deeper than the limit", l.limits.Depth)
		return
	}
	for n := 0; ; n++ {
		kind := l.dec.PeekKind()
		if kind == '}' || kind == ']' {
			l.token()
			return
		}
		if n == l.limits.Items {
			l.limit("more elements than the limit", l.limits.Items)
			return
		}
		name := ""
		if open == '{' {
			name = l.str()
		}
		if l.stopped {
			return
		}
		if one(name); l.stopped {
			return
		}
	}
}

// skip reads the next value, whatever it is, and checks the names and strings
// in it. Its recursion is bounded by Limits.Depth. Of what it takes in memory,
// nothing stays.
func (l *loader) skip() {
	before := l.memory
	defer func() { l.memory = before }()
	switch open := l.dec.PeekKind(); open {
	case '{':
		var known names
		l.each(open, func(name string) {
			if !l.spend(nameCost) {
				return
			}
			if known.add(name) {
				l.repeated(name)
			}
			l.skip()
		})
	case '[':
		l.each(open, func(string) { l.skip() })
	case '"':
		l.str()
	case '0':
		if number, ok := l.literal(); ok {
			l.exact(number)
		}
	default:
		l.token()
	}
}
