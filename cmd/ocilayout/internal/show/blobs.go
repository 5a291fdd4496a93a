package show

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
)

// Blobs is what blobs shows of a graph, which has the unreferenced blobs.
type Blobs struct {
	Path         string
	Graph        *layout.Graph
	Unreferenced bool   // only blobs that no descriptor names
	Missing      bool   // only blobs that a descriptor names and that are not there
	Sort         string // "size", "digest", or else the order of the walk
}

// JSON writes the summary and the blobs.
func (b Blobs) JSON(w io.Writer) error {
	return report.JSONList(w, blobList{1, b.Path, summarize(b.Graph)}, "blobs", listedBlobs(b.chosen()))
}

// Text writes the blobs as a table, and the summary below it.
func (b Blobs) Text(w io.Writer, screen Screen) error {
	return cmp.Or(blobTable(w, screen, b.chosen()), blobFooter(w, summarize(b.Graph)))
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
	Digest       string        `json:"digest"`
	Path         string        `json:"path"`
	Size         int64         `json:"size"`
	ClaimedSize  *int64        `json:"claimedSize"`
	Kind         string        `json:"kind"`
	ArtifactKind string        `json:"artifactKind"`
	Roles        []layout.Role `json:"roles"`
	MediaTypes   []string      `json:"mediaTypes"`
	References   int           `json:"references"`
	State        layout.State  `json:"state"`
}

// chosen returns the blobs to list, in order.
func (b Blobs) chosen() []*layout.Node {
	nodes := slices.Concat(b.Graph.Nodes, b.Graph.Unreferenced)
	if b.Unreferenced {
		nodes = slices.Clone(b.Graph.Unreferenced)
	}
	if b.Missing {
		nodes = slices.DeleteFunc(nodes, func(n *layout.Node) bool { return n.State != layout.StateMissing })
	}
	switch b.Sort {
	case "size":
		slices.SortStableFunc(nodes, func(a, b *layout.Node) int { return cmp.Compare(b.Size, a.Size) })
	case "digest":
		slices.SortFunc(nodes, func(a, b *layout.Node) int { return cmp.Compare(a.Digest, b.Digest) })
	}
	return nodes
}

func summarize(g *layout.Graph) blobSummary {
	sum := blobSummary{
		Bytes:             bytesIn(g.Nodes) + bytesIn(g.Unreferenced),
		UnreferencedBlobs: len(g.Unreferenced),
		UnreferencedBytes: bytesIn(g.Unreferenced),
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

// bytesIn returns what nodes take on disk.
func bytesIn(nodes []*layout.Node) (sum int64) {
	for _, n := range nodes {
		sum += n.Size
	}
	return sum
}

func listedBlobs(nodes []*layout.Node) iter.Seq[listedBlob] {
	return func(yield func(listedBlob) bool) {
		for _, n := range nodes {
			b := listedBlob{Digest: string(n.Digest), Path: n.Path(), Size: n.Size, Kind: n.Kind, ArtifactKind: n.ArtifactKind, Roles: n.Roles, MediaTypes: n.MediaTypes, References: n.References, State: n.State}
			if n.References > 0 {
				b.ClaimedSize = &n.Claimed
			} else {
				b.Roles, b.MediaTypes = []layout.Role{}, []string{}
			}
			if !yield(b) {
				return
			}
		}
	}
}

// blobTable writes a table, which is not held in memory: rows are made twice.
func blobTable(w io.Writer, screen Screen, nodes []*layout.Node) error {
	return report.NewTable(w, screen.Width,
		report.Column{Header: "DIGEST", Short: report.ShortDigest}, report.Column{Header: "SIZE", Right: true},
		report.Column{Header: "ROLE", Flexible: true}, report.Column{Header: "MEDIA TYPE", Flexible: true, Short: report.ShortMediaType},
		report.Column{Header: "REFERENCES", Right: true}, report.Column{Header: "STATE", Paint: screen.Style.Mark},
	).Stream(func(yield func([]string) bool) {
		for _, n := range nodes {
			if !yield(blobRow(n)) {
				return
			}
		}
	})
}

func blobRow(n *layout.Node) []string {
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
func sizeCell(n *layout.Node) string {
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
