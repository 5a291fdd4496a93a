// Package show has what ls, inspect, tree, blobs and diff show of a layout: each as a
// value with its JSON, and as text for people. All but the contents of documents and
// layers they take from a layout.Graph.
package show

import (
	"cmp"
	"fmt"
	"io"
	"strconv"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// Screen is where text goes. Tables are cut to Width, if that is not 0.
type Screen struct {
	Width int
	Style report.Style
}

// cell is a value in a table; one that is absent is a hyphen.
func cell(s string) string {
	if s == "" {
		return "-"
	}
	return report.Value(s)
}

// bytesOf shows a size that a layout claims, which may be negative.
func bytesOf(n int64) string {
	if n < 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return humanize.IBytes(uint64(n))
}

func count(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// kindOf is how a table calls an entry: by the kind of artifact that it is known
// to be, or else by its type.
func kindOf(kind, artifactType, artifactKind string) string {
	return cmp.Or(artifactKind, artifactType, kind)
}

// platformName is "" where neither operating system nor architecture is named.
func platformName(p *model.Platform) string {
	if p == nil || p.OS == "" && p.Architecture == "" {
		return ""
	}
	return p.String()
}

func platformNames(platforms []*model.Platform) []string {
	names := []string{}
	for _, p := range platforms {
		if name := platformName(p); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// wrongSize says that what lies on disk is not as long as a descriptor says. A
// state that is not good says more.
func wrongSize(n *layout.Node, claimed int64) bool {
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
func digestText(d string, short int) string { return report.Value(abbreviate(d, short)) }
