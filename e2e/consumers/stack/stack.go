// Package stack makes small stacks of layers for tests: entries of every kind
// that get in each other's way, in headers that archivers write and in headers
// that none would.
//
// A stack is rebuilt from its seed and number, is written as tar archives, is
// printed as a short listing, and can be shrunk to what still shows a fault.
package stack

import (
	"archive/tar"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Stack is the layers of an image, base first.
type Stack []Layer

// Layer is the entries of a layer, in the order of its archive.
type Layer []Entry

// Entry is one entry of a layer, and the form of the headers that say so.
type Entry struct {
	Type         byte // as tar.Header has it
	Name         string
	Link         string
	Content      string
	Mode         int64
	UID, GID     int64
	Time         int64 // modification time, in seconds since 1970
	Major, Minor int64
	Xattrs       []Xattr
	Form         Form
	Alt          string // what the form says beside the truth: another name, target or value
}

// Xattr is an extended attribute.
type Xattr struct{ Name, Value string }

// DefaultTime is the modification time of entries that have none of their own.
const DefaultTime = 1_000_000_000

// DefaultMode returns the mode that an entry of a type has unless it has one of
// its own.
func DefaultMode(kind byte) int64 {
	switch kind {
	case tar.TypeDir:
		return 0o755
	case tar.TypeSymlink:
		return 0o777
	}
	return 0o644
}

// New returns an entry with the usual mode and time.
func New(kind byte, name string) Entry {
	return Entry{Type: kind, Name: name, Mode: DefaultMode(kind), Time: DefaultTime}
}

// letters are what a listing calls the types.
var letters = map[byte]string{
	tar.TypeReg: "file", tar.TypeDir: "dir", tar.TypeSymlink: "symlink", tar.TypeLink: "link",
	tar.TypeFifo: "fifo", tar.TypeChar: "char", tar.TypeBlock: "block",
}

// String returns the listing of the stack: a line for each entry, with all that
// is not as usual.
func (s Stack) String() string {
	var b strings.Builder
	for i, l := range s {
		fmt.Fprintf(&b, "layer %d\n", i)
		for _, e := range l {
			b.WriteString("  " + e.String() + "\n")
		}
	}
	return b.String()
}

// String returns the entry's line of a listing.
func (e Entry) String() string {
	kind, ok := letters[e.Type]
	if !ok {
		kind = "type " + quoted(string(rune(e.Type)))
	}
	parts := []string{fmt.Sprintf("%-7s", kind), quoted(e.Name)}
	switch e.Type {
	case tar.TypeSymlink:
		parts = append(parts, "->", quoted(e.Link))
	case tar.TypeLink:
		parts = append(parts, "=>", quoted(e.Link))
	default:
		if e.Link != "" {
			parts = append(parts, "link", quoted(e.Link))
		}
	}
	if e.Type == tar.TypeChar || e.Type == tar.TypeBlock {
		parts = append(parts, fmt.Sprintf("%d:%d", e.Major, e.Minor))
	}
	if e.Content != "" {
		parts = append(parts, "content", strconv.Quote(short(e.Content)))
	}
	if e.Mode != DefaultMode(e.Type) {
		parts = append(parts, fmt.Sprintf("mode %o", e.Mode))
	}
	if e.UID != 0 || e.GID != 0 {
		parts = append(parts, fmt.Sprintf("owner %d:%d", e.UID, e.GID))
	}
	if e.Time != DefaultTime {
		parts = append(parts, fmt.Sprintf("time %d", e.Time))
	}
	for _, x := range e.Xattrs {
		parts = append(parts, "xattr "+quoted(x.Name+"="+x.Value))
	}
	if e.Form != "" {
		parts = append(parts, "form "+string(e.Form))
		if e.Alt != "" {
			parts = append(parts, "alt "+quoted(e.Alt))
		}
	}
	return strings.Join(parts, " ")
}

// quoted leaves plain names as they are.
func quoted(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }) {
		return short(s)
	}
	return strconv.Quote(short(s))
}

func short(s string) string {
	if len(s) > 60 {
		return fmt.Sprintf("%s…(%d bytes)", s[:20], len(s))
	}
	return s
}

// Clone returns a copy that shares nothing.
func (s Stack) Clone() Stack {
	c := make(Stack, len(s))
	for i, l := range s {
		c[i] = slices.Clone(l)
		for j := range c[i] {
			c[i][j].Xattrs = slices.Clone(c[i][j].Xattrs)
		}
	}
	return c
}
