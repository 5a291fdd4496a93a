package archive

import (
	"archive/tar"
	"context"
	"errors"
	"io"
)

const blockSize = 512

var (
	errHeaders     = errors.New("the headers of the entry are longer than the limit")
	errInvalidRead = errors.New("the reader returned an impossible count")
)

// tape reads headers from their places in the archive, and keeps what it read
// until the next ones are read.
type tape struct {
	ctx  context.Context
	r    io.ReaderAt
	size int64

	at     int64          // where Read goes on
	window [16 << 10]byte // a piece of the archive: headers of small files lie close to one another
	start  int64
	length int
	raw    []byte // what was read since the headers began
	failed error  // why r could not be read, or the cause of a cancelled ctx
}

// headers reads the headers that begin at a place, those that only speak of the
// next one included.
func (t *tape) headers(at int64) (*tar.Header, error) {
	t.at, t.raw = at, t.raw[:0]
	header, err := tar.NewReader(t).Next()
	if errors.Is(err, tar.ErrInsecurePath) { // where the environment asks for it
		err = nil
	}
	return header, err
}

// Read is for archive/tar, which takes no more than it needs.
func (t *tape) Read(p []byte) (int, error) {
	if len(t.raw) > maxHeaders {
		return 0, errHeaders
	}
	piece, err := t.piece(min(len(p), blockSize))
	n := copy(p, piece)
	t.raw = append(t.raw, p[:n]...)
	t.at += int64(n)
	return n, err
}

// piece returns some bytes at the present place, at most n.
func (t *tape) piece(n int) ([]byte, error) {
	if t.ctx.Err() != nil {
		t.failed = context.Cause(t.ctx)
		return nil, t.failed
	}
	if t.at >= t.size {
		return nil, io.EOF
	}
	if t.at < t.start || t.at >= t.start+int64(t.length) {
		t.start, t.length = t.at, 0
		most := int(min(int64(len(t.window)), t.size-t.at))
		read, err := t.r.ReadAt(t.window[:most], t.at)
		switch {
		case read < 0 || read > most:
			err = errInvalidRead
		case read == most:
			err = nil
		case err == nil || err == io.EOF: // it was longer a moment ago
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			t.failed = err
			return nil, err
		}
		t.length = read
	}
	piece := t.window[t.at-t.start : t.length]
	return piece[:min(n, len(piece))], nil
}

// zeros reads on to the end, and returns where the first byte other than zero is,
// -1 if there is none.
func (t *tape) zeros() (int64, error) {
	for {
		piece, err := t.piece(len(t.window))
		if err == io.EOF {
			return -1, nil
		}
		if err != nil {
			return 0, err
		}
		for i, c := range piece {
			if c != 0 {
				return t.at + int64(i), nil
			}
		}
		t.at += int64(len(piece))
	}
}
