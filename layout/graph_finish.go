package layout

import (
	"context"
	"fmt"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// finish fills in what is known only after the walk.
func (b *graphBuilder) finish() {
	for _, n := range b.graph.Nodes {
		if n.Embedded() && n.State == StateMissing {
			n.State = StateOK
		}
		if n.branches && !n.read {
			b.graph.Unknown++
		}
		config := n.config()
		if config == nil || config.Platform == nil {
			continue
		}
		if n.runs = n.runs && !config.Platform.IsUnknown(); n.Kind == "image" {
			n.Platform = config.Platform
		}
	}
	b.leave(b.root)
	for _, n := range b.graph.Nodes {
		b.leave(n)
	}
	b.attestations()
	b.tags()
	for _, n := range b.graph.Nodes {
		b.sumUp(n, 0)
	}
}

// config returns the configuration of a manifest, nil where it has none.
func (n *Node) config() *Node {
	for i := range n.Edges {
		if e := &n.Edges[i]; e.Member() == model.RoleConfig {
			return e.To
		}
	}
	return nil
}

// leave leaves out the images that say themselves that they are for another
// platform, where no entry of an index says it.
func (b *graphBuilder) leave(n *Node) {
	for i := range n.Edges {
		e := &n.Edges[i]
		if e.To == nil || e.To.Kind != "image" || e.To.Platform == nil || Wanted(b.options.Platforms, e.To.Platform) {
			continue
		}
		if e.Member() == model.RoleSubject || e.Member() == model.RoleManifest && !e.settled {
			e.Left = true
		}
	}
}

// find returns the node of a digest, nil where nothing names it.
func (b *graphBuilder) find(d digest.Digest) *Node {
	if d, err := model.ParseDigest(string(d)); err == nil {
		if id, ok := b.blobs.Find(d); ok {
			return b.graph.Nodes[id]
		}
	}
	return nil
}

// attestations notes which entries refer to a manifest as BuildKit's do.
func (b *graphBuilder) attestations() {
	seen := make(map[attestation]bool)
	for _, a := range b.about {
		if to := b.find(a.about); to != nil && to != a.from && !seen[a] {
			seen[a] = true
			b.refers(to, Referrer{From: a.from, By: ByAttestation})
		}
	}
}

// tags notes which entries refer to a manifest by their reference name. Where
// several digests share a tag, which is cut off at 64 characters, it is that of
// the first.
func (b *graphBuilder) tags() {
	byTag := make(map[string]*Node)
	for _, n := range b.graph.Nodes {
		if !n.branches {
			continue
		}
		if tag := model.ReferrersTag(n.Digest); byTag[tag] == nil {
			byTag[tag] = n
		}
	}
	type link struct {
		to, from *Node
		tag      string
	}
	seen := make(map[link]bool)
	for i := range b.root.Edges {
		e := &b.root.Edges[i]
		to, by := tagged(byTag, e)
		if to == nil || e.To == nil || seen[link{to, e.To, e.RefName}] {
			continue
		}
		seen[link{to, e.To, e.RefName}] = true
		b.refers(to, Referrer{From: e.To, By: by, Tag: e.RefName})
	}
}

func tagged(byTag map[string]*Node, e *Edge) (*Node, Means) {
	tag, cosign := model.SplitReferrersTag(e.RefName)
	switch {
	case cosign:
		return byTag[tag], ByCosignTag
	case e.Role() == RoleIndex:
		return byTag[tag], ByTag
	}
	return nil, ""
}

// pick makes the Entries of those at places, which are in order, as are the edges. Those
// that a limit kept the walk from are not read.
func (b *graphBuilder) pick(index *model.Index, places []int) {
	edges := b.root.Edges
	for _, place := range places {
		for len(edges) > 0 && edges[0].Member() == model.RoleManifest && edges[0].Index < place {
			edges = edges[1:]
		}
		if len(edges) > 0 && edges[0].Member() == model.RoleManifest && edges[0].Index == place {
			b.graph.Entries = append(b.graph.Entries, &edges[0])
			continue
		}
		edge, _ := index.Edge(place)
		b.graph.Entries = append(b.graph.Entries, b.unvisited(edge))
	}
}

func (b *graphBuilder) unvisited(edge model.Edge) *Edge {
	var n *Node
	if d, err := model.ParseDigest(string(edge.Descriptor.Digest)); err == nil {
		if n = b.find(d); n == nil {
			b.blobs.set.Add(d) // with the ID that the node has
			n = b.newNode(d, edge)
			n.State, n.cut = StateUnreadable, true
		}
	}
	e := b.newEdge(edge, b.root, n)
	return &e
}

// unreferenced looks for the blobs that no descriptor names.
func (b *graphBuilder) unreferenced(ctx context.Context, store *blobs.Store) error {
	for entry, err := range store.All() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if blobs.Absent(err) && entry.Path == model.BlobsDir && !b.anyBlob() {
			continue // without it there are none
		}
		if err != nil {
			b.problem(fmt.Errorf("%s: %w", entry.Path, err))
			continue
		}
		if entry.Kind != blobs.EntryBlob || entry.Digest == "" || b.find(entry.Digest) != nil {
			continue
		}
		b.graph.Unreferenced = append(b.graph.Unreferenced, b.lone(store, entry.Path, entry.Digest))
	}
	return nil
}

// anyBlob says whether there is any blob that a descriptor names.
func (b *graphBuilder) anyBlob() bool {
	return slices.ContainsFunc(b.graph.Nodes, func(n *Node) bool { return n.State != StateMissing && !n.Embedded() })
}

func (b *graphBuilder) lone(store *blobs.Store, path string, d digest.Digest) *Node {
	n := &Node{ID: len(b.graph.Nodes) + len(b.graph.Unreferenced), Digest: d, Kind: "blob", opaque: true, Naming: b.noNaming, Content: b.noContent}
	if path != n.Path() {
		n.path = path
	}
	info, err := store.Stat(d)
	if n.State = StateOf(err); err != nil {
		n.State = StateUnreadable // it was just listed
		b.unread(err)
		return n
	}
	n.Size = info.Size
	return n
}
