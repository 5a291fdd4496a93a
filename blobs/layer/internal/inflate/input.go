package inflate

import (
	"bufio"
	"encoding/binary"
)

// input gives the bits of a source. What is in in from its beginning on is a copy of
// what comes next in the source's buffer, from which bytes are read only when they
// are used up: so the source is never ahead of the stream.
type input struct {
	src    *bufio.Reader
	srcErr error  // no more comes, and why
	bits   uint64 // read from in, the next ones lowest; those above count may be there too
	count  uint32
	ip, ie int // of in, what is not read yet
	share  int // how much is copied the next time
	in     [inSize + 8]byte
}

// The first copy is a small one, as the stream may be.
const firstShare = 512

func (z *input) reset(src *bufio.Reader) {
	z.src, z.srcErr, z.bits, z.count = src, nil, 0, 0
	z.ip, z.ie, z.share = 0, 0, firstShare
}

// giveBack puts whole bytes back that were read, so that fewer than eight bits are
// left. They are always still there: fill and release call it before they move on.
func (z *input) giveBack() {
	z.ip -= int(z.count >> 3)
	z.count &= 7
	z.bits &= 1<<z.count - 1
}

// align passes over the bits up to the next whole byte.
func (z *input) align() {
	z.giveBack()
	z.bits, z.count = 0, 0
}

// release has the source stand at the next whole byte.
func (z *input) release() {
	z.align()
	z.src.Discard(z.ip) // is buffered
	z.ip, z.ie = 0, 0
}

// fill brings at least one byte more into in, or sets srcErr. It reads from the
// source only if that has nothing more in its buffer.
func (z *input) fill() {
	z.giveBack()
	z.src.Discard(z.ip)
	rest := z.ie - z.ip
	next, err := z.src.Peek(rest + 1)
	if len(next) > rest {
		next, _ = z.src.Peek(min(z.src.Buffered(), max(z.share, len(next))))
		z.share = min(2*z.share, inSize)
	} else {
		z.srcErr = cut(err)
	}
	z.ip, z.ie = 0, copy(z.in[:inSize], next)
}

// load returns the eight bytes from ip on.
func (z *input) load(ip uint) uint64 {
	return binary.LittleEndian.Uint64(z.in[ip%inSize:][:8])
}

// need sees to it that there are at least n bits, of which 48 are the most that is
// ever asked for.
func (z *input) need(n uint32) error {
	if z.count >= n {
		return nil
	}
	return z.refill(n)
}

func (z *input) refill(n uint32) error {
	if z.ie-z.ip >= 8 {
		z.bits |= z.load(uint(z.ip)) << (z.count & 63)
		z.ip += int(63-z.count) >> 3
		z.count |= 56
		return nil
	}
	for z.count < n {
		if z.ip < z.ie {
			z.bits |= uint64(z.in[z.ip]) << (z.count & 63)
			z.count += 8
			z.ip++
			continue
		}
		if z.srcErr != nil {
			return z.srcErr
		}
		z.fill()
	}
	return nil
}

// take returns the next n bits, which are there.
func (z *input) take(n uint32) uint32 {
	v := uint32(z.bits & (1<<(n&63) - 1))
	z.bits >>= n & 63
	z.count -= n
	return v
}
