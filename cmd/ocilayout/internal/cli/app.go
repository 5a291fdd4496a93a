package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	urfave "github.com/urfave/cli/v2"
)

// Prepare returns app as it runs here: it writes to stdout and stderr, and leaves
// it to Execute to say what is wrong, and with which status the program ends.
func Prepare(app *App, stdout, stderr io.Writer) *App {
	app.HideVersion = true
	app.HideHelpCommand = true
	app.DisableSliceFlagSeparator = true // a comma may be part of a path
	app.Writer, app.ErrWriter = stdout, stderr
	app.OnUsageError = usageErrorOf
	app.ExitErrHandler = func(*Context, error) {} // which would end the process
	for _, command := range app.Commands {
		command.OnUsageError = usageErrorOf
		command.HideHelpCommand = true
	}
	return app
}

func usageErrorOf(_ *Context, err error, _ bool) error {
	message := err.Error()
	if i := strings.LastIndex(message, " -"); i >= 0 { // package flag names flags with one hyphen
		message = message[:i] + " -" + message[i+1:]
	}
	return &exit.UsageError{Message: message}
}

// Execute carries out one command line, says what went wrong, and returns the exit
// status. A panic has a status of its own: the one that the Go runtime gives it has
// another meaning here.
func Execute(ctx context.Context, app *App, args []string) int {
	err := blobs.Guard(func() error {
		args, err := normalize(app, args)
		if err != nil {
			return err
		}
		if topic, asked := helpTopic(app, args); asked {
			return Help(app, topic)
		}
		return app.RunContext(ctx, args)
	})
	return statusOf(ctx, err, app.ErrWriter)
}

// statusOf says what went wrong, and returns the status for it.
func statusOf(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exit.StatusOK
	}
	if p, ok := errors.AsType[*blobs.PanicError](err); ok {
		report.Complain(stderr, fmt.Errorf("this is a defect of ocilayout, please report it: %w\n%s", p, p.Stack))
		return exit.StatusFailed
	}
	if usage, ok := errors.AsType[*exit.UsageError](err); ok {
		report.Complain(stderr, usage)
		hint := usage.Hint
		if hint == "" {
			hint = "'ocilayout --help' lists the commands, 'ocilayout COMMAND --help' their flags"
		}
		fmt.Fprintln(stderr, "ocilayout: "+report.Text(hint))
		return exit.StatusUsage
	}
	e, ended := errors.AsType[*exit.StatusError](err)
	if ctx.Err() != nil && !(ended && e.Status == exit.StatusInterrupted) {
		term.SayInterrupted(ctx, stderr) // whatever else it then failed at
		return exit.StatusInterrupted
	}
	if ended {
		if e.Err != nil && !errors.Is(e.Err, syscall.EPIPE) {
			report.Complain(stderr, e.Err)
		}
		return e.Status
	}
	if e, ok := errors.AsType[urfave.ExitCoder](err); ok { // "help" about a command that is not there
		report.Complain(stderr, e)
		return exit.StatusUsage
	}
	if !errors.Is(err, syscall.EPIPE) {
		report.Complain(stderr, err)
	}
	return exit.StatusFailed
}

// UnknownCommand returns the usage error about a command that is not there. What other
// tools call a command leads on to it.
func UnknownCommand(app *App, name string) error {
	if use, ok := otherCommands[name]; ok {
		return &exit.UsageError{Message: fmt.Sprintf("no command %q", name), Hint: use}
	}
	var names []string
	for _, command := range app.Commands {
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	if nearest(name, names) == "" && isLayout(name) {
		return &exit.UsageError{Message: fmt.Sprintf("no command %q", name), Hint: "write 'ocilayout verify " + inShell(name) + "', as this is a layout"}
	}
	return Misspelt(fmt.Sprintf("no command %q", name), "", name, names)
}

// Misspelt returns a usage error about word, with the one of names that is near to
// it as the hint, or else with hint.
func Misspelt(message, hint, word string, names []string) error {
	if near := nearest(word, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return &exit.UsageError{Message: message, Hint: hint}
}

// NoArguments refuses the arguments of a command that takes none.
func NoArguments(c *Context) error {
	if c.NArg() > 0 {
		return exit.Usagef("%s takes no argument, but got %q", c.Command.Name, c.Args().First())
	}
	return nil
}

// Version returns the version of the module, as the build recorded it, or the commit of a
// build from a checkout.
func Version() string {
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
