package main

import (
	"bufio"
	"errors"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
)

// readGraph reads what the address names. Errors are those that a command
// returns.
func readGraph(c *cli.Context, a cli.Address, o layout.GraphOptions) (*layout.Graph, error) {
	o.Limits = cli.GraphLimits(c)
	l, err := cli.Open(c, &a)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.Check(); err != nil {
		return nil, report.Named(a.Path, err)
	}
	o.Selector = a.Selector
	g, err := l.Graph(c.Context, o)
	if err == nil {
		cli.WarnOfPlatforms(c, l, a)
	}
	if err != nil && c.Context.Err() == nil {
		err = report.Named(a.Path, err)
	}
	return g, err
}

// finished flushes what a command printed, and says what is missing from it.
func finished(out *bufio.Writer, printing error, a cli.Address, g *layout.Graph) error {
	if err := report.Flush(out, printing); err != nil {
		return err
	}
	if len(g.Problems) > 0 {
		return report.Named(a.Path, errors.Join(g.Problems...))
	}
	return nil
}

// screenOf returns what text on standard output is fitted to.
func screenOf(c *cli.Context) show.Screen {
	return show.Screen{Width: term.Width(c.App.Writer), Style: cli.Style(c)}
}
