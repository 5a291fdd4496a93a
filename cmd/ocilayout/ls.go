package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

func lsCommand() *cli.Command {
	return &cli.Command{
		Name:        "ls",
		Usage:       "list the entries of a layout's index.json",
		ArgsUsage:   "LAYOUT[:REF]",
		UsageText:   "ocilayout ls LAYOUT[:REF] [FLAGS]\n\nExample: ocilayout ls ./image-dir",
		Description: "A damaged layout is listed as far as it can be; the last column says what is missing, damaged or unreadable.",
		Flags:       append([]cli.Flag{cli.FormatFlag(cli.TextFormat, "json"), cli.ColorFlag(), cli.PlatformFlag()}, cli.LayoutFlags()...),
		Action:      runLs,
	}
}

// listing is what --format json has.
type listing struct {
	SchemaVersion int      `json:"schemaVersion"`
	Path          string   `json:"path"`
	Entries       []listed `json:"entries"`
}

// listed is an entry as ls shows it.
type listed struct {
	Reference    string   `json:"reference"`
	Kind         string   `json:"kind"`
	ArtifactType string   `json:"artifactType"`
	ArtifactKind string   `json:"artifactKind"`
	MediaType    string   `json:"mediaType"`
	Platforms    []string `json:"platforms"`
	Digest       string   `json:"digest"`
	Size         int64    `json:"size"`
	Created      string   `json:"created"`
	State        string   `json:"state"`

	name string // that containerd and Docker know it by
}

func runLs(c *cli.Context) error {
	format, style := cli.Format(c), cli.Style(c)
	a, l, err := cli.OneLayout(c)
	if err != nil {
		return err
	}
	defer l.Close()
	entries, broken := list(c.Context, l, a, cli.Platforms(c))
	if entries == nil {
		return report.Named(a.Path, broken)
	}
	out := bufio.NewWriter(c.App.Writer)
	if format == "json" {
		err = report.JSON(out, listing{1, a.Given, entries})
	} else {
		err = listEntries(out, term.Width(c.App.Writer), style, entries)
	}
	if err := report.Flush(out, err); err != nil {
		return err
	}
	if broken != nil {
		return report.Named(a.Path, broken)
	}
	return nil
}

// list reads index.json and sums up what its entries lead to. An error that
// comes with entries says that there may be more, or that they are not right.
func list(ctx context.Context, l *layout.Layout, a cli.Address, wanted []model.Platform) ([]listed, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	d := l.Index(ctx, layout.Limits{})
	if d.Err != nil {
		return nil, fmt.Errorf("%s: %w", d.Path, report.Cause(d.Err))
	}
	index, ok := d.Doc.(*model.Index)
	if !ok {
		return nil, malformed(d)
	}
	places, err := layout.Resolve(index, a.Selector)
	if err != nil {
		return nil, err
	}
	summarizer := layout.NewSummarizer(l, layout.Limits{})
	entries := []listed{}
	for _, place := range places {
		entry := &index.Manifests[place]
		sum := summarizer.Summarize(ctx, entry)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if runsOn(sum.Platforms, wanted) {
			entries = append(entries, newListed(entry, sum))
		}
	}
	return entries, malformed(d)
}

// malformed says what is first wrong with the JSON of index.json, nil if nothing.
func malformed(d *layout.Document) error {
	p, ok := errors.AsType[model.Problem](d.Problems.Err())
	if !ok {
		return nil
	}
	return fmt.Errorf("%s: %s", d.Path, report.Text(p.Error()))
}

// runsOn says whether one of the platforms is wanted.
func runsOn(platforms, wanted []model.Platform) bool {
	if len(wanted) == 0 {
		return true
	}
	for _, p := range platforms {
		for _, w := range wanted {
			if w.Match(p) {
				return true
			}
		}
	}
	return false
}

func newListed(d *model.Descriptor, sum layout.Summary) listed {
	e := listed{
		Reference: d.Annotations[model.AnnotationRefName], Kind: sum.Kind(d), ArtifactType: sum.ArtifactType, ArtifactKind: sum.ArtifactKind,
		MediaType: d.MediaType, Platforms: []string{}, Digest: string(d.Digest), Size: sum.Bytes, Created: sum.Created, State: string(sum.State),
		name: d.Annotations[model.AnnotationContainerdName],
	}
	for _, p := range sum.Platforms {
		if p.OS != "" || p.Architecture != "" {
			e.Platforms = append(e.Platforms, p.String())
		}
	}
	return e
}

func listEntries(w io.Writer, width int, style report.Style, entries []listed) error {
	table := report.NewTable(w, width,
		report.Column{Header: "REFERENCE", Flexible: true}, report.Column{Header: "KIND", Flexible: true},
		report.Column{Header: "PLATFORMS", Flexible: true}, report.Column{Header: "DIGEST", Short: report.ShortDigest},
		report.Column{Header: "SIZE", Right: true}, report.Column{Header: "CREATED", Short: report.ShortTime, Flexible: true},
		report.Column{Header: "STATE", Paint: style.Mark})
	named := make(map[string]int) // the entries of a reference name
	for _, e := range entries {
		named[e.Reference]++
	}
	for _, e := range entries {
		reference := e.Reference
		if named[reference] > 1 && e.name != "" {
			reference = e.name // which tells it from the others, and is taken as a reference, too
		}
		table.Row(cell(reference), cell(kindOf(e.Kind, e.ArtifactType, e.ArtifactKind)), cell(strings.Join(e.Platforms, ",")), cell(e.Digest),
			humanize.IBytes(uint64(e.Size)), cell(e.Created), cell(e.State))
	}
	return table.Flush()
}

// cell is a value in a table; one that is absent is a hyphen.
func cell(s string) string {
	if s == "" {
		return "-"
	}
	return report.Value(s)
}
