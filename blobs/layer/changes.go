package layer

import (
	"archive/tar"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
)

// Changes are the entries of one layer as a skeleton needs them, recorded to be
// applied later, and more than once: a few bytes each where names and attributes
// are like those of the entries before. They are not safe for concurrent use while
// entries are added; after Done any number may apply them, each to a tree of its
// own.
type Changes struct {
	spool  *Spool
	most   int64
	bytes  int64
	chunks []spooled
	buffer []byte
	coder  coder
	err    error
}

// NewChanges returns Changes without an entry, which take no more than four times
// Limits.Names in the spool.
func NewChanges(s *Spool, l Limits) *Changes {
	return &Changes{spool: s, most: 4 * l.WithDefaults().Names}
}

// coder is what the next entry of a chunk is told by: the one before.
type coder struct {
	number     int
	path, link []byte
	recent     [64]attributes
}

// reset begins a chunk, which is to be read without those before it.
func (k *coder) reset() { *k = coder{number: -2, path: k.path[:0], link: k.link[:0]} }

// How the name stands in the archive, beside the path.
const (
	asPath = iota
	asDirectory
	fromHere
	directoryFromHere
	otherwise
)

// Bits of the first byte of a record, beside the form of the name.
const (
	notNext  = 8  // entries of the archive are left out before it
	newKind  = 16 // the attributes are written out
	withLink = 32
)

// maxRecord is how long a record can be.
const maxRecord = 3*(MaxPath+16) + 64

// mostRecords is how many bytes of them are a chunk: what does not compress grows a
// little, and has to fit all the same.
const mostRecords = spoolChunk - 256

// Add records the next entry. What a Tree leaves out is left out.
func (c *Changes) Add(e *Entry) {
	if c.err != nil || !applies(e) {
		return
	}
	if len(c.buffer)+maxRecord > mostRecords {
		c.flush()
	}
	if len(c.buffer) == 0 {
		c.coder.reset()
	}
	change := changeOf(e)
	before := len(c.buffer)
	c.buffer = c.coder.append(c.buffer, &change)
	if c.bytes += int64(len(c.buffer) - before); c.bytes > c.most {
		c.err = ErrNames
	}
}

// Done ends the recording. The error is ErrNames, or that of writing to the spool;
// then Changes are not whole, and applying them is this error too.
func (c *Changes) Done() error {
	c.flush()
	c.buffer = nil
	return c.err
}

func (c *Changes) flush() {
	if c.err != nil || len(c.buffer) == 0 {
		return
	}
	chunk, err := c.spool.put(c.buffer)
	if err != nil {
		c.err = fmt.Errorf("the names of a layer's files could not be kept in a temporary file: %w", err)
		return
	}
	c.chunks, c.buffer = append(c.chunks, chunk), c.buffer[:0]
}

// Free gives back what they take. They must not be applied after that.
func (c *Changes) Free() {
	for _, chunk := range c.chunks {
		c.spool.drop(chunk)
	}
	c.chunks = nil
}

// form returns how the name stands in the archive.
func form(c *change) byte {
	here := strings.HasPrefix(c.name, "./")
	rest := strings.TrimPrefix(c.name, "./")
	switch {
	case rest == c.path && !here:
		return asPath
	case rest == c.path:
		return fromHere
	case len(rest) == len(c.path)+1 && strings.HasSuffix(rest, "/") && rest[:len(c.path)] == c.path && here:
		return directoryFromHere
	case len(rest) == len(c.path)+1 && strings.HasSuffix(rest, "/") && rest[:len(c.path)] == c.path:
		return asDirectory
	}
	return otherwise
}

