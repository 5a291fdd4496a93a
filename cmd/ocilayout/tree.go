package main

import (
	"bufio"
	"errors"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
)

var treeFormats = []string{cli.TextFormat, "json", "dot", "mermaid"}

// deepest is how many levels the text shows unless --depth says more: what
// refers to what may be nested without end.
const deepest = 64

func treeCommand() *cli.Command {
	return &cli.Command{
		Name:      "tree",
		Usage:     "show the graph of a layout: indexes, manifests, configs, layers and referrers",
		ArgsUsage: "[LAYOUT[:REF]]",
		UsageText: "ocilayout tree [LAYOUT[:REF]] [FLAGS]\n\nExample: ocilayout tree ./image-dir --platform linux/arm64",
		Description: "What is missing, damaged or unreadable is marked. What refers to a manifest stands below it. " +
			"Nothing is shown twice: where it comes again, it is named only. dot is for Graphviz, mermaid for Markdown pages.",
		Flags: append([]cli.Flag{
			cli.FormatFlag(treeFormats...), cli.ColorFlag(),
			&cli.BoolFlag{Name: "full-digest", Usage: "do not shorten digests", DisableDefaultText: true},
			&cli.IntFlag{Name: "depth", Value: deepest, Usage: "`N` levels to show as text"},
			cli.PlatformFlag(),
		}, slices.Concat(cli.LayoutFlags(), cli.DocumentLimitFlags(), cli.GraphLimitFlags(cli.MostShown))...),
		Action: runTree,
	}
}

func runTree(c *cli.Context) error {
	format, screen := cli.Format(c), screenOf(c)
	depth := c.Int("depth")
	if c.IsSet("depth") && format != cli.TextFormat {
		return exit.Usagef("--depth goes with --format text")
	}
	a, err := cli.OneAddress(c, "LAYOUT")
	if err != nil {
		return err
	}
	g, err := readGraph(c, a, layout.GraphOptions{Platforms: cli.Platforms(c)})
	if err != nil {
		return err
	}
	t := show.Tree{Path: a.Given, Graph: g, FullDigests: c.Bool("full-digest")}
	out := bufio.NewWriter(c.App.Writer)
	switch format {
	case "json":
		err = t.JSON(out)
	case "dot":
		err = t.Draw(report.NewDOT(out))
	case "mermaid":
		err = t.Draw(report.NewMermaid(out))
	default:
		var cut bool
		cut, err = t.Text(out, screen, depth)
		if cut && !c.IsSet("depth") {
			g.Problems = append(g.Problems, errors.New("there are more levels than are shown: --depth shows more"))
		}
	}
	return finished(out, err, a, g)
}
