package main

import (
	"bufio"
	"errors"
	"io"
	"strconv"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/graph"
)

// readGraph reads what the address names. Errors are those that a command
// returns.
func readGraph(c *cli.Context, a cli.Address, o graph.Options) (*graph.Graph, error) {
	o.Limits = cli.GraphLimits(c)
	l, err := cli.Open(c, a)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.Check(); err != nil {
		return nil, report.Named(a.Path, err)
	}
	o.Selector = a.Selector
	g, err := graph.Read(c.Context, l, o)
	if err != nil && c.Context.Err() == nil {
		err = report.Named(a.Path, err)
	}
	return g, err
}

// finished flushes what a command printed, and says what is missing from it.
func finished(out *bufio.Writer, printing error, a cli.Address, g *graph.Graph) error {
	if err := report.Flush(out, printing); err != nil {
		return err
	}
	if len(g.Problems) > 0 {
		return report.Named(a.Path, errors.Join(g.Problems...))
	}
	return nil
}

// bytesOf shows a size that a layout claims, which may be negative.
func bytesOf(n int64) string {
	if n < 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return humanize.IBytes(uint64(n))
}

// wrongSize says that what lies on disk is not as long as a descriptor says. A
// state that is not good says more.
func wrongSize(n *graph.Node, claimed int64) bool {
	return n.State == layout.StateOK && n.Size != claimed && !n.Embedded()
}

func writeString(w io.Writer, parts ...string) error {
	for _, part := range parts {
		if _, err := io.WriteString(w, part); err != nil {
			return err
		}
	}
	return nil
}

// digestText shows a digest, cut off for people unless all of it is wanted.
func digestText(d string, short int) string { return report.Value(graph.Abbreviate(d, short)) }
