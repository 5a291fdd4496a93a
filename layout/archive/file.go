package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	pathpkg "path"
)

var (
	errIrregular = errors.New("neither a file nor a directory")
	errDirectory = errors.New("is a directory")
	errNotDir    = errors.New("not a directory")
)

// file is an open file or directory of an archive.
type file struct {
	content *io.SectionReader // nil for a directory
	archive *Archive
	id      uint32
	name    string
	next    uint32 // the child that a directory lists next
	closed  bool
}

func newFile(a *Archive, id uint32, name string) *file {
	f := &file{archive: a, id: id, name: name}
	r := a.index.record(id)
	if r.kind == regular {
		f.content = io.NewSectionReader(a.r, r.at, r.size)
	} else {
		f.next = uint32(r.at)
	}
	return f
}

func (f *file) usable(op string, as kind) error {
	switch is := f.archive.index.record(f.id).kind; {
	case f.closed:
		return f.wrong(op, fs.ErrClosed)
	case as == regular && is != regular:
		return f.wrong(op, errDirectory)
	case as == directory && is != directory:
		return f.wrong(op, errNotDir)
	}
	return nil
}

func (f *file) wrong(op string, err error) error {
	return &fs.PathError{Op: op, Path: f.name, Err: err}
}

func (f *file) Name() string { return f.name }

func (f *file) Close() error {
	if f.closed {
		return f.wrong("close", fs.ErrClosed)
	}
	f.closed = true
	return nil
}

// Stat tells how new the archive is now: what was read of it meanwhile may be of
// both the old one and the new.
func (f *file) Stat() (fs.FileInfo, error) {
	return f.archive.info(f.id, pathpkg.Base(f.name))
}

func (f *file) Read(p []byte) (int, error) {
	if err := f.usable("read", regular); err != nil {
		return 0, err
	}
	return f.read(f.content.Read(p))
}

func (f *file) ReadAt(p []byte, at int64) (int, error) {
	if err := f.usable("read", regular); err != nil {
		return 0, err
	}
	return f.read(f.content.ReadAt(p, at))
}

func (f *file) read(n int, err error) (int, error) {
	if err != nil && err != io.EOF {
		err = f.wrong("read", err)
	}
	return n, err
}

func (f *file) Seek(offset int64, whence int) (int64, error) {
	if err := f.usable("seek", regular); err != nil {
		return 0, err
	}
	return f.content.Seek(offset, whence)
}

// Readdirnames returns the names in a directory, at most n of them, in the order
// of the archive's end to its start. n of 0 or less is all that are left.
func (f *file) Readdirnames(n int) ([]string, error) {
	if err := f.usable("readdirnames", directory); err != nil {
		return nil, err
	}
	var names []string
	for f.next != root && (n <= 0 || len(names) < n) {
		names = append(names, f.archive.index.name(f.next))
		f.next = f.archive.index.record(f.next).sibling
	}
	if n > 0 && len(names) == 0 {
		return nil, io.EOF
	}
	return names, nil
}

// Readdir is Readdirnames with what each name has.
func (f *file) Readdir(n int) ([]os.FileInfo, error) {
	first := f.next
	names, err := f.Readdirnames(n)
	if err != nil {
		return nil, err
	}
	var infos []os.FileInfo
	for _, name := range names {
		info, err := f.archive.info(first, name)
		if err != nil {
			return infos, err
		}
		infos = append(infos, info)
		first = f.archive.index.record(first).sibling
	}
	return infos, nil
}

func (f *file) Sync() error { return nil }

func (f *file) Write([]byte) (int, error)          { return 0, f.wrong("write", fs.ErrPermission) }
func (f *file) WriteAt([]byte, int64) (int, error) { return 0, f.wrong("write", fs.ErrPermission) }
func (f *file) WriteString(string) (int, error)    { return 0, f.wrong("write", fs.ErrPermission) }
func (f *file) Truncate(int64) error               { return f.wrong("truncate", fs.ErrPermission) }
