package layout

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// State says how much of a summary could be read.
type State string

// The states, the worse ones later. A summary has the worst state of what it
// sums up.
const (
	StateOK         State = ""
	StateMissing    State = "missing"    // a blob is absent
	StateUnreadable State = "unreadable" // a blob is there, and could not be read or loaded
	StateDamaged    State = "damaged"    // a document's bytes do not match its digest
)

var states = []State{StateOK, StateMissing, StateUnreadable, StateDamaged}

func worse(a, b State) State {
	if slices.Index(states, b) > slices.Index(states, a) {
		return b
	}
	return a
}

// Summary is what a listing tells of an entry of index.json.
type Summary struct {
	Platforms    []model.Platform // each once, in document order
	ArtifactType string           // of an artifact, "" for images and indexes of them
	ArtifactKind string           // what the artifact is known to be, "" where it is not known; see model.ArtifactKind
	Created      string           // as the entry, or else its documents, have it; RFC 3339 if they are right
	Bytes        int64            // all the descriptors below claim, each blob of a manifest once
	State        State
}

// Kind returns what a listing calls the entry d that was summed up: "index",
// "image", "artifact", or the word for what else its media type says.
func (sum Summary) Kind(d *model.Descriptor) string {
	kind := model.KindOf(d.MediaType)
	switch {
	case kind != model.KindManifest:
		return kind.String()
	case sum.ArtifactType != "" || sum.ArtifactKind != "":
		return "artifact"
	}
	return "image"
}

// Summarizer makes summaries of the entries of one layout. It reads documents
// as it needs them, each once, and looks at blobs without reading them. It is
// not safe for concurrent use.
type Summarizer struct {
	layout *Layout
	limits Limits
	memo   map[summaryKey]*Summary
	depth  int
}

type summaryKey struct {
	digest digest.Digest
	kind   model.Kind
}

// NewSummarizer returns a Summarizer over l.
func NewSummarizer(l *Layout, limits Limits) *Summarizer {
	return &Summarizer{layout: l, limits: limits.WithDefaults(), memo: make(map[summaryKey]*Summary)}
}

// Summarize returns the summary of what d leads to. It fails at nothing: what
// could not be read is in the State. It ends on every input.
func (s *Summarizer) Summarize(ctx context.Context, d *model.Descriptor) Summary {
	below := s.below(ctx, d)
	sum := *below
	sum.Platforms = slices.Clone(below.Platforms)
	if d.Platform != nil {
		sum.Platforms = []model.Platform{*d.Platform}
	}
	if d.ArtifactType != "" && model.KindOf(d.ArtifactType) != model.KindImage {
		sum.ArtifactType = d.ArtifactType
		sum.ArtifactKind = cmp.Or(sum.ArtifactKind, model.ArtifactKind(d.ArtifactType, ""))
	}
	if created := d.Annotations[model.AnnotationCreated]; created != "" {
		sum.Created = created
	}
	return sum
}

// below sums up the blob itself and what it leads to.
func (s *Summarizer) below(ctx context.Context, d *model.Descriptor) *Summary {
	key := summaryKey{d.Digest, model.KindOf(d.MediaType)}
	if known := s.memo[key]; known != nil {
		return known
	}
	sum := &Summary{Bytes: max(d.Size, 0)}
	if len(s.memo) >= s.limits.Descriptors { // what is remembered is bounded
		sum.State = StateUnreadable
		return sum
	}
	s.memo[key] = sum // also what a cycle comes back to
	if s.depth == s.limits.Depth || ctx.Err() != nil {
		sum.State = StateUnreadable
		return sum
	}
	s.depth++
	defer func() { s.depth-- }()
	info, err := s.layout.blobs.Stat(d.Digest)
	if blobs.Absent(err) && !(d.Data != nil && d.DataDefect() == nil) {
		sum.State = StateMissing
		return sum
	}
	if !key.kind.Document() {
		if err != nil && !blobs.Absent(err) {
			sum.State = StateUnreadable
		}
		return sum
	}
	doc, state := s.layout.peek(ctx, d, s.limits, info, err)
	sum.State = state
	defer func(outside Limits) { s.limits = outside }(s.limits)
	s.limits = s.limits.Beneath(doc)
	switch doc := doc.(type) {
	case *model.Index:
		s.index(ctx, sum, doc)
	case *model.Manifest:
		s.manifest(ctx, sum, doc)
	case *model.ArtifactManifest:
		sum.ArtifactType, sum.ArtifactKind = doc.ArtifactType, model.ArtifactKind(doc.ArtifactType, "")
		sum.Created = doc.Annotations[model.AnnotationCreated]
		s.parts(ctx, sum, doc)
	case *model.Schema1Manifest:
		s.parts(ctx, sum, doc)
	case *model.Image:
		sum.Platforms = []model.Platform{doc.Platform()}
		sum.Created = doc.Created
	}
	return sum
}

func (s *Summarizer) index(ctx context.Context, sum *Summary, x *model.Index) {
	sum.ArtifactType, sum.ArtifactKind = x.ArtifactType, x.ArtifactKind()
	sum.Created = x.Annotations[model.AnnotationCreated]
	for i := range x.Manifests {
		entry := s.Summarize(ctx, &x.Manifests[i])
		for _, p := range entry.Platforms {
			sum.addPlatform(p)
		}
		sum.addBytes(entry.Bytes)
		sum.State = worse(sum.State, entry.State)
	}
}

func (s *Summarizer) manifest(ctx context.Context, sum *Summary, m *model.Manifest) {
	if m.ArtifactType != "" || model.KindOf(m.Config.MediaType) != model.KindImage {
		sum.ArtifactType = m.EffectiveArtifactType()
	}
	sum.ArtifactKind = m.ArtifactKind()
	s.parts(ctx, sum, m)
	if created := m.Annotations[model.AnnotationCreated]; created != "" {
		sum.Created = created
	}
}

// parts sums up what a manifest is made of.
func (s *Summarizer) parts(ctx context.Context, sum *Summary, m model.Document) {
	seen := make(map[digest.Digest]bool)
	for edge := range m.Edges() {
		if edge.Role == model.RoleSubject || seen[edge.Descriptor.Digest] {
			continue
		}
		seen[edge.Descriptor.Digest] = true
		part := s.below(ctx, edge.Descriptor)
		sum.addBytes(part.Bytes)
		sum.State = worse(sum.State, part.State)
		if edge.Role == model.RoleConfig {
			sum.Platforms, sum.Created = part.Platforms, part.Created
		}
	}
}

// addBytes adds n, which is not negative, as far as the number goes: sizes are
// claims, and what is listed twice doubles.
func (sum *Summary) addBytes(n int64) { sum.Bytes = min(sum.Bytes, math.MaxInt64-n) + n }

// maxPlatforms is how many platforms a summary lists.
const maxPlatforms = 100

func (sum *Summary) addPlatform(p model.Platform) {
	for _, known := range sum.Platforms {
		if known.String() == p.String() {
			return
		}
	}
	if len(sum.Platforms) < maxPlatforms {
		sum.Platforms = append(sum.Platforms, p)
	}
}
