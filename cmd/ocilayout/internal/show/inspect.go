package show

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// ErrNoPlatform is what errors.Is finds where nothing runs on the platforms that
// were asked for.
var ErrNoPlatform = errors.New("no image for the platform")

// InspectOptions say what to inspect, and how far to go.
type InspectOptions struct {
	Platforms []model.Platform // only what runs on one of these, if there are any
	Limits    layout.Limits
}

// Inspect returns what the selected entries of index.json are; a digest may also
// be that of a manifest or index further down. Of an index it lists the manifests, and
// shows the image in full if it is the only one. What is missing or damaged below
// index.json is no error, but a State. Errors are those of index.json,
// layout.ErrNoEntry, a *layout.AmbiguousError that knows the platforms, ErrNoPlatform
// and that of ctx. An index.json that is cut short is an error beside the report of
// what was read, and so is a document that could not be read and may refer to what is
// shown. It reads every document of the layout once, and those that it shows in full
// twice.
func Inspect(ctx context.Context, l *layout.Layout, s layout.Selector, o InspectOptions) (*Inspection, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	root := l.Index(ctx, o.Limits)
	if root.Err != nil {
		return nil, fmt.Errorf("%s: %w", root.Path, root.Err)
	}
	broken := root.Failure()
	index, ok := root.Doc.(*model.Index)
	if !ok {
		return nil, broken
	}
	g, err := l.Graph(ctx, layout.GraphOptions{Limits: o.Limits, Index: root})
	if err != nil {
		return nil, err
	}
	i := &inspector{layout: l, index: index, graph: g, options: o, names: layout.RefNames(g.Entries)}
	r, err := i.report(ctx, s)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	if r.Index != nil || r.Manifest != nil { // referrers are missing
		broken = errors.Join(broken, g.Unloaded, g.Limited)
	}
	return r, broken
}

type inspector struct {
	layout  *layout.Layout
	index   *model.Index
	graph   *layout.Graph
	options InspectOptions
	names   map[string][]string // reference names, by digest
}

func (i *inspector) report(ctx context.Context, s layout.Selector) (*Inspection, error) {
	selected, err := i.resolve(s)
	if err != nil {
		return nil, err
	}
	r := &Inspection{Entries: []Brief{}, Manifests: []Brief{}}
	var all, manifests []*layout.Edge
	for _, e := range selected {
		r.Entries = append(r.Entries, i.brief(e))
	}
	for _, e := range layout.Manifests(selected...) {
		if model.KindOf(e.MediaType) != model.KindManifest {
			continue
		}
		all = append(all, e)
		if b := i.brief(e); layout.Wanted(i.options.Platforms, b.all...) {
			r.Manifests = append(r.Manifests, b)
			manifests = append(manifests, e)
		}
	}
	if len(i.options.Platforms) > 0 && len(manifests) == 0 {
		return nil, i.noPlatform(all)
	}
	if len(selected) == 1 && model.KindOf(selected[0].MediaType) == model.KindIndex {
		r.Index = i.fullIndex(ctx, selected[0])
	}
	if only := onlyImage(r.Manifests); only >= 0 && (len(selected) == 1 || len(i.options.Platforms) > 0) {
		r.Manifest = i.fullManifest(ctx, manifests[only])
	}
	return r, nil
}

// onlyImage returns the place of the only manifest, or of the only one that is an
// image, and -1 where there are more.
func onlyImage(manifests []Brief) int {
	if len(manifests) == 1 {
		return 0
	}
	only := -1
	for n := range manifests {
		if manifests[n].Kind != "image" {
			continue
		}
		if only >= 0 {
			return -1
		}
		only = n
	}
	return only
}

// resolve returns the entries that are selected, each digest once. Where one name
// stands for several, the platform may tell them apart.
func (i *inspector) resolve(s layout.Selector) ([]*layout.Edge, error) {
	places, err := layout.Resolve(i.index, s)
	ambiguous, is := errors.AsType[*layout.AmbiguousError](err)
	if errors.Is(err, layout.ErrNoEntry) && s.RefName == "" {
		if e := i.below(s.Digest); e != nil {
			return []*layout.Edge{e}, nil
		}
	}
	if err != nil && !is {
		return nil, err
	}
	var selected []*layout.Edge
	seen := make(map[string]bool)
	for _, place := range places {
		if e := i.graph.Entries[place]; !seen[e.Digest()] {
			seen[e.Digest()] = true
			selected = append(selected, e)
		}
	}
	if !is {
		return selected, nil
	}
	ambiguous.Platforms = nil
	for _, e := range i.graph.Entries {
		if !slices.Contains(ambiguous.Digests, digest.Digest(e.Digest())) || seen[e.Digest()] {
			continue
		}
		seen[e.Digest()] = true
		platforms := e.Summary().Platforms
		ambiguous.Platforms = append(ambiguous.Platforms, strings.Join(platformNames(platforms), ", "))
		if len(i.options.Platforms) > 0 && layout.Wanted(i.options.Platforms, platforms...) {
			selected = append(selected, e)
		}
	}
	if len(selected) != 1 {
		return nil, ambiguous
	}
	return selected, nil
}

// below returns a descriptor of a manifest or index that stands further down than
// in index.json, nil if there is none.
func (i *inspector) below(of digest.Digest) *layout.Edge {
	for _, n := range i.graph.Nodes {
		for at := range n.Edges {
			if e := &n.Edges[at]; e.Member() == model.RoleManifest && e.Digest() == string(of) {
				return e
			}
		}
	}
	return nil
}

// noPlatform says what there is instead.
func (i *inspector) noPlatform(all []*layout.Edge) error {
	var names []string
	for _, e := range all {
		for _, name := range platformNames(e.Summary().Platforms) {
			if !slices.Contains(names, name) && name != "unknown/unknown" && len(names) < 20 {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	var asked []string
	for _, p := range i.options.Platforms {
		asked = append(asked, strings.TrimSuffix(p.String(), "/"))
	}
	return &platformError{fmt.Sprintf("no image for %s; available: %s", strings.Join(asked, " or "), strings.Join(names, ", "))}
}

// platformError is ErrNoPlatform in the words of what was asked for.
type platformError struct{ text string }

func (e *platformError) Error() string { return e.text }

func (e *platformError) Is(target error) bool { return target == ErrNoPlatform }

func (i *inspector) brief(e *layout.Edge) Brief {
	sum := e.Summary()
	b := Brief{
		Kind: sum.Kind, ArtifactType: sum.ArtifactType, ArtifactKind: sum.ArtifactKind, MediaType: e.MediaType,
		Digest: e.Digest(), Size: e.Size, TotalSize: sum.Bytes, References: i.references(e),
		Platforms: platformNames(sum.Platforms), Created: sum.Created, State: sum.State, all: sum.Platforms,
	}
	if len(sum.Platforms) == 1 {
		b.OSVersion = sum.Platforms[0].OSVersion
	}
	return b
}

func (i *inspector) references(e *layout.Edge) []string { return list(i.names[e.Digest()]) }
