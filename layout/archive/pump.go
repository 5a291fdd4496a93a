package archive

import (
	"context"
	"io"
)

// pump reads in a goroutine of its own, so that nobody has to wait for a reader
// that blocks, as that of a pipe does.
type pump struct {
	full chan piece
	free chan []byte
	done chan struct{} // closed once nobody wants more

	current piece
	rest    []byte
}

type piece struct {
	buffer []byte
	n      int
	err    error
}

func newPump(r io.Reader) *pump {
	p := &pump{full: make(chan piece), free: make(chan []byte, 2), done: make(chan struct{})}
	for range cap(p.free) {
		p.free <- make([]byte, spoolChunk)
	}
	go p.run(r)
	return p
}

func (p *pump) run(r io.Reader) {
	for {
		select {
		case buffer := <-p.free:
			n, err := r.Read(buffer)
			select {
			case p.full <- piece{buffer, n, err}:
			case <-p.done:
				return
			}
			if err != nil {
				return
			}
		case <-p.done:
			return
		}
	}
}

// stop has the goroutine end with the read that it is at.
func (p *pump) stop() { close(p.done) }

// read waits for bytes, or for ctx.
func (p *pump) read(ctx context.Context, b []byte) (int, error) {
	if len(p.rest) == 0 && p.current.err == nil {
		if p.current.buffer != nil {
			p.free <- p.current.buffer
			p.current = piece{}
		}
		select {
		case p.current = <-p.full:
			if n := p.current.n; n < 0 || n > len(p.current.buffer) {
				return 0, errInvalidRead
			}
			p.rest = p.current.buffer[:p.current.n]
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	if len(p.rest) > 0 {
		return n, nil
	}
	return n, p.current.err
}

// Read is for those who know of no context.
func (p *pump) Read(b []byte) (int, error) { return p.read(context.Background(), b) }
