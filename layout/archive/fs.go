package archive

import (
	"io/fs"
	"os"
	pathpkg "path"
	"time"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/spf13/afero"
)

// FS returns the archive's files, read-only. What it returns is an afero.Lstater too, and
// safe for concurrent use. Directories are there that no entry names, where something
// lies in them. Links, devices and sparse files are fs.ModeIrregular: no link is followed,
// and none of them can be opened. Files are read from their place in the archive,
// independently of one another. An archive that was changed since its headers were read
// is blobs.ErrChanged.
func (a *Archive) FS() afero.Fs { return files{a} }

// files are an archive as a file system.
type files struct{ *Archive }

var _ afero.Lstater = files{}

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

func (a files) Stat(name string) (os.FileInfo, error) {
	id, err := a.find("stat", name)
	if err != nil {
		return nil, err
	}
	return a.info(id, pathpkg.Base(name))
}

// LstatIfPossible is Stat, which follows no link.
func (a files) LstatIfPossible(name string) (os.FileInfo, bool, error) {
	info, err := a.Stat(name)
	return info, true, err
}

func (a files) Open(name string) (afero.File, error) {
	id, err := a.find("open", name)
	if err == nil {
		if pathErr := a.openable(id); pathErr != nil {
			err = &fs.PathError{Op: "open", Path: name, Err: pathErr}
		}
	}
	if err != nil {
		return nil, err
	}
	return newFile(a.Archive, id, name), nil
}

func (a *Archive) openable(id uint32) error {
	if a.index.record(id).kind == irregular {
		return errIrregular
	}
	return a.unchanged()
}

// OpenFile is Open; nothing can be written.
func (a files) OpenFile(name string, flag int, _ os.FileMode) (afero.File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_TRUNC) != 0 {
		return nil, readOnly("open", name)
	}
	return a.Open(name)
}

func (a files) Name() string { return "tar archive" }

// What follows would change the archive, and fails.

func (files) Create(name string) (afero.File, error)    { return nil, readOnly("create", name) }
func (files) Mkdir(name string, _ os.FileMode) error    { return readOnly("mkdir", name) }
func (files) MkdirAll(name string, _ os.FileMode) error { return readOnly("mkdir", name) }
func (files) Remove(name string) error                  { return readOnly("remove", name) }
func (files) RemoveAll(name string) error               { return readOnly("remove", name) }
func (files) Rename(name, _ string) error               { return readOnly("rename", name) }
func (files) Chmod(name string, _ os.FileMode) error    { return readOnly("chmod", name) }
func (files) Chown(name string, _, _ int) error         { return readOnly("chown", name) }
func (files) Chtimes(name string, _, _ time.Time) error { return readOnly("chtimes", name) }

func readOnly(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
}
