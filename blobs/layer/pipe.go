package layer

import (
	"context"
	"io"
	"sync"
)

// chunkSize is what travels between the stages of a scan at a time, and queued
// is how many chunks may wait between two of them. Both bound the memory of a
// scan: two queues, and a chunk on each side of either.
const (
	chunkSize = 128 << 10
	queued    = 4
)

// pipe hands chunks of bytes from one goroutine to another without copying them
// twice: the writing side fills and sends them, and the reading side is an
// io.Reader.
type pipe struct {
	full  chan []byte
	ended bool  // on the writing side
	err   error // why the stream ended; read once full is closed
	// each, if set, sees every chunk on the reading side before it is read.
	each func([]byte)

	chunk   []byte // what is left to read of current
	current []byte
	passed  int64 // bytes of all chunks so far, on the reading side
}

func newPipe() *pipe { return &pipe{full: make(chan []byte, queued)} }

// chunks are shared by all pipes: a layout may have more layers than the
// allocator should be asked for chunks.
var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

func putChunk(chunk []byte) {
	if chunk != nil {
		chunks.Put((*[chunkSize]byte)(chunk[:chunkSize]))
	}
}

// step sends one chunk of what r gives, and returns why the stream ends, if it does
// so. It leaves ending it to the caller. It is the writing side, and ends with ctx.
func (p *pipe) step(ctx context.Context, r io.Reader) error {
	chunk := chunks.Get().(*[chunkSize]byte)[:]
	n, err := readChunk(r, chunk)
	if n == 0 {
		putChunk(chunk)
		return err
	}
	select {
	case p.full <- chunk[:n]:
		return err
	case <-ctx.Done():
		putChunk(chunk)
		return context.Cause(ctx)
	}
}

// end tells the reading side that no more comes, and why. Only the first call
// counts.
func (p *pipe) end(why error) {
	if !p.ended {
		p.ended, p.err = true, why
		close(p.full)
	}
}

// readChunk fills buffer as far as r goes. It takes no count on trust.
func readChunk(r io.Reader, buffer []byte) (n int, err error) {
	for empty := 0; n < len(buffer); {
		m, err := r.Read(buffer[n:])
		if m < 0 || m > len(buffer)-n {
			return n, errInvalidRead
		}
		n += m
		if err != nil {
			return n, err
		}
		if m > 0 {
			empty = 0
		} else if empty++; empty == 100 {
			return n, io.ErrNoProgress
		}
	}
	return n, nil
}

// Read is the reading side.
func (p *pipe) Read(b []byte) (int, error) {
	if len(p.chunk) == 0 && !p.next() {
		return 0, p.err
	}
	n := copy(b, p.chunk)
	p.chunk = p.chunk[n:]
	return n, nil
}

// skip is Read without a look at the bytes.
func (p *pipe) skip(n int) (int, error) {
	if len(p.chunk) == 0 && !p.next() {
		return 0, p.err
	}
	n = min(n, len(p.chunk))
	p.chunk = p.chunk[n:]
	return n, nil
}

// next takes the next chunk, and gives the one before back.
func (p *pipe) next() bool {
	putChunk(p.current)
	p.current, p.chunk = nil, nil
	chunk, ok := <-p.full
	if !ok {
		return false
	}
	p.current, p.chunk = chunk, chunk
	p.passed += int64(len(chunk))
	if p.each != nil {
		p.each(chunk)
	}
	return true
}

// release gives all chunks back, once neither side is at work any more.
func (p *pipe) release() {
	putChunk(p.current)
	p.current, p.chunk = nil, nil
	for len(p.full) > 0 {
		putChunk(<-p.full)
	}
}

// drain reads to the end without looking at anything but what each sees.
func (p *pipe) drain() error {
	for p.next() {
	}
	if p.err == io.EOF {
		return nil
	}
	return p.err
}
