package cli

import (
	"os"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term/progress"
)

// The values of --color and --progress.
const (
	whenAuto   = "auto"
	whenAlways = "always"
	whenNever  = "never"
)

// ColorFlag is the flag that Style reads.
func ColorFlag() Flag {
	return Choice(&StringFlag{Name: "color", Value: whenAuto, Usage: "colour text: `WHEN` is auto (on a terminal, unless NO_COLOR is set), always or never"},
		whenAuto, whenAlways, whenNever)
}

// Style returns how standard output is coloured.
func Style(c *Context) report.Style { return styleFor(c, true) }

func styleFor(c *Context, stdout bool) report.Style {
	when := c.String("color")
	if when == whenNever || when == whenAuto && (os.Getenv("NO_COLOR") != "" || !stdout) {
		return report.Style{}
	}
	able := term.TakesEscapes(c.App.Writer) // asked also where it makes no difference: some consoles have to be switched on
	return report.NewStyle(when == whenAlways || able)
}

// ProgressFlag is the flag that StartProgress reads.
func ProgressFlag() Flag {
	return Choice(&StringFlag{Name: "progress", Value: whenAuto,
		Usage: "show progress on standard error: `WHEN` is auto (on a terminal, unless --quiet), always or never"},
		whenAuto, whenAlways, whenNever)
}

// StartProgress shows the progress of a run, if it is to be seen. From then on what
// the run prints to the same terminal goes through r.Progress, which has to be stopped.
func StartProgress(c *Context, r *report.Run) {
	when, able := c.String("progress"), term.TakesEscapes(r.Stderr)
	if when == whenNever {
		return
	}
	if when == whenAuto && (!able || r.Quiet || slices.ContainsFunc(r.Reports, func(d report.Destination) bool { return term.IsTerminalFile(d.File) })) {
		return
	}
	stderr := r.Stderr
	var width func() int
	if able {
		width = func() int { return term.Width(stderr) }
	}
	r.Progress = progress.Start(stderr, width)
	r.Stderr = r.Progress.Writer(stderr)
	if term.IsTerminal(r.Stdout) {
		r.Stdout = r.Progress.Writer(r.Stdout)
	}
}
