package verify_test

import (
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/spf13/afero"
)

// An operation is what a spyFs was asked for.
type operation struct {
	kind string // "stat", "open", "list" or "read"
	name string
}

// spyFs notes every operation on a file system, and may have some fail. Like
// many file systems it has no Lstat.
type spyFs struct {
	afero.Fs
	// before, if not nil, is called before each operation, with how many there
	// were before it. Its error is the operation's.
	before func(n int, op operation) error

	mu    sync.Mutex
	ops   []operation
	bytes map[string]int64 // read of each file
}

func spy(fsys afero.Fs) *spyFs { return &spyFs{Fs: fsys, bytes: make(map[string]int64)} }

func (s *spyFs) note(kind, name string) error {
	s.mu.Lock()
	op := operation{kind, name}
	n := len(s.ops)
	s.ops = append(s.ops, op)
	s.mu.Unlock()
	if s.before == nil {
		return nil
	}
	return s.before(n, op)
}

// count returns how often each name had an operation of the kind.
func (s *spyFs) count(kind string) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int)
	for _, op := range s.ops {
		if op.kind == kind {
			counts[op.name]++
		}
	}
	return counts
}

// names returns every name that was used in any way.
func (s *spyFs) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make(map[string]bool)
	for _, op := range s.ops {
		names[op.name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func (s *spyFs) Stat(name string) (fs.FileInfo, error) {
	if err := s.note("stat", name); err != nil {
		return nil, err
	}
	return s.Fs.Stat(name)
}

func (s *spyFs) Open(name string) (afero.File, error) {
	if err := s.note("open", name); err != nil {
		return nil, err
	}
	f, err := s.Fs.Open(name)
	if err != nil {
		return nil, err
	}
	return &spyFile{f, s, name}, nil
}

func (s *spyFs) OpenFile(name string, _ int, _ fs.FileMode) (afero.File, error) { return s.Open(name) }

type spyFile struct {
	afero.File
	spy  *spyFs
	name string
}

func (f *spyFile) Read(p []byte) (int, error) {
	if err := f.spy.note("read", f.name); err != nil {
		return 0, err
	}
	n, err := f.File.Read(p)
	f.spy.mu.Lock()
	f.spy.bytes[f.name] += int64(n)
	f.spy.mu.Unlock()
	return n, err
}

func (f *spyFile) Readdirnames(n int) ([]string, error) {
	if err := f.spy.note("list", f.name); err != nil {
		return nil, err
	}
	return f.File.Readdirnames(n)
}

// refuse returns a spyFs.before that has one operation on one file fail.
func refuse(kind, name string, err error) func(int, operation) error {
	return func(_ int, op operation) error {
		if op.kind == kind && op.name == name {
			return &fs.PathError{Op: kind, Path: name, Err: err}
		}
		return nil
	}
}
