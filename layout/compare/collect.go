package compare

import (
	"fmt"

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

// Annotation that BuildKit's attestations carry: the digest of their image.
const annotationReference = "vnd.docker.reference.digest"

// collect finds what the selector leads to.
func (s *side) collect() error {
	if err := s.Layout.Check(); err != nil {
		return err
	}
	root := s.Layout.Index(s.c.ctx, s.c.options.Limits)
	if root.Err != nil {
		return fmt.Errorf("%s: %w", root.Path, root.Err)
	}
	if err := root.Problems.Err(); err != nil {
		return fmt.Errorf("%s: %w", root.Path, err)
	}
	s.index = root.Doc.(*model.Index)
	var err error
	if s.places, err = layout.Resolve(s.index, s.Selector); err != nil {
		return err
	}
	s.byDigest = make(map[digest.Digest]*item)
	names := make(map[digest.Digest][]string)
	for _, place := range s.places {
		d := &s.index.Manifests[place]
		if name, ok := d.Annotations[model.AnnotationRefName]; ok {
			names[d.Digest] = append(names[d.Digest], name)
		}
	}
	w := &collector{side: s, seen: make(map[digest.Digest]bool), limits: s.c.options.Limits.WithDefaults()}
	for _, place := range s.places {
		d := &s.index.Manifests[place]
		w.names = names[d.Digest]
		w.find(d, 0)
	}
	for _, it := range s.items {
		it.key = s.keyOf(it)
	}
	return nil
}

type collector struct {
	*side
	limits layout.Limits
	names  []string // of the entry that is followed
	seen   map[digest.Digest]bool
}

// find adds the images and artifacts that a descriptor leads to, each once.
func (w *collector) find(d *model.Descriptor, depth int) {
	kind := model.KindOf(d.MediaType)
	if kind != model.KindIndex && kind != model.KindManifest || w.seen[d.Digest] || d.Platform != nil && !w.wanted(*d.Platform) || w.c.ctx.Err() != nil {
		return
	}
	if depth == w.limits.Depth {
		w.problem(d.Digest, fmt.Errorf("indexes are nested deeper than %d", depth), "index")
		return
	}
	w.seen[d.Digest] = true
	if kind == model.KindManifest {
		w.manifest(d, depth > 0)
		return
	}
	if x := read[*model.Index](w.side, d, "index"); x != nil {
		for i := range x.Manifests {
			w.find(&x.Manifests[i], depth+1)
		}
	}
}

func (w *collector) wanted(p model.Platform) bool {
	for _, wanted := range w.c.options.Platforms {
		if wanted.Match(p) {
			return true
		}
	}
	return len(w.c.options.Platforms) == 0
}

func (w *collector) manifest(d *model.Descriptor, nested bool) {
	it := &item{desc: *d, nested: nested, about: digest.Digest(d.Annotations[annotationReference]), Item: Item{
		Kind: KindUnknown, References: append([]string{}, w.names...), MediaType: d.MediaType, Digest: string(d.Digest), Size: d.Size,
	}}
	if d.Platform != nil {
		it.platform = *d.Platform
	}
	m := read[*model.Manifest](w.side, d, "manifest")
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
			if config := read[*model.Image](w.side, &m.Config, "configuration"); config != nil {
				it.platform = config.Platform()
			}
		}
	}
	if len(w.c.options.Platforms) > 0 && (it.Kind == KindArtifact || !w.wanted(it.platform)) {
		return
	}
	if it.platform.OS != "" || it.platform.Architecture != "" {
		it.Platform, it.OSVersion = it.platform.String(), it.platform.OSVersion
	}
	w.items = append(w.items, it)
	w.byDigest[d.Digest] = it
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
