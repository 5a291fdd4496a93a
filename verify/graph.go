package verify

import (
	"errors"
	"io/fs"
	"runtime"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// graphCheck walks the graph from index.json. It has every document checked, compares
// each descriptor with the blob that it names and with what other documents say of that,
// and fills the table of blobs and the list of images for the checks after it.
type graphCheck struct {
	common
	root      *rootFacts
	documents *documentCheck
	causes    *causes
	manifests []uint32 // IDs of those that count
	outside   map[digest.Algorithm]bool

	images    imageCollector
	platforms platformRules
	referrers referrerRules
	missing   missingRules
	misplaced misplacedRules
	docker    dockerRules
}

func newGraphCheck(c common, root *rootFacts, documents *documentCheck, causes *causes, layers *layerCheck, images *imageTable) *graphCheck {
	return &graphCheck{common: c, root: root, documents: documents, causes: causes, outside: make(map[digest.Algorithm]bool),
		images: imageCollector{common: c, imageTable: images, layers: layers, byManifest: make(map[*layout.Document]int)},
		platforms: platformRules{common: c, distinct: make(map[string]*model.Platform), manifests: make(map[*layout.Document]int),
			choices: make(map[*layout.Document]*choice)},
		referrers: referrerRules{common: c, tags: make(map[string]bool), knownTags: make(map[string]bool),
			lists: make(map[*layout.Document]*referrerList), refer: make(map[string][]digest.Digest)},
		missing:   missingRules{common: c, incomplete: make(map[string]bool)},
		misplaced: misplacedRules{common: c, root: root, directories: make(map[string]bool)},
		docker:    dockerRules{common: c, root: root},
	}
}

// rules are what a descriptor that counts is checked for, in the order of the findings.
// A rule about more than one document is one more of them.
func (c *graphCheck) rules() []func(v *layout.Visit, n *node) {
	return []func(v *layout.Visit, n *node){
		c.images.visit,
		c.trust,
		c.presence,
		c.sizeConflict,
		c.mediaTypeConflict,
		c.learn,
		c.artifactType,
		c.platforms.ofEntry,
		c.platforms.ofConfig,
		c.configOfArtifact,
		c.referrers.visit,
		c.size,
		c.refNameMisplaced,
	}
}

// endRules are what can be checked only once the walk is over, in that order.
func (c *graphCheck) endRules() []func() {
	return []func(){c.misplaced.end, c.missing.end, c.docker.end, c.referrers.end}
}

// check does all that. The error is that the platforms leave nothing to check.
func (c *graphCheck) check(index *layout.Document) error {
	options := layout.WalkOptions{
		Limits:    c.options.Limits,
		Index:     index,
		Only:      c.documents.selected,
		Platforms: c.options.Platforms,
		Blobs:     c.nodes,
		Misplaced: true,
	}
	// More jobs than processors are for documents that are waited for. From a disk they
	// are read sooner than they are handed from one worker to the next.
	if c.options.Jobs > runtime.GOMAXPROCS(0) {
		options.Ahead = c.options.Jobs
	}
	c.docker.begin(index.Doc)
	rules := c.rules()
	var others []string // platforms of the entries that those asked for leave out
	chosen := false     // some entry that is no index is left in by the platforms
	for v := range c.layout.Walk(c.ctx, options) {
		switch {
		case c.ctx.Err() != nil:
			return nil
		case v.From == nil:
			c.indexJSON(v.Document)
		case v.TooMany:
			c.cannotFollow()
			c.emitOn(v, "", Finding{Rule: rule.LimitDescriptors, Message: "more descriptors than the limit; the rest was not looked at",
				Expected: "max-descriptors " + strconv.Itoa(c.options.Limits.Descriptors)})
		default:
			c.descriptor(v, rules)
			if v.Edge.Role != model.RoleManifest || v.Kind() == model.KindIndex {
				break
			}
			if chosen = chosen || v.Judged; !chosen && len(c.options.Platforms) > 0 {
				others = addPlatform(others, v.Edge.Descriptor.Platform)
			}
		}
		if c.stopped {
			return nil
		}
	}
	for _, end := range c.endRules() {
		end()
	}
	if len(c.options.Platforms) > 0 && !chosen && !c.partial {
		return &platformError{platforms(c.options.Platforms), others}
	}
	return nil
}

// indexJSON checks index.json.
func (c *graphCheck) indexJSON(d *layout.Document) {
	if d.Err != nil {
		c.cannotFollow()
		switch {
		case errors.Is(d.Err, fs.ErrNotExist), errors.Is(d.Err, blobs.ErrNotRegular):
			if c.root.hasIndex { // else the root check has reported it
				c.emitUnreadable(blobs.ErrChanged, Finding{Path: d.Path})
			}
		case errors.Is(d.Err, blobs.ErrTooLarge):
			c.documents.tooLarge(d, "max-index", c.options.Limits.Index)
		default:
			c.emitUnreadable(d.Err, Finding{Path: d.Path})
		}
		return
	}
	c.count(func(s *Stats) { s.IndexDigest = digest.FromBytes(d.Raw) })
	if want := c.options.ExpectIndex; want != "" {
		if got, err := model.FromBytes(want.Algorithm(), d.Raw); err != nil || got != want {
			c.emit(Finding{Rule: rule.IndexJSONDigestMismatch, Path: d.Path,
				Message: "index.json is not the one that was asked for", Expected: string(want), Actual: string(got)})
		}
	}
	c.documents.contents(d, model.As{IndexJSON: true})
	index, ok := d.Doc.(*model.Index)
	if !ok {
		return
	}
	c.places.begin(index)
	c.documents.indexJSON(d.Path, index)
	c.referrers.begin(index)
}

// descriptor checks one descriptor, and the document that it names.
func (c *graphCheck) descriptor(v *layout.Visit, rules []func(*layout.Visit, *node)) {
	if v.Blob == nil {
		c.cannotFollow() // its digest is malformed, which validation has reported
		if v.Judged {
			c.images.visit(v, nil)
		}
		return
	}
	n := c.node(v)
	c.places.visit(v)
	c.document(v, n)
	c.docker.visit(v)
	if v.Judged {
		for _, check := range rules {
			check(v, n)
		}
	}
}

// node returns the row of the blob, new at its first visit.
func (c *graphCheck) node(v *layout.Visit) *node {
	if v.Blob.ID < c.rows.Len() {
		return &node{v.Blob, c.rows.At(v.Blob.ID)}
	}
	n := &node{v.Blob, c.rows.At(c.rows.Add(blobFacts{place: v.Place()}))}
	c.referrers.noteTag(n.Digest)
	c.count(func(s *Stats) {
		switch kind := v.Kind(); {
		case kind == model.KindIndex:
			s.Indexes++
		case kind.Graph():
			s.Manifests++
		case v.Edge.Role == model.RoleConfig:
			s.Configs++
		case v.Edge.Role == model.RoleManifest && kind == model.KindOpaque && model.ArtifactKind("", "", v.Edge.Descriptor.MediaType) == "":
			s.NotFollowed++
		case v.Edge.Role == model.RoleLayer:
			s.Layers++
		}
		if n.Err == nil {
			s.Blobs++
			s.Bytes += n.Info.Size
		}
	})
	return n
}

// trust notes that a descriptor which is to be trusted names the blob.
func (c *graphCheck) trust(v *layout.Visit, n *node) {
	if !n.trusted && v.Kind() == model.KindManifest {
		c.manifests = append(c.manifests, uint32(n.ID))
	}
	n.trusted = true
	n.largest = max(n.largest, v.Edge.Descriptor.Size)
}

// refNameMisplaced reports a reference name on a descriptor outside of index.json.
func (c *graphCheck) refNameMisplaced(v *layout.Visit, _ *node) {
	if name, ok := v.Edge.Descriptor.Annotations[model.AnnotationRefName]; ok && v.From.Path != model.IndexFile {
		c.documents.refNameMisplaced(v.From, v.Edge.Pointer+"/annotations", name)
	}
}

func platforms(all []model.Platform) string {
	var names []string
	for _, p := range all {
		names = append(names, strings.TrimSuffix(p.String(), "/"))
	}
	return strings.Join(names, " or ")
}
