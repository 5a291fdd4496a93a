package tarheader

import (
	"archive/tar"
	"bytes"
	"slices"
	"strconv"
)

// Where the fields of a header block are.
const (
	blockSize = 512

	modeAt, uidAt, gidAt     = 100, 108, 116
	sizeAt, timeAt, sumAt    = 124, 136, 148
	typeAt                   = 156
	magicAt, magicEnd        = 257, 263
	prefixAt, prefixEnd      = 345, 500
	starPrefixEnd, trailerAt = 476, 508

	typeSolaris = 'X' // an extended header, to those who know it
)

// longest is the length of a header that holds a name or records, above which
// archive/tar refuses it.
const longest = 1 << 20

// reused is how much memory for such headers the next entry uses again.
const reused = 64 << 10

// Headers are the headers of one entry: its own block, and those before it that speak
// of it. The zero value is ready for use, by one goroutine. It takes no more memory
// than twice the largest header that archive/tar accepts, which is a megabyte.
type Headers struct {
	pending []byte // of a header that has not come whole
	need    int    // how many bytes of it make it whole
	padding int    // that stands before it
	kind    byte   // of the header whose content comes next, 0 where a block does

	read    int64 // what was written
	final   [blockSize]byte
	found   bool  // the block of the entry itself
	refused bool  // archive/tar refuses what there is
	end     int64 // where in the raw bytes that block ends
	size    int64 // of what follows it, in the archive

	extended, names, links int // headers that speak of this entry
	pax                    records
	name, target           []byte // of GNU headers

	doubts []Doubt
	fault  string
}

// Reset makes h ready for the next entry. The doubts that it gave are no longer good.
func (h *Headers) Reset() {
	pending, doubts, name, target, pax := h.pending[:0], h.doubts[:0], h.name[:0], h.target[:0], h.pax
	if cap(pending) > reused {
		pending, name, target, pax = nil, nil, nil, records{}
	}
	h.pending, h.need, h.padding, h.kind = pending, blockSize, 0, 0
	h.read, h.found, h.refused, h.end, h.size = 0, false, false, 0, 0
	h.extended, h.names, h.links = 0, 0, 0
	h.name, h.target, h.pax = name, target, pax
	h.pax.reset()
	h.doubts, h.fault = doubts, ""
}

// Write takes in what archive/tar reads for the entry, from its first header on, in
// any pieces. What comes after the block of the entry itself is passed over.
func (h *Headers) Write(p []byte) {
	h.read += int64(len(p))
	if h.need == 0 {
		h.need = blockSize // of the zero value
	}
	for len(p) > 0 && !h.found && !h.refused {
		skip := min(h.padding, len(p))
		p, h.padding = p[skip:], h.padding-skip
		part := p
		if len(h.pending) > 0 || len(p) < h.need {
			n := min(h.need-len(h.pending), len(p))
			h.pending = slices.Grow(h.pending, h.need-len(h.pending)) // at most a megabyte, and once
			h.pending, p = append(h.pending, p[:n]...), p[n:]
			if len(h.pending) < h.need {
				return
			}
			part = h.pending
		} else {
			part, p = p[:h.need], p[h.need:]
		}
		if h.kind == 0 {
			h.end = h.read - int64(len(p))
			h.block(part)
		} else {
			h.content(part)
		}
		h.pending = h.pending[:0]
	}
}

// block looks at a header block.
func (h *Headers) block(block []byte) {
	size, ok := number(block[sizeAt:timeAt])
	// archive/tar asks for no sound size where nothing follows; others do.
	if !ok || size < 0 && !bodiless(block[typeAt]) {
		h.refused, h.fault = true, "the size of an entry is no number, or negative"
		return
	}
	h.size = size
	kind := block[typeAt]
	switch kind {
	case tar.TypeXHeader:
		h.extended++
	case tar.TypeGNULongName:
		h.names++
	case tar.TypeGNULongLink:
		h.links++
	case tar.TypeXGlobalHeader:
		copy(h.final[:], block)
	default:
		copy(h.final[:], block)
		h.found = true
		if h.pax.size.set {
			h.size, _ = strconv.ParseInt(string(h.pax.size.value), 10, 64)
		}
		return
	}
	if size > longest {
		h.refused, h.fault = true, "a header is longer than a megabyte"
		return
	}
	h.kind, h.need = kind, int(size)
	if size == 0 {
		h.content(nil)
	}
}

// content looks at what a header holds that is no entry itself.
func (h *Headers) content(body []byte) {
	switch h.kind {
	case tar.TypeXHeader:
		h.records(body, false)
	case tar.TypeGNULongName:
		h.name = h.long(h.name, body)
	case tar.TypeGNULongLink:
		h.target = h.long(h.target, body)
	case tar.TypeXGlobalHeader:
		h.records(body, true)
		h.found = true
	}
	h.kind, h.need, h.padding = 0, blockSize, -len(body)&(blockSize-1)
}

// long keeps a name that is a header's content.
func (h *Headers) long(into, body []byte) []byte {
	name := text(body)
	if len(name) == 0 {
		h.doubt(Name, "a GNU header for a long name holds none")
	}
	return append(into[:0], name...)
}

// Whole says whether the block of the entry itself was among what was written.
func (h *Headers) Whole() bool { return h.found }

// Fault says what is wrong with the headers where archive/tar refuses them, "" where
// that is not known.
func (h *Headers) Fault() string {
	switch {
	case h.fault != "" || !h.found:
		return h.fault
	case h.final == [blockSize]byte{}:
		return "a single block of zeros stands before a header"
	case !h.sound():
		return "the checksum of a header is wrong"
	}
	for _, field := range [][]byte{h.final[modeAt:uidAt], h.final[uidAt:gidAt], h.final[gidAt:sizeAt], h.final[timeAt:sumAt]} {
		if _, ok := number(field); !ok {
			return "the mode, an owner or the time of an entry is no number"
		}
	}
	return ""
}

// Content returns where the content begins, in bytes from the first header on, and its
// length in the archive. It is good after archive/tar has read the headers, and all that
// it took was written.
func (h *Headers) Content(entry *tar.Header) (start, length int64) {
	switch {
	case bodiless(entry.Typeflag), entry.Typeflag == tar.TypeXGlobalHeader:
		return Padded(h.read), 0
	case entry.Typeflag == tar.TypeGNUSparse: // its map may take blocks of its own
		return Padded(h.read), h.size
	case Sparse(entry): // its map may be a part of the content, and be read already
		return h.end, h.size
	}
	return Padded(h.read), entry.Size
}

// Padded returns the size with what fills its last block.
func Padded(size int64) int64 { return (size + blockSize - 1) &^ (blockSize - 1) }

// bodiless says whether archive/tar takes an entry of the type for one that nothing
// follows, whatever its size.
func bodiless(kind byte) bool {
	switch kind {
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
		return true
	}
	return false
}

// doubt notes something in which tools differ. Each is noted once, and not more than
// anybody would read.
func (h *Headers) doubt(kind Kind, detail string) {
	const most = 8
	if one := (Doubt{kind, detail}); len(h.doubts) < most && !slices.Contains(h.doubts, one) {
		h.doubts = append(h.doubts, one)
	}
}

// text returns a field's bytes up to the first that is zero.
func text(field []byte) []byte {
	before, _, _ := bytes.Cut(field, []byte{0})
	return before
}
