package verify

import (
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// imageTable holds the images of the graph, at the level that looks into layers: the
// content check compares their configurations with their layers once those are read.
type imageTable struct {
	images  []*image
	configs map[int]*configFacts // by ID
}

// image is a manifest whose configuration is an image's.
type image struct {
	manifest *layout.Document
	config   int // the ID of its node, -1 where the digest is malformed
	count    int // of layers in the manifest, also where a limit ended the walk among them
	layers   []imageLayer
	base     digest.Digest // that the annotations name, "" for none
	ready    int           // the last job that has to be done before, -1 for none
}

type imageLayer struct {
	plan      *layerPlan // nil where it is not to be read as a layer
	mediaType stringKey
	node      int32 // its ID, -1 where the digest is malformed
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

// facts returns what the image's configuration promises, nil where it could not
// be read or is not to be trusted.
func (t *imageTable) facts(img *image) *configFacts { return t.configs[img.config] }

// imageCollector collects the images, and layers outside of images, as the walk comes by.
type imageCollector struct {
	common
	*imageTable
	layers *layerCheck
	// byManifest are the places of the images. A manifest can have others among
	// its layers, so that its own is not always the last.
	byManifest map[*layout.Document]int
}

// visit notes what a descriptor says of an image. The configuration of a manifest is
// visited before its layers. A nil node is that of a malformed digest.
func (c *imageCollector) visit(v *layout.Visit, n *node) {
	if c.options.Level < LevelContent {
		return
	}
	c.layers.noteTable(v, n)
	m, ok := v.From.Doc.(*model.Manifest)
	if !ok || model.KindOf(m.Config.MediaType) != model.KindImage {
		c.looseLayer(v, n)
		return
	}
	switch v.Edge.Role {
	case model.RoleConfig:
		if m.Has("layers") && !m.Wrong("layers") { // else that is fault enough
			c.image(v, n, m)
		}
	case model.RoleLayer:
		if at, ok := c.byManifest[v.From]; ok {
			c.layer(v, n, at)
		}
	}
}

// image adds an image.
func (c *imageCollector) image(v *layout.Visit, n *node, m *model.Manifest) {
	img := &image{manifest: v.From, config: -1, count: len(m.Layers), ready: -1}
	if base, err := model.ParseDigest(m.Annotations[model.AnnotationBaseDigest]); err == nil {
		img.base = base
	}
	c.byManifest[v.From] = len(c.images)
	c.images = append(c.images, img)
	if n != nil {
		img.config = n.ID
		c.config(n, v.Document)
	}
}

// config notes what a configuration promises, as the document itself is soon forgotten.
func (c *imageCollector) config(n *node, doc *layout.Document) {
	if doc == nil || c.configs[n.ID] != nil || !doc.Substituted && !n.Matches() {
		return
	}
	config, ok := doc.Doc.(*model.Image)
	if !ok || !config.RootFS.Has("diff_ids") || config.RootFS.Wrong("diff_ids") {
		return // which is fault enough
	}
	facts := &configFacts{diffIDs: config.RootFS.DiffIDs}
	if config.OS != "windows" && c.policy.Severity(rule.ConfigUserUnknown) != rule.Ignore {
		facts.user = config.Config.User
	}
	c.configs[n.ID] = facts
}

// layer adds a layer to the image at that place.
func (c *imageCollector) layer(v *layout.Visit, n *node, at int) {
	img := c.images[at]
	place := len(img.layers)
	d := v.Edge.Descriptor
	l := imageLayer{node: -1, mediaType: c.key(d.MediaType), index: int32(v.Edge.Index), isLayer: v.Kind() == model.KindLayer}
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
		c.emitOn(v, "/mediaType", Finding{Rule: rule.LayerNotToDistribute, Message: "layers that are not to be distributed are deprecated", Actual: d.MediaType})
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
	if facts := c.facts(img); facts != nil && place < len(facts.diffIDs) {
		diffID = facts.diffIDs[place]
	}
	c.want(v, n, l.mediaType, diffID, true)
}

// looseLayer notes a layer outside of images: of an artifact, of a manifest whose
// configuration is of an unknown type, or an entry of an index, as in BuildKit's
// cache. As its media type says that it is an archive, it is checked as one.
func (c *imageCollector) looseLayer(v *layout.Visit, n *node) {
	if n == nil || v.Kind() != model.KindLayer || v.Edge.Role == model.RoleSubject || v.Edge.Role == model.RoleConfig {
		return
	}
	if n.Err != nil && !embeds(v.Edge.Descriptor) {
		return // there is nothing to look into
	}
	if n.layer == nil {
		n.layer = new(layerPlan)
	}
	c.want(v, n, c.key(v.Edge.Descriptor.MediaType), "", false)
}

// want adds what one descriptor wants to know of a layer. Where the descriptor is all
// there is of it, the layer is looked into at once.
func (c *imageCollector) want(v *layout.Visit, n *node, mediaType stringKey, diffID digest.Digest, ofImage bool) {
	if err := n.layer.want(v, mediaType, diffID, ofImage); err != nil {
		c.emitOn(v, "/annotations", Finding{Rule: rule.TOCAnnotation, Message: err.Error()})
	}
	if blobs.Absent(n.Err) && embeds(v.Edge.Descriptor) {
		c.layers.embedded(v, n)
	}
}
