package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

// output is where a report goes: standard output, or a file that has its name
// only once the whole report is in it.
type output struct {
	*bufio.Writer
	file   *os.File // nil for standard output
	name   string   // what file is to be called; "" if it is called so already
	beside string   // what file is called before that
}

// newOutput returns the output for the file name that the flag asked has, or
// stdout where that is "" or "-". A file within one of the layouts, or that is one,
// is a usageError: nothing is ever written there.
func newOutput(stdout io.Writer, asked, name string, layouts []string) (*output, error) {
	if name == "" || name == "-" {
		return &output{Writer: bufio.NewWriter(stdout)}, nil
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // a symlink stays one, and cannot lead into a layout either
	}
	if err := spare(layouts, asked, name); err != nil {
		return nil, err
	}
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() { // a device or a FIFO is written as it is
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, unwritable(asked, name, err)
		}
		return &output{Writer: bufio.NewWriter(file), file: file}, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, unwritable(asked, name, err)
	}
	file, err := createBeside(name)
	if err != nil {
		return nil, unwritable(asked, name, err)
	}
	return &output{Writer: bufio.NewWriter(file), file: file, name: name, beside: file.Name()}, nil
}

// createBeside makes a new file in the directory of name, with the permissions
// that any new file of this user has.
func createBeside(name string) (*os.File, error) {
	for {
		beside := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%08x", filepath.Base(name), rand.Uint32()))
		file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// unwritable says why there is no output called name.
func unwritable(asked, name string, err error) error {
	return failed(fmt.Errorf("%s %s: %w", asked, report.Value(name), cause(err)))
}

// commit makes the report arrive, and closes the file.
func (o *output) commit() error {
	if err := o.Flush(); err != nil || o.file == nil {
		return err
	}
	file := o.file
	if o.name == "" {
		o.file = nil
		return file.Close()
	}
	err := file.Close()
	if err == nil {
		err = os.Rename(o.beside, o.name)
	}
	if err == nil {
		o.file = nil
	}
	return err
}

// flushed ends what a command prints to standard output; err is the error of
// printing it.
func flushed(out *bufio.Writer, err error) error {
	if err := errors.Join(err, out.Flush()); err != nil {
		return failed(written(err))
	}
	return nil
}

// written says of an error that it kept the report from arriving.
func written(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the report could not be written: %w", cause(err))
}

// discard removes what commit did not make arrive.
func (o *output) discard() {
	if o.file == nil {
		return
	}
	o.file.Close()
	o.remove()
}

// remove removes the file that has no name yet, whatever is being done with it. One
// that has it by now keeps it.
func (o *output) remove() {
	if o.beside != "" {
		os.Remove(o.beside)
	}
}

// spare refuses to write a file that would be part of a layout, or that is one.
func spare(layouts []string, asked, file string) error {
	for _, l := range layouts {
		if within(l, file) {
			return usagef("%s %s lies in %s, into which nothing is written", asked, report.Value(file), report.Value(l))
		}
		if isArchive(l, file) {
			return usagef("%s %s is an archive to look into, which is never written to", asked, report.Value(file))
		}
	}
	return nil
}

// isArchive says whether a file is the archive that a layout comes in.
func isArchive(layout, file string) bool {
	at := os.Stdin.Stat
	if layout != fromStdin {
		at = func() (fs.FileInfo, error) { return os.Stat(layout) }
	}
	is, err := at()
	if err != nil || !is.Mode().IsRegular() {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && os.SameFile(is, info)
}

// within says whether file is, or would be, in the directory dir.
func within(dir, file string) bool {
	dir, err := real(dir)
	if err != nil {
		return false
	}
	parent, err := real(filepath.Dir(file))
	if err != nil {
		return false
	}
	return parent == dir || strings.HasPrefix(parent, strings.TrimSuffix(dir, string(os.PathSeparator))+string(os.PathSeparator))
}

func real(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}
