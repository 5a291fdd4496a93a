package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

const templateFormat = "go-template="

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Usage:     "show what an image or artifact is: platform, config, layers, referrers",
		ArgsUsage: "[LAYOUT[:REF]]",
		UsageText: "ocilayout inspect [LAYOUT[:REF]] [FLAGS]\n\nExample: ocilayout inspect ./image-dir:latest --platform linux/arm64\n" +
			"Example: ocilayout inspect ./image-dir:1.0 --format '{{json .Config.Env}}'\n" +
			"Example: ocilayout inspect ./image-dir:1.0 --format '{{range .Layers}}{{.}} {{end}}'",
		Description: "Shows an image or artifact in full: each layer beside the history line that made it, and what refers to it. Of an index with several " +
			"images it lists them; --platform picks one. Layers are looked at, and not read. A value of --format with {{ in it is a template. It has the names of --format json, those " +
			"of docker inspect such as .Config.Env, .Config.Labels and .Architecture, and the functions json, join SEPARATOR LIST, upper and lower. What is missing or damaged is marked.",
		Flags: append([]cli.Flag{
			cli.Choice(&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: cli.TextFormat, Usage: "`FORMAT` of the output: text, json, go-template=TEMPLATE"}, cli.TextFormat, "json", templateFormat),
			cli.ColorFlag(), cli.PlatformFlag(),
		}, cli.LayoutFlags()...),
		Action: runInspect,
	}
}

// inspection is what --format json prints.
type inspection struct {
	SchemaVersion int    `json:"schemaVersion"`
	Path          string `json:"path"`
	*show.Inspection
}

// printer writes an inspection.
type printer func(io.Writer, inspection) error

func runInspect(c *cli.Context) error {
	printed, err := inspectPrinter(c)
	if err != nil {
		return err
	}
	a, l, err := cli.OneLayout(c)
	if err != nil {
		return err
	}
	defer l.Close()
	shown, broken := show.Inspect(c.Context, l, a.Selector, show.InspectOptions{Platforms: cli.Platforms(c)})
	if c.Context.Err() != nil {
		return broken
	}
	if shown == nil {
		return exit.Failed(fmt.Errorf("%s: %w", report.Value(a.Path), report.Cause(broken)))
	}
	out := bufio.NewWriter(c.App.Writer)
	err = printed(out, inspection{1, a.Given, shown})
	if errors.Is(err, report.ErrTemplate) {
		return noSuchName(err, inspection{1, a.Given, shown})
	}
	if c.Context.Err() != nil {
		return err
	}
	if err := report.Flush(out, err); err != nil {
		return err
	}
	if broken != nil {
		return exit.Failed(fmt.Errorf("%s: %w", report.Value(a.Path), broken))
	}
	return unread(a, shown)
}

func inspectPrinter(c *cli.Context) (printer, error) {
	format, screen := cli.Format(c), screenOf(c)
	if source, ok := templateOf(format); ok {
		t, err := report.ParseTemplate(source)
		if err != nil {
			return nil, exit.Usagef("--format: %v", err)
		}
		return func(w io.Writer, i inspection) error {
			names, err := templateNames(i)
			if err != nil {
				return err
			}
			return t.Execute(c.Context, w, names)
		}, nil
	}
	if format == "json" {
		return func(w io.Writer, i inspection) error { return report.JSON(w, i) }, nil
	}
	return func(w io.Writer, i inspection) error { return i.Text(w, screen) }, nil
}

// unread is the status for documents that were to be shown in full, and were not
// there, or not what their digests promise.
func unread(a cli.Address, r *show.Inspection) error {
	var problems []string
	status := exit.StatusFindings
	look := func(what, digest string, state layout.State) {
		if state == layout.StateOK {
			return
		}
		problems = append(problems, fmt.Sprintf("%s: the %s is %s: %s", report.Value(a.Path), what, state, report.Value(digest)))
		if state != layout.StateDamaged {
			status = exit.StatusFailed
		}
	}
	if r.Index != nil {
		look("index", r.Index.Digest, r.Index.State)
	}
	if m := r.Manifest; m != nil {
		look("manifest", m.Digest, m.State)
		if m.Config != nil && model.KindOf(m.Config.MediaType) == model.KindImage {
			look("config", m.Config.Digest, m.Config.State)
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return exit.With(status, errors.New(strings.Join(problems, "\n")))
}
