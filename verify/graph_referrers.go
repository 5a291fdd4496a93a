package verify

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// referrersTag is the form that the tag of a list of referrers has for the
// registered algorithms.
var referrersTag = regexp.MustCompile(`^(?:sha256|sha512|blake3)-[a-f0-9]{64}$`)

// referrerList is an entry of index.json that is named as a list of referrers.
type referrerList struct {
	tag      string
	pointer  string // of the entry's reference name
	document *layout.Document
	digest   digest.Digest
	listed   map[digest.Digest]bool
}

// referrerRules compare the lists of referrers in index.json with what refers to their
// subjects.
type referrerRules struct {
	common
	tags      map[string]bool // reference names that may be those of lists
	knownTags map[string]bool // that blobs by unregistered algorithms have
	lists     map[*layout.Document]*referrerList
	order     []*referrerList
	refer     map[string][]digest.Digest // what refers to the subject of a tag
}

// begin notes which reference names are those of lists of referrers,
// before the walk comes to the referrers.
func (c *referrerRules) begin(index *model.Index) {
	for i := range index.Manifests {
		d := &index.Manifests[i]
		name := d.Annotations[model.AnnotationRefName]
		if model.KindOf(d.MediaType) != model.KindIndex || !isTag(name) {
			continue
		}
		c.tags[name] = true
	}
}

// isTag says whether a name has the form of a referrers tag at all: that of an
// unregistered algorithm can be any word with a hyphen.
func isTag(name string) bool { return strings.Contains(name, "-") && len(name) <= 32+1+64 }

// visit checks what has to do with lists of referrers: entries that are such lists, what
// they list, and what refers to a subject.
func (c *referrerRules) visit(v *layout.Visit, n *node) {
	if len(c.tags) == 0 || v.Document == nil {
		return
	}
	c.noteList(v, n)
	subject := model.SubjectOf(v.Document.Doc)
	if list := c.lists[v.From]; list != nil && v.Edge.Role == model.RoleManifest {
		list.listed[n.Digest] = true
		c.listed(v, n, list)
	}
	if subject == nil || !v.First {
		return
	}
	if d, err := model.ParseDigest(string(subject.Digest)); err == nil {
		if tag := model.ReferrersTag(d); c.tags[tag] {
			c.refer[tag] = append(c.refer[tag], n.Digest)
		}
	}
}

// noteList notes that an entry of index.json is a list.
func (c *referrerRules) noteList(v *layout.Visit, n *node) {
	name := v.Edge.Descriptor.Annotations[model.AnnotationRefName]
	if v.From.Path != model.IndexFile || v.Kind() != model.KindIndex || !c.tags[name] {
		return
	}
	if !referrersTag.MatchString(name) && !c.knownTags[name] {
		return
	}
	if c.lists[v.Document] != nil {
		return
	}
	list := &referrerList{tag: name, pointer: v.Edge.Pointer + "/annotations/" + model.AnnotationRefName,
		document: v.Document, digest: n.Digest, listed: make(map[digest.Digest]bool)}
	c.lists[v.Document] = list
	c.order = append(c.order, list)
}

// noteTag notes the tag that a blob by an unregistered algorithm would have: those of
// registered ones are known by their form.
func (c *referrerRules) noteTag(d digest.Digest) {
	switch d.Algorithm() {
	case digest.SHA256, digest.SHA512, "blake3":
		return
	}
	if tag := model.ReferrersTag(d); c.tags[tag] {
		c.knownTags[tag] = true
	}
}

// listed compares one entry of a list with the document that it names
// (distribution-spec, Listing Referrers).
func (c *referrerRules) listed(v *layout.Visit, n *node, list *referrerList) {
	doc, d := c.again(v, n), v.Edge.Descriptor
	if doc == nil || n.document == nil {
		return
	}
	subject, actual := model.SubjectOf(doc), ""
	if subject != nil {
		actual = string(subject.Digest)
	}
	if subject == nil || model.ReferrersTag(subject.Digest) != list.tag {
		c.emitOn(v, "", Finding{Rule: rule.ReferrersSubject, Message: "the list is of what refers to another subject than this does", Expected: list.tag, Actual: actual})
	}
	if facts := n.document; c.key(d.ArtifactType) != facts.artifactType {
		c.emitOn(v, "/artifactType", Finding{Rule: rule.ReferrersArtifactType, Message: "the list gives another artifact type than the referrer goes by",
			Expected: c.strings[facts.artifactType], Actual: d.ArtifactType})
	}
	annotations := model.AnnotationsOf(doc)
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		if value, ok := d.Annotations[key]; !ok || value != annotations[key] {
			c.emitOn(v, model.Pointer("annotations", key), Finding{Rule: rule.ReferrersAnnotations, Message: "the list leaves out an annotation of the referrer, or changes it",
				Expected: annotations[key], Actual: value})
			return
		}
	}
}

// again returns the document that a visit leads to. It is read a second time where the
// walk has forgotten it, as it has referrers that something else has led to before.
func (c *referrerRules) again(v *layout.Visit, n *node) model.Document {
	if v.Document.Doc != nil {
		return v.Document.Doc
	}
	if v.Document.Err != nil || !n.Matches() || n.document == nil {
		return nil // which is reported elsewhere
	}
	raw, sum, err := c.layout.Blobs().ReadAll(c.ctx, n.Digest, n.Info, min(v.Beneath.Document, v.Beneath.Memory))
	switch {
	case err != nil:
		c.blobUnreadable(n, err)
		return nil
	case sum != n.Sum:
		c.emitOnce(n, Finding{Rule: rule.FileChanged, Message: "the file changed while it was read"})
		return nil
	}
	doc, _ := model.Decode(v.Edge.Descriptor.MediaType, raw, v.Beneath.OfDocument(sum.Size))
	return doc
}

// end reports the lists, and what they leave out.
func (c *referrerRules) end() {
	for _, list := range c.order {
		c.emit(Finding{Rule: rule.ReferrersTag, Path: model.IndexFile, Pointer: list.pointer, Digest: list.digest,
			Message: "the entry is a list of referrers, which clients without the referrers API look for under this name", Actual: list.tag})
		for _, referrer := range c.refer[list.tag] {
			if list.listed[referrer] {
				continue
			}
			c.emit(Finding{Rule: rule.ReferrersIncomplete, Path: list.document.Path, Pointer: "/manifests", Digest: list.digest, Trail: list.document.Trail(),
				Message: "the list leaves out a manifest of the layout that refers to its subject", Expected: string(referrer)})
		}
	}
}
