package inspect

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// ErrNoPlatform is what errors.Is finds where nothing runs on the platforms that
// were asked for.
var ErrNoPlatform = errors.New("nothing runs on the platform")

// Options say what to inspect, and how far to go.
type Options struct {
	Platforms []model.Platform // only what runs on one of these, if there are any
	Limits    layout.Limits
}

// Inspect returns what the selected entries of index.json are; a digest may also
// be that of a manifest or index further down. Of an index it
// lists the manifests, and shows the image in full if it is the only one. What is
// missing or damaged below index.json is no error, but a State. Errors are those
// of index.json, layout.ErrNoEntry, a *layout.AmbiguousError that knows the
// platforms, ErrNoPlatform and that of ctx. An index.json that is cut short is an
// error beside the report of what was read, and so is a document that could not be
// read and may refer to what is shown. The cost is that of reading every
// document of the layout once or twice. It is safe for concurrent use.
func Inspect(ctx context.Context, l *layout.Layout, s layout.Selector, o Options) (*Report, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	root := l.Index(ctx, o.Limits)
	if root.Err != nil {
		return nil, fmt.Errorf("%s: %w", root.Path, root.Err)
	}
	broken := root.Problems.Err()
	if broken != nil {
		broken = fmt.Errorf("%s: %w", root.Path, broken)
	}
	index, ok := root.Doc.(*model.Index)
	if !ok {
		return nil, broken
	}
	i := &inspector{layout: l, root: *root, index: index, options: o, summarizer: layout.NewSummarizer(l, o.Limits)}
	i.nameEntries()
	r, err := i.report(ctx, s)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	if i.unread != nil {
		broken = errors.Join(broken, i.unread)
	}
	return r, broken
}

type inspector struct {
	layout     *layout.Layout
	root       layout.Document // index.json
	index      *model.Index
	options    Options
	summarizer *layout.Summarizer
	names      map[digest.Digest][]string
	unread     error // what may hide something, the first of it
}

// walk goes through the whole layout.
func (i *inspector) walk(ctx context.Context) iter.Seq[*layout.Visit] {
	root := i.root // which a walk forgets in the end
	return i.layout.Walk(ctx, layout.WalkOptions{Limits: i.options.Limits, Index: &root})
}

// lost notes a document that could not be read. What is absent, or no file, hides
// nothing that another attempt could show.
func (i *inspector) lost(path string, err error) {
	if i.unread == nil && !blobs.Absent(err) && !errors.Is(err, blobs.ErrNotRegular) {
		i.unread = fmt.Errorf("%s: %w", path, err)
	}
}

// found is a manifest that a selected entry leads to.
type found struct {
	descriptor *model.Descriptor
	brief      Brief
}

func (i *inspector) report(ctx context.Context, s layout.Selector) (*Report, error) {
	selected, err := i.resolve(ctx, s)
	if err != nil {
		return nil, err
	}
	r := &Report{Entries: []Brief{}, Manifests: []Brief{}}
	e := &expander{inspector: i, seen: make(map[digest.Digest]bool)}
	for _, d := range selected {
		r.Entries = append(r.Entries, i.brief(ctx, d))
		e.expand(ctx, d, 0)
	}
	manifests := e.found
	if len(i.options.Platforms) > 0 {
		manifests = slices.DeleteFunc(slices.Clone(manifests), func(f found) bool { return !i.wanted(f.brief.all) })
		if len(manifests) == 0 {
			return nil, noPlatform(e.found)
		}
	}
	for _, f := range manifests {
		r.Manifests = append(r.Manifests, f.brief)
	}
	targets := make(map[digest.Digest]*[]Referrer)
	if len(selected) == 1 && model.KindOf(selected[0].MediaType) == model.KindIndex {
		r.Index = i.fullIndex(ctx, selected[0])
		targets[selected[0].Digest] = &r.Index.Referrers
	}
	if only := single(manifests); only != nil && (len(selected) == 1 || len(i.options.Platforms) > 0) {
		r.Manifest = i.fullManifest(ctx, only)
		targets[only.descriptor.Digest] = &r.Manifest.Referrers
	}
	i.referrers(ctx, targets)
	return r, nil
}

// single returns the only manifest, or the only one that is an image.
func single(manifests []found) *found {
	if len(manifests) == 1 {
		return &manifests[0]
	}
	var only *found
	for n := range manifests {
		if manifests[n].brief.Kind != "image" {
			continue
		}
		if only != nil {
			return nil
		}
		only = &manifests[n]
	}
	return only
}

