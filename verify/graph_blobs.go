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

// document checks the document that a descriptor leads to, if it is one, and notes
// what could not be followed.
func (c *graphCheck) document(v *layout.Visit, n *node) {
	d := v.Document
	if d == nil {
		return
	}
	if v.First && !d.Substituted && !n.counted {
		n.counted = true
		c.count(func(s *Stats) { s.BytesToRead += d.Size; s.BytesRead += d.Size })
	}
	if v.Judged && v.Cycle {
		c.emitOn(v, "", Finding{Rule: rule.ReferenceCycle, Message: "the descriptor leads back to a document that led here"})
	}
	if v.TooDeep {
		c.cannotFollow()
		if v.Judged {
			c.emitOn(v, "", Finding{Rule: rule.LimitDepth, Message: "documents are nested deeper than the limit; what this one names was not looked at",
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
	tooLarge, memory := errors.Is(d.Err, blobs.ErrTooLarge), errors.Is(d.Err, layout.ErrMemory)
	switch {
	case !tooLarge && !memory:
		n.summed = true // as far as it can be
		c.notChecked()
		c.blobUnreadable(n, d.Err)
	case !v.First:
	case tooLarge:
		c.documents.tooLarge(d, "max-document", c.options.Limits.Document)
	default:
		c.emit(Finding{Rule: rule.LimitDocument, Path: d.Path, Trail: d.Trail(),
			Message:  "the documents on the way to it take so much memory that it was not read",
			Expected: "together at most " + strconv.FormatInt(c.options.Limits.Memory, 10) + " bytes"})
	}
}

// presence checks whether the blob is there, and what lies in its place.
func (c *graphCheck) presence(v *layout.Visit, n *node) {
	if n.Err == nil && n.Info.Misplaced() {
		c.misplaced.add(n)
	}
	switch {
	case n.Err == nil && n.Info.Symlink:
		c.root.links.follow(n.Info.Path)
		c.emitOnce(n, Finding{Rule: rule.BlobSymlink, Message: "the blob is a symlink, which other tools may refuse to follow"})
	case n.Err == nil:
	case errors.Is(n.Err, blobs.ErrNotRegular):
		c.emitOnce(n, Finding{Rule: rule.BlobNotRegular, Message: "what lies in the blob's place is no regular file, and was not opened",
			Expected: "a regular file", Actual: reason(n.Err)})
	case blobs.Absent(n.Err):
		c.absence(v, n)
	case c.isOutside(n.Digest.Algorithm()): // which is one finding, and not one for each blob behind the link
		c.unproven()
	default:
		c.blobUnreadable(n, n.Err)
	}
	if !model.Computable(n.Digest.Algorithm()) && n.Err == nil {
		c.emitOnce(n, Finding{Rule: rule.DigestAlgorithmUnsupported, Message: "the digest's algorithm cannot be computed here, so the bytes were not held against it",
			Actual: string(n.Digest.Algorithm())})
	}
}

// absence checks a blob that is missing by the descriptor that names it.
func (c *graphCheck) absence(v *layout.Visit, n *node) {
	switch why := excuse(v); {
	case why != "":
		n.embedded = n.embedded || embeds(v.Edge.Descriptor)
		c.emitOnce(n, Finding{Rule: rule.BlobMissingExcused, Message: "the blob is absent, and may be: " + why})
	case c.root.truncated: // it may be in the part of the archive that was not looked at
	case c.root.noBlobs: // which is one fault, not one for each blob
	case c.isOutside(n.Digest.Algorithm()): // nor is a link that is not followed
		c.unproven()
	default:
		c.missing.report(v, n)
	}
}

// isOutside says whether the blobs of an algorithm would lie behind a symlink that is
// not followed, which the inventory reports.
func (c *graphCheck) isOutside(a digest.Algorithm) bool {
	if !c.options.Select.All() || !model.Computable(a) {
		return false
	}
	if _, known := c.outside[a]; !known {
		c.outside[a] = c.layout.Blobs().LeadsOut(a)
	}
	return c.outside[a]
}

// size reports a blob whose length is not the descriptor's.
func (c *graphCheck) size(v *layout.Visit, n *node) {
	if n.Err != nil || !hasSize(v.Edge.Descriptor) || n.Info.Size == v.Edge.Descriptor.Size {
		return
	}
	message := "the blob's length is not the descriptor's size"
	if n.Info.Size == 0 {
		message += "; a blob of no bytes is what some stores leave in place of one that they keep elsewhere"
	}
	c.emitOn(v, "/size", Finding{Rule: rule.DescriptorSizeMismatch, Message: message,
		Expected: strconv.FormatInt(v.Edge.Descriptor.Size, 10), Actual: strconv.FormatInt(n.Info.Size, 10)})
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
