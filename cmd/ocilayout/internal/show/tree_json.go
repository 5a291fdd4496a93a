package show

import (
	"io"
	"iter"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
)

// treeHead is what --format json has, but for the member nodes.
type treeHead struct {
	SchemaVersion int        `json:"schemaVersion"`
	Path          string     `json:"path"`
	Complete      bool       `json:"complete"`
	Entries       []treeEdge `json:"entries"`
}

type treeEdge struct {
	Pointer      string      `json:"pointer"`
	Role         layout.Role `json:"role"`
	Digest       string      `json:"digest"`
	MediaType    string      `json:"mediaType"`
	Size         int64       `json:"size"`
	Reference    string      `json:"reference"`
	Platform     string      `json:"platform"`
	ArtifactType string      `json:"artifactType"`
}

type treeNode struct {
	Digest       string         `json:"digest"`
	Path         string         `json:"path"`
	Kind         string         `json:"kind"`
	ArtifactKind string         `json:"artifactKind"`
	ArtifactType string         `json:"artifactType"`
	Platform     string         `json:"platform"`
	MediaTypes   []string       `json:"mediaTypes"`
	Roles        []layout.Role  `json:"roles"`
	References   int            `json:"references"`
	Size         int64          `json:"size"`
	State        layout.State   `json:"state"`
	Edges        []treeEdge     `json:"edges"`
	Referrers    []treeReferrer `json:"referrers"`
}

type treeReferrer struct {
	Digest string       `json:"digest"`
	By     layout.Means `json:"by"`
	Tag    string       `json:"tag"`
}

// JSON writes each node once.
func (t Tree) JSON(w io.Writer) error {
	entries := []treeEdge{}
	for _, e := range t.Graph.Entries {
		if !e.Left {
			entries = append(entries, newTreeEdge(e))
		}
	}
	return report.JSONList(w, treeHead{1, t.Path, len(t.Graph.Problems) == 0, entries}, "nodes", treeNodes(t.Graph))
}

// treeNodes yields each node that is shown once, in the order of the tree.
func treeNodes(g *layout.Graph) iter.Seq[treeNode] {
	return func(yield func(treeNode) bool) {
		listed := make([]bool, len(g.Nodes))
		for step := range steps(g, 0) {
			n := step.Node
			if n == nil || listed[n.ID] {
				continue
			}
			listed[n.ID] = true
			if !yield(newTreeNode(n)) {
				return
			}
		}
	}
}

func newTreeNode(n *layout.Node) treeNode {
	t := treeNode{Digest: string(n.Digest), Path: n.Path(), Kind: n.Kind, ArtifactKind: n.ArtifactKind, ArtifactType: n.ArtifactType, Platform: platformName(n.Platform), MediaTypes: n.MediaTypes,
		Roles: n.Roles, References: n.References, Size: n.Size, State: n.State, Edges: treeEdges(n.Edges), Referrers: []treeReferrer{}}
	for _, r := range n.Referrers {
		t.Referrers = append(t.Referrers, treeReferrer{string(r.From.Digest), r.By, r.Tag})
	}
	return t
}

// treeEdges lists descriptors, without those that the platforms leave out.
func treeEdges(edges []layout.Edge) []treeEdge {
	list := []treeEdge{}
	for i := range edges {
		if e := &edges[i]; !e.Left {
			list = append(list, newTreeEdge(e))
		}
	}
	return list
}

func newTreeEdge(e *layout.Edge) treeEdge {
	return treeEdge{e.Pointer(), e.Role(), e.Digest(), e.MediaType, e.Size, e.RefName, platformName(e.Platform), e.ArtifactType}
}
