package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/graph"
)

func blobsCommand() *cli.Command {
	return &cli.Command{
		Name:      "blobs",
		Usage:     "list the blobs of a layout, and those that nothing refers to",
		ArgsUsage: "LAYOUT",
		UsageText: "ocilayout blobs LAYOUT [FLAGS]\n\nExample: ocilayout blobs ./image-dir --unreferenced",
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

// blobList is what --format json has, but for the member blobs.
type blobList struct {
	SchemaVersion int         `json:"schemaVersion"`
	Path          string      `json:"path"`
	Summary       blobSummary `json:"summary"`
}

type blobSummary struct {
	Blobs             int   `json:"blobs"`
	Bytes             int64 `json:"bytes"`
	MissingBlobs      int   `json:"missingBlobs"`
	UnreferencedBlobs int   `json:"unreferencedBlobs"`
	UnreferencedBytes int64 `json:"unreferencedBytes"`
	UnreadDocuments   int   `json:"unreadDocuments"`
	Complete          bool  `json:"complete"`
}

// listedBlob is a blob as blobs shows it.
type listedBlob struct {
	Digest       string       `json:"digest"`
	Path         string       `json:"path"`
	Size         int64        `json:"size"`
	ClaimedSize  *int64       `json:"claimedSize"`
	Kind         string       `json:"kind"`
	ArtifactKind string       `json:"artifactKind"`
	Roles        []graph.Role `json:"roles"`
	MediaTypes   []string     `json:"mediaTypes"`
	References   int          `json:"references"`
	State        layout.State `json:"state"`
}

func runBlobs(c *cli.Context) error {
	format, style := cli.Format(c), cli.Style(c)
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
	g, err := readGraph(c, a, graph.Options{Unreferenced: true})
	if err != nil {
		return err
	}
	nodes := chosen(c, g)
	out := bufio.NewWriter(c.App.Writer)
	sum := summarize(g)
	if format == "json" {
		err = report.JSONList(out, blobList{1, a.Given, sum}, "blobs", listedBlobs(nodes))
	} else {
		err = cmp.Or(blobTable(out, term.Width(c.App.Writer), style, nodes), blobFooter(out, sum))
	}
	return finished(out, err, a, g)
}

// chosen returns the blobs to list, in order.
func chosen(c *cli.Context, g *graph.Graph) []*graph.Node {
	nodes := slices.Concat(g.Nodes, g.Unreferenced)
	if c.Bool("unreferenced") {
		nodes = slices.Clone(g.Unreferenced)
	}
	if c.Bool("missing") {
		nodes = slices.DeleteFunc(nodes, func(n *graph.Node) bool { return n.State != layout.StateMissing })
	}
	switch c.String("sort") {
	case "size":
		slices.SortStableFunc(nodes, func(a, b *graph.Node) int { return cmp.Compare(b.Size, a.Size) })
	case "digest":
		slices.SortFunc(nodes, func(a, b *graph.Node) int { return cmp.Compare(a.Digest, b.Digest) })
	}
	return nodes
}

func summarize(g *graph.Graph) blobSummary {
	sum := blobSummary{
		Bytes:             graph.Bytes(g.Nodes) + graph.Bytes(g.Unreferenced),
		UnreferencedBlobs: len(g.Unreferenced),
		UnreferencedBytes: graph.Bytes(g.Unreferenced),
		UnreadDocuments:   g.Unknown,
		Complete:          len(g.Problems) == 0,
	}
	for _, n := range g.Nodes {
		if n.State == layout.StateMissing {
			sum.MissingBlobs++
		}
	}
	sum.Blobs = len(g.Nodes) + len(g.Unreferenced) - sum.MissingBlobs
	return sum
}

func listedBlobs(nodes []*graph.Node) iter.Seq[listedBlob] {
	return func(yield func(listedBlob) bool) {
		for _, n := range nodes {
			b := listedBlob{Digest: string(n.Digest), Path: n.Path, Size: n.Size, Kind: n.Kind, ArtifactKind: n.ArtifactKind, Roles: n.Roles, MediaTypes: n.MediaTypes, References: n.References, State: n.State}
			if n.References > 0 {
				b.ClaimedSize = &n.Claimed
			} else {
				b.Roles, b.MediaTypes = []graph.Role{}, []string{}
			}
			if !yield(b) {
				return
			}
		}
	}
}

// blobTable writes a table, which is not held in memory: rows are made twice.
func blobTable(w io.Writer, width int, style report.Style, nodes []*graph.Node) error {
	return report.NewTable(w, width,
		report.Column{Header: "DIGEST", Short: report.ShortDigest}, report.Column{Header: "SIZE", Right: true},
		report.Column{Header: "ROLE", Flexible: true}, report.Column{Header: "MEDIA TYPE", Flexible: true, Short: report.ShortMediaType},
		report.Column{Header: "REFERENCES", Right: true}, report.Column{Header: "STATE", Paint: style.Mark},
	).Stream(func(yield func([]string) bool) {
		for _, n := range nodes {
			if !yield(blobRow(n)) {
				return
			}
		}
	})
}

func blobRow(n *graph.Node) []string {
	var roles []string
	for _, role := range n.Roles {
		roles = append(roles, string(role))
	}
	state := string(n.State)
	if n.References > 0 && wrongSize(n, n.Claimed) {
		state = "not " + bytesOf(n.Claimed)
	}
	return []string{cell(string(n.Digest)), sizeCell(n), cell(strings.Join(roles, ",")), cell(strings.Join(n.MediaTypes, ",")), strconv.Itoa(n.References), cell(state)}
}

// sizeCell is what a blob takes on disk.
func sizeCell(n *graph.Node) string {
	if n.State == layout.StateMissing || n.Embedded() {
		return "-"
	}
	return bytesOf(n.Size)
}

func blobFooter(w io.Writer, sum blobSummary) error {
	fmt.Fprintf(w, "\n%s, %s; %d missing; nothing refers to %d of them, %s\n", count(sum.Blobs, "blob"), bytesOf(sum.Bytes),
		sum.MissingBlobs, sum.UnreferencedBlobs, bytesOf(sum.UnreferencedBytes))
	if sum.UnreferencedBlobs > 0 && (sum.UnreadDocuments > 0 || !sum.Complete) {
		_, err := fmt.Fprintf(w, "not certain: %s could not be read, and may refer to some of these\n", count(max(sum.UnreadDocuments, 1), "document"))
		return err
	}
	return nil
}

func count(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}
