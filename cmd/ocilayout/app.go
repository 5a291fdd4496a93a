package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/urfave/cli/v2"
)

// newApp returns app as it runs here: it writes to stdout and stderr, and leaves
// it to execute to say what is wrong, and with which status the program ends.
func prepare(app *cli.App, stdout, stderr io.Writer) *cli.App {
	app.HideVersion = true
	app.HideHelpCommand = true
	app.DisableSliceFlagSeparator = true // a comma may be part of a path
	app.Writer, app.ErrWriter = stdout, stderr
	app.OnUsageError = usageErrorOf
	app.ExitErrHandler = func(*cli.Context, error) {} // which would end the process
	for _, command := range app.Commands {
		command.OnUsageError = usageErrorOf
		command.HideHelpCommand = true
	}
	return app
}

func usageErrorOf(_ *cli.Context, err error, _ bool) error {
	message := err.Error()
	if i := strings.LastIndex(message, " -"); i >= 0 { // package flag names flags with one hyphen
		message = message[:i] + " -" + message[i+1:]
	}
	return &usageError{message: message}
}

// execute carries out one command line, says what went wrong, and returns the exit
// status. A panic has a status of its own: the one that the Go runtime gives it has
// another meaning here.
func execute(ctx context.Context, app *cli.App, args []string) int {
	err := blobs.Guard(func() error {
		args, err := normalize(app, args)
		if err == nil {
			err = app.RunContext(ctx, args)
		}
		return err
	})
	return exit(ctx, err, app.ErrWriter)
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
		sayInterrupted(ctx, stderr) // whatever else it then failed at
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

// unknownCommand returns the usageError about a command that is not there.
func unknownCommand(app *cli.App, name string) error {
	var names []string
	for _, command := range app.Commands {
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	return misspelt(fmt.Sprintf("no command %q", name), "", name, names)
}

// misspelt returns a usageError about word, with the one of names that is near to
// it as the hint, or else with hint.
func misspelt(message, hint, word string, names []string) error {
	if near := nearest(word, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return &usageError{message: message, hint: hint}
}

// noArguments refuses the arguments of a command that takes none.
func noArguments(c *cli.Context) error {
	if c.NArg() > 0 {
		return usagef("%s takes no argument, but got %q", c.Command.Name, c.Args().First())
	}
	return nil
}

// version is that of the module, as the build recorded it, or the commit of a
// build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value
		}
	}
	return "devel"
}
