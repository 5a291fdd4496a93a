package layer

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"time"
)

// FS is a merged tree as an [fs.FS]: names are followed through symlinks, none
// of which leads out of the root. It is an [fs.ReadDirFS], an [fs.StatFS] and an
// [fs.ReadLinkFS]; afero.FromIOFS makes an afero.Fs of it. It is safe for
// concurrent use if Blob is.
type FS struct {
	Tree *Tree
	// Blob opens the blob of a layer by its place in the image.
	Blob func(layer int) (io.ReadCloser, error)
	// Doubts say whether other tools make the same of the layers.
	Doubts Doubts
}

// Open returns the file at a name. Reading a regular file reads its layer from
// the start up to it, without holding more than a chunk in memory, and does not
// verify the layer's digest. The caller closes. Errors are an *fs.PathError.
func (f FS) Open(name string) (fs.File, error) {
	n, base, err := f.lookup("open", name, true)
	if err != nil {
		return nil, err
	}
	info := fileInfo{base, n}
	switch n.Type {
	case tar.TypeDir:
		return &openDir{info: info, entries: f.entriesOf(n)}, nil
	case tar.TypeReg:
		return &openFile{info: info, fs: f, name: name}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("neither a file nor a directory")}
}

// Stat describes the file at a name, with symlinks followed.
func (f FS) Stat(name string) (fs.FileInfo, error) { return f.info("stat", name, true) }

// Lstat describes the file at a name, or the symlink that it is.
func (f FS) Lstat(name string) (fs.FileInfo, error) { return f.info("lstat", name, false) }

func (f FS) info(op, name string, follow bool) (fs.FileInfo, error) {
	n, base, err := f.lookup(op, name, follow)
	if err != nil {
		return nil, err
	}
	return fileInfo{base, n}, nil
}

// ReadLink returns the target of the symlink at a name, as the layer has it.
func (f FS) ReadLink(name string) (string, error) {
	n, _, err := f.lookup("readlink", name, false)
	if err != nil {
		return "", err
	}
	if n.Type != tar.TypeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	return n.Link, nil
}

// ReadDir lists the directory at a name, sorted.
func (f FS) ReadDir(name string) ([]fs.DirEntry, error) {
	n, _, err := f.lookup("readdir", name, true)
	if err != nil {
		return nil, err
	}
	if !n.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a directory")}
	}
	return f.entriesOf(n), nil
}

func (f FS) lookup(op, name string, follow bool) (*Node, string, error) {
	if !fs.ValidPath(name) {
		return nil, "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	ref, _ := f.Tree.find(name, follow)
	if ref == 0 {
		return nil, "", &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return f.Tree.node(ref), path.Base(name), nil
}

// entriesOf lists a directory.
func (f FS) entriesOf(n *Node) []fs.DirEntry {
	var entries []fs.DirEntry
	for _, ref := range f.Tree.children().of(n.File &^ dirBit) {
		if name := string(f.Tree.name(ref)); fs.ValidPath(name) {
			entries = append(entries, fs.FileInfoToDirEntry(fileInfo{name, f.Tree.node(ref)}))
		}
	}
	return entries
}

type fileInfo struct {
	name string
	node *Node
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.node.Size }
func (i fileInfo) Mode() fs.FileMode  { return i.node.FileMode() }
func (i fileInfo) ModTime() time.Time { return i.node.Time }
func (i fileInfo) IsDir() bool        { return i.node.IsDir() }
func (i fileInfo) Sys() any           { return i.node }

type openDir struct {
	info    fileInfo
	entries []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: errors.New("is a directory")}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.entries) {
		if n > 0 && len(d.entries) == 0 {
			return nil, io.EOF
		}
		n = len(d.entries)
	}
	some := d.entries[:n]
	d.entries = d.entries[n:]
	return some, nil
}

// openFile opens the layer when it is first read: many files are only looked
// at.
type openFile struct {
	info    fileInfo
	fs      FS
	name    string
	content io.Reader
	close   func() error
	err     error
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *openFile) Read(p []byte) (int, error) {
	if f.content == nil && f.err == nil {
		f.content, f.close, f.err = f.fs.content(f.info.node)
	}
	if f.err != nil {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: f.err}
	}
	n, err := f.content.Read(p)
	if err != nil && err != io.EOF {
		err = &fs.PathError{Op: "read", Path: f.name, Err: err}
	}
	return n, err
}

func (f *openFile) Close() error {
	f.err = fs.ErrClosed
	if f.close == nil {
		return nil
	}
	shut := f.close
	f.close = nil
	return shut()
}

// content returns what the node's entry holds.
func (f FS) content(n *Node) (content io.Reader, shut func() error, err error) {
	blob, err := f.Blob(n.Layer)
	if err != nil {
		return nil, nil, err
	}
	found := false
	defer func() { // also where reading panics
		if !found {
			err = errors.Join(err, blob.Close())
		}
	}()
	source := bufio.NewReaderSize(failing{blob}, chunkSize)
	start, err := source.Peek(sniffLength)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	d, err := newDecompressor(context.Background(), false, Sniff(start), source, nil)
	if err != nil {
		return nil, nil, err
	}
	archive := tar.NewReader(d)
	for range n.Entry + 1 {
		if _, err := archive.Next(); err != nil {
			d.close()
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, nil, err
		}
	}
	found = true
	return archive, func() error { d.close(); return blob.Close() }, nil
}
