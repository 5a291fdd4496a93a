package verify

import (
	"errors"
	"strconv"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// document checks the document that a descriptor leads to, if it is one, and notes
// what could not be followed.
func (c *graphCheck) document(v *layout.Visit, n *node) {
	d := v.Document
	if d == nil {
		return
	}
	if v.First && !d.Substituted && !n.counted {
		n.counted = true
		c.counters.bytesToRead.Add(d.Size)
		c.counters.bytesRead.Add(d.Size)
	}
	if v.Judged && v.Cycle {
		c.emit(Finding{Rule: rule.ReferenceCycle, Path: v.From.Path, Pointer: v.Edge.Pointer, Digest: n.Digest, Trail: v.From.Trail(),
			Message: "the descriptor leads back to a document that led here"})
	}
	if v.TooDeep {
		c.cannotFollow()
		if v.Judged {
			c.emit(Finding{Rule: rule.LimitDepth, Path: v.From.Path, Pointer: v.Edge.Pointer, Digest: n.Digest, Trail: v.From.Trail(),
				Message:  "documents are nested deeper than the limit; what this one names was not looked at",
				Expected: "max-depth " + strconv.Itoa(c.options.Limits.Depth)})
		}
	}
	if d.Err != nil {
		c.partial = true
		if !blobs.Absent(n.Err) {
			c.cannotFollow()
		}
		if v.Judged && n.Err == nil { // what Stat said is reported with the blob's presence
			c.unread(v, n, d)
		}
		return
	}
	if !d.Substituted && !v.First && n.summed {
		return
	}
	if !d.Substituted && !n.summed && n.Sum.Digest != "" {
		n.summed = true
		if !n.Matches() {
			c.cannotFollow()
			c.emitOnce(n, mismatch(n.Digest, n.Sum.Digest, c.causes.ofDocument(n, v.Edge.Descriptor, d.Raw)))
		}
	}
	if v.First && v.Judged && (d.Substituted || n.Matches() || n.Sum.Digest == "") {
		// A damaged document is one fault; what it says is not to be trusted.
		m, ok := v.From.Doc.(*model.Manifest)
		c.documents.contents(d, model.As{MediaType: v.Edge.Descriptor.MediaType,
			OfArtifact: ok && v.Edge.Role == model.RoleConfig && m.ArtifactKind() != ""})
	}
}

// unread reports why a document that is there was not read.
func (c *graphCheck) unread(v *layout.Visit, n *node, d *layout.Document) {
	if errors.Is(d.Err, blobs.ErrTooLarge) {
		if v.First {
			c.documents.tooLarge(d, "max-document", c.options.Limits.Document)
		}
		return
	}
	if errors.Is(d.Err, layout.ErrMemory) {
		if v.First {
			c.emit(Finding{Rule: rule.LimitDocument, Path: d.Path, Trail: d.Trail(),
				Message:  "the documents on the way to it take so much memory that it was not read",
				Expected: "together at most " + strconv.FormatInt(c.options.Limits.Memory, 10) + " bytes"})
		}
		return
	}
	n.summed = true // as far as it can be
	c.notChecked()
	c.blobUnreadable(n, d.Err)
}
