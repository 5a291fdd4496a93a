package layer

import (
	"errors"
	"io/fs"
	"os"
	"sync"

	"github.com/klauspost/compress/s2"
)

// Spool keeps what Changes record, compressed: some of it in memory, and the rest in
// a temporary file, which is made once it is needed and has no name where the system
// allows that. It is safe for concurrent use.
type Spool struct {
	tempDir func() (string, error)

	mu     sync.Mutex
	memory int64 // bytes in use
	file   *os.File
	size   int64
	free   []int64 // places in the file where a chunk was
	err    error
}

// spoolMemory is how many bytes stay in memory, enough for some ten million
// entries of usual names, and spoolChunk how many are compressed at a time, and
// take as many in the file.
const (
	spoolMemory = 32 << 20
	spoolChunk  = 64 << 10
)

// NewSpool returns an empty Spool. TempDir returns the directory for the temporary
// file; nil is os.TempDir.
func NewSpool(tempDir func() (string, error)) *Spool {
	if tempDir == nil {
		tempDir = func() (string, error) { return os.TempDir(), nil }
	}
	return &Spool{tempDir: tempDir}
}

// Close removes the file. What was recorded is lost.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if rest := os.Remove(s.file.Name()); !errors.Is(rest, os.ErrNotExist) {
		err = errors.Join(err, rest)
	}
	s.file, s.err = nil, os.ErrClosed
	return err
}

// spooled is a chunk: in memory, or so many bytes at a place in the file.
type spooled struct {
	memory []byte
	at     int64
	n      int
}

// put keeps a chunk, which is at most mostRecords long.
func (s *Spool) put(chunk []byte) (spooled, error) {
	chunk = s2.Encode(nil, chunk)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory+int64(len(chunk)) <= spoolMemory {
		s.memory += int64(len(chunk))
		return spooled{memory: append(make([]byte, 0, len(chunk)), chunk...), n: len(chunk)}, nil
	}
	if s.file == nil && s.err == nil {
		s.err = s.open()
	}
	if s.err != nil {
		return spooled{}, s.err
	}
	at := s.size
	if last := len(s.free) - 1; last >= 0 {
		at, s.free = s.free[last], s.free[:last]
	} else {
		s.size += spoolChunk
	}
	if _, err := s.file.WriteAt(chunk, at); err != nil {
		s.free = append(s.free, at)
		return spooled{}, err
	}
	return spooled{at: at, n: len(chunk)}, nil
}

func (s *Spool) open() error {
	dir, err := s.tempDir()
	if err != nil {
		return err
	}
	if s.file, err = os.CreateTemp(dir, "ocilayout-*"); err == nil {
		os.Remove(s.file.Name()) // where this does not work, Close does it
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err // without the name of the file, which means nothing to anyone
	}
	return err
}

// get returns a chunk, in what may be a part of buffer.
func (s *Spool) get(c spooled, buffer []byte) ([]byte, error) {
	packed := c.memory
	if packed == nil {
		s.mu.Lock()
		file, err := s.file, s.err
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		packed = make([]byte, c.n)
		if _, err := file.ReadAt(packed, c.at); err != nil {
			return nil, err
		}
	}
	return s2.Decode(buffer, packed)
}

// drop gives the room of a chunk back.
func (s *Spool) drop(c spooled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.memory != nil {
		s.memory -= int64(c.n)
	} else {
		s.free = append(s.free, c.at)
	}
}
