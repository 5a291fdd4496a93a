package layout

import (
	"cmp"
	"math"
	"slices"

	"github.com/ocilayout/ocilayout/model"
)

// Summary is what a listing says of a descriptor and of what it leads to.
type Summary struct {
	Kind         string            // "index", "image", "artifact", or the word for what else its media type says
	Platforms    []*model.Platform // each once, in document order, at most 100
	ArtifactType string            // of an artifact, "" for images and indexes of them
	ArtifactKind string            // what the artifact is known to be, "" where it is not known; see model.ArtifactKind
	Created      string            // as the entry, or else its documents, have it; RFC 3339 if they are right
	Bytes        int64             // all the descriptors below claim, each blob of a manifest once
	State        State             // the worst of it and of all below it
}

// Summary sums up what the descriptor leads to. It costs nothing: the graph has been
// summed up.
func (e *Edge) Summary() Summary {
	s := Summary{ArtifactType: e.ArtifactType, Created: e.Created, Bytes: max(e.Size, 0), State: StateUnreadable}
	if model.KindOf(e.ArtifactType) == model.KindImage {
		s.ArtifactType = ""
	}
	s.ArtifactKind = model.ArtifactKind(s.ArtifactType, "")
	if n := e.To; n != nil {
		s.ArtifactType, s.ArtifactKind = cmp.Or(s.ArtifactType, n.ArtifactType), cmp.Or(n.ArtifactKind, s.ArtifactKind)
		s.Created = cmp.Or(s.Created, n.created)
		s.Bytes, s.State, s.Platforms = addBytes(s.Bytes, n.bytes), n.worst(), n.platforms
	}
	if e.Platform != nil && e.Member() == model.RoleManifest {
		s.Platforms = []*model.Platform{e.Platform}
	}
	switch kind := model.KindOf(e.MediaType); {
	case kind != model.KindManifest:
		s.Kind = kind.String()
	case s.ArtifactType != "" || s.ArtifactKind != "":
		s.Kind = "artifact"
	default:
		s.Kind = "image"
	}
	return s
}

// total is what sums up the documents and blobs below a document.
type total struct {
	bytes     int64 // all the descriptors claim
	state     State // the worst
	platforms []*model.Platform
	created   string
	done      bool
}

// worst returns the worst state of the node and of all below it.
func (n *Node) worst() State { return worse(n.State, n.total.state) }

// sumUp sums up what is below a node.
func (b *graphBuilder) sumUp(n *Node, depth int) {
	if n.Content == b.noContent || n.done {
		return
	}
	n.done = true // also for the way back from a cycle
	n.created = n.Created
	if n.Kind == "config" && n.Platform != nil {
		n.platforms = []*model.Platform{n.Platform}
	}
	if n.cut || n.tooDeep {
		n.state = StateUnreadable
	}
	var counted map[*Node]bool // the parts of a manifest, each of which counts once
	for i := range n.Edges {
		e := &n.Edges[i]
		if e.Member() == model.RoleSubject {
			continue
		}
		if e.Member() != model.RoleManifest && e.To != nil {
			if counted[e.To] {
				continue
			}
			if counted == nil {
				counted = make(map[*Node]bool, len(n.Edges))
			}
			counted[e.To] = true
		}
		switch {
		case e.To == nil || e.To.Content == b.noContent || e.To.done:
		case depth < b.limits.Depth:
			b.sumUp(e.To, depth+1)
		default:
			n.state = StateUnreadable
		}
		part := e.Summary()
		n.bytes, n.state = addBytes(n.bytes, part.Bytes), worse(n.state, part.State)
		switch e.Member() {
		case model.RoleManifest:
			for _, p := range part.Platforms {
				n.addPlatform(p)
			}
		case model.RoleConfig:
			n.platforms, n.created = part.Platforms, cmp.Or(n.Created, part.Created)
		}
	}
}

// addBytes adds numbers that are not negative, as far as the number goes: sizes are
// claims, and what is listed twice doubles.
func addBytes(a, b int64) int64 { return min(a, math.MaxInt64-b) + b }

// maxPlatforms is how many platforms a summary lists.
const maxPlatforms = 100

func (t *total) addPlatform(p *model.Platform) {
	same := func(known *model.Platform) bool { return known == p || known.String() == p.String() }
	if len(t.platforms) < maxPlatforms && !slices.ContainsFunc(t.platforms, same) {
		t.platforms = append(t.platforms, p)
	}
}
