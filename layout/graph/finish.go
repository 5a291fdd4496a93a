package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// finish fills in what is known only after the walk.
func (r *reader) finish(entries *Node) {
	for _, n := range r.graph.Nodes {
		if n.Embedded() && n.State == layout.StateMissing {
			n.State = layout.StateOK
		}
		if n.branches && !n.read {
			r.graph.Unknown++
		}
		if n.Kind != "image" {
			continue
		}
		for i := range n.Edges {
			if e := &n.Edges[i]; e.member == model.RoleConfig && e.To != nil {
				n.Platform, n.otherOS = e.To.Platform, e.To.otherOS
			}
		}
	}
	r.leave(entries)
	for _, n := range r.graph.Nodes {
		r.leave(n)
	}
	r.tags(entries.Edges)
}

// leave leaves out the images that say themselves that they are for another
// platform, where no entry of an index says it.
func (r *reader) leave(n *Node) {
	for i := range n.Edges {
		e := &n.Edges[i]
		if e.To == nil || e.To.Kind != "image" || !e.To.otherOS {
			continue
		}
		if e.member == model.RoleSubject || e.member == model.RoleManifest && !e.named && !n.inside {
			e.Left = true
		}
	}
}

// tags notes which entries refer to a manifest by their reference name. Where
// several digests share a tag, which is cut off at 64 characters, it is that of
// the first.
func (r *reader) tags(entries []Edge) {
	byTag := make(map[string]*Node)
	for _, n := range r.graph.Nodes {
		if tag := model.ReferrersTag(n.Digest); n.branches && byTag[tag] == nil {
			byTag[tag] = n
		}
	}
	type link struct {
		to, from *Node
		tag      string
	}
	seen := make(map[link]bool)
	for i := range entries {
		e := &entries[i]
		to, by := tagged(byTag, e)
		if to == nil || e.To == nil || seen[link{to, e.To, e.RefName}] {
			continue
		}
		seen[link{to, e.To, e.RefName}] = true
		to.Referrers = append(to.Referrers, Referrer{From: e.To, By: by, Tag: e.RefName})
	}
}

func tagged(byTag map[string]*Node, e *Edge) (*Node, Means) {
	tag, cosign := model.SplitReferrersTag(e.RefName)
	switch {
	case cosign:
		return byTag[tag], ByCosignTag
	case e.Role == RoleIndex:
		return byTag[tag], ByTag
	}
	return nil, ""
}

// pick keeps the entries at places, which are in order, as are the edges.
func (r *reader) pick(entries []Edge, places []int) {
	for i := range entries {
		e := &entries[i]
		if _, ok := slices.BinarySearch(places, e.place); ok && e.member == model.RoleManifest {
			r.graph.Entries = append(r.graph.Entries, *e)
		}
	}
}

// unreferenced looks for the blobs that no descriptor names.
func (r *reader) unreferenced(ctx context.Context, store *blobs.Store) error {
	for entry, err := range store.All() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if blobs.Absent(err) && entry.Path == model.BlobsDir && !r.anyBlob() {
			continue // without it there are none
		}
		if err != nil {
			r.problem(fmt.Errorf("%s: %w", entry.Path, err))
			continue
		}
		if entry.Kind != blobs.EntryBlob || entry.Digest == "" || r.nodes[entry.Digest] != nil {
			continue
		}
		r.graph.Unreferenced = append(r.graph.Unreferenced, r.lone(store, entry.Path, entry.Digest))
	}
	return nil
}

// anyBlob says whether there is any blob that a descriptor names.
func (r *reader) anyBlob() bool {
	return slices.ContainsFunc(r.graph.Nodes, func(n *Node) bool { return n.stated && n.State != layout.StateMissing && !n.Embedded() })
}

func (r *reader) lone(store *blobs.Store, path string, d digest.Digest) *Node {
	n := &Node{ID: len(r.graph.Nodes) + len(r.graph.Unreferenced), Digest: d, Path: path, Kind: "blob", opaque: true}
	info, err := store.Stat(d)
	n.Size = info.Size
	if err != nil {
		n.State, n.Size = layout.StateUnreadable, 0
		r.unread(err)
	}
	return n
}
