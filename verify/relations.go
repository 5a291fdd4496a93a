package verify

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// documentFacts is what is needed of a document after it is forgotten.
type documentFacts struct {
	artifactType word            // that a manifest or index goes by
	image        bool            // the manifest is that of an image
	layers       int32           // that a configuration has diff ids for, and 1, where it is an image's in other respects as well
	config       *known          // of that image, once it was visited
	platforms    []platformClaim // of entries that name the manifest
	platform     *model.Platform // of a configuration
}

// platformClaim is the platform of an entry that names an image.
type platformClaim struct {
	platform *model.Platform
	place    layout.Place
}

// relations holds a descriptor against what others say of its blob, and against
// what the blob itself says where it is a document.
func (r *run) relations(v *layout.Visit, n *node) {
	r.sizeConflict(v, n)
	r.mediaTypeConflict(v, n)
	r.learn(v, n)
	if v.Edge.Role == model.RoleManifest && n.document != nil {
		if _, isList := r.lists[v.From]; !isList {
			r.artifactType(v, n)
		}
		r.platformClaim(v, n)
	}
	if v.Edge.Role == model.RoleConfig {
		r.platformOfConfig(v, n)
		r.configOfArtifact(v, n)
	}
}

// sizeConflict reports descriptors that differ on the size of a blob which is
// not there to decide.
func (r *run) sizeConflict(v *layout.Visit, n *node) {
	d := v.Edge.Descriptor
	if !hasSize(d) {
		return
	}
	if !n.hasSize {
		n.size, n.hasSize = d.Size, true
		return
	}
	if n.Err != nil && d.Size != n.size {
		r.emit(Finding{Rule: rule.DescriptorSizeConflict, Path: v.From.Path, Pointer: v.Edge.Pointer + "/size", Digest: n.Digest, Trail: v.From.Trail(),
			Message:  "another descriptor of the same blob gives another size, and the blob is not there to decide",
			Expected: strconv.FormatInt(n.size, 10), Actual: strconv.FormatInt(d.Size, 10)})
	}
}

// mediaTypeConflict reports descriptors that differ on what a blob is.
func (r *run) mediaTypeConflict(v *layout.Visit, n *node) {
	mediaType := v.Edge.Descriptor.MediaType
	if mediaType == "" {
		return
	}
	if n.mediaType == 0 {
		n.mediaType, n.kind = r.word(mediaType), v.Kind()
		return
	}
	if r.word(mediaType) == n.mediaType {
		return
	}
	a, b := n.kind, v.Kind()
	f := Finding{Rule: rule.MediaTypeConflict, Path: v.From.Path, Pointer: v.Edge.Pointer + "/mediaType", Digest: n.Digest, Trail: v.From.Trail(),
		Message: "another descriptor of the same blob gives another media type", Expected: r.words[n.mediaType], Actual: mediaType}
	switch {
	case a != b && a.Graph() && b.Graph():
		f.Rule, f.Message = rule.MediaTypeConflictKind, "another descriptor of the same blob takes it for another kind of index or manifest"
	case a != b && a != model.KindOpaque && b != model.KindOpaque:
		f.Rule, f.Message = rule.MediaTypeConflictRole, "another descriptor of the same blob takes it for something of another kind"
	}
	r.emit(f)
}

// platform keeps one copy of each platform, however many configurations have it.
func (r *run) platform(p model.Platform) *model.Platform {
	key := strings.Join(append([]string{p.OS, p.Architecture, p.Variant, p.OSVersion}, p.OSFeatures...), "\x00")
	if kept, ok := r.platforms[key]; ok {
		return kept
	}
	if r.platforms == nil {
		r.platforms = make(map[string]*model.Platform)
	}
	r.platforms[key] = &p
	return &p
}

// learn notes what a document says.
func (r *run) learn(v *layout.Visit, n *node) {
	d := v.Document
	if d == nil || d.Doc == nil || !d.Substituted && !n.Matches() && n.Sum.Digest != "" {
		return // what a damaged document says is not to be trusted
	}
	facts := n.document
	if facts == nil {
		facts = new(documentFacts)
		n.document = facts
	}
	switch doc := d.Doc.(type) {
	case *model.Index:
		facts.artifactType = r.word(doc.ArtifactType)
	case *model.Manifest:
		facts.artifactType = r.word(doc.EffectiveArtifactType())
		facts.image = doc.ArtifactType == "" && model.KindOf(doc.Config.MediaType) == model.KindImage &&
			slices.ContainsFunc(doc.Layers, func(l model.Descriptor) bool { return model.KindOf(l.MediaType) == model.KindLayer })
		if facts.image && facts.config == nil {
			if r.manifests == nil {
				r.manifests = make(map[*layout.Document]int)
			}
			r.manifests[d] = n.ID
		}
	case *model.ArtifactManifest:
		facts.artifactType = r.word(doc.ArtifactType)
	case *model.Image:
		if doc.OS != "" && doc.RootFS.Type != "" {
			facts.layers = int32(len(doc.RootFS.DiffIDs)) + 1
		}
		if p := doc.Platform(); p.OS != "" && p.Architecture != "" {
			facts.platform = r.platform(p)
		}
	}
}

