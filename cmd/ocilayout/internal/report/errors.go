package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// Complain prints an error to stderr, each line of it behind the program's name.
// What a layout says in it is escaped.
func Complain(stderr io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(stderr, "ocilayout: "+Text(strings.TrimRight(line, "\n")))
	}
}

// Named returns err with the layout or file that it is about, and with the status
// of what could not be carried out.
func Named(path string, err error) error {
	return exit.Failed(errors.New(Value(path) + ": " + err.Error()))
}

// Plainly leaves the name of the system call out of an error about a path.
func Plainly(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return errors.New(Value(e.Path) + ": " + e.Err.Error())
	}
	return err
}

// Cause leaves call and path out of an error of the file system, where the
// message names another path: that of a temporary file means nothing to anyone.
func Cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
