package main

import (
	"bufio"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
)

func diffCommand() *cli.Command {
	return &cli.Command{
		Name:      "diff",
		Usage:     "say what differs between two images or layouts",
		ArgsUsage: "LAYOUT[:REF] LAYOUT[:REF]",
		UsageText: "ocilayout diff LAYOUT[:REF] LAYOUT[:REF] [FLAGS]\n\nExample: ocilayout diff ./image-dir:1.0 ./image-dir:1.1 --platform linux/amd64",
		Description: "Says first whether the images unpack to the same files, then what differs: entries, platforms, manifests, configurations, layers, files. " +
			"Images are paired by reference name and platform. Every layer is read and held against its digest. " +
			"The status is 1 if something differs, and 3 if something could not be read or is damaged.",
		Flags: append([]cli.Flag{
			cli.FormatFlag(cli.TextFormat, "json"), cli.ColorFlag(), cli.PlatformFlag(),
			&cli.BoolFlag{Name: "files", Value: true, Usage: "compare files; with --files=false no layer is read"},
			&cli.BoolFlag{Name: "quick", Usage: "read no layer where all diff ids are the same, and trust them", DisableDefaultText: true},
			&cli.BoolFlag{Name: "times", Usage: "compare the times of modification too", DisableDefaultText: true},
			&cli.IntFlag{Name: "max-files", Usage: "`N` files to list for two images", DefaultText: "100 as text, all as json"},
		}, slices.Concat(cli.LayoutFlags(), cli.LayerLimitFlags())...),
		Action: runDiff,
	}
}

func runDiff(c *cli.Context) error {
	if c.NArg() != 2 {
		return exit.Usagef("diff takes two layouts or images, but got %d arguments", c.NArg())
	}
	format, screen := cli.Format(c), screenOf(c)
	options, err := diffOptions(c, format)
	if err != nil {
		return err
	}
	addresses, sides, shut, err := diffSides(c)
	defer shut()
	if err != nil {
		return err
	}
	result, err := show.Diff(c.Context, sides[0], sides[1], options)
	if err != nil {
		if errors.Is(err, show.ErrNothing) && len(options.Platforms) > 0 {
			there := cli.Available(c.Context, sides[0].Layout, sides[0].Selector)
			for _, name := range cli.Available(c.Context, sides[1].Layout, sides[1].Selector) {
				if !slices.Contains(there, name) {
					there = append(there, name)
				}
			}
			err = cli.NoImage(options.Platforms, there)
		}
		return notCompared(c, addresses, err)
	}
	for _, p := range result.Pairs {
		cli.WarnOfFiles(c.App.ErrWriter, addresses[0], p.Files.DoubtsA)
		cli.WarnOfFiles(c.App.ErrWriter, addresses[1], p.Files.DoubtsB)
	}
	out := bufio.NewWriter(c.App.Writer)
	whole := show.Differences{SchemaVersion: 1, A: addresses[0].Given, B: addresses[1].Given, Comparison: result}
	if format == "json" {
		err = report.JSON(out, whole)
	} else {
		whole.Text(out, screen)
	}
	if err := report.Flush(out, err); err != nil {
		return err
	}
	return verdict(whole)
}

// diffSides opens what the two arguments name, one layout once. The caller calls
// shut, whatever the error.
func diffSides(c *cli.Context) (addresses [2]cli.Address, sides [2]show.Side, shut func(), err error) {
	shut = func() {
		for i, s := range sides {
			if s.Layout != nil && (i == 0 || s.Layout != sides[0].Layout) {
				s.Layout.Close()
			}
		}
	}
	o := cli.NewOpener(c)
	for i := range addresses {
		if addresses[i], err = cli.ParseAddress(c.Args().Get(i)); err != nil {
			return addresses, sides, shut, err
		}
		o.Layouts = append(o.Layouts, addresses[i].Path)
	}
	for i := range addresses {
		a := &addresses[i]
		if i == 1 && filepath.Clean(a.Path) == filepath.Clean(addresses[0].Path) {
			sides[1].Layout = sides[0].Layout
			err = cli.Expand(c.Context, sides[1].Layout, a)
		} else {
			sides[i].Layout, err = o.Open(c.Context, a)
		}
		if err != nil {
			return addresses, sides, shut, err
		}
		sides[i].Selector = a.Selector
	}
	return addresses, sides, shut, nil
}

func diffOptions(c *cli.Context, format string) (o show.DiffOptions, err error) {
	o = show.DiffOptions{NoFiles: !c.Bool("files"), Quick: c.Bool("quick"), Times: c.Bool("times"), MaxFiles: c.Int("max-files")}
	switch {
	case o.NoFiles && (o.Quick || o.Times || c.IsSet("max-files")):
		return o, exit.Usagef("--quick, --times and --max-files are about files, which --files=false leaves out")
	case !c.IsSet("max-files") && format == cli.TextFormat:
		o.MaxFiles = show.MostLines
	}
	o.Platforms, o.LayerLimits = cli.Platforms(c), cli.LayerLimits(c)
	return o, nil
}

// notCompared says why there is no result.
func notCompared(c *cli.Context, addresses [2]cli.Address, err error) error {
	if c.Context.Err() != nil {
		return err
	}
	if e, ok := errors.AsType[*show.SideError](err); ok {
		a := addresses[0]
		if e.In == "b" {
			a = addresses[1]
		}
		return exit.Failed(fmt.Errorf("%s: %w", a.Path, e.Err))
	}
	return exit.Failed(err)
}

// verdict is the status for a result, with what could not be read.
func verdict(r show.Differences) error {
	const most = 20
	var lines []error
	for i, p := range r.Problems {
		if i == most {
			lines = append(lines, fmt.Errorf("and %d more", len(r.Problems)-most))
			break
		}
		given := r.A
		if p.In == "b" {
			given = r.B
		}
		lines = append(lines, fmt.Errorf("%s: %s: %s: %s", given, p.State, p.Digest, p.Message))
	}
	switch {
	case !r.Complete:
		return exit.Failed(errors.Join(lines...))
	case r.Differs:
		return exit.With(exit.StatusFindings, nil)
	}
	return nil
}
