package verify

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// document judges what a descriptor leads to where that is a document, and
// notes what could not be followed.
func (r *run) document(v *layout.Visit, n *node) {
	d := v.Document
	if d == nil {
		return
	}
	if v.First && !d.Substituted && !n.counted {
		n.counted = true
		r.counters.bytesToRead.Add(d.Size)
		r.counters.bytesRead.Add(d.Size)
	}
	if v.Judged && v.Cycle {
		r.emit(Finding{Rule: rule.ReferenceCycle, Path: v.From.Path, Pointer: v.Edge.Pointer, Digest: n.Digest, Trail: v.From.Trail(),
			Message: "the descriptor leads back to a document that led here"})
	}
	if v.TooDeep {
		r.cannotFollow()
		if v.Judged {
			r.emit(Finding{Rule: rule.LimitDepth, Path: v.From.Path, Pointer: v.Edge.Pointer, Digest: n.Digest, Trail: v.From.Trail(),
				Message:  "documents are nested deeper than the limit; what this one names was not looked at",
				Expected: "max-depth " + strconv.Itoa(r.options.Limits.Depth)})
		}
	}
	if d.Err != nil {
		r.partial = true
		if !blobs.Absent(n.Err) {
			r.cannotFollow()
		}
		if v.Judged && n.Err == nil { // what Stat said is told with the blob's presence
			r.unread(v, n, d)
		}
		return
	}
	if !d.Substituted && !v.First && n.summed {
		return
	}
	if !d.Substituted && !n.summed && n.Sum.Digest != "" {
		n.summed = true
		if !n.Matches() {
			r.cannotFollow()
			r.emitOnce(n, mismatch(n.Digest, n.Sum.Digest, r.causeIn(n, v.Edge.Descriptor, d.Raw)))
		}
	}
	if v.First && v.Judged && (d.Substituted || n.Matches() || n.Sum.Digest == "") {
		// A damaged document is one fault; what it says is not to be trusted.
		m, ok := v.From.Doc.(*model.Manifest)
		r.contents(d, model.As{MediaType: v.Edge.Descriptor.MediaType,
			OfArtifact: ok && v.Edge.Role == model.RoleConfig && m.ArtifactKind() != ""})
	}
}

// mismatch is the finding about bytes that are not those of their digest, with the cause
// where that is known.
func mismatch(expected, actual digest.Digest, cause string) Finding {
	message := "the bytes do not hash to the digest"
	if cause != "" {
		message += ": " + cause
	}
	return Finding{Rule: rule.BlobDigestMismatch, Message: message,
		Expected: string(expected), Actual: string(actual)}
}

// unread tells why a document that is there was not read.
func (r *run) unread(v *layout.Visit, n *node, d *layout.Document) {
	if errors.Is(d.Err, blobs.ErrTooLarge) {
		if v.First {
			r.tooLarge(d, "max-document", r.options.Limits.Document)
		}
		return
	}
	if errors.Is(d.Err, layout.ErrMemory) {
		if v.First {
			r.emit(Finding{Rule: rule.LimitDocument, Path: d.Path, Trail: d.Trail(),
				Message:  "the documents on the way to it take so much memory that it was not read",
				Expected: "together at most " + strconv.FormatInt(r.options.Limits.Memory, 10) + " bytes"})
		}
		return
	}
	n.summed = true // as far as it can be
	r.notChecked()
	r.blobUnreadable(n, d.Err)
}

func (r *run) tooLarge(d *layout.Document, name string, limit int64) {
	r.emit(Finding{Rule: rule.LimitDocument, Path: d.Path, Trail: d.Trail(),
		Message:  "the document is larger than the limit, and was not read as one",
		Expected: name + " " + strconv.FormatInt(limit, 10)})
}

// contents judges what a document says, by itself and as what it was reached.
func (r *run) contents(d *layout.Document, as model.As) {
	r.canonical(d)
	for _, p := range d.Problems {
		if p.Rule == rule.LimitJSON || p.Rule == rule.JSONSyntax {
			r.cannotFollow()
		}
		if p.Rule == rule.JSONCaseVariantContent {
			r.partial = true // others follow what it names
		}
		r.problem(p, d.Path, d)
	}
	if d.Doc == nil {
		r.cannotFollow()
		return
	}
	for p := range d.Doc.ValidateAs(as) {
		if p.Rule == rule.MediaTypeMismatch {
			r.cannotFollow() // read as what it says it is, it may name other blobs
		}
		if r.problem(p, d.Path, d); r.stopped {
			return
		}
	}
	if d.Doc.Kind() == model.KindSchema1 {
		r.notChecked() // but for its digest, and the layers
	}
	r.ownRefName(d, model.AnnotationsOf(d.Doc))
	doc, ok := d.Doc.(*model.Image)
	if !ok {
		return
	}
	r.nulls(d, doc)
	if name, ok := doc.Config.Labels[model.AnnotationRefName]; ok {
		r.emit(Finding{Rule: rule.RefNameInLabels, Path: d.Path, Pointer: "/config/Labels/" + model.AnnotationRefName, Trail: d.Trail(),
			Message: "a label has the name of the reference name annotation, often inherited from a base image", Actual: name})
	}
}

// canonical and nulls are off by default, as hardly anything keeps the first, and
// the second is allowed: so they are looked for where they count alone.
func (r *run) canonical(d *layout.Document) {
	if r.policy.Severity(rule.JSONNotCanonical) == rule.Ignore {
		return
	}
	if canonical, err := model.Canonical(d.Raw); err == nil && !bytes.Equal(canonical, d.Raw) {
		r.emit(Finding{Rule: rule.JSONNotCanonical, Path: d.Path, Trail: d.Trail(),
			Message: "the document is not canonical JSON (RFC 8785), so that encoding it anew changes its digest"})
	}
}

func (r *run) nulls(d *layout.Document, doc *model.Image) {
	if r.policy.Severity(rule.ConfigNull) == rule.Ignore {
		return
	}
	for p := range doc.Nulls() {
		if r.problem(p, d.Path, d); r.stopped {
			return
		}
	}
}

func (r *run) ownRefName(d *layout.Document, annotations map[string]string) {
	if name, ok := annotations[model.AnnotationRefName]; ok {
		r.misplaced(d, "/annotations", name)
	}
}

// misplaced reports a reference name where it names nothing.
func (r *run) misplaced(d *layout.Document, pointer, name string) {
	r.emit(Finding{Rule: rule.RefNameMisplaced, Path: d.Path, Pointer: pointer + "/" + model.AnnotationRefName, Trail: d.Trail(),
		Message: "a reference name counts only on a descriptor in index.json", Actual: name})
}
