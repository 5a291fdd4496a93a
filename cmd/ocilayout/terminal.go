package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/progress"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"
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

func progressFlag() cli.Flag {
	return choice(&cli.StringFlag{Name: "progress", Value: whenAuto,
		Usage: "show progress on standard error: `WHEN` is auto (on a terminal, unless --quiet), always or never"},
		whenAuto, whenAlways, whenNever)
}

func whenOf(c *cli.Context, name string) (string, error) {
	return oneOf(c, name)
}

// styleOf returns how standard output is coloured.
func styleOf(c *cli.Context) (report.Style, error) { return reportStyle(c, "") }

// toStdout says whether -o asks for standard output.
func toStdout(output string) bool { return output == "" || output == "-" }

// reportStyle returns how a report is coloured that -o sends to output.
func reportStyle(c *cli.Context, output string) (report.Style, error) {
	when, err := whenOf(c, "color")
	if err != nil || when == whenNever {
		return report.Style{}, err
	}
	if when == whenAuto && (os.Getenv("NO_COLOR") != "" || !toStdout(output)) {
		return report.Style{}, nil
	}
	f, ok := terminal(c.App.Writer)
	able := ok && escapes(f) // asked also where it makes no difference: some consoles have to be told
	return report.NewStyle(when == whenAlways || able), nil
}

// fitReports makes each report look as fits the place that it goes to.
func fitReports(c *cli.Context, asked []reportFile) (err error) {
	for i := range asked {
		r := &asked[i]
		if r.style, err = reportStyle(c, r.name); err != nil {
			return err
		}
		if toStdout(r.name) {
			r.width = widthOf(c.App.Writer)
		}
	}
	return nil
}

// terminal returns the terminal that w is, if it is one.
func terminal(w io.Writer) (*os.File, bool) {
	f, ok := w.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// escapes says whether a terminal acts on escape sequences.
func escapes(f *os.File) bool { return os.Getenv("TERM") != "dumb" && takesEscapes(f) }

// widthOf returns how wide the terminal is that w is, 0 if it is none.
func widthOf(w io.Writer) int {
	f, ok := terminal(w)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// newMeter returns the progress of a run that reports as j says, nil if none is
// to be seen. From then on what goes to the same terminal goes through it.
func newMeter(c *cli.Context, j *judging) (*progress.Meter, error) {
	when, err := whenOf(c, "progress")
	if err != nil || when == whenNever {
		return nil, err
	}
	f, ok := terminal(c.App.ErrWriter)
	ok = ok && escapes(f)
	if when == whenAuto && (!ok || j.quiet || slices.ContainsFunc(j.asked, func(r reportFile) bool { return toTerminal(r.name) })) {
		return nil, nil
	}
	stderr := c.App.ErrWriter
	var width func() int
	if ok {
		width = func() int { return widthOf(stderr) }
	}
	meter := progress.Start(stderr, width)
	c.App.ErrWriter = meter.Writer(stderr)
	if _, ok := terminal(c.App.Writer); ok {
		c.App.Writer = meter.Writer(c.App.Writer)
	}
	return meter, nil
}

// toTerminal says whether -o names a terminal. Nobody could keep the line of
// progress apart from a report that is written there.
func toTerminal(output string) bool {
	info, err := os.Stat(output)
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	f, err := os.OpenFile(output, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return term.IsTerminal(int(f.Fd()))
}

// underWay names the layout that is verified, the one with the index i of n.
func underWay(given string, i, n int) string {
	if n == 1 {
		return report.Value(given)
	}
	return fmt.Sprintf("layout %d of %d: %s", i+1, n, report.Value(given))
}
