package main

import (
	"os"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/progress"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/urfave/cli/v2"
)

// The values of --color and --progress.
const (
	whenAuto   = "auto"
	whenAlways = "always"
	whenNever  = "never"
)

func colorFlag() cli.Flag {
	return choice(&cli.StringFlag{Name: "color", Value: whenAuto, Usage: "colour text: `WHEN` is auto (on a terminal, unless NO_COLOR is set), always or never"},
		whenAuto, whenAlways, whenNever)
}

// styleOf returns how standard output is coloured.
func styleOf(c *cli.Context) (report.Style, error) { return styleFor(c, true) }

func styleFor(c *cli.Context, stdout bool) (report.Style, error) {
	when, err := oneOf(c, "color")
	if err != nil || when == whenNever {
		return report.Style{}, err
	}
	if when == whenAuto && (os.Getenv("NO_COLOR") != "" || !stdout) {
		return report.Style{}, nil
	}
	able := takesEscapes(c.App.Writer) // asked also where it makes no difference: some consoles have to be switched on
	return report.NewStyle(when == whenAlways || able), nil
}

func progressFlag() cli.Flag {
	return choice(&cli.StringFlag{Name: "progress", Value: whenAuto,
		Usage: "show progress on standard error: `WHEN` is auto (on a terminal, unless --quiet), always or never"},
		whenAuto, whenAlways, whenNever)
}

// startProgress shows the progress of a run, if it is to be seen. From then on what
// the run prints to the same terminal goes through r.Progress, which has to be stopped.
func startProgress(c *cli.Context, r *Run) error {
	when, err := oneOf(c, "progress")
	if err != nil || when == whenNever {
		return err
	}
	able := takesEscapes(r.Stderr)
	if when == whenAuto && (!able || r.Quiet || slices.ContainsFunc(r.Reports, func(d Destination) bool { return isTerminalFile(d.File) })) {
		return nil
	}
	stderr := r.Stderr
	var width func() int
	if able {
		width = func() int { return widthOf(stderr) }
	}
	r.Progress = progress.Start(stderr, width)
	r.Stderr = r.Progress.Writer(stderr)
	if isTerminal(r.Stdout) {
		r.Stdout = r.Progress.Writer(r.Stdout)
	}
	return nil
}
