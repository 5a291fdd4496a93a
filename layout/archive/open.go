package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
)

// What errors.Is finds in the errors of Open and Read.
var (
	// ErrNotTar: it is no tar archive at all, not even a damaged one.
	ErrNotTar = errors.New("not a tar archive")
	// ErrDevice: it is neither a regular file nor a pipe, and was not opened.
	ErrDevice = errors.New("neither a regular file nor a pipe")
)

// Options say how to open an archive.
type Options struct {
	Limits Limits
	// TempDir returns the directory for the bytes of an archive that cannot be
	// read in place, because it is compressed or comes through a pipe. It is called
	// if there is one; its error is that of opening. nil is os.TempDir.
	TempDir func() (string, error)
}

// Open opens the archive at a path: a regular file, or a FIFO. A plain tar archive
// in a file is read in place, as with [New]. Anything else is unpacked into a
// temporary file first, which Close removes, and which on Unix has no name that
// could be left behind. gzip and zstd are known by their content.
//
// A stream that is corrupt, or unpacks to more than a limit, is an archive up to
// there, with a defect. The error is that of reading or of writing the temporary
// file, the cause of a cancelled ctx, blobs.ErrChanged for a file that was written
// to meanwhile, or wraps ErrNotTar or ErrDevice. The caller calls Close.
func Open(ctx context.Context, path string, o Options) (*Archive, error) {
	found, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case found.IsDir():
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	case found.Mode()&fs.ModeNamedPipe != 0:
		return openPipe(ctx, path, o)
	case !found.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrDevice}
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a FIFO by now
	if err != nil {
		return nil, err
	}
	opened, err := f.Stat()
	if err == nil && !os.SameFile(found, opened) {
		err = &fs.PathError{Op: "open", Path: path, Err: blobs.ErrChanged}
	}
	var a *Archive
	if err == nil {
		a, err = inFile(ctx, f, 0, opened.Size(), o)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	a.closers = append(a.closers, f)
	return a, nil
}

// Read opens the archive that r is, and reads it to its end. If r is an *os.File
// that is a regular file, what follows from its present offset is read in place,
// and r is to be open as long as the archive is used. Everything else is as for
// Open. A read that blocks is not waited for once ctx is cancelled; it is left to
// a goroutine that ends with it.
func Read(ctx context.Context, r io.Reader, o Options) (*Archive, error) {
	if f, ok := r.(*os.File); ok {
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			offset, err := f.Seek(0, io.SeekCurrent)
			if err != nil {
				return nil, err
			}
			return inFile(ctx, f, offset, info.Size()-offset, o)
		}
	}
	p := newPump(r)
	defer p.stop()
	return unpack(ctx, p, o)
}

// openPipe waits for somebody to write into a FIFO.
func openPipe(ctx context.Context, path string, o Options) (*Archive, error) {
	type opening struct {
		f   *os.File
		err error
	}
	opened, left := make(chan opening), make(chan struct{})
	defer close(left)
	go func() {
		f, err := os.Open(path)
		select {
		case opened <- opening{f, err}:
		case <-left:
			f.Close()
		}
	}()
	select {
	case pipe := <-opened:
		if pipe.err != nil {
			return nil, pipe.err
		}
		defer pipe.f.Close()
		if info, err := pipe.f.Stat(); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
			return nil, &fs.PathError{Op: "open", Path: path, Err: blobs.ErrChanged}
		}
		return Read(ctx, pipe.f, o)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// part is a regular file from an offset on.
type part struct {
	*io.SectionReader
	file *os.File
}

func (p part) Stat() (fs.FileInfo, error) { return p.file.Stat() }

// inFile opens the archive that is part of a regular file.
func inFile(ctx context.Context, f *os.File, offset, size int64, o Options) (*Archive, error) {
	p := part{io.NewSectionReader(f, offset, max(0, size)), f}
	start, err := first(p)
	if err != nil {
		return nil, err
	}
	switch layer.Sniff(start) {
	case layer.Gzip, layer.Zstd:
		before := &Archive{file: f}
		if before.before, err = before.now(); err != nil {
			return nil, err
		}
		a, err := unpack(ctx, io.NewSectionReader(p, 0, p.Size()), o)
		if err == nil {
			if err = before.unchanged(); err != nil {
				a.Close()
			}
		}
		return a, err
	}
	return New(ctx, p, p.Size(), o.Limits)
}

// first returns the first block of a stream, or as much as there is.
func first(r io.Reader) ([]byte, error) {
	start := make([]byte, blockSize)
	n, err := readFull(r, start)
	if err == io.EOF {
		err = nil
	}
	return start[:n], err
}

// readFull fills p as far as r goes. Other than that of package io, it leaves the
// error of r as it is.
func readFull(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}

// isTar says what else begins like that, nil if a tar archive does.
func isTar(start []byte) error {
	switch c := layer.Sniff(start); {
	case c == layer.None:
		return nil
	case c == layer.Empty:
		return fmt.Errorf("%w: there is nothing in it", ErrNotTar)
	case c == layer.Gzip || c == layer.Zstd:
		return fmt.Errorf("%w: compressed with %s once more", ErrNotTar, c)
	case c == layer.Bzip2 || c == layer.XZ:
		return fmt.Errorf("%w: compressed with %s, which is not read here: unpack it first", ErrNotTar, c)
	}
	return fmt.Errorf("%w: it is %s", ErrNotTar, layer.Contents(start))
}
