package layout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// What errors.Is finds in the errors of this package.
var (
	// ErrNotLayout: there is neither an oci-layout nor an index.json.
	ErrNotLayout = errors.New("not an OCI image layout: it has neither oci-layout nor index.json")
	// ErrNotDirectory: the path is there, and is no directory.
	ErrNotDirectory = errors.New("not a directory")
)

// Layout is an open image layout. It is safe for concurrent use once the blob
// directories are added, if the file system that New was given is.
type Layout struct {
	fs      afero.Fs
	blobs   *blobs.Store
	archive *archive.Archive // nil for a directory
	closers []io.Closer
	opened  string // the path, for messages; "" where there is none
}

// Open opens the directory dir, read-only, and reads nothing in it: a broken
// layout opens as well as a sound one. The directory is held by [os.Root]: no
// path, symlink or exchange of directories leads out of it. Directories of blobs are
// held as well, each from when it is first needed to the next [Layout.Walk] or
// listing of blobs. Errors are those of the file system, or ErrNotDirectory. The
// caller calls Close.
func Open(dir string) (*Layout, error) {
	root, err := openRoot(dir)
	if err != nil {
		return nil, err
	}
	l := New(root)
	l.closers = append(l.closers, root)
	l.opened = dir
	return l, nil
}

func openRoot(dir string) (*rootFs, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: ErrNotDirectory}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &rootFs{root: root}, nil
}

// New returns the layout at the root of fsys, in memory or wherever it lies. No
// more is asked of fsys than Open, Stat and its files' Read, Stat and
// Readdirnames. Keeping names and symlinks within fsys is its own business: a
// symlink is not followed, unless fsys is [blobs.Confined].
func New(fsys afero.Fs) *Layout {
	return &Layout{fs: fsys, blobs: blobs.New(fsys)}
}

// AddBlobDir makes dir, which holds <algorithm>/<encoded>, a second place to
// look for blobs that the layout itself lacks, as a blob directory shared by
// many layouts is. It is held by a root of its own. To be called before the
// layout is used.
func (l *Layout) AddBlobDir(dir string) error {
	root, err := openRoot(dir)
	if err != nil {
		return err
	}
	l.closers = append(l.closers, root)
	l.blobs.Add(root, filepath.ToSlash(filepath.Clean(dir)))
	return nil
}

// Blobs returns the store of the layout's blobs.
func (l *Layout) Blobs() *blobs.Store { return l.blobs }

// Close lets go of what Open, OpenArchive and AddBlobDir hold.
func (l *Layout) Close() error {
	var errs []error
	for _, c := range l.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// RootFile is what lies under one name in the layout's root.
type RootFile struct {
	Name     string
	Exists   bool
	Symlink  bool
	Dir      bool  // a directory, perhaps at a symlink's end
	Resolved bool  // not a symlink, or one that leads somewhere within the layout
	Regular  bool  // a regular file, perhaps at a symlink's end
	Err      error // why it could not be looked at
}

// Root looks at one name in the root. It opens nothing.
func (l *Layout) Root(name string) RootFile {
	f := RootFile{Name: name}
	info, err := l.lstat(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.Err = err
		}
		return f
	}
	f.Exists, f.Resolved = true, true
	if info.Mode()&fs.ModeSymlink != 0 {
		f.Symlink = true
		if _, confined := l.fs.(blobs.Confined); !confined {
			f.Resolved = false
			return f
		}
		if info, err = l.fs.Stat(name); err != nil {
			f.Resolved = false
			return f
		}
	}
	f.Dir, f.Regular = info.IsDir(), info.Mode().IsRegular()
	return f
}

// LinkTarget returns the path within the layout that a symlink names, of which nothing
// says that it is there, or that it is no symlink itself. It is "" for a path that is
// no symlink, for a symlink out of the layout, and where the file system cannot tell.
func (l *Layout) LinkTarget(name string) string {
	reader, ok := l.fs.(afero.LinkReader)
	if !ok {
		return ""
	}
	target, err := reader.ReadlinkIfPossible(name)
	if err != nil || path.IsAbs(target) {
		return ""
	}
	target = path.Join(path.Dir(name), target)
	if target == "." || target == ".." || strings.HasPrefix(target, "../") {
		return ""
	}
	return target
}

func (l *Layout) lstat(name string) (fs.FileInfo, error) {
	if s, ok := l.fs.(afero.Lstater); ok {
		info, _, err := s.LstatIfPossible(name)
		return info, err
	}
	return l.fs.Stat(name)
}

// Check returns ErrNotLayout where neither root file is there under any form,
// and nil otherwise. The error says what lies there, as far as that is known, and
// what to do: a layout further down, a Docker archive, the storage of a registry and
// the like. To find that out, it lists up to 1000 directories.
func (l *Layout) Check() error {
	for _, name := range []string{model.LayoutFile, model.IndexFile} {
		if f := l.Root(name); f.Exists || f.Err != nil {
			return nil
		}
	}
	return l.notLayout()
}

// ExtraFiles returns the names in the root that the specification does not
// speak of, sorted, and on an error those found before it.
func (l *Layout) ExtraFiles() ([]string, error) {
	names, err := blobs.ReadNames(l.fs, ".")
	known := []string{model.LayoutFile, model.IndexFile, model.BlobsDir}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(known, name) }), err
}

// ReadFile reads a file of the root, at most limit bytes of it: a longer one is
// blobs.ErrTooLarge, and what is no regular file is blobs.ErrNotRegular and is
// not opened.
func (l *Layout) ReadFile(ctx context.Context, name string, limit int64) ([]byte, error) {
	raw, _, err := blobs.ReadFile(ctx, l.fs, name, limit)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return raw, nil
}
