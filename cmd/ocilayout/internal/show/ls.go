package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// Listing is what ls shows.
type Listing struct {
	SchemaVersion int           `json:"schemaVersion"`
	Path          string        `json:"path"`
	Entries       []ListedEntry `json:"entries"`
}

// ListedEntry is an entry of index.json as ls shows it.
type ListedEntry struct {
	Reference    string       `json:"reference"`
	Kind         string       `json:"kind"`
	ArtifactType string       `json:"artifactType"`
	ArtifactKind string       `json:"artifactKind"`
	MediaType    string       `json:"mediaType"`
	Platforms    []string     `json:"platforms"`
	Digest       string       `json:"digest"`
	Size         int64        `json:"size"`
	Created      string       `json:"created"`
	State        layout.State `json:"state"`

	name string // that containerd and Docker know it by
}

// List sums up the selected entries that run on one of the platforms, if any are given.
// An error that comes with entries says that there may be more, or that they are not
// right.
func List(ctx context.Context, l *layout.Layout, s layout.Selector, platforms []model.Platform) ([]ListedEntry, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	root := l.Index(ctx, layout.Limits{})
	if root.Err != nil {
		return nil, root.Failure()
	}
	if root.Doc == nil {
		return nil, malformed(root)
	}
	g, err := l.Graph(ctx, layout.GraphOptions{Index: root, Selector: s, SelectedOnly: true})
	if err != nil {
		return nil, err
	}
	entries := []ListedEntry{}
	for _, e := range g.Entries {
		sum := e.Summary()
		if !layout.Wanted(platforms, sum.Platforms...) {
			continue
		}
		entries = append(entries, ListedEntry{
			Reference: e.RefName, Kind: sum.Kind, ArtifactType: sum.ArtifactType, ArtifactKind: sum.ArtifactKind, MediaType: e.MediaType,
			Platforms: platformNames(sum.Platforms), Digest: e.Digest(), Size: sum.Bytes, Created: sum.Created, State: sum.State, name: e.ContainerdName,
		})
	}
	return entries, cmp.Or(malformed(root), g.Limited)
}

// malformed says what is first wrong with the JSON of index.json, nil if nothing.
func malformed(d *layout.Document) error {
	p, ok := errors.AsType[model.Problem](d.Problems.Err())
	if !ok {
		return nil
	}
	return fmt.Errorf("%s: %s", d.Path, report.Text(p.Error()))
}

// Text writes the entries as a table.
func (l Listing) Text(w io.Writer, screen Screen) error {
	table := report.NewTable(w, screen.Width,
		report.Column{Header: "REFERENCE", Flexible: true}, report.Column{Header: "KIND", Flexible: true},
		report.Column{Header: "PLATFORMS", Flexible: true}, report.Column{Header: "DIGEST", Short: report.ShortDigest},
		report.Column{Header: "SIZE", Right: true}, report.Column{Header: "CREATED", Short: report.ShortTime, Flexible: true},
		report.Column{Header: "STATE", Paint: screen.Style.Mark})
	named := make(map[string]int) // the entries of a reference name
	for _, e := range l.Entries {
		named[e.Reference]++
	}
	for _, e := range l.Entries {
		reference := e.Reference
		if named[reference] > 1 && e.name != "" {
			reference = e.name // which tells it from the others, and is a reference, too
		}
		table.Row(cell(reference), cell(kindOf(e.Kind, e.ArtifactType, e.ArtifactKind)), cell(strings.Join(e.Platforms, ",")), cell(e.Digest),
			bytesOf(e.Size), cell(e.Created), cell(string(e.State)))
	}
	return table.Flush()
}
