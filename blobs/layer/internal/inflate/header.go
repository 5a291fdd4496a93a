package inflate

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
)

// Bits of FLG (RFC 1952, 2.3.1).
const (
	flagSum     = 1 << 1
	flagExtra   = 1 << 2
	flagName    = 1 << 3
	flagComment = 1 << 4
	reserved    = 0xe0
)

// maxText is how long name and comment may be. The format sets no limit, and the
// standard library this one.
const maxText = 511

// header reads a member's header by the piece, and sums it up.
type header struct {
	src   *bufio.Reader
	sum   uint32
	piece [256]byte
}

// read reads a header to its end, and refuses what RFC 1952 wants refused.
func (h *header) read(src *bufio.Reader) error {
	h.src, h.sum = src, 0
	start, err := h.next(10)
	if err != nil {
		return err
	}
	const deflate = 8
	flags := start[3]
	if start[0] != 0x1f || start[1] != 0x8b || start[2] != deflate || flags&reserved != 0 {
		return ErrHeader
	}
	if flags&flagExtra != 0 {
		if err := h.extra(); err != nil {
			return err
		}
	}
	for _, flag := range [...]byte{flagName, flagComment} {
		if flags&flag != 0 {
			if err := h.text(); err != nil {
				return err
			}
		}
	}
	if flags&flagSum != 0 {
		return h.check()
	}
	return nil
}

// next returns the next n bytes, up to the length of piece.
func (h *header) next(n int) ([]byte, error) {
	p := h.piece[:n]
	if err := readFull(h.src, p); err != nil {
		return nil, err
	}
	h.sum = crc32.Update(h.sum, crc32.IEEETable, p)
	return p, nil
}

// extra passes over what the field's own length says.
func (h *header) extra() error {
	length, err := h.next(2)
	if err != nil {
		return err
	}
	for left := int(binary.LittleEndian.Uint16(length)); left > 0; {
		n := min(left, len(h.piece))
		if _, err := h.next(n); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// text passes over text that a zero byte ends.
func (h *header) text() error {
	for range maxText + 1 {
		c, err := h.next(1)
		if err != nil {
			return err
		}
		if c[0] == 0 {
			return nil
		}
	}
	return ErrHeader
}

func (h *header) check() error {
	want := uint16(h.sum)
	sum, err := h.next(2)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint16(sum) != want {
		return ErrHeader
	}
	return nil
}
