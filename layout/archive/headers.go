package archive

import (
	"archive/tar"
	"bytes"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
)

// What archive/tar has no name for.
const (
	typeSolaris     = 'X'           // an extended header, to those who know it
	largestOctal    = 0o77777777777 // that the size field of a header can hold in digits
	starRealSize    = "SCHILY.realsize"
	paxPath         = "path"
	paxSize         = "size"
	paxLinkPath     = "linkpath"
	magicOfGNU      = "ustar  \x00"
	nameLength      = 100
	sizeAt, sizeEnd = 124, 136
	typeAt          = 156
	magicAt         = 257
)

// headers are the raw header blocks of one entry, which show what archive/tar
// does not: how it came to what it says.
type headers struct {
	final []byte // the block of the entry itself
	end   int64  // where in the raw bytes it ends
	size  int64  // of what follows it, in the archive
	doubt string // in what tools differ, "" for nothing

	extended, names, links int // headers that speak of this entry
	path, sizePAX          string
	pax                    bool // an extended header has a size
}

// parseHeaders looks at what was read for one entry. Where nothing but headers
// that speak of a next one is there, final is nil.
func parseHeaders(raw []byte) *headers {
	h := new(headers)
	for int64(len(raw))-h.end >= blockSize {
		block := raw[h.end : h.end+blockSize]
		size, ok := number(block[sizeAt:sizeEnd])
		if !ok || size < 0 {
			return h
		}
		h.end += blockSize
		body := raw[h.end:]
		body = body[:min(size, int64(len(body)))]
		switch block[typeAt] {
		case tar.TypeXHeader:
			h.extended++
			h.records(body, false)
		case tar.TypeGNULongName:
			h.names++
			h.long(body)
		case tar.TypeGNULongLink:
			h.links++
			h.long(body)
		case tar.TypeXGlobalHeader:
			h.final, h.size = block, size
			h.records(body, true)
			return h
		default:
			h.final, h.size = block, size
			if h.pax {
				h.size, _ = strconv.ParseInt(h.sizePAX, 10, 64)
			}
			return h
		}
		if padded(size) > int64(len(raw))-h.end {
			return h // it breaks off here
		}
		h.end += padded(size)
	}
	return h
}

// differ notes the first thing in which tools differ.
func (h *headers) differ(doubt string) {
	if h.doubt == "" {
		h.doubt = doubt
	}
}

// long looks at the content of a header that holds a long name.
func (h *headers) long(body []byte) {
	if len(body) == 0 || body[0] == 0 {
		h.differ("a header for a long name holds none")
	}
}

// records looks at the records of an extended header: "<length> <key>=<value>\n".
func (h *headers) records(body []byte, global bool) {
	seen := make(map[string]bool)
	for len(body) > 0 {
		length, rest, ok := bytes.Cut(body, []byte(" "))
		n, err := strconv.Atoi(string(length[:min(len(length), 20)]))
		if !ok || err != nil || n <= len(length)+1 || n > len(body) {
			return // archive/tar refuses it
		}
		record := rest[:n-len(length)-1]
		body = body[n:]
		name, value, _ := strings.Cut(string(record[:len(record)-1]), "=")
		switch name {
		case paxPath, paxSize, paxLinkPath:
			h.record(name, value, seen[name], global)
			seen[name] = true
		case starRealSize:
			h.differ("an extended header makes it a sparse file of star")
		}
	}
}

func (h *headers) record(name, value string, again, global bool) {
	switch {
	case global:
		h.differ("a global header has a " + name + " for all entries after it")
	case again:
		h.differ("an extended header has two records " + name)
	case value == "":
		h.differ("an extended header has an empty " + name)
	}
	switch name {
	case paxPath:
		h.path = value
	case paxSize:
		h.pax, h.sizePAX = value != "", value
	}
}

// judge compares the headers with what archive/tar makes of them, and returns in
// what tools differ, "" for nothing.
func (h *headers) judge(entry *tar.Header) string {
	field, _ := number(h.final[sizeAt:sizeEnd])
	before := h.extended + h.names + h.links
	switch {
	case h.extended > 1:
		h.differ("there are two extended headers")
	case h.names > 1 || h.links > 1:
		h.differ("there are two headers for one long name")
	case h.extended > 0 && before > 1:
		h.differ("it has an extended header and a GNU header for a long name")
	case entry.Typeflag == tar.TypeXGlobalHeader && before > 0:
		h.differ("a global header stands between an entry and the headers that speak of it")
	case entry.Typeflag == typeSolaris:
		h.differ("a header of type X is an extended one only to some tools")
	case h.pax && !sameSize(h.sizePAX, field):
		h.differ("the size in the extended header is " + strconv.QuoteToASCII(clip(h.sizePAX)) + ", that in the header itself " + strconv.FormatInt(field, 10))
	case bodiless(entry.Typeflag) && (field != 0 || entry.Size != 0):
		h.differ("it has a size, but is no file: what follows is its content or the next entry")
	case entry.Typeflag == tar.TypeReg && strings.HasSuffix(entry.Name, "/"):
		h.differ("it is a file, but its name ends with a slash as that of a directory does")
	case before == 0 && string(h.final[magicAt:magicAt+len(magicOfGNU)]) == magicOfGNU && entry.Name != text(h.final[:nameLength]):
		h.differ("a GNU header has what may be the first part of a long name")
	}
	return h.doubt
}

// sameSize says whether every tool comes to one size. A number that the field of
// the header has no room for leaves it at zero, or at the largest that fits.
func sameSize(record string, field int64) bool {
	size, err := strconv.ParseInt(record, 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != record {
		return false
	}
	return size == field || size > largestOctal && (field == 0 || field == largestOctal)
}

// bodiless says whether archive/tar takes an entry of the type for one that
// nothing follows, whatever its size.
func bodiless(kind byte) bool {
	switch kind {
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
		return true
	}
	return false
}

// content returns where behind the start of the headers the content begins, and
// its length in the archive. read is how much archive/tar took.
func (h *headers) content(entry *tar.Header, read int64) (start, length int64) {
	switch {
	case bodiless(entry.Typeflag), entry.Typeflag == tar.TypeXGlobalHeader:
		return padded(read), 0
	case entry.Typeflag == tar.TypeGNUSparse: // its map may take blocks of its own
		return padded(read), h.size
	case layer.Sparse(entry): // its map may be a part of the content, and be read already
		return h.end, h.size
	}
	return padded(read), entry.Size
}

// number reads a numeric field of a header: octal digits, or a binary number.
func number(field []byte) (int64, bool) {
	if field[0]&0x80 == 0 {
		digits := text(bytes.Trim(field, " \x00"))
		if digits == "" {
			return 0, true
		}
		n, err := strconv.ParseInt(digits, 8, 64)
		return n, err == nil
	}
	var n int64
	for i, c := range field {
		if i == 0 {
			if c != 0x80 { // negative, or too large
				return 0, false
			}
			c = 0
		}
		if n > 1<<55-1 {
			return 0, false
		}
		n = n<<8 | int64(c)
	}
	return n, true
}

// text returns a field's bytes up to the first that is zero.
func text(field []byte) string {
	before, _, _ := bytes.Cut(field, []byte{0})
	return string(before)
}
