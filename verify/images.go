package verify

import (
	"fmt"
	"strconv"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// image is a manifest whose configuration is an image's, with what is needed to
// hold configuration and layers against one another.
type image struct {
	manifest *layout.Document
	config   int // the ID of its node, -1 where the digest is none
	count    int // of layers in the manifest, also where a limit ended the walk among them
	layers   []imageLayer
	base     digest.Digest // that the annotations name, "" for none
	ready    int           // the last job that has to be done before, -1 for none
}

type imageLayer struct {
	plan      *layerPlan // nil where it is not to be read as a layer
	mediaType word
	node      int32 // its ID, -1 where the digest is none
	index     int32
	isLayer   bool // by its media type
}

// pointer returns the place of the descriptor in the manifest.
func (l imageLayer) pointer() string { return model.PointerOf(model.RoleLayer, int(l.index)) }

// configFacts is what configurations promise about layers.
type configFacts struct {
	diffIDs []digest.Digest
	user    string // that is to be looked for among the files, "" for none
}

// image notes what a descriptor says of an image, at the level that looks into
// layers. The configuration of a manifest is visited before its layers.
func (r *run) image(v *layout.Visit, n *node) {
	if r.options.Level < LevelContent {
		return
	}
	r.tableOf(v, n)
	m, ok := v.From.Doc.(*model.Manifest)
	if !ok || model.KindOf(m.Config.MediaType) != model.KindImage {
		r.looseLayer(v, n)
		return
	}
	switch v.Edge.Role {
	case model.RoleConfig:
		if !m.Has("layers") || m.Wrong("layers") {
			return // which is fault enough
		}
		img := &image{manifest: v.From, config: -1, count: len(m.Layers), ready: -1}
		if n != nil {
			img.config = n.ID
		}
		if base, err := model.ParseDigest(m.Annotations[model.AnnotationBaseDigest]); err == nil {
			img.base = base
		}
		if r.byManifest == nil {
			r.byManifest = make(map[*layout.Document]int)
		}
		r.byManifest[v.From] = len(r.images)
		r.images = append(r.images, img)
		if n != nil && v.Document != nil {
			r.configFacts(n, v.Document)
		}
	case model.RoleLayer:
		if at, ok := r.byManifest[v.From]; ok {
			r.imageLayer(v, n, at)
		}
	}
}

// configFacts keeps what a configuration promises, as the document itself is
// soon forgotten.
func (r *run) configFacts(n *node, doc *layout.Document) {
	config, ok := doc.Doc.(*model.Image)
	if !ok || r.configs[n.ID] != nil || !doc.Substituted && !n.Matches() {
		return
	}
	if !config.RootFS.Has("diff_ids") || config.RootFS.Wrong("diff_ids") {
		return // which is fault enough
	}
	facts := &configFacts{diffIDs: config.RootFS.DiffIDs}
	if config.OS != "windows" && r.policy.Severity(rule.ConfigUserUnknown) != rule.Ignore {
		facts.user = config.Config.User
	}
	r.configs[n.ID] = facts
}

// imageLayer adds a layer to the image.
func (r *run) imageLayer(v *layout.Visit, n *node, at int) {
	img := r.images[at]
	place := len(img.layers)
	d := v.Edge.Descriptor
	l := imageLayer{node: -1, mediaType: r.word(d.MediaType), index: int32(v.Edge.Index), isLayer: v.Kind() == model.KindLayer}
	if n != nil {
		l.node = int32(n.ID)
	}
	if img.layers == nil {
		img.layers = make([]imageLayer, 0, img.count)
	}
	img.layers = append(img.layers, l)
	if n == nil || !l.isLayer {
		return
	}
	if model.NonDistributable(d.MediaType) {
		r.emit(Finding{Rule: rule.LayerNotToDistribute, Path: v.From.Path, Pointer: v.Edge.Pointer + "/mediaType", Digest: n.Digest, Trail: v.From.Trail(),
			Message: "layers that are not to be distributed are deprecated", Actual: d.MediaType})
	}
	if n.layer == nil {
		n.layer = new(layerPlan)
	}
	if n.layer.images == 0 {
		n.layer.image = uint32(at)
	}
	n.layer.images++
	img.layers[place].plan = n.layer
	var diffID digest.Digest
	if facts := r.facts(img); facts != nil && place < len(facts.diffIDs) {
		diffID = facts.diffIDs[place]
	}
	r.wantLayer(v, n, l.mediaType, diffID, true)
}

// facts returns what the image's configuration promises, nil where it could not
// be read or is not to be trusted.
func (r *run) facts(img *image) *configFacts {
	return r.configs[img.config]
}

// schedule notes which jobs an image waits for.
func (r *run) schedule() {
	for i, id := range r.jobs {
		if plan := r.known.At(int(id)).layer; plan != nil {
			plan.job = i + 1
		}
	}
	for _, img := range r.images {
		for _, l := range img.layers {
			if l.plan != nil {
				img.ready = max(img.ready, l.plan.job-1)
			}
		}
	}
}

// judgeImages judges, in order, the images whose jobs are done once that one is.
func (r *run) judgeImages(done int) {
	for ; r.judged < len(r.images) && r.images[r.judged].ready <= done && !r.stopped; r.judged++ {
		img := r.images[r.judged]
		r.guard(Finding{Path: img.manifest.Path, Trail: img.manifest.Trail()}, func() {
			r.diffIDs(img)
			r.onBase(img)
			r.user(img)
			r.stack(img)
		})
		for _, l := range img.layers {
			if l.plan == nil {
				continue
			}
			if l.plan.images--; l.plan.images == 0 {
				l.plan.told.free()
				l.plan.told = nil
			}
		}
	}
}

// diffIDs holds the configuration against the layers, place by place.
func (r *run) diffIDs(img *image) {
	facts := r.facts(img)
	if facts == nil {
		return
	}
	f := r.aboutConfig(img, "/rootfs/diff_ids")
	if len(facts.diffIDs) != img.count {
		f.Rule = rule.DiffIDCount
		f.Message = "the manifest has another number of layers than the configuration has diff ids, so that none can be held against the other"
		f.Expected, f.Actual = strconv.Itoa(img.count), strconv.Itoa(len(facts.diffIDs))
		r.emit(f)
		return
	}
	for i, l := range img.layers {
		f := f
		f.Pointer = fmt.Sprintf("/rootfs/diff_ids/%d", i)
		r.diffID(f, img, i, l, facts.diffIDs)
	}
}

// aboutConfig returns the beginning of a finding about the configuration.
func (r *run) aboutConfig(img *image, pointer string) Finding {
	config := r.nodes.At(img.config)
	return Finding{Path: config.Info.Path, Pointer: pointer, Digest: config.Digest,
		Trail: append(img.manifest.Trail(), img.manifest.Path+"#/config")}
}

// diffID holds one layer against its diff id. What kept the layer from being
// unpacked is told elsewhere.
func (r *run) diffID(f Finding, img *image, i int, l imageLayer, diffIDs []digest.Digest) {
	want, err := model.ParseDigest(string(diffIDs[i]))
	if err != nil || l.node < 0 {
		return
	}
	if why := r.unknowable(l); why != "" {
		known := model.ArtifactKind("", "", r.words[l.mediaType]) != ""
		if known && r.at(int(l.node)).Digest == want {
			return // an attestation or the like, which nobody unpacks
		}
		if r.counters.diffIDs.Add(1); known {
			return
		}
		r.emit(Finding{Rule: rule.DiffIDNotChecked, Path: img.manifest.Path, Pointer: l.pointer(), Digest: r.nodes.At(int(l.node)).Digest, Trail: img.manifest.Trail(),
			Message: fmt.Sprintf("the diff id of layer %d was not checked: %s", i, why), Actual: r.words[l.mediaType]})
		return
	}
	if !model.Computable(want.Algorithm()) {
		f.Rule, f.Message, f.Actual = rule.DigestAlgorithmUnsupported, "the diff id's algorithm cannot be computed here, so it was not checked", string(want.Algorithm())
		r.emit(f)
		return
	}
	if l.plan == nil || l.plan.told == nil {
		return
	}
	got, ok := l.plan.told.diffIDs[want.Algorithm()]
	if !ok || got == want {
		return
	}
	f.Rule = rule.DiffIDMismatch
	f.Message = fmt.Sprintf("layer %d unpacks to %s, and its diff id is %s", i, got, want)
	if blob := r.nodes.At(int(l.node)).Digest; blob == want {
		f.Message += "; that is the digest of the layer's blob, which is compressed, where the diff id is that of the archive in it"
	}
	for other, d := range diffIDs {
		if d == got {
			f.Message += fmt.Sprintf("; what it unpacks to is diff id %d", other)
			break
		}
	}
	f.Expected, f.Actual = string(want), string(got)
	r.emit(f)
}

// unknowable says why nobody can tell what a layer unpacks to.
func (r *run) unknowable(l imageLayer) string {
	switch {
	case !l.isLayer:
		return "its media type is not that of a layer"
	case l.plan != nil && l.plan.told != nil:
	case r.known.At(int(l.node)).reported.has(rule.BlobMissingExcused):
		return "the blob is absent"
	}
	return ""
}
