package tarheader

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
)

// number reads a numeric field of a header as archive/tar does: octal digits, or a
// binary number.
func number(field []byte) (int64, bool) {
	if field[0]&0x80 != 0 {
		return binaryNumber(field)
	}
	digits := text(bytes.Trim(field, " \x00"))
	if len(digits) == 0 {
		return 0, true
	}
	var n uint64
	for _, c := range digits {
		if c < '0' || c > '7' || n > math.MaxInt64>>3 {
			return 0, false
		}
		n = n<<3 | uint64(c-'0')
	}
	return int64(n), true
}

// binaryNumber reads a number in two's complement, of which the first bit only says
// that it is one.
func binaryNumber(field []byte) (int64, bool) {
	var invert byte
	if field[0]&0x40 != 0 {
		invert = 0xff
	}
	var n uint64
	for i, c := range field {
		c ^= invert
		if i == 0 {
			c &= 0x7f
		}
		if n>>56 != 0 {
			return 0, false
		}
		n = n<<8 | uint64(c)
	}
	if n>>63 != 0 {
		return 0, false
	}
	if invert != 0 {
		return ^int64(n), true
	}
	return int64(n), true
}

// plain says whether a numeric field has the form in which every tool reads the same
// number: blanks, digits, and then nothing but blanks and zeros.
func plain(field []byte) bool {
	if field[0]&0x80 != 0 {
		return true
	}
	i := 0
	for i < len(field) && field[i] == ' ' {
		i++
	}
	for i < len(field) && field[i] >= '0' && field[i] <= '7' {
		i++
	}
	for ; i < len(field); i++ {
		if field[i] != ' ' && field[i] != 0 {
			return false
		}
	}
	return true
}

// ascii says whether the block holds no byte above 0x7f.
func ascii(block *[blockSize]byte) bool {
	var all uint64
	for i := 0; i < blockSize; i += 8 {
		all |= binary.LittleEndian.Uint64(block[i:])
	}
	return all&0x8080808080808080 == 0
}

// sums returns the checksum of the entry's block, of its bytes and of its bytes with
// signs.
func (h *Headers) sums() (unsigned, signed int64) {
	for i, c := range &h.final {
		if i >= sumAt && i < typeAt {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return unsigned, signed
}

// sound says whether the checksum of the entry's block is right, in any of its forms.
func (h *Headers) sound() bool {
	unsigned, signed := h.sums()
	sum, ok := number(h.final[sumAt:typeAt])
	return ok && (sum == unsigned || sum == signed)
}

// signedOnly says whether the checksum is right only to those who add the bytes up with
// signs.
func (h *Headers) signedOnly() bool {
	if ascii(&h.final) {
		return false
	}
	unsigned, signed := h.sums()
	sum, ok := number(h.final[sumAt:typeAt])
	return ok && sum != unsigned && sum == signed
}

// largestOctal is the largest number that the size field of a header can hold in digits.
const largestOctal = 0o77777777777

// sameSize says whether every tool comes to one size. A number that the field of the
// header has no room for leaves it at zero, or at the largest that fits.
func sameSize(record string, field int64) bool {
	size, err := strconv.ParseInt(record, 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != record {
		return false
	}
	return size == field || size > largestOctal && (field == 0 || field == largestOctal)
}
