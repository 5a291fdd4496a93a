package tarheader

import (
	"archive/tar"
	"bytes"
	"strconv"
	"strings"
)

// Kind is what a Doubt is about.
type Kind uint8

// The kinds of doubts.
const (
	Name      Kind = iota // under which name it is unpacked
	Target                // where the link leads
	Size                  // where it ends, and so what entries there are
	Content               // what is in the file
	Type                  // whether it is a file or a directory
	Root                  // it has the name of the root, and is no directory
	Body                  // it has a size, and is of a type that nothing follows
	Checksum              // whether its header is one
	Attribute             // its owner, its mode, or its time where that is no sound number
	Time                  // it lies before or after what every tool sets
	Dots                  // its name has ".." in it, which some tools refuse
	Long                  // its name, or its target, is longer than file systems take
	Backslash             // its name has backslashes, as if written on Windows
	Encoding              // its name is not UTF-8
)

// Doubt is something in which tools differ about an entry.
type Doubt struct {
	Kind   Kind
	Detail string // what exactly, as a clause that begins with a small letter
}

// Doubts returns in what tools differ about the entry that archive/tar made of what was
// written, nil for nothing, which costs some hundred nanoseconds. They are good until
// the next Reset.
func (h *Headers) Doubts(entry *tar.Header) []Doubt {
	if h.extended+h.names+h.links > 0 || entry.Typeflag == tar.TypeXGlobalHeader {
		h.order(entry)
	}
	h.prefix(entry)
	h.kinds(entry)
	h.fields(entry)
	if entry.Typeflag != tar.TypeXGlobalHeader {
		h.spelling(entry)
	}
	if len(h.doubts) == 0 {
		return nil
	}
	return h.doubts
}

// order judges several headers that speak of one entry.
func (h *Headers) order(entry *tar.Header) {
	path, target, size := h.pax.path, h.pax.target, h.pax.size
	field, _ := number(h.final[sizeAt:timeAt])
	if entry.Typeflag == tar.TypeXGlobalHeader {
		if h.extended+h.names+h.links > 0 {
			h.doubt(Name, "a global header stands between an entry and the headers that speak of it")
		}
		return
	}
	if h.extended > 1 {
		h.doubt(Name, "there are two extended headers")
	}
	if h.names > 1 || h.links > 1 {
		h.doubt(Name, "there are two headers for one long name")
	}
	if h.names > 0 && path.set && !bytes.Equal(path.value, h.name) {
		h.doubt(Name, "the name in the extended header is "+quoted(path.value)+", that in the GNU header "+quoted(h.name))
	}
	if h.links > 0 && target.set && !bytes.Equal(target.value, h.target) {
		h.doubt(Target, "the link's target in the extended header is "+quoted(target.value)+", that in the GNU header "+quoted(h.target))
	}
	if size.set && h.names+h.links > 0 {
		h.doubt(Size, "its size is in an extended header, and a GNU header for a long name stands beside it")
	}
	if size.set && !sameSize(string(size.value), field) {
		h.doubt(Size, "the size in the extended header is "+quoted(size.value)+", that in the header itself "+strconv.FormatInt(field, 10))
	}
	if name := h.pax.sparseName; name.set && entry.Name != string(name.value) {
		h.doubt(Name, "an extended header has another name for it as a sparse file: "+quoted(name.value))
	}
	if size := h.pax.sparseSize; size.set && strconv.FormatInt(entry.Size, 10) != string(size.value) {
		h.doubt(Content, "an extended header makes it a sparse file of "+quoted(size.value)+" bytes, but has no map that all tools know")
	}
}

// prefix judges the first part of the name, which a header of the format ustar has in a
// field of its own. Headers of other formats have something else there.
func (h *Headers) prefix(entry *tar.Header) {
	if h.final[prefixAt] == 0 || h.names > 0 || h.pax.path.set || h.pax.sparseName.set {
		return
	}
	switch magic := string(h.final[magicAt:magicEnd]); {
	case entry.Typeflag == tar.TypeGNUSparse, entry.Typeflag == tar.TypeXGlobalHeader:
	case magic != "ustar\x00":
		h.doubt(Name, "its header is not of the format ustar, but has what that takes for the first part of a name: "+quoted(text(h.final[prefixAt:prefixEnd])))
	case string(h.final[trailerAt:]) != "tar\x00":
	case !bytes.Equal(text(h.final[prefixAt:starPrefixEnd]), text(h.final[prefixAt:prefixEnd])):
		h.doubt(Name, "its header is one of star to some tools, which take 131 bytes for the first part of its name, where others take 155")
	}
}

