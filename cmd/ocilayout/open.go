package main

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

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// fromStdin is the path that stands for standard input.
const fromStdin = "-"

// opener opens layouts as the flags of a command say.
type opener struct {
	blobDirs []string
	limits   archive.Limits
	stdin    io.Reader
	layouts  []string  // of the same run: nothing is unpacked into one of them
	warnings io.Writer // where it is said that an archive is not sound; nil: by findings
}

// layoutFlags are those of every command that opens a layout.
func layoutFlags() []cli.Flag {
	defaults := archive.Limits{}.WithDefaults()
	return []cli.Flag{
		blobDirFlag(),
		&cli.StringFlag{Name: archive.LimitBytes.String(), Value: "64GiB", Usage: "`BYTES` that an archive may unpack to, if it is compressed or comes through a pipe"},
		&cli.Int64Flag{Name: archive.LimitRatio.String(), Value: defaults.Ratio, Usage: "`N` times its size that a compressed archive may unpack to, beyond 1 GiB"},
		&cli.IntFlag{Name: archive.LimitEntries.String(), Value: defaults.Entries, Usage: "`N` entries that an archive may have"},
	}
}

// newOpener returns the opener that the layoutFlags of a command ask for.
func newOpener(c *cli.Context) (opener, error) {
	o := opener{blobDirs: c.StringSlice("blob-dir"), stdin: c.App.Reader, warnings: c.App.ErrWriter}
	if err := noEmptyValue(c, "blob-dir"); err != nil {
		return o, err
	}
	o.layouts = o.blobDirs
	o.limits = archive.Limits{Ratio: c.Int64(archive.LimitRatio.String()), Entries: c.Int(archive.LimitEntries.String())}
	var err error
	if o.limits.Bytes, err = byteCount(c, archive.LimitBytes.String()); err != nil {
		return o, err
	}
	if o.limits.Ratio < 1 || o.limits.Entries < 1 {
		return o, usagef("--%s and --%s are numbers from 1 up", archive.LimitRatio, archive.LimitEntries)
	}
	return o, nil
}

// oneAddress returns what the one argument of a command names, which has to be of
// that form.
func oneAddress(c *cli.Context, form string) (address, error) {
	if c.NArg() != 1 {
		return address{}, usagef("%s takes one %s, but got %d arguments", c.Command.Name, form, c.NArg())
	}
	return parseAddress(c.Args().First())
}

// oneLayout opens the layout that the one argument of a command names. The caller
// closes it.
func oneLayout(c *cli.Context) (address, *layout.Layout, error) {
	a, err := oneAddress(c, "LAYOUT")
	if err != nil {
		return a, nil, err
	}
	l, err := open(c, a)
	return a, l, err
}

// open opens the layout at an address for a command that shows it. The caller closes
// it.
func open(c *cli.Context, a address) (*layout.Layout, error) {
	o, err := newOpener(c)
	if err != nil {
		return nil, err
	}
	return o.open(c.Context, a)
}

// open opens the layout that the address names, with the blob directories beside
// it. The caller closes it. Errors are those that a command returns.
func (o opener) open(ctx context.Context, a address) (*layout.Layout, error) {
	l, err := o.find(ctx, a)
	if ctx.Err() != nil && err != nil {
		return nil, err
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, failed(plainly(err))
	}
	if err != nil {
		return nil, named(a.path, err)
	}
	for _, dir := range o.blobDirs {
		if err := l.AddBlobDir(dir); err != nil {
			l.Close()
			return nil, failed(plainly(err))
		}
	}
	if o.warnings != nil {
		if err := o.warn(a, l); err != nil {
			l.Close()
			return nil, err
		}
	}
	return l, nil
}

// find opens what is at the address, whether that is a directory or an archive.
func (o opener) find(ctx context.Context, a address) (*layout.Layout, error) {
	if a.foreign != "" {
		return nil, errors.New(a.foreign)
	}
	options := archive.Options{Limits: o.limits, TempDir: o.tempDir}
	if a.stdin {
		if err := readable(o.stdin); err != nil {
			return nil, err
		}
		return layout.ReadArchive(ctx, o.stdin, options)
	}
	info, err := os.Stat(a.path)
	if err == nil && info.IsDir() {
		return layout.Open(a.path)
	}
	l, err := layout.OpenArchive(ctx, a.path, options)
	if err != nil {
		return nil, partOf(a.path, err)
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
		return fmt.Errorf("standard input: %w", cause(err))
	case term.IsTerminal(int(f.Fd())):
		return errors.New("standard input is a terminal: pipe an archive into it, or name a layout")
	case info.IsDir():
		return fmt.Errorf("standard input: %w", syscall.EISDIR)
	case info.Mode()&fs.ModeDevice != 0:
		return fmt.Errorf("standard input: %w", archive.ErrDevice)
	}
	return nil
}

// tempDir is where an archive is unpacked that cannot be read in place.
func (o opener) tempDir() (string, error) {
	dir := os.TempDir()
	for _, l := range o.layouts {
		if within(l, filepath.Join(dir, "file")) {
			return "", fmt.Errorf("it would have to be unpacked into %s, which lies in %s, into which nothing is written: name another directory for temporary files",
				report.Value(dir), report.Value(l))
		}
	}
	return dir, nil
}

// warn prints that the archive is not sound from which something is shown. What a
// limit kept from being looked at cannot be shown.
func (o opener) warn(a address, l *layout.Layout) error {
	defects := l.ArchiveDefects()
	for _, d := range defects {
		if d.Kind.Limit() {
			return named(a.path, errors.New("a limit was reached, and the rest of the archive not looked at: "+d.Detail))
		}
	}
	if slices.ContainsFunc(defects, func(d archive.Defect) bool { return d.Kind != archive.Unterminated && d.Kind != archive.Trailing }) {
		complain(o.warnings, errors.New(report.Value(a.path)+": the archive is not sound, and other tools may find something else in it: 'ocilayout verify' says why"))
	}
	return nil
}
