package layer

import (
	"errors"
	"os"
	"sync"
)

// Spool keeps what Changes record: some of it in memory, and the rest in a
// temporary file, which is made once it is needed and has no name where the system
// allows that. It is safe for concurrent use.
type Spool struct {
	tempDir func() (string, error)

	mu     sync.Mutex
	memory int64 // taken
	file   *os.File
	size   int64
	free   []int64 // places in the file where a chunk was
	err    error
}

// spoolMemory is how many bytes are kept in memory, and spoolChunk how many are
// written at a time.
const (
	spoolMemory = 8 << 20
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

// put keeps a copy of a chunk, which is at most spoolChunk long.
func (s *Spool) put(chunk []byte) (spooled, error) {
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
	return err
}

// get returns a chunk, in buffer or as it is in memory.
func (s *Spool) get(c spooled, buffer []byte) ([]byte, error) {
	if c.memory != nil {
		return c.memory, nil
	}
	s.mu.Lock()
	file, err := s.file, s.err
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	_, err = file.ReadAt(buffer[:c.n], c.at)
	return buffer[:c.n], err
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
