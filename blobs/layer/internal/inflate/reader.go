package inflate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// What errors.Is finds in the errors of a Reader, other than those of its source.
var (
	ErrHeader   = errors.New("gzip: the header is not valid")
	ErrChecksum = errors.New("gzip: the checksum or the length is wrong")
	ErrCorrupt  = errors.New("deflate")
)

// Reader unpacks one member of a gzip stream. It has 180 KiB, whatever the member
// holds, and allocates nothing: use it again with Reset. The zero Reader is ready
// for Reset. It is for one goroutine.
type Reader struct {
	inflater
	header  header
	pending []byte // unpacked, and not read yet
	sum     uint32
	size    uint32
	err     error
}

// Reset begins with the member that src is at. The error is that of src,
// ErrHeader, or io.ErrUnexpectedEOF. Until Read returns io.EOF src is the Reader's,
// and then it is just behind the member.
func (r *Reader) Reset(src *bufio.Reader) error {
	r.inflater.reset(src)
	r.pending, r.sum, r.size = nil, 0, 0
	r.err = r.header.read(src)
	return r.err
}

// Read returns io.EOF once checksum and length were found to be right. Any other
// error is that of the source, wraps ErrCorrupt, or is ErrChecksum or
// io.ErrUnexpectedEOF; it comes after all bytes before the damage.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.pending) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.more()
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

// Close lets go of the source, so that the Reader can be used again.
func (r *Reader) Close() error {
	r.src, r.header.src = nil, nil
	r.pending, r.err = nil, errors.New("gzip: the reader is closed")
	return nil
}

func (r *Reader) more() {
	r.pending, r.err = r.next()
	r.sum = crc32.Update(r.sum, crc32.IEEETable, r.pending)
	r.size += uint32(len(r.pending))
	if r.err == io.EOF {
		r.err = r.trailer()
	}
}

func (r *Reader) trailer() error {
	trailer := r.header.piece[:8]
	if err := readFull(r.src, trailer); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(trailer) != r.sum || binary.LittleEndian.Uint32(trailer[4:]) != r.size {
		return ErrChecksum
	}
	return io.EOF
}

// cut is the error for a source that ends where it must not.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readFull fills p, which is short. What is not in the source's buffer it reads by the
// byte, as a bufio.Reader gives up on a source that never gives anything only there.
func readFull(src *bufio.Reader, p []byte) (err error) {
	if src.Buffered() >= len(p) {
		_, err = src.Read(p) // all of it
		return err
	}
	for i := range p {
		if p[i], err = src.ReadByte(); err != nil {
			return cut(err)
		}
	}
	return nil
}
