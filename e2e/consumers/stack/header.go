package stack

import (
	"archive/tar"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

const blockSize = 512

// header is a header block in the making.
type header [blockSize]byte

// Where the fields of a header lie.
var (
	fieldName   = [2]int{0, 100}
	fieldMode   = [2]int{100, 108}
	fieldUID    = [2]int{108, 116}
	fieldGID    = [2]int{116, 124}
	fieldSize   = [2]int{124, 136}
	fieldTime   = [2]int{136, 148}
	fieldSum    = [2]int{148, 156}
	fieldLink   = [2]int{157, 257}
	fieldMagic  = [2]int{257, 265}
	fieldMajor  = [2]int{329, 337}
	fieldMinor  = [2]int{337, 345}
	fieldPrefix = [2]int{345, 500}
)

// Magics of the formats.
const (
	magicUSTAR = "ustar\x0000"
	magicGNU   = "ustar  \x00"
	magicV7    = ""
	magicOdd   = "ustarX00"
)

// newHeader fills in what all forms have in common.
func newHeader(e *Entry, name, link string, size int64) *header {
	h := new(header)
	h.text(fieldName, name)
	h.number(fieldMode, e.Mode)
	h.number(fieldUID, e.UID)
	h.number(fieldGID, e.GID)
	h.number(fieldSize, size)
	h.number(fieldTime, e.Time)
	h[156] = e.Type
	h.text(fieldLink, link)
	h.text(fieldMagic, magicUSTAR)
	if e.Type == tar.TypeChar || e.Type == tar.TypeBlock {
		h.number(fieldMajor, e.Major)
		h.number(fieldMinor, e.Minor)
	}
	return h
}

func (h *header) text(f [2]int, s string) {
	clear(h[f[0]:f[1]])
	copy(h[f[0]:f[1]], s)
}

// number writes a number in octal digits, or in base 256 where those do not
// suffice.
func (h *header) number(f [2]int, n int64) {
	width := f[1] - f[0]
	if digits := strconv.FormatInt(n, 8); n >= 0 && len(digits) < width {
		h.text(f, strings.Repeat("0", width-1-len(digits))+digits)
		return
	}
	h.binary(f, n)
}

// binary writes a number in base 256.
func (h *header) binary(f [2]int, n int64) {
	field := h[f[0]:f[1]]
	for i := range field {
		field[i] = byte(n >> 63)
	}
	var eight [8]byte
	binary.BigEndian.PutUint64(eight[:], uint64(n))
	if len(field) > 8 {
		copy(field[len(field)-8:], eight[:])
	} else {
		copy(field, eight[8-len(field):])
	}
	field[0] |= 0x80
}

// sum returns the block with its checksum.
func (h *header) sum() []byte {
	h.text(fieldSum, "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	h.text(fieldSum, fmt.Sprintf("%06o\x00 ", sum))
	return h[:]
}

// signedSum returns the block with the checksum of those who add signed bytes.
func (h *header) signedSum() []byte {
	h.text(fieldSum, "        ")
	sum := 0
	for _, c := range h {
		sum += int(int8(c))
	}
	h.text(fieldSum, fmt.Sprintf("%06o\x00 ", max(sum, 0)))
	return h[:]
}

// padded returns content in whole blocks.
func padded(content string) []byte {
	size := (len(content) + blockSize - 1) / blockSize * blockSize
	return append([]byte(content), make([]byte, size-len(content))...)
}

// record is one PAX record.
type record struct{ key, value string }

// bytes returns the record with its length in front, which counts itself.
func (r record) bytes() string {
	rest := len(r.key) + len(r.value) + 3
	size := rest + len(strconv.Itoa(rest))
	if len(strconv.Itoa(size))+rest != size {
		size = rest + len(strconv.Itoa(size))
	}
	return fmt.Sprintf("%d %s=%s\n", size, r.key, r.value)
}

// extended returns an extended header: PAX records of type x or g.
func extended(kind byte, records ...record) []byte {
	var text strings.Builder
	for _, r := range records {
		text.WriteString(r.bytes())
	}
	return special(kind, "PaxHeaders.0/x", text.String(), magicUSTAR)
}

// long returns the header of GNU tar that holds a long name (L) or target (K).
func long(kind byte, text string) []byte {
	return special(kind, "././@LongLink", text+"\x00", magicGNU)
}

func special(kind byte, name, content, magic string) []byte {
	e := Entry{Type: kind, Mode: 0o644}
	h := newHeader(&e, name, "", int64(len(content)))
	h.text(fieldMagic, magic)
	return append(h.sum(), padded(content)...)
}
