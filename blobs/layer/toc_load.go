package layer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/ocilayout/ocilayout/model"
)

// What a table may hold: no archive has an entry with more than the second, and no
// tool writes more of the others than a handful.
const (
	mostTOCMembers = 1 << 12 // of one object, extended attributes apart
	mostTOCXattrs  = 1 << 16
	mostTOCToken   = 2 << 20 // bytes between the end of one token and that of the next
	mostTOCUnknown = 1 << 16 // tokens of one member that is not known here
	mostTOCOwners  = 1 << 16 // users and groups whose names are remembered
)

// The members of an entry, by the way they are written.
var (
	tocNumbers = map[string]tocField{
		"size": fieldSize, "mode": fieldMode, "uid": fieldUID, "gid": fieldGID, "devMajor": fieldDevMajor, "devMinor": fieldDevMinor,
		"offset": fieldOffset, "innerOffset": fieldInner, "endOffset": fieldEnd, "chunkOffset": fieldChunkOffset, "chunkSize": fieldChunkSize,
	}
	tocTexts = map[string]tocField{
		"name": fieldName, "linkName": fieldLink, "modtime": fieldModified, "accesstime": fieldAccessed, "changetime": fieldChanged,
		"digest": fieldDigest, "chunkDigest": fieldChunkDigest, "chunkType": fieldChunkType,
	}
	tocOthers = []string{"type", "userName", "groupName", "xattrs"}
	tocTop    = []string{"version", "entries", "tarSplitDigest"}
)

// tocLoader reads a table strictly: what two readers could take for two things is an
// error.
type tocLoader struct {
	dec     *jsontext.Decoder
	table   *tocTable
	scratch []byte
	version int64
	listed  bool
	owners  [2]map[int64]uint32 // the name that a user or group had last
	names   map[string]uint32
	last    byte // kind of the entry before that is no chunk
	file    string
	highest int64  // the largest offset since the last one with which the bytes before it end
	some    string // a name that goes with it
}

// loadTOC reads a table from JSON, which probably has n entries that are no chunks.
func loadTOC(r io.Reader, n int) (*tocTable, error) {
	guard := &tokenGuard{r: r}
	l := &tocLoader{dec: jsontext.NewDecoder(guard), table: &tocTable{seed: maphash.MakeSeed(), index: make([]tocKey, 0, n)}, names: make(map[string]uint32), last: kindChunk}
	l.owners = [2]map[int64]uint32{make(map[int64]uint32), make(map[int64]uint32)}
	guard.dec = l.dec
	if err := l.document(); err != nil {
		return nil, err
	}
	l.table.sort()
	return l.table, nil
}

// tokenGuard ends where what comes next is too long for the decoder to hold.
type tokenGuard struct {
	r   io.Reader
	dec *jsontext.Decoder
	n   int64
}

func (g *tokenGuard) Read(p []byte) (int, error) {
	if g.dec != nil && g.n-g.dec.InputOffset() > mostTOCToken {
		return 0, fmt.Errorf("a text or white space of more than %d bytes", mostTOCToken)
	}
	n, err := g.r.Read(p)
	g.n += int64(n)
	return n, err
}

func (l *tocLoader) document() error {
	err := l.object(tocTop, mostTOCMembers, func(name string) (err error) {
		switch name {
		case "version":
			l.version, err = l.number(name)
		case "entries":
			l.listed = true
			err = l.array()
		case "tarSplitDigest":
			var s string
			if s, err = l.text(name); err == nil {
				if l.table.splitSum, err = model.ParseDigest(s); err != nil || !model.Computable(l.table.splitSum.Algorithm()) {
					err = errors.New("tarSplitDigest is no digest that can be computed")
				}
			}
		default:
			err = l.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	switch _, err := l.dec.ReadToken(); {
	case err == nil:
		return errors.New("something follows the end of the JSON")
	case err != io.EOF:
		return err
	case l.version != 1:
		return fmt.Errorf("the version is %d, and only 1 is known", l.version)
	case !l.listed:
		return errors.New("there is no list of entries")
	}
	return nil
}

// object reads the members of an object. A name that differs by letter case from one
// that is known is an error: some readers take it for that one, and some do not.
func (l *tocLoader) object(known []string, most int, member func(name string) error) error {
	if err := l.open('{'); err != nil {
		return err
	}
	for n := 0; ; n++ {
		t, err := l.dec.ReadToken()
		if err != nil {
			return err
		}
		if t.Kind() == '}' {
			return nil
		}
		if n == most {
			return fmt.Errorf("an object has more than %d members", most)
		}
		name := t.String()
		if !slices.Contains(known, name) {
			if k := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(name, k) }); k >= 0 {
				return fmt.Errorf("the member %s differs by letter case from %s, which some readers take it for", strconv.Quote(name), known[k])
			}
		}
		if err := member(name); err != nil {
			return err
		}
	}
}

func (l *tocLoader) open(kind jsontext.Kind) error {
	t, err := l.dec.ReadToken()
	if err == nil && t.Kind() != kind {
		return fmt.Errorf("%s stands where %s is expected", kindWord(t.Kind()), kindWord(kind))
	}
	return err
}

func kindWord(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a text"
	case '0':
		return "a number"
	}
	return k.String()
}

