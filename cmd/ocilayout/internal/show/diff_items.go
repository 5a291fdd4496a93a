package show

import (
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// item is an Item with what pairing it takes.
type item struct {
	Item
	desc     model.Descriptor
	platform model.Platform
	nested   bool          // its descriptor stands in an index blob
	about    digest.Digest // the manifest that an artifact is about
	key      string        // equal for items that may be counterparts, "" for none
	paired   bool
}

// collect finds what the selector leads to.
func (s *side) collect() error {
	if err := s.Layout.Check(); err != nil {
		return err
	}
	o := &s.c.options
	root := s.Layout.Index(s.c.ctx, o.Limits)
	if err := root.Failure(); err != nil {
		return err
	}
	root = s.Layout.WithBelow(s.c.ctx, root, s.Selector)
	s.index = root.Doc.(*model.Index)
	var err error
	if s.places, err = layout.Resolve(s.index, s.Selector); err != nil {
		return err
	}
	g, err := s.Layout.Graph(s.c.ctx, layout.GraphOptions{Limits: o.Limits, Index: root, Selector: s.Selector, SelectedOnly: true, DocumentsOnly: true, Platforms: o.Platforms})
	if err != nil {
		return err
	}
	s.byDigest = make(map[digest.Digest]*item)
	names := layout.RefNames(g.Entries)
	for entry, e := range layout.Manifests(g.Entries...) {
		if s.c.ctx.Err() != nil {
			break
		}
		if e.To != nil && e.To.Limited() {
			s.problem(e.To.Digest, g.Limited, "index")
		}
		if model.KindOf(e.MediaType) == model.KindManifest {
			s.manifest(e, names[entry.Digest()], e != entry)
		} else if !e.Sound() && read[*model.Index](s, e.Descriptor(), "index") != nil && !e.To.Limited() {
			s.problem(e.To.Digest, blobs.ErrChanged, "index") // what it lists is passed over
		}
	}
	for _, it := range s.items {
		it.key = s.keyOf(it)
	}
	return nil
}

// manifest adds an image or artifact.
func (s *side) manifest(e *layout.Edge, names []string, nested bool) {
	d := e.Descriptor()
	it := &item{desc: *d, nested: nested, about: digest.Digest(e.About), Item: Item{
		Kind: KindUnknown, References: append([]string{}, names...), MediaType: d.MediaType, Digest: string(d.Digest), Size: d.Size,
	}}
	if d.Platform != nil {
		it.platform = *d.Platform
	}
	m := read[*model.Manifest](s, d, "manifest")
	switch {
	case m == nil:
		if d.Platform != nil && !d.Platform.IsUnknown() {
			it.Kind = KindImage
		}
	case model.KindOf(m.Config.MediaType) != model.KindImage || it.platform.IsUnknown():
		it.Kind, it.ArtifactType = KindArtifact, m.EffectiveArtifactType()
		if m.Subject != nil {
			it.about = m.Subject.Digest
		}
	default:
		it.Kind = KindImage
		if d.Platform == nil {
			if config := read[*model.Image](s, &m.Config, "configuration"); config != nil {
				it.platform = config.Platform()
			}
		}
	}
	if wanted := s.c.options.Platforms; len(wanted) > 0 && (it.Kind == KindArtifact || !layout.Wanted(wanted, &it.platform)) {
		return
	}
	if it.platform.OS != "" || it.platform.Architecture != "" {
		it.Platform, it.OSVersion = it.platform.String(), it.platform.OSVersion
	}
	s.items = append(s.items, it)
	s.byDigest[d.Digest] = it
}

// platformKey is equal for platforms that match each other.
func platformKey(p model.Platform) string {
	for _, usual := range []string{"v8", "v7", "v1"} {
		if p.Variant == "" && (model.Platform{OS: p.OS, Architecture: p.Architecture, Variant: usual}).Match(p) {
			p.Variant = usual
		}
	}
	return p.OS + "\x00" + p.Architecture + "\x00" + p.Variant
}

// keyOf returns what an item has in common with its counterpart: the platform of
// an image, the type of an artifact and what it is about.
func (s *side) keyOf(it *item) string {
	if it.Kind != KindArtifact {
		if it.Platform == "" {
			return ""
		}
		return platformKey(it.platform)
	}
	about := string(it.about)
	if target := s.byDigest[it.about]; target != nil && target.Kind == KindImage {
		about = platformKey(target.platform)
	}
	return "artifact\x00" + it.ArtifactType + "\x00" + about
}
