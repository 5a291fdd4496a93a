package verify

import (
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// documentFacts is what is needed of a document after it is forgotten.
type documentFacts struct {
	artifactType stringKey       // that a manifest or index goes by
	image        bool            // the manifest is that of an image
	layers       int32           // that a configuration has diff ids for, and 1, where it is an image's in other respects as well
	config       *blobFacts      // of that image, once it was visited
	platforms    []platformClaim // of entries that name the manifest
	platform     *model.Platform // of a configuration
}

// sizeConflict reports descriptors that differ on the size of a blob which is
// not there to decide.
func (c *graphCheck) sizeConflict(v *layout.Visit, n *node) {
	d := v.Edge.Descriptor
	if !hasSize(d) {
		return
	}
	if !n.hasSize {
		n.size, n.hasSize = d.Size, true
		return
	}
	if n.Err != nil && d.Size != n.size {
		c.emitOn(v, "/size", Finding{Rule: rule.DescriptorSizeConflict, Message: "another descriptor of the same blob gives another size, and the blob is not there to decide",
			Expected: strconv.FormatInt(n.size, 10), Actual: strconv.FormatInt(d.Size, 10)})
	}
}

// mediaTypeConflict reports descriptors that differ on what a blob is.
func (c *graphCheck) mediaTypeConflict(v *layout.Visit, n *node) {
	mediaType := v.Edge.Descriptor.MediaType
	if mediaType == "" {
		return
	}
	if n.mediaType == 0 {
		n.mediaType, n.kind = c.key(mediaType), v.Kind()
		return
	}
	if c.key(mediaType) == n.mediaType {
		return
	}
	a, b := n.kind, v.Kind()
	f := onDescriptor(v, "/mediaType", Finding{Rule: rule.MediaTypeConflict,
		Message: "another descriptor of the same blob gives another media type", Expected: c.strings[n.mediaType], Actual: mediaType})
	switch {
	case a != b && a.Graph() && b.Graph():
		f.Rule, f.Message = rule.MediaTypeConflictKind, "another descriptor of the same blob takes it for another kind of index or manifest"
	case a != b && a != model.KindOpaque && b != model.KindOpaque:
		f.Rule, f.Message = rule.MediaTypeConflictRole, "another descriptor of the same blob takes it for something of another kind"
	}
	c.emit(f)
}

// learn notes what a document says, for the rules after it.
func (c *graphCheck) learn(v *layout.Visit, n *node) {
	d := v.Document
	if d == nil || d.Doc == nil || !d.Substituted && !n.Matches() && n.Sum.Digest != "" {
		return // what a damaged document says is not to be trusted
	}
	if n.document == nil {
		n.document = new(documentFacts)
	}
	facts := n.document
	switch doc := d.Doc.(type) {
	case *model.Index:
		facts.artifactType = c.key(doc.ArtifactType)
	case *model.Manifest:
		facts.artifactType = c.key(doc.EffectiveArtifactType())
		facts.image = doc.ArtifactType == "" && model.KindOf(doc.Config.MediaType) == model.KindImage &&
			slices.ContainsFunc(doc.Layers, func(l model.Descriptor) bool { return model.KindOf(l.MediaType) == model.KindLayer })
		if facts.image && facts.config == nil {
			c.platforms.manifests[d] = n.ID
		}
	case *model.ArtifactManifest:
		facts.artifactType = c.key(doc.ArtifactType)
	case *model.Image:
		if doc.OS != "" && doc.RootFS.Type != "" {
			facts.layers = int32(len(doc.RootFS.DiffIDs)) + 1
		}
		if p := doc.Platform(); p.OS != "" && p.Architecture != "" {
			facts.platform = c.platforms.shared(p)
		}
	}
}

// configOfArtifact reports a manifest that looks like an artifact's, and whose
// configuration has the type of an image's without being one.
func (c *graphCheck) configOfArtifact(v *layout.Visit, n *node) {
	m, ok := v.From.Doc.(*model.Manifest)
	if !ok || v.Edge.Role != model.RoleConfig || n.document == nil || int(n.document.layers) == len(m.Layers)+1 || !m.LooksLikeArtifact() {
		return
	}
	c.emitOn(v, "/mediaType", Finding{Rule: rule.ArtifactConfigType,
		Message: "this is an artifact, and its configuration has the type of an image's", Expected: model.MediaTypeEmptyJSON, Actual: v.Edge.Descriptor.MediaType})
}

// artifactType compares the type that a descriptor gives with that of the document
// (descriptor.md, Properties). Of a list of referrers, referrerRules do.
func (c *graphCheck) artifactType(v *layout.Visit, n *node) {
	d := v.Edge.Descriptor
	if v.Edge.Role != model.RoleManifest || n.document == nil || c.referrers.lists[v.From] != nil {
		return
	}
	if d.ArtifactType == "" || c.key(d.ArtifactType) == n.document.artifactType {
		return
	}
	c.emitOn(v, "/artifactType", Finding{Rule: rule.ArtifactTypeMismatch,
		Message: "the document goes by another artifact type than its descriptor says", Expected: c.strings[n.document.artifactType], Actual: d.ArtifactType})
}
