package show

import (
	"context"
	"maps"
	"slices"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// foundBy are the ways in which a referrer is found. A list under the referrers tag is
// none itself, but all that it lists are.
var foundBy = map[layout.Means]string{
	layout.BySubject: "subject", layout.ByTag: "referrers tag", layout.ByCosignTag: "cosign tag", layout.ByAttestation: "attestation",
}

// referrers returns what refers to the node, which may be nil, in the order of the walk.
func (i *inspector) referrers(ctx context.Context, to *layout.Node) []Referrer {
	referrers := []Referrer{}
	if to == nil || len(to.Referrers) == 0 {
		return referrers
	}
	found := make(map[*layout.Node][]string)
	add := func(from *layout.Node, by layout.Means) {
		if from != nil && from != to && !slices.Contains(found[from], foundBy[by]) {
			found[from] = append(found[from], foundBy[by])
		}
	}
	for _, r := range to.Referrers {
		if r.By != layout.ByTag {
			add(r.From, r.By)
			continue
		}
		for n := range r.From.Edges {
			if e := &r.From.Edges[n]; e.Member() == model.RoleManifest {
				add(e.To, layout.ByTag)
			}
		}
	}
	named := i.named(found)
	for _, n := range slices.SortedFunc(maps.Keys(found), func(a, b *layout.Node) int { return a.ID - b.ID }) {
		slices.Sort(found[n])
		referrers = append(referrers, i.referrer(ctx, named[n], found[n]))
	}
	return referrers
}

// named returns for each node a descriptor that names it.
func (i *inspector) named(nodes map[*layout.Node][]string) map[*layout.Node]*layout.Edge {
	named := make(map[*layout.Node]*layout.Edge)
	note := func(e *layout.Edge) {
		if nodes[e.To] != nil && named[e.To] == nil {
			named[e.To] = e
		}
	}
	for _, e := range i.graph.Entries {
		note(e)
	}
	for _, n := range i.graph.Nodes {
		for at := range n.Edges {
			note(&n.Edges[at])
		}
	}
	return named
}

func (i *inspector) referrer(ctx context.Context, e *layout.Edge, by []string) Referrer {
	sum := e.Summary()
	r := Referrer{
		MediaType: e.MediaType, ArtifactType: sum.ArtifactType, ArtifactKind: sum.ArtifactKind, Digest: e.Digest(), Size: e.Size,
		References: i.references(e), FoundBy: by, State: sum.State,
	}
	doc, state := i.layout.Peek(ctx, e.Descriptor(), i.options.Limits)
	if r.State == layout.StateOK {
		r.State = state
	}
	r.Annotations = annotations(model.AnnotationsOf(doc))
	return r
}