// configOfArtifact reports a manifest that looks like an artifact's, and whose
// configuration has the type of an image's without being one.
func (r *run) configOfArtifact(v *layout.Visit, n *node) {
	m, ok := v.From.Doc.(*model.Manifest)
	if !ok || n.document == nil || int(n.document.layers) == len(m.Layers)+1 || !m.LooksLikeArtifact() {
		return
	}
	r.emit(Finding{Rule: rule.ArtifactConfigType, Path: v.From.Path, Pointer: v.Edge.Pointer + "/mediaType", Digest: n.Digest, Trail: v.From.Trail(),
		Message: "this is an artifact, and its configuration has the type of an image's", Expected: model.MediaTypeEmptyJSON, Actual: v.Edge.Descriptor.MediaType})
}

// artifactType holds the type that a descriptor gives against that of the
// document (descriptor.md, Properties).
func (r *run) artifactType(v *layout.Visit, n *node) {
	d := v.Edge.Descriptor
	if d.ArtifactType == "" || r.word(d.ArtifactType) == n.document.artifactType {
		return
	}
	r.emit(Finding{Rule: rule.ArtifactTypeMismatch, Path: v.From.Path, Pointer: v.Edge.Pointer + "/artifactType", Digest: n.Digest, Trail: v.From.Trail(),
		Message: "the document goes by another artifact type than its descriptor says", Expected: r.words[n.document.artifactType], Actual: d.ArtifactType})
}

// platformClaim judges whether an entry that names an image says where it runs,
// and notes what it says until the configuration is known.
func (r *run) platformClaim(v *layout.Visit, n *node) {
	if _, ok := v.From.Doc.(*model.Index); !ok || !n.document.image {
		return
	}
	d := v.Edge.Descriptor
	switch {
	case d.Platform != nil && !d.Platform.IsUnknown():
		claim := platformClaim{d.Platform, v.Place()}
		if n.document.config == nil {
			n.document.platforms = append(n.document.platforms, claim)
		} else {
			r.comparePlatforms(n.ID, claim)
		}
	case d.Platform == nil && model.Runnable(d):
		if _, named := d.Annotations[model.AnnotationRefName]; named && v.From.Path == model.IndexFile {
			r.choose(v, nil) // the name tells it apart
			return
		}
		r.choose(v, &Finding{Rule: rule.PlatformMissing, Path: v.From.Path, Pointer: v.Edge.Pointer + "/platform", Digest: n.Digest, Trail: v.From.Trail(),
			Message: "clients choose among the entries by platform, and this one has none"})
		return
	}
	if model.Runnable(d) {
		r.choose(v, nil)
	}
}

// choice is what is known of the images that an index has so far.
type choice struct {
	first digest.Digest
	among bool     // there is another
	waits *Finding // that the first has no platform, in case that there is another
}

// choose notes an image of an index, and reports that it has no platform once there
// are several among which a client chooses. Artifacts are no images, whatever their
// entries say.
func (r *run) choose(v *layout.Visit, without *Finding) {
	d := v.Edge.Descriptor.Digest
	c := r.choices[v.From]
	switch {
	case c == nil:
		if r.choices == nil {
			r.choices = make(map[*layout.Document]*choice)
		}
		r.choices[v.From] = &choice{first: d, waits: without}
		return
	case !c.among && d == c.first:
		return
	}
	if c.among = true; c.waits != nil {
		r.emit(*c.waits)
		c.waits = nil
	}
	if without != nil {
		r.emit(*without)
	}
}

// platformOfConfig holds the entries that name an image against its
// configuration, which the walk has just met.
func (r *run) platformOfConfig(v *layout.Visit, n *node) {
	manifest, ok := r.manifests[v.From]
	if !ok {
		return
	}
	delete(r.manifests, v.From)
	facts := r.known.At(manifest).document
	facts.config = n.known
	for _, claim := range facts.platforms {
		r.comparePlatforms(manifest, claim)
	}
	facts.platforms = nil
}

func (r *run) comparePlatforms(manifest int, claim platformClaim) {
	facts := r.known.At(manifest).document.config.document
	if facts == nil || facts.platform == nil {
		return
	}
	config := facts.platform
	member := claim.platform.Differs(*config)
	if member == "" {
		return
	}
	r.emit(Finding{Rule: rule.PlatformMismatch, Path: claim.place.From.Path, Pointer: claim.place.Pointer() + "/platform/" + member,
		Digest: r.nodes.At(manifest).Digest, Trail: claim.place.From.Trail(),
		Message: "the entry is for another platform than the image's configuration", Expected: config.String(), Actual: claim.platform.String()})
}
