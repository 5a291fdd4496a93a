package verify

import (
	"errors"
	"fmt"
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

// structure walks the graph: documents are read and judged, and every
// descriptor is held against the blob that it names.
func (r *run) structure() {
	options := layout.WalkOptions{
		Limits:    r.options.Limits,
		Index:     r.index,
		Only:      r.documents.selected,
		Platforms: r.options.Platforms,
		Nodes:     r.nodes,
		Ahead:     r.ahead(),
		Misplaced: true,
	}
	var index *model.Index
	if r.docker != nil {
		index, _ = r.index.Doc.(*model.Index) // which the walk lets go of
	}
	chosen := 0 // entries that are no index, and that the platforms leave in
	for v := range r.layout.Walk(r.ctx, options) {
		switch {
		case r.ctx.Err() != nil:
			return
		case v.From == nil:
			r.indexJSON(v.Document)
		case v.TooMany:
			r.cannotFollow()
			r.emit(Finding{Rule: rule.LimitDescriptors, Path: v.From.Path, Pointer: v.Edge.Pointer, Trail: v.From.Trail(),
				Message:  "more descriptors than the limit; the rest was not looked at",
				Expected: "max-descriptors " + strconv.Itoa(r.options.Limits.Descriptors)})
		default:
			r.descriptor(v)
			if v.Judged && v.Edge.Role == model.RoleManifest && v.Kind() != model.KindIndex {
				chosen++
			}
		}
		if r.stopped {
			return
		}
	}
	r.tellMisplaced()
	r.tellSparse()
	r.tellDocker(index)
	r.referrersLeftOut()
	if len(r.options.Platforms) > 0 && chosen == 0 && !r.partial {
		r.err = fmt.Errorf("%w: none runs on %s", layout.ErrNoEntry, platforms(r.options.Platforms))
	}
}

// ahead returns how many documents are read at once. That is worth it where they are
// waited for, which is what more jobs than processors are for: handing them from one
// to the next takes longer than reading them from a disk.
func (r *run) ahead() int {
	if jobs := r.workers(); jobs > runtime.GOMAXPROCS(0) {
		return jobs
	}
	return 0
}

// indexJSON judges index.json.
func (r *run) indexJSON(d *layout.Document) {
	if d.Err != nil {
		r.cannotFollow()
		switch {
		case errors.Is(d.Err, fs.ErrNotExist), errors.Is(d.Err, blobs.ErrNotRegular):
			if r.indexThere { // else it is told with the root
				r.emitUnreadable(blobs.ErrChanged, Finding{Path: d.Path})
			}
		case errors.Is(d.Err, blobs.ErrTooLarge):
			r.documents.tooLarge(d, "max-index", r.options.Limits.Index)
		default:
			r.emitUnreadable(d.Err, Finding{Path: d.Path})
		}
		return
	}
	r.counters.indexDigest.Store(digest.FromBytes(d.Raw))
	if want := r.options.ExpectIndex; want != "" {
		if got, err := model.FromBytes(want.Algorithm(), d.Raw); err != nil || got != want {
			r.emit(Finding{Rule: rule.IndexJSONDigestMismatch, Path: d.Path,
				Message: "index.json is not the one that was asked for", Expected: string(want), Actual: string(got)})
		}
	}
	r.documents.contents(d, model.As{IndexJSON: true})
	index, ok := d.Doc.(*model.Index)
	if !ok {
		return
	}
	r.documents.indexJSON(d.Path, index)
	r.referrersTags(index)
}

// descriptor judges one descriptor against the blob that it names.
func (r *run) descriptor(v *layout.Visit) {
	if v.Node == nil {
		r.cannotFollow() // the digest is none, which validation tells
		if v.Judged {
			r.image(v, nil)
		}
		return
	}
	n := r.node(v)
	r.document(v, n)
	r.docker.meet(v)
	if !v.Judged {
		return
	}
	r.image(v, n)
	if !n.judged && v.Kind() == model.KindManifest {
		r.met(n.ID)
	}
	n.judged = true
	d := v.Edge.Descriptor
	n.largest = max(n.largest, d.Size)
	r.presence(v, n)
	r.relations(v, n)
	r.referrers(v, n)
	if n.Err == nil && hasSize(d) && n.Info.Size != d.Size {
		r.size(v, n)
	}
	if name, ok := d.Annotations[model.AnnotationRefName]; ok && v.From.Path != model.IndexFile {
		r.documents.refNameMisplaced(v.From, v.Edge.Pointer+"/annotations", name)
	}
}

// node returns what the run knows of the blob, new at its first visit.
func (r *run) node(v *layout.Visit) *node {
	if v.Node.ID < r.known.Len() {
		return &node{v.Node, r.known.At(v.Node.ID)}
	}
	n := &node{v.Node, r.known.At(r.known.Add(known{place: v.Place()}))}
	r.knownTag(n.Digest)
	switch kind := v.Kind(); {
	case kind == model.KindIndex:
		r.counters.indexes.Add(1)
	case kind.Graph():
		r.counters.manifests.Add(1)
	case v.Edge.Role == model.RoleConfig:
		r.counters.configs.Add(1)
	case v.Edge.Role == model.RoleManifest && kind == model.KindOpaque && model.ArtifactKind("", "", v.Edge.Descriptor.MediaType) == "":
		r.counters.notFollowed.Add(1)
	case v.Edge.Role == model.RoleLayer:
		r.counters.layers.Add(1)
	}
	if n.Err == nil {
		r.counters.blobs.Add(1)
		r.counters.bytes.Add(n.Info.Size)
	}
	return n
}

// presence judges whether the blob is there, and what lies in its place.
func (r *run) presence(v *layout.Visit, n *node) {
	if n.Err == nil && n.Info.Misplaced() {
		r.strayed(n)
	}
	switch {
	case n.Err == nil && n.Info.Symlink:
		r.follow(n.Info.Path)
		r.emitOnce(n, Finding{Rule: rule.BlobSymlink, Message: "the blob is a symlink, which other tools may refuse to follow"})
	case n.Err == nil:
	case errors.Is(n.Err, blobs.ErrNotRegular):
		r.emitOnce(n, Finding{Rule: rule.BlobNotRegular, Message: "what lies in the blob's place is no regular file, and was not opened",
			Expected: "a regular file", Actual: reason(n.Err)})
	case blobs.Absent(n.Err):
		r.absence(v, n)
	case r.leadsOut(n.Digest.Algorithm()): // which is one finding, and not one for each blob behind the link
		r.unproven()
	default:
		r.blobUnreadable(n, n.Err)
	}
	if !model.Computable(n.Digest.Algorithm()) && n.Err == nil {
		r.emitOnce(n, Finding{Rule: rule.DigestAlgorithmUnsupported, Message: "the digest's algorithm cannot be computed here, so the bytes were not held against it",
			Actual: string(n.Digest.Algorithm())})
	}
}

// absence judges a blob that is missing by the descriptor that names it.
func (r *run) absence(v *layout.Visit, n *node) {
	if why := excuse(v); why != "" {
		n.embedded = n.embedded || embeds(v.Edge.Descriptor)
		r.emitOnce(n, Finding{Rule: rule.BlobMissingExcused, Message: "the blob is absent, and may be: " + why})
		return
	}
	if r.cut {
		return // it may be in the part of the archive that was not looked at
	}
	if r.noBlobs {
		return // a layout without blobs is one fault, not one for each of them
	}
	if r.leadsOut(n.Digest.Algorithm()) {
		r.unproven()
		return // nor is one whose blobs are behind a link that is not followed
	}
	r.missing(v, n)
}

// hasSize says whether the descriptor claims a size that a blob can have.
func hasSize(d *model.Descriptor) bool {
	return d.Has("size") && !d.Wrong("size") && d.Size >= 0
}

func sizeOf(d *model.Descriptor) string {
	if !hasSize(d) {
		return ""
	}
	return strconv.FormatInt(d.Size, 10) + " bytes"
}

// excuse says why the specification lets the descriptor's blob be absent.
func excuse(v *layout.Visit) string {
	d := v.Edge.Descriptor
	empty := model.EmptyDescriptor()
	switch {
	case embeds(d):
		return "its descriptor embeds it"
	case d.Digest == empty.Digest && d.Size == empty.Size:
		return "it is the empty descriptor's, whose two bytes everybody knows"
	case v.Edge.Role == model.RoleSubject:
		return "it is a subject"
	case model.NonDistributable(d.MediaType):
		return "it is a layer that is not to be distributed"
	case len(d.URLs) > 0:
		return "its descriptor names URLs to get it from"
	}
	return ""
}

// embeds says whether the descriptor holds the blob itself.
func embeds(d *model.Descriptor) bool { return d.Data != nil && d.DataDefect() == nil }

// size reports a blob whose length is not the descriptor's.
func (r *run) size(v *layout.Visit, n *node) {
	message := "the blob's length is not the descriptor's size"
	if n.Info.Size == 0 {
		message += "; a blob of no bytes is what some stores leave in place of one that they keep elsewhere"
	}
	r.emit(Finding{Rule: rule.DescriptorSizeMismatch, Path: v.From.Path, Pointer: v.Edge.Pointer + "/size",
		Digest: n.Digest, Trail: v.From.Trail(), Message: message,
		Expected: strconv.FormatInt(v.Edge.Descriptor.Size, 10), Actual: strconv.FormatInt(n.Info.Size, 10)})
}

func platforms(all []model.Platform) string {
	var names []string
	for _, p := range all {
		names = append(names, p.String())
	}
	return strings.Join(names, " or ")
}
