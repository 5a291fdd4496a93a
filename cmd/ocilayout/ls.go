package main

import (
	"bufio"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
)

func lsCommand() *cli.Command {
	return &cli.Command{
		Name:        "ls",
		Usage:       "list the entries of a layout's index.json",
		ArgsUsage:   "[LAYOUT[:REF]]",
		UsageText:   "ocilayout ls [LAYOUT[:REF]] [FLAGS]\n\nExample: ocilayout ls ./image-dir",
		Description: "A damaged layout is listed as far as it can be; the last column says what is missing, damaged or unreadable.",
		Flags:       append([]cli.Flag{cli.FormatFlag(cli.TextFormat, "json"), cli.ColorFlag(), cli.PlatformFlag()}, cli.LayoutFlags()...),
		Action:      runLs,
	}
}

func runLs(c *cli.Context) error {
	format, screen := cli.Format(c), screenOf(c)
	a, l, err := cli.OneLayout(c)
	if err != nil {
		return err
	}
	defer l.Close()
	entries, broken := show.List(c.Context, l, a.Selector, cli.Platforms(c))
	if c.Context.Err() != nil {
		return broken
	}
	if entries == nil {
		return report.Named(a.Path, broken)
	}
	if len(entries) == 0 {
		cli.WarnOfPlatforms(c, l, a)
	}
	out := bufio.NewWriter(c.App.Writer)
	listing := show.Listing{SchemaVersion: 1, Path: a.Given, Entries: entries}
	if format == "json" {
		err = report.JSON(out, listing)
	} else {
		err = listing.Text(out, screen)
	}
	if err := report.Flush(out, err); err != nil {
		return err
	}
	if broken != nil {
		return report.Named(a.Path, broken)
	}
	return nil
}
