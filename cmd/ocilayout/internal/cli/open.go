package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
)

// fromStdin is the path that stands for standard input.
const fromStdin = "-"

// Opener opens layouts as the flags of a command say.
type Opener struct {
	Layouts  []string  // of the same run: nothing is unpacked into one of them
	Warnings io.Writer // where it is said that an archive is not sound; nil: by findings

	command  string // that opens them, for messages
	blobDirs []string
	limits   archive.Limits
	stdin    io.Reader
}

// LayoutFlags are those of every command that opens a layout. NewOpener reads them.
func LayoutFlags() []Flag {
	defaults := archive.Limits{}.WithDefaults()
	return []Flag{
		blobDirFlag(),
		&StringFlag{Name: archive.LimitBytes.String(), Value: "64GiB", Usage: "`BYTES` that an archive may unpack to, if it is compressed or comes through a pipe"},
		&Int64Flag{Name: archive.LimitRatio.String(), Value: defaults.Ratio, Usage: "`N` times its size that a compressed archive may unpack to, beyond 1 GiB"},
		&IntFlag{Name: archive.LimitEntries.String(), Value: defaults.Entries, Usage: "`N` entries that an archive may have"},
	}
}

// NewOpener returns the Opener that the LayoutFlags of a command ask for.
func NewOpener(c *Context) Opener {
	o := Opener{command: c.Command.Name, blobDirs: c.StringSlice("blob-dir"), stdin: c.App.Reader, Warnings: c.App.ErrWriter}
	o.Layouts = o.blobDirs
	o.limits = archive.Limits{Bytes: ByteCount(c, archive.LimitBytes.String()), Ratio: c.Int64(archive.LimitRatio.String()), Entries: c.Int(archive.LimitEntries.String())}
	return o
}

// OneAddress returns what the one argument of a command names, which has to be of
// that form. Without one it is the layout that the working directory is.
func OneAddress(c *Context, form string) (Address, error) {
	return addressIn(c, form, c.Args().Slice())
}

func addressIn(c *Context, form string, arguments []string) (Address, error) {
	switch len(arguments) {
	case 0:
		given, err := Here(c, form)
		return Address{Given: given, Path: given}, err
	case 1:
		return ParseAddress(arguments[0])
	}
	return Address{}, exit.Usagef("%s takes one %s, but got %d arguments", c.Command.Name, form, len(arguments))
}

// Here returns the working directory for a command that was given no LAYOUT, or a usage
// error where that is none.
func Here(c *Context, form string) (string, error) {
	if isLayout(".") {
		return ".", nil
	}
	return "", &exit.UsageError{Message: c.Command.Name + " needs a " + form + ", as the working directory is not a layout",
		Hint: fmt.Sprintf("name one, as in 'ocilayout %s DIRECTORY', or go into it", c.Command.Name)}
}

// OneLayout opens the layout that the one argument of a command names. The caller
// closes it.
func OneLayout(c *Context) (Address, *layout.Layout, error) {
	return openedIn(c, c.Args().Slice())
}

func openedIn(c *Context, arguments []string) (Address, *layout.Layout, error) {
	a, err := addressIn(c, "LAYOUT", arguments)
	if err != nil {
		return a, nil, err
	}
	l, err := Open(c, &a)
	return a, l, err
}

// Open opens the layout at an address for a command that shows it, as Opener.Open. The
// caller closes it.
func Open(c *Context, a *Address) (*layout.Layout, error) { return NewOpener(c).Open(c.Context, a) }

// Open opens the layout that the address names, with the blob directories beside
// it. A short digest in the address becomes the whole one. The caller closes the layout.
// Errors are those that a command returns.
func (o Opener) Open(ctx context.Context, a *Address) (*layout.Layout, error) {
	l, err := o.find(ctx, *a)
	if ctx.Err() != nil && err != nil {
		return nil, err
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, exit.Failed(report.Plainly(err))
	}
	if err != nil {
		return nil, report.Named(a.Path, err)
	}
	for _, dir := range o.blobDirs {
		if err := l.AddBlobDir(dir); err != nil {
			l.Close()
			return nil, exit.Failed(report.Plainly(err))
		}
	}
	if o.Warnings != nil {
		if err := o.warn(*a, l); err != nil {
			l.Close()
			return nil, err
		}
	}
	if err := Expand(ctx, l, a); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Expand puts the whole digest in the place of a short one in an address of the layout.
func Expand(ctx context.Context, l *layout.Layout, a *Address) error {
	whole, err := l.Expand(ctx, a.Selector)
	if err != nil && ctx.Err() == nil {
		err = report.Named(a.Path, err)
	}
	a.Selector = whole
	return err
}

// find opens what is at the address, whether that is a directory or an archive.
func (o Opener) find(ctx context.Context, a Address) (*layout.Layout, error) {
	if a.otherTool != "" {
		return nil, errors.New(a.otherTool)
	}
	options := archive.Options{Limits: o.limits, TempDir: o.TempDir}
	if a.Stdin {
		if err := readable(o.stdin); err != nil {
			return nil, err
		}
		return layout.ReadArchive(ctx, o.stdin, options)
	}
	info, err := os.Stat(a.Path)
	if err == nil && info.IsDir() {
		return layout.Open(a.Path)
	}
	if err == nil {
		if err := o.insideLayout(a.Path); err != nil {
			return nil, err
		}
	}
	l, err := layout.OpenArchive(ctx, a.Path, options)
	if err != nil {
		return nil, partOf(a.Path, err)
	}
	return l, nil
}

// readable says why no archive comes from standard input.
func readable(stdin io.Reader) error {
	f, ok := stdin.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return fmt.Errorf("standard input: %w", report.Cause(err))
	case term.IsTerminal(f):
		return errors.New("standard input is a terminal: pipe an archive into it, or name a layout")
	case info.IsDir():
		return fmt.Errorf("standard input: %w", syscall.EISDIR)
	case info.Mode()&fs.ModeDevice != 0:
		return fmt.Errorf("standard input: %w", archive.ErrDevice)
	}
	return nil
}

// TempDir returns where an archive is unpacked that cannot be read in place, or an error
// if that lies in one of the layouts.
func (o Opener) TempDir() (string, error) {
	dir := os.TempDir()
	for _, l := range o.Layouts {
		if report.Within(l, filepath.Join(dir, "file")) {
			return "", fmt.Errorf("it would have to be unpacked into %s, which lies in %s, into which nothing is written: name another directory for temporary files",
				report.Value(dir), report.Value(l))
		}
	}
	return dir, nil
}

// warn prints that the archive is not sound from which something is shown. What a
// limit kept from being looked at cannot be shown.
func (o Opener) warn(a Address, l *layout.Layout) error {
	defects := l.ArchiveDefects()
	for _, d := range defects {
		if d.Kind.Limit() {
			return report.Named(a.Path, errors.New("a limit was reached, and the rest of the archive not looked at: "+d.Detail))
		}
	}
	if slices.ContainsFunc(defects, func(d archive.Defect) bool { return d.Kind != archive.Unterminated && d.Kind != archive.Trailing }) {
		report.Complain(o.Warnings, errors.New(report.Value(a.Path)+": the archive is not sound, and other tools may find something else in it: 'ocilayout verify' says why"))
	}
	return nil
}

// NoFile is the usage error of a command that was given no FILE.
func NoFile() error {
	e := &exit.UsageError{Message: "validate needs at least one FILE"}
	if isLayout(".") {
		e.Hint = "'ocilayout verify' checks the layout that the working directory is"
	}
	return e
}
