package verify

import (
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
		r.documents.contents(d, model.As{MediaType: v.Edge.Descriptor.MediaType,
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
			r.documents.tooLarge(d, "max-document", r.options.Limits.Document)
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
