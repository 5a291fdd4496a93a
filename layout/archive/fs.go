package archive

import (
	"io/fs"
	"os"
	pathpkg "path"
	"time"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/spf13/afero"
)

var _ afero.Lstater = (*Archive)(nil)

// info describes one file or directory.
type info struct {
	name     string
	size     int64
	mode     fs.FileMode
	modified time.Time
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return i.modified }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

var modes = [...]fs.FileMode{directory: fs.ModeDir | 0o555, regular: 0o444, irregular: fs.ModeIrregular}

// find returns the number of what lies at a path.
func (a *Archive) find(op, path string) (uint32, error) {
	id, ok := a.index.lookup(layer.Clean(path))
	if !ok {
		return root, &fs.PathError{Op: op, Path: path, Err: fs.ErrNotExist}
	}
	return id, nil
}

// info describes what has the number. It is as new as the archive.
func (a *Archive) info(id uint32, name string) (fs.FileInfo, error) {
	now, err := a.now()
	if err != nil {
		return nil, err
	}
	r := a.index.record(id)
	i := info{name: name, mode: modes[r.kind], modified: now.modified}
	if r.kind == regular {
		i.size = r.size
	}
	return i, nil
}

// Stat describes what lies at a path. It follows no link.
func (a *Archive) Stat(name string) (os.FileInfo, error) {
	id, err := a.find("stat", name)
	if err != nil {
		return nil, err
	}
	return a.info(id, pathpkg.Base(name))
}

// LstatIfPossible is Stat.
func (a *Archive) LstatIfPossible(name string) (os.FileInfo, bool, error) {
	info, err := a.Stat(name)
	return info, true, err
}

// Open opens a file or directory. Files are read from their place in the archive,
// independently of one another. What is neither cannot be opened. An archive that
// was changed since its headers were read is blobs.ErrChanged.
func (a *Archive) Open(name string) (afero.File, error) {
	id, err := a.find("open", name)
	if err == nil {
		if pathErr := a.openable(id); pathErr != nil {
			err = &fs.PathError{Op: "open", Path: name, Err: pathErr}
		}
	}
	if err != nil {
		return nil, err
	}
	return newFile(a, id, name), nil
}

func (a *Archive) openable(id uint32) error {
	if a.index.record(id).kind == irregular {
		return errIrregular
	}
	return a.unchanged()
}

// OpenFile is Open; nothing can be written.
func (a *Archive) OpenFile(name string, flag int, _ os.FileMode) (afero.File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_TRUNC) != 0 {
		return nil, readOnly("open", name)
	}
	return a.Open(name)
}

// Name is that of the kind of file system.
func (a *Archive) Name() string { return "tar archive" }

// What follows would change the archive, and fails.

func (a *Archive) Create(name string) (afero.File, error)    { return nil, readOnly("create", name) }
func (a *Archive) Mkdir(name string, _ os.FileMode) error    { return readOnly("mkdir", name) }
func (a *Archive) MkdirAll(name string, _ os.FileMode) error { return readOnly("mkdir", name) }
func (a *Archive) Remove(name string) error                  { return readOnly("remove", name) }
func (a *Archive) RemoveAll(name string) error               { return readOnly("remove", name) }
func (a *Archive) Rename(name, _ string) error               { return readOnly("rename", name) }
func (a *Archive) Chmod(name string, _ os.FileMode) error    { return readOnly("chmod", name) }
func (a *Archive) Chown(name string, _, _ int) error         { return readOnly("chown", name) }
func (a *Archive) Chtimes(name string, _, _ time.Time) error { return readOnly("chtimes", name) }

func readOnly(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
}
