package verify

import (
	"bytes"
	"io"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// embedded is what is known of a layer whose blob is absent and whose bytes stand in
// a descriptor. They are there only while the document is, so that they are looked
// into during the walk.
type embedded struct {
	data []byte // while it is read
	uses int    // that were judged
}

// looseLayer notes a layer outside of images: of an artifact, of a manifest whose
// configuration is of an unknown type, or an entry of an index, as in BuildKit's
// cache. As its media type says that it is an archive, it is checked as one.
func (r *run) looseLayer(v *layout.Visit, n *node) {
	if n == nil || v.Kind() != model.KindLayer || v.Edge.Role == model.RoleSubject || v.Edge.Role == model.RoleConfig {
		return
	}
	if n.Err != nil && !embeds(v.Edge.Descriptor) {
		return // there is nothing to look into
	}
	if n.layer == nil {
		n.layer = new(layerPlan)
	}
	r.wantLayer(v, n, r.word(v.Edge.Descriptor.MediaType), "", false)
}

// wantLayer adds what one descriptor wants to know of a layer, and looks into the
// layer where the descriptor is all there is of it.
func (r *run) wantLayer(v *layout.Visit, n *node, mediaType word, diffID digest.Digest, ofImage bool) {
	if err := n.layer.want(v, mediaType, diffID, ofImage); err != nil {
		r.emit(Finding{Rule: rule.TOCAnnotation, Path: v.From.Path, Pointer: v.Edge.Pointer + "/annotations", Digest: n.Digest, Trail: v.From.Trail(),
			Message: err.Error()})
	}
	if blobs.Absent(n.Err) && embeds(v.Edge.Descriptor) {
		r.embedded(v, n)
	}
}

// embedded reads a layer that the descriptor holds, once for all descriptors that
// want nothing new of it. Of what is in it nothing is remembered for the layers above,
// as there can be any number of such layers before the first image is judged.
func (r *run) embedded(v *layout.Visit, n *node) {
	plan := n.layer
	first := plan.embedded == nil
	if first {
		plan.embedded = new(embedded)
	}
	unknown := func(a digest.Algorithm) bool { return plan.told == nil || plan.told.diffIDs[a] == "" }
	if !first && len(plan.uses) == plan.embedded.uses && !(plan.images > 0 && slices.ContainsFunc(plan.algorithms, unknown)) {
		return
	}
	plan.embedded.data = v.Edge.Descriptor.Data
	_, outcome, err := r.scan(r.ctx, n)
	plan.embedded.data = nil
	if err != nil {
		r.emitUnreadable(err, Finding{Path: n.Info.Path, Digest: n.Digest, Trail: v.Trail()})
		return
	}
	facts := outcome.facts
	outcome.facts = &layerFacts{diffIDs: facts.diffIDs}
	if first {
		r.layer(n, outcome)
		r.alone(n, facts)
	} else {
		facts.free()
		outcome.findings = nil
		all := plan.uses
		plan.uses = all[plan.embedded.uses:]
		r.layer(n, outcome)
		plan.uses = all
	}
	plan.embedded.uses = len(plan.uses)
}

// readLayer reads the bytes of a layer, wherever they are.
func (r *run) readLayer(n *node, read func(io.Reader) (int64, error)) error {
	if e := n.layer.embedded; e != nil && e.data != nil {
		_, err := read(bytes.NewReader(e.data))
		return err
	}
	return r.layout.Blobs().Read(n.Digest, n.Info, read)
}