// kinds judges what the entry is.
func (h *Headers) kinds(entry *tar.Header) {
	switch kind := entry.Typeflag; {
	case kind == typeSolaris:
		h.doubt(Name, "a header of type X is an extended one only to some tools")
	case bodiless(kind):
		if field, _ := number(h.final[sizeAt:timeAt]); field != 0 || entry.Size != 0 {
			h.doubt(Body, "it has a size, but is no file: what follows is its content or the next entry")
		}
	case kind == tar.TypeReg && strings.HasSuffix(entry.Name, "/"):
		h.doubt(Type, "it is a file, but its name ends with a slash as that of a directory does")
	}
	if entry.Typeflag == tar.TypeLink && strings.HasSuffix(entry.Linkname, "/") && !isRoot(entry.Linkname) {
		h.doubt(Target, "the target of the hard link ends with a slash as the name of a directory does")
	}
	if entry.Typeflag != tar.TypeDir && entry.Typeflag != tar.TypeXGlobalHeader && isRoot(entry.Name) {
		h.doubt(Root, "it has the name of the root, and is no directory")
	}
}

// largestID is the largest number of a user or a group. The one above it stands for
// "leave it as it is" in system calls.
const largestID = 1<<32 - 2

// largestMode has every bit that the mode of a file can have, those of its type included.
const largestMode = 0o177777

// typeMask has the bits of a mode that say what a file is, which headers are to leave out,
// and typeBits what they are for those types where it matters if they are wrong: mknod
// gets them.
const typeMask = 0o170000

var typeBits = map[byte]int64{tar.TypeFifo: 0o010000, tar.TypeChar: 0o020000, tar.TypeBlock: 0o060000}

// latest is the last time that fits into nanoseconds since 1970, in seconds.
const latest = (1<<63 - 1) / 1_000_000_000

// fields judges the numbers in the header.
func (h *Headers) fields(entry *tar.Header) {
	if !plain(h.final[sizeAt:timeAt]) {
		h.doubt(Size, "the size in its header is not written in the usual form")
	}
	if !plain(h.final[modeAt:uidAt]) || !plain(h.final[uidAt:gidAt]) || !plain(h.final[gidAt:sizeAt]) || !plain(h.final[timeAt:sumAt]) {
		h.doubt(Attribute, "a number in its header is not written in the usual form")
	}
	if h.signedOnly() {
		h.doubt(Checksum, "the checksum of its header is right only for bytes with signs, as an old tar of Sun adds them up")
	}
	if entry.Uid < 0 || int64(entry.Uid) > largestID {
		h.doubt(Attribute, "no user can have its owner's number: "+strconv.Itoa(entry.Uid))
	}
	if entry.Gid < 0 || int64(entry.Gid) > largestID {
		h.doubt(Attribute, "no group can have its group's number: "+strconv.Itoa(entry.Gid))
	}
	if t := entry.ModTime.Unix(); (t < 0 || t > latest) && entry.Typeflag != tar.TypeXGlobalHeader {
		h.doubt(Time, "its time is "+strconv.FormatInt(t, 10)+" seconds after 1970")
	}
	if entry.Mode < 0 || entry.Mode > largestMode {
		h.doubt(Attribute, "its mode has bits that no file has: "+strconv.FormatInt(entry.Mode, 8))
	} else if own, ok := typeBits[entry.Typeflag]; ok && entry.Mode&typeMask != 0 && entry.Mode&typeMask != own {
		h.doubt(Attribute, "its mode is that of another type: "+strconv.FormatInt(entry.Mode, 8))
	}
}

// quoted returns a value as it can stand in a sentence.
func quoted(raw []byte) string { return strconv.QuoteToASCII(clipped(raw)) }

// clipped bounds a value, which may be a megabyte long.
func clipped(raw []byte) string {
	const most = 64
	if len(raw) > most {
		return string(raw[:most]) + "..."
	}
	return string(raw)
}
