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

// referrersTags notes which reference names are those of lists of referrers,
// before the walk meets the referrers.
func (r *run) referrersTags(index *model.Index) {
	for i := range index.Manifests {
		d := &index.Manifests[i]
		name := d.Annotations[model.AnnotationRefName]
		if model.KindOf(d.MediaType) != model.KindIndex || !isTag(name) {
			continue
		}
		if r.tags == nil {
			r.tags = make(map[string]bool)
		}
		r.tags[name] = true
	}
}

// isTag says whether a name has the form of a referrers tag at all: that of an
// unregistered algorithm can be any word with a hyphen.
func isTag(name string) bool { return strings.Contains(name, "-") && len(name) <= 32+1+64 }

// referrers judges what has to do with lists of referrers: entries that are
// some, what they list, and what refers to a subject.
func (r *run) referrers(v *layout.Visit, n *node) {
	if len(r.tags) == 0 || v.Document == nil {
		return
	}
	r.referrerList(v, n)
	subject := model.SubjectOf(v.Document.Doc)
	if list := r.lists[v.From]; list != nil && v.Edge.Role == model.RoleManifest {
		list.listed[n.Digest] = true
		r.listed(v, n, list)
	}
	if subject == nil || !v.First {
		return
	}
	if d, err := model.ParseDigest(string(subject.Digest)); err == nil {
		if tag := model.ReferrersTag(d); r.tags[tag] {
			if r.refer == nil {
				r.refer = make(map[string][]digest.Digest)
			}
			r.refer[tag] = append(r.refer[tag], n.Digest)
		}
	}
}

// referrerList notes that an entry of index.json is a list.
func (r *run) referrerList(v *layout.Visit, n *node) {
	name := v.Edge.Descriptor.Annotations[model.AnnotationRefName]
	if v.From.Path != model.IndexFile || v.Kind() != model.KindIndex || !r.tags[name] {
		return
	}
	if !referrersTag.MatchString(name) && !r.knownTags[name] {
		return
	}
	if r.lists == nil {
		r.lists = make(map[*layout.Document]*referrerList)
	}
	if r.lists[v.Document] != nil {
		return
	}
	list := &referrerList{tag: name, pointer: v.Edge.Pointer + "/annotations/" + model.AnnotationRefName,
		document: v.Document, digest: n.Digest, listed: make(map[digest.Digest]bool)}
	r.lists[v.Document] = list
	r.listOrder = append(r.listOrder, list)
}

// knownTag notes the tag that a blob by an unregistered algorithm would have:
// those of registered ones are told by their form.
func (r *run) knownTag(d digest.Digest) {
	switch d.Algorithm() {
	case digest.SHA256, digest.SHA512, "blake3":
		return
	}
	if tag := model.ReferrersTag(d); r.tags[tag] {
		if r.knownTags == nil {
			r.knownTags = make(map[string]bool)
		}
		r.knownTags[tag] = true
	}
}

// listed holds one entry of a list against the document that it names
// (distribution-spec, Listing Referrers).
func (r *run) listed(v *layout.Visit, n *node, list *referrerList) {
	doc, d := r.again(v, n), v.Edge.Descriptor
	if doc == nil || n.document == nil {
		return
	}
	f := Finding{Path: v.From.Path, Digest: n.Digest, Trail: v.From.Trail()}
	subject := model.SubjectOf(doc)
	if subject == nil || model.ReferrersTag(subject.Digest) != list.tag {
		f := f
		f.Rule, f.Pointer, f.Message = rule.ReferrersSubject, v.Edge.Pointer, "the list is of what refers to another subject than this does"
		f.Expected = list.tag
		if subject != nil {
			f.Actual = string(subject.Digest)
		}
		r.emit(f)
	}
	if facts := n.document; r.word(d.ArtifactType) != facts.artifactType {
		f := f
		f.Rule, f.Pointer, f.Message = rule.ReferrersArtifactType, v.Edge.Pointer+"/artifactType", "the list gives another artifact type than the referrer goes by"
		f.Expected, f.Actual = r.words[facts.artifactType], d.ArtifactType
		r.emit(f)
	}
	annotations := model.AnnotationsOf(doc)
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		if value, ok := d.Annotations[key]; !ok || value != annotations[key] {
			f.Rule, f.Pointer = rule.ReferrersAnnotations, v.Edge.Pointer+model.Pointer("annotations", key)
			f.Message, f.Expected, f.Actual = "the list leaves out an annotation of the referrer, or changes it", annotations[key], value
			r.emit(f)
			return
		}
	}
}

// again returns the document that a visit leads to, which is read anew where the
// walk has forgotten it: that happens to referrers which something else has led
// to before.
func (r *run) again(v *layout.Visit, n *node) model.Document {
	if v.Document.Doc != nil {
		return v.Document.Doc
	}
	if v.Document.Err != nil || !n.Matches() || n.document == nil {
		return nil // which is told elsewhere
	}
	raw, sum, err := r.layout.Blobs().ReadAll(r.ctx, n.Digest, n.Info, min(v.Beneath.Document, v.Beneath.Memory))
	switch {
	case err != nil:
		r.blobUnreadable(n, err)
		return nil
	case sum != n.Sum:
		r.emitOnce(n, Finding{Rule: rule.FileChanged, Message: "the file changed while it was read"})
		return nil
	}
	doc, _ := model.Decode(v.Edge.Descriptor.MediaType, raw, v.Beneath.OfDocument(sum.Size))
	return doc
}

// referrersLeftOut tells of the lists, and of what they leave out, once the walk
// has met everything.
func (r *run) referrersLeftOut() {
	for _, list := range r.listOrder {
		r.emit(Finding{Rule: rule.ReferrersTag, Path: model.IndexFile, Pointer: list.pointer, Digest: list.digest,
			Message: "the entry is a list of referrers, which clients without the referrers API look for under this name", Actual: list.tag})
		for _, referrer := range r.refer[list.tag] {
			if list.listed[referrer] {
				continue
			}
			r.emit(Finding{Rule: rule.ReferrersIncomplete, Path: list.document.Path, Pointer: "/manifests", Digest: list.digest, Trail: list.document.Trail(),
				Message: "the list leaves out a manifest of the layout that refers to its subject", Expected: string(referrer)})
		}
	}
}
