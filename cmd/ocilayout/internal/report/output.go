package report

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// output is where a report goes: standard output, or a file that has its name
// only once the whole report is in it.
type output struct {
	*bufio.Writer
	file      *os.File // nil for standard output
	name      string   // what file is to be called
	temporary string   // what it is called before that; "" if it is called so already
}

// newOutput returns the output for a destination. A file within one of the layouts, or
// that is one, is a usage error: nothing is ever written there.
func newOutput(stdout io.Writer, d Destination, layouts []string) (*output, error) {
	if d.ToStdout() {
		return &output{Writer: bufio.NewWriter(stdout)}, nil
	}
	if target, err := filepath.EvalSymlinks(d.File); err == nil {
		d.File = target // a symlink stays one, and cannot lead into a layout either
	}
	if err := refuseInside(layouts, d.Flag, d.File); err != nil {
		return nil, err
	}
	file, temporary, err := create(d.File)
	if err != nil {
		return nil, exit.Failed(fmt.Errorf("%s: %w", d, Cause(err)))
	}
	return &output{Writer: bufio.NewWriter(file), file: file, name: d.File, temporary: temporary}, nil
}

// create opens the file that a report is written to: one beside name, which is called so
// later; or what is there if that is a device or a FIFO, with no temporary name.
func create(name string) (file *os.File, temporary string, err error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		file, err = os.OpenFile(name, os.O_WRONLY, 0)
		return file, "", err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, "", err
	}
	if file, err = createBeside(name); err != nil {
		return nil, "", err
	}
	return file, file.Name(), nil
}

// createBeside makes a new file in the directory of name, with the permissions
// that any new file of this user has.
func createBeside(name string) (*os.File, error) {
	for {
		temporary := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%08x", filepath.Base(name), rand.Uint32()))
		file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// commit makes the report arrive, and closes the file.
func (o *output) commit() error {
	if err := o.Flush(); err != nil || o.file == nil {
		return err
	}
	err := o.file.Close()
	if err == nil && o.temporary != "" {
		err = os.Rename(o.temporary, o.name)
	}
	if err == nil {
		o.file = nil
	}
	return err
}

// discard removes what commit did not make arrive.
func (o *output) discard() {
	if o.file != nil {
		o.file.Close()
		o.remove()
	}
}

// remove removes the file that is not complete, whatever is being done with it. One
// that has its name by now keeps it.
func (o *output) remove() {
	if o.temporary != "" {
		os.Remove(o.temporary)
	}
}

// Flush ends what a command prints to standard output; err is the error of printing
// it. The error has the status of a report that did not arrive.
func Flush(out *bufio.Writer, err error) error {
	if err := errors.Join(err, out.Flush()); err != nil {
		return unwritten(err)
	}
	return nil
}

// unwritten says of an error that it kept the report from arriving.
func unwritten(err error) error {
	return exit.Failed(fmt.Errorf("the report could not be written: %w", Cause(err)))
}

// StepSummary is the variable by which GitHub Actions names the file that the
// summary of a step is appended to.
const StepSummary = "GITHUB_STEP_SUMMARY"

// summaryFile returns what appends to the file, nil for none.
func summaryFile(name string, layouts []string) (io.Writer, error) {
	if name == "" {
		return nil, nil
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if err := refuseInside(layouts, StepSummary, name); err != nil {
		return nil, err
	}
	return appender{name}, nil
}

// appender appends to a file what is written in one go.
type appender struct{ name string }

func (a appender) Write(p []byte) (int, error) {
	file, err := os.OpenFile(a.name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return 0, err
	}
	n, err := file.Write(p)
	return n, cmp.Or(err, file.Close())
}