func (k *coder) append(b []byte, c *change) []byte {
	first := form(c)
	if c.number != k.number+1 {
		first |= notNext
	}
	slot := uint8(mixed(c.attributes.xattrs^uint64(c.attributes.uid)<<20^uint64(c.attributes.gid)<<40^uint64(c.attributes.mode)<<8^uint64(c.attributes.kind)) % uint64(len(k.recent)))
	if k.recent[slot] != c.attributes {
		k.recent[slot] = c.attributes
		first |= newKind
	}
	if c.link != "" {
		first |= withLink
	}
	b = append(b, first, slot)
	if first&notNext != 0 {
		b = binary.AppendUvarint(b, uint64(c.number-k.number))
	}
	k.number = c.number
	if a := &c.attributes; first&newKind != 0 {
		b = append(b, a.kind)
		b = binary.AppendUvarint(b, uint64(a.mode))
		b = binary.AppendVarint(b, int64(a.uid))
		b = binary.AppendVarint(b, int64(a.gid))
		b = binary.AppendUvarint(b, a.xattrs)
	}
	if c.attributes.kind == tar.TypeDir {
		b = binary.LittleEndian.AppendUint32(b, c.sum)
	}
	b, k.path = appendShared(b, k.path, c.path)
	if first&withLink != 0 {
		b, k.link = appendShared(b, k.link, c.link[:min(len(c.link), MaxPath+1)])
	}
	if first&7 == otherwise {
		name := c.name
		if len(name) > MaxPath {
			name = name[:MaxPath] + "…"
		}
		b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
	}
	return b
}

// appendShared writes a string by what it shares with the one before, which it
// returns with it in its place.
func appendShared(b, before []byte, s string) (out, now []byte) {
	n := 0
	for n < len(before) && n < len(s) && before[n] == s[n] {
		n++
	}
	b = binary.AppendUvarint(b, uint64(n))
	b = binary.AppendUvarint(b, uint64(len(s)-n))
	return append(b, s[n:]...), append(before[:n], s[n:]...)
}

// decode reads the next record of a chunk, and returns the rest.
func (k *coder) decode(b []byte, c *change) []byte {
	first, slot := b[0], b[1]
	b = b[2:]
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	signed := func() int {
		v, n := binary.Varint(b)
		b = b[n:]
		return int(v)
	}
	shared := func(before []byte) []byte {
		keep := next()
		n := next()
		before = append(before[:keep], b[:n]...)
		b = b[n:]
		return before
	}
	k.number++
	if first&notNext != 0 {
		k.number += int(next()) - 1
	}
	if first&newKind != 0 {
		kind := b[0]
		b = b[1:]
		a := attributes{kind: kind, mode: uint16(next())}
		a.uid, a.gid = signed(), signed()
		a.xattrs = next()
		k.recent[slot] = a
	}
	*c = change{number: k.number, attributes: k.recent[slot]}
	if c.attributes.kind == tar.TypeDir {
		c.sum = binary.LittleEndian.Uint32(b)
		b = b[4:]
	}
	k.path = shared(k.path)
	c.path = string(k.path)
	if first&withLink != 0 {
		k.link = shared(k.link)
		c.link = string(k.link)
	}
	if c.form = first & 7; c.form == otherwise {
		n := next()
		c.name = string(b[:n])
		b = b[n:]
	}
	return b
}

// entryName returns the name as the archive has it.
func (c *change) entryName() string {
	switch c.form {
	case asPath:
		return c.path
	case asDirectory:
		return c.path + "/"
	case fromHere:
		return "./" + c.path
	case directoryFromHere:
		return "./" + c.path + "/"
	}
	return c.name
}

// ApplyChanges applies what was recorded of a layer to a skeleton, and reports
// problems as an Application does. The error is ErrNames, one of the spool, or the
// cause of a cancelled ctx, after which the skeleton is of no use.
func (t *Tree) ApplyChanges(ctx context.Context, c *Changes, report func(Problem)) error {
	a := t.Begin(report)
	if err := a.changes(ctx, c); err != nil {
		return err
	}
	return a.End()
}

func (a *Application) changes(ctx context.Context, c *Changes) error {
	if c.err != nil {
		return c.err
	}
	buffer := make([]byte, mostRecords)
	var k coder
	var now change
	for _, chunk := range c.chunks {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		b, err := c.spool.get(chunk, buffer)
		if err != nil {
			return err
		}
		for k.reset(); len(b) > 0; {
			b = k.decode(b, &now)
			if err := a.apply(&now); err != nil {
				return err
			}
		}
	}
	return nil
}