func (l *tocLoader) text(name string) (string, error) {
	t, err := l.dec.ReadToken()
	if err != nil {
		return "", err
	}
	if t.Kind() != '"' {
		return "", fmt.Errorf("%s is %s and no text", name, kindWord(t.Kind()))
	}
	return t.String(), nil
}

func (l *tocLoader) number(name string) (int64, error) {
	t, err := l.dec.ReadToken()
	if err != nil {
		return 0, err
	}
	if t.Kind() == '0' {
		if n, err := strconv.ParseInt(t.String(), 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s is no whole number", name)
}

// skip passes over a value that nobody here knows.
func (l *tocLoader) skip() error {
	depth := 0
	for range mostTOCUnknown {
		t, err := l.dec.ReadToken()
		if err != nil {
			return err
		}
		switch t.Kind() {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
	return fmt.Errorf("a member that is not known has more than %d values", mostTOCUnknown)
}

func (l *tocLoader) array() error {
	if err := l.open('['); err != nil {
		return err
	}
	for l.dec.PeekKind() != ']' {
		if err := l.entry(); err != nil {
			return err
		}
	}
	_, err := l.dec.ReadToken()
	return err
}

// tocKnown are the names of all members of an entry.
var tocKnown = func() []string {
	names := tocOthers
	for name := range tocNumbers {
		names = append(names, name)
	}
	for name := range tocTexts {
		names = append(names, name)
	}
	return names
}()

func (l *tocLoader) entry() error {
	var e tocEntry
	kind := -1
	var owners [2]string
	err := l.object(tocKnown, mostTOCMembers, func(name string) (err error) {
		if f, ok := tocNumbers[name]; ok {
			var n int64
			if n, err = l.number(name); err == nil {
				e.setNumber(f, n)
			}
			return err
		}
		if f, ok := tocTexts[name]; ok {
			var s string
			if s, err = l.text(name); err == nil {
				e.setText(f, s)
			}
			return err
		}
		switch name {
		case "type":
			var word string
			if word, err = l.text(name); err == nil {
				if kind = slices.Index(tocKinds, word); kind < 0 {
					err = fmt.Errorf("an entry is of type %s, which is not known", strconv.Quote(word))
				}
			}
		case "userName":
			owners[0], err = l.text(name)
		case "groupName":
			owners[1], err = l.text(name)
		case "xattrs":
			err = l.xattrs(&e)
		default:
			err = l.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case kind < 0:
		return errors.New("an entry has no type")
	case kind != kindChunk && !e.is(fieldName):
		return errors.New("an entry has no name")
	}
	e.kind = byte(kind)
	return l.take(&e, owners)
}

func (l *tocLoader) xattrs(e *tocEntry) error {
	e.has |= 1 << fieldXattrs
	return l.object(nil, mostTOCXattrs, func(name string) error {
		s, err := l.text("an extended attribute")
		if err != nil {
			return err
		}
		value, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return errors.New("an extended attribute is not in base64")
		}
		e.xattrs = append(e.xattrs, name, string(value))
		return nil
	})
}

// take keeps an entry, and what its place among the others says.
func (l *tocLoader) take(e *tocEntry, owners [2]string) error {
	if e.kind == kindChunk {
		if l.last != kindReg {
			return errors.New("a chunk follows no regular file")
		}
		if e.is(fieldName) && e.text(fieldName) == l.file {
			e.has &^= 1 << fieldName // the file's, which stands there once
		}
	} else {
		l.last, l.file = e.kind, e.text(fieldName)
		l.owner(e, 0, owners[0], fieldUID, fieldOwner, fieldNamesOwner)
		l.owner(e, 1, owners[1], fieldGID, fieldOwnerGroup, fieldNamesGroup)
	}
	for _, f := range []tocField{fieldOffset, fieldEnd} {
		if at := e.number(f); e.is(f) && at != 0 {
			l.table.offsets = append(l.table.offsets, at)
		}
	}
	l.order(e)
	if len(l.table.blocks) >= mostBlocks-1 {
		return errors.New("it is larger than can be held")
	}
	l.scratch = l.table.add(e, l.scratch)
	return nil
}

// order looks whether readers that take the next offset for the end of a content come
// to its end.
func (l *tocLoader) order(e *tocEntry) {
	at := e.number(fieldOffset)
	if at != 0 && e.number(fieldInner) == 0 {
		if at <= l.highest && l.table.disorder == "" {
			l.table.disorder = l.some
		}
		l.highest = 0
	}
	if e.is(fieldEnd) || e.kind != kindReg && e.kind != kindChunk {
		return // it says itself where it ends, or has nothing that does
	}
	if at > l.highest {
		l.highest, l.some = at, l.file
	}
}

// owner takes the name of a user or group, which stands only where it is another than
// the one before.
func (l *tocLoader) owner(e *tocEntry, which int, name string, id, into, names tocField) {
	known := l.owners[which]
	if name != "" && (len(l.names) < mostTOCOwners || l.names[name] > 0) {
		at, ok := l.names[name]
		if !ok {
			l.table.names = append(l.table.names, name)
			at = uint32(len(l.table.names))
			l.names[name] = at
		}
		e.setNumber(into, int64(at))
		e.has |= 1 << names
		if len(known) < mostTOCOwners || known[e.number(id)] > 0 {
			known[e.number(id)] = at
		}
		return
	}
	if at := known[e.number(id)]; at > 0 {
		e.setNumber(into, int64(at))
	}
}