// resolve returns the entries that are selected, each digest once. Where one name
// stands for several, the platform may tell them apart.
func (i *inspector) resolve(ctx context.Context, s layout.Selector) ([]*model.Descriptor, error) {
	places, err := layout.Resolve(i.index, s)
	ambiguous, is := errors.AsType[*layout.AmbiguousError](err)
	if errors.Is(err, layout.ErrNoEntry) && s.RefName == "" {
		if d := i.below(ctx, s.Digest); d != nil {
			return []*model.Descriptor{d}, nil
		}
	}
	if err != nil && !is {
		return nil, err
	}
	var selected []*model.Descriptor
	seen := make(map[digest.Digest]bool)
	take := func(d *model.Descriptor) {
		if !seen[d.Digest] {
			seen[d.Digest] = true
			selected = append(selected, d)
		}
	}
	for _, place := range places {
		take(&i.index.Manifests[place])
	}
	if !is {
		return selected, nil
	}
	ambiguous.Platforms = nil
	for n := range i.index.Manifests {
		d := &i.index.Manifests[n]
		if !slices.Contains(ambiguous.Digests, d.Digest) || seen[d.Digest] {
			continue
		}
		platforms := i.summarizer.Summarize(ctx, d).Platforms
		seen[d.Digest] = true
		ambiguous.Platforms = append(ambiguous.Platforms, strings.Join(platformNames(platforms), ", "))
		if len(i.options.Platforms) > 0 && i.wanted(platforms) {
			selected = append(selected, d)
		}
	}
	if len(selected) != 1 {
		return nil, ambiguous
	}
	return selected, nil
}

// below returns a descriptor of a manifest or index that stands further down than
// in index.json, nil if there is none.
func (i *inspector) below(ctx context.Context, of digest.Digest) *model.Descriptor {
	for v := range i.walk(ctx) {
		if v.From != nil && v.Edge.Descriptor.Digest == of && v.Edge.Role == model.RoleManifest {
			return v.Edge.Descriptor
		}
	}
	return nil
}

func (i *inspector) wanted(platforms []model.Platform) bool {
	for _, wanted := range i.options.Platforms {
		if slices.ContainsFunc(platforms, wanted.Match) {
			return true
		}
	}
	return false
}

// noPlatform says what there is instead.
func noPlatform(all []found) error {
	var names []string
	for _, f := range all {
		for _, name := range f.brief.Platforms {
			if !slices.Contains(names, name) && len(names) < 20 {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("%w: there is no image", ErrNoPlatform)
	}
	return fmt.Errorf("%w: there is %s", ErrNoPlatform, strings.Join(names, ", "))
}

// expander finds the manifests below an entry.
type expander struct {
	*inspector
	seen  map[digest.Digest]bool
	found []found
}

func (e *expander) expand(ctx context.Context, d *model.Descriptor, depth int) {
	kind := model.KindOf(d.MediaType)
	if e.seen[d.Digest] || kind != model.KindIndex && kind != model.KindManifest || ctx.Err() != nil {
		return
	}
	limits := e.options.Limits.WithDefaults()
	if depth >= limits.Depth || len(e.seen) >= limits.Descriptors {
		return
	}
	e.seen[d.Digest] = true
	if kind == model.KindManifest {
		e.found = append(e.found, found{d, e.brief(ctx, d)})
		return
	}
	doc, state := e.layout.Peek(ctx, d, limits)
	if state != layout.StateOK && e.summarizer.Summarize(ctx, d).State == layout.StateOK {
		e.lost(blobs.Path(d.Digest), blobs.ErrChanged) // there is a blob, so it is a digest
	}
	if x, ok := doc.(*model.Index); ok {
		for n := range x.Manifests {
			e.expand(ctx, &x.Manifests[n], depth+1)
		}
	}
}

func (i *inspector) brief(ctx context.Context, d *model.Descriptor) Brief {
	sum := i.summarizer.Summarize(ctx, d)
	b := Brief{
		Kind: sum.Kind(d), ArtifactType: sum.ArtifactType, ArtifactKind: sum.ArtifactKind, MediaType: d.MediaType,
		Digest: string(d.Digest), Size: d.Size, TotalSize: sum.Bytes, References: i.references(d.Digest),
		Platforms: platformNames(sum.Platforms), Created: sum.Created, State: sum.State, all: sum.Platforms,
	}
	if len(sum.Platforms) == 1 {
		b.OSVersion = sum.Platforms[0].OSVersion
	}
	return b
}

// nameEntries notes the reference names of every digest, in the order of
// index.json.
func (i *inspector) nameEntries() {
	type named struct {
		digest digest.Digest
		name   string
	}
	i.names = make(map[digest.Digest][]string)
	seen := make(map[named]bool)
	for n := range i.index.Manifests {
		d := &i.index.Manifests[n]
		name, ok := d.Annotations[model.AnnotationRefName]
		if ok && !seen[named{d.Digest, name}] {
			seen[named{d.Digest, name}] = true
			i.names[d.Digest] = append(i.names[d.Digest], name)
		}
	}
}

func (i *inspector) references(of digest.Digest) []string { return list(i.names[of]) }

// platformNames leaves out what names no platform.
func platformNames(platforms []model.Platform) []string {
	names := []string{}
	for _, p := range platforms {
		if p.OS != "" || p.Architecture != "" {
			names = append(names, p.String())
		}
	}
	return names
}
