package main

import (
	"bufio"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
)

func blobsCommand() *cli.Command {
	return &cli.Command{
		Name:      "blobs",
		Usage:     "list the blobs of a layout, and those that nothing refers to",
		ArgsUsage: "[LAYOUT]",
		UsageText: "ocilayout blobs [LAYOUT] [FLAGS]\n\nExample: ocilayout blobs ./image-dir --unreferenced",
		Description: "Blobs come in the order in which the documents name them, then those that nothing names, by path. " +
			"No layer is read: verify tells whether its bytes are right.",
		Flags: append([]cli.Flag{
			cli.FormatFlag(cli.TextFormat, "json"), cli.ColorFlag(),
			&cli.BoolFlag{Name: "unreferenced", Usage: "only blobs that no descriptor names", DisableDefaultText: true},
			&cli.BoolFlag{Name: "missing", Usage: "only blobs that a descriptor names and that are not there", DisableDefaultText: true},
			cli.Choice(&cli.StringFlag{Name: "sort", Value: "walk", Usage: "`ORDER` of the blobs: walk, size (largest first), digest"}, "walk", "size", "digest"),
		}, slices.Concat(cli.LayoutFlags(), cli.DocumentLimitFlags(), cli.GraphLimitFlags(cli.MostShown))...),
		Action: runBlobs,
	}
}

func runBlobs(c *cli.Context) error {
	format, screen := cli.Format(c), screenOf(c)
	if c.Bool("unreferenced") && c.Bool("missing") {
		return exit.Usagef("--unreferenced and --missing do not go together: no blob is both")
	}
	a, err := cli.OneAddress(c, "LAYOUT")
	if err != nil {
		return err
	}
	if !a.Selector.All() {
		return exit.Usagef("blobs takes a whole LAYOUT, and no entry of it: ocilayout tree shows one entry")
	}
	g, err := readGraph(c, a, layout.GraphOptions{Unreferenced: true})
	if err != nil {
		return err
	}
	b := show.Blobs{Path: a.Given, Graph: g, Unreferenced: c.Bool("unreferenced"), Missing: c.Bool("missing"), Sort: c.String("sort")}
	out := bufio.NewWriter(c.App.Writer)
	if format == "json" {
		err = b.JSON(out)
	} else {
		err = b.Text(out, screen)
	}
	return finished(out, err, a, g)
}
