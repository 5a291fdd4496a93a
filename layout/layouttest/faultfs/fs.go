package faultfs

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/afero"
)

// faultyFs is a file system with faults.
type faultyFs struct {
	afero.Fs
	faults *Faults
}

type faultyLstater struct {
	faultyFs
	lstater afero.Lstater
}

type confinedFs struct{ faultyFs }

func (confinedFs) Confined() {}

type confinedLstater struct{ faultyLstater }

func (confinedLstater) Confined() {}

func (f faultyFs) Stat(name string) (fs.FileInfo, error) {
	op, fault := f.faults.begin(OpStat, name)
	if fault.err != nil {
		return nil, pathError(op, fault.err)
	}
	return fault.seen(f.Fs.Stat(name))
}

func (f faultyLstater) LstatIfPossible(name string) (fs.FileInfo, bool, error) {
	op, fault := f.faults.begin(OpLstat, name)
	if fault.err != nil {
		return nil, false, pathError(op, fault.err)
	}
	info, really, err := f.lstater.LstatIfPossible(name)
	info, err = fault.seen(info, err)
	return info, really, err
}

func (f faultyFs) Open(name string) (afero.File, error) {
	return f.OpenFile(name, os.O_RDONLY, 0)
}

func (f faultyFs) OpenFile(name string, flag int, perm fs.FileMode) (afero.File, error) {
	op, fault := f.faults.begin(OpOpen, name)
	if fault.err != nil {
		return nil, pathError(op, fault.err)
	}
	open := f.Fs.Open
	if flag != os.O_RDONLY {
		open = func(name string) (afero.File, error) { return f.Fs.OpenFile(name, flag, perm) }
	}
	file, err := open(name)
	if err != nil {
		return nil, err
	}
	f.faults.opened(name, 1)
	return &faultyFile{File: file, name: name, faults: f.faults}, nil
}

// faultyFile is a file with faults.
type faultyFile struct {
	afero.File
	name   string
	faults *Faults
	closed bool
}

func (f *faultyFile) Stat() (fs.FileInfo, error) {
	op, fault := f.faults.begin(OpFstat, f.name)
	if fault.err != nil {
		return nil, pathError(op, fault.err)
	}
	return fault.seen(f.File.Stat())
}

func (f *faultyFile) Read(p []byte) (n int, err error) {
	op, fault := f.faults.begin(OpRead, f.name)
	switch {
	case fault.err != nil:
		return 0, pathError(op, fault.err)
	case fault.read != nil:
		n, err = fault.read(f.File, p)
	default:
		n, err = f.File.Read(p)
	}
	f.faults.read(f.name, min(max(n, 0), len(p)))
	if err != nil {
		err = pathError(op, err)
	}
	return n, err
}

func (f *faultyFile) Readdirnames(n int) ([]string, error) {
	op, fault := f.faults.begin(OpList, f.name)
	if fault.err != nil {
		return nil, pathError(op, fault.err)
	}
	names, err := f.File.Readdirnames(n)
	if fault.names != nil {
		if names, err = fault.names(names, err); err != nil {
			err = pathError(op, err)
		}
	}
	return names, err
}

// Close closes the file whatever the fault, as an operating system does.
func (f *faultyFile) Close() error {
	if !f.closed {
		f.closed = true
		f.faults.opened(f.name, -1)
	}
	closed := f.File.Close()
	if op, fault := f.faults.begin(OpClose, f.name); fault.err != nil {
		return pathError(op, fault.err)
	}
	return closed
}

// pathError is the error as a file system of the operating system gives it. The
// end of a file is no error there, and has no name.
func pathError(op Op, err error) error {
	if _, has := errors.AsType[*fs.PathError](err); has || err == io.EOF {
		return err
	}
	return &fs.PathError{Op: string(op.Kind), Path: op.Name, Err: err}
}
