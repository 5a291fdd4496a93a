package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

// complain prints an error to stderr, each line of it behind the program's name.
// What a layout says in it is escaped.
func complain(stderr io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(stderr, "ocilayout: "+report.Text(strings.TrimRight(line, "\n")))
	}
}

// named returns err with the layout or file that it is about, and with the status
// of what could not be carried out.
func named(path string, err error) error {
	return failed(errors.New(report.Value(path) + ": " + err.Error()))
}

// plainly leaves the name of the system call out of an error about a path.
func plainly(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return errors.New(report.Value(e.Path) + ": " + e.Err.Error())
	}
	return err
}

// cause leaves call and path out of an error of the file system, where the
// message names another path: that of a temporary file means nothing to anyone.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
