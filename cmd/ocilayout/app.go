package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/urfave/cli/v2"
)

// Exit statuses. A script may rely on them.
const (
	statusOK          = 0   // verified, and nothing left unchecked
	statusFindings    = 1   // findings at or above --fail-on
	statusUsage       = 2   // the command line cannot be understood
	statusFailed      = 3   // it could not be carried out, or not to its end
	statusInterrupted = 130 // SIGINT, SIGTERM or SIGHUP
)

// usageError is a mistake on the command line.
type usageError struct {
	message string
	hint    string
}

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// statusError ends the run with a status, and with a message unless err is nil.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("status %d", e.status)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// run carries out one command line and returns the exit status: the report goes
// to stdout, everything else to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return halfSecond.run(ctx, stderr, func(ctx context.Context) int { return command(ctx, args, stdout, stderr) })
}

// command is run without an eye on the time.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	// The status that the Go runtime gives to a panic has another meaning here.
	err := blobs.Guard(func() error {
		app := newApp(stdout, stderr)
		args, err := normalize(app, args)
		if err == nil {
			err = app.RunContext(ctx, args)
		}
		return err
	})
	return exit(ctx, err, stderr)
}

// exit says what went wrong, and returns the status for it.
func exit(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return statusOK
	}
	if p, ok := errors.AsType[*blobs.PanicError](err); ok {
		complain(stderr, fmt.Errorf("this is a defect of ocilayout, please report it: %w\n%s", p, p.Stack))
		return statusFailed
	}
	if usage, ok := errors.AsType[*usageError](err); ok {
		complain(stderr, usage)
		hint := usage.hint
		if hint == "" {
			hint = "'ocilayout --help' lists the commands, 'ocilayout COMMAND --help' their flags"
		}
		fmt.Fprintln(stderr, "ocilayout: "+report.Text(hint))
		return statusUsage
	}
	e, ended := errors.AsType[*statusError](err)
	if ctx.Err() != nil && !(ended && e.status == statusInterrupted) {
		interruptionOf(ctx).say(stderr) // whatever else it then failed at
		return statusInterrupted
	}
	if ended {
		if e.err != nil && !errors.Is(e.err, syscall.EPIPE) {
			complain(stderr, e.err)
		}
		return e.status
	}
	if e, ok := errors.AsType[cli.ExitCoder](err); ok { // "help" about a command that is not there
		complain(stderr, e)
		return statusUsage
	}
	if !errors.Is(err, syscall.EPIPE) {
		complain(stderr, err)
	}
	return statusFailed
}

func complain(stderr io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(stderr, "ocilayout: "+report.Text(strings.TrimRight(line, "\n")))
	}
}

func newApp(stdout, stderr io.Writer) *cli.App {
	usage := func(_ *cli.Context, err error, _ bool) error {
		message := err.Error()
		if i := strings.LastIndex(message, " -"); i >= 0 { // package flag names flags with one hyphen
			message = message[:i] + " -" + message[i+1:]
		}
		return &usageError{message: message}
	}
	app := &cli.App{
		Name:            "ocilayout",
		Usage:           "verify OCI image layouts, and show what is in them",
		UsageText:       "ocilayout COMMAND [FLAGS] [LAYOUT...]",
		Description:     "A LAYOUT is a directory with the files oci-layout and index.json, or a tar archive\nof one, as docker save and oci-archive: of other tools write it: plain, or compressed\nwith gzip or zstd. - is an archive on standard input. LAYOUT:REF, LAYOUT@DIGEST and\nLAYOUT:REF@DIGEST select an entry of its index.json.",
		HideVersion:     true,
		HideHelpCommand: true,
		// A comma may be part of a path.
		DisableSliceFlagSeparator: true,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		OnUsageError:              usage,
		ExitErrHandler:            func(*cli.Context, error) {}, // statuses are mapped in exit
		Flags:                     []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the version", DisableDefaultText: true}},
		Commands:                  []*cli.Command{verifyCommand(), validateCommand(), lsCommand(), inspectCommand(), treeCommand(), blobsCommand(), filesCommand(), catCommand(), diffCommand(), rulesCommand(), explainCommand(), completionCommand(), versionCommand(), completeCommand(), commandsCommand()},
		Action: func(c *cli.Context) error {
			switch {
			case c.Bool("version"):
				return printVersion(c.App.Writer)
			case c.NArg() == 0:
				return &usageError{message: "no command given"}
			}
			return unknownCommand(c.App, c.Args().First())
		},
	}
	for _, command := range app.Commands {
		command.OnUsageError = usage
		command.HideHelpCommand = true
	}
	return app
}

func unknownCommand(app *cli.App, name string) error {
	e := &usageError{message: fmt.Sprintf("no command %q", name)}
	var names []string
	for _, command := range app.Commands {
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	if near := nearest(name, names); near != "" {
		e.hint = "did you mean " + near + "?"
	}
	return e
}
