package layout

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/spf13/afero"
)

// rootFs is a directory on disk as a read-only afero.Fs. It is held by os.Root,
// so that neither a name nor a symlink leads out of it, and it tells symlinks
// from what they lead to, which afero's own wrappers cannot do together.
type rootFs struct {
	root *os.Root
	held held
}

var _ afero.Lstater = (*rootFs)(nil)

// Confined marks it for package blobs.
func (*rootFs) Confined() {}

// Open never waits, not even for the writer of a FIFO.
func (r *rootFs) Open(name string) (afero.File, error) {
	f, err := lookAt(r, name, func(in *os.Root, name string) (*os.File, error) {
		return in.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (r *rootFs) OpenFile(name string, flag int, _ os.FileMode) (afero.File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_TRUNC) != 0 {
		return nil, readOnly("open", name)
	}
	return r.Open(name)
}

func (r *rootFs) Stat(name string) (os.FileInfo, error) { return lookAt(r, name, (*os.Root).Stat) }

func (r *rootFs) LstatIfPossible(name string) (os.FileInfo, bool, error) {
	info, err := lookAt(r, name, (*os.Root).Lstat)
	return info, true, err
}

// ReadlinkIfPossible makes it an afero.LinkReader.
func (r *rootFs) ReadlinkIfPossible(name string) (string, error) {
	return lookAt(r, name, (*os.Root).Readlink)
}

// Renew lets go of the directories within that are held, for package blobs.
func (r *rootFs) Renew() { r.held.release() }

// Close lets go of the directory, and of those within.
func (r *rootFs) Close() error {
	r.Renew()
	return r.root.Close()
}

func (r *rootFs) Name() string { return "os.Root" }

func (*rootFs) Create(name string) (afero.File, error)    { return nil, readOnly("create", name) }
func (*rootFs) Mkdir(name string, _ os.FileMode) error    { return readOnly("mkdir", name) }
func (*rootFs) MkdirAll(name string, _ os.FileMode) error { return readOnly("mkdir", name) }
func (*rootFs) Remove(name string) error                  { return readOnly("remove", name) }
func (*rootFs) RemoveAll(name string) error               { return readOnly("remove", name) }
func (*rootFs) Rename(name, _ string) error               { return readOnly("rename", name) }
func (*rootFs) Chmod(name string, _ os.FileMode) error    { return readOnly("chmod", name) }
func (*rootFs) Chown(name string, _, _ int) error         { return readOnly("chown", name) }
func (*rootFs) Chtimes(name string, _, _ time.Time) error { return readOnly("chtimes", name) }

func readOnly(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
}
