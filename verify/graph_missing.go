package verify

import (
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

const (
	mostPending = 1000 // findings that wait for the end of the walk
	mostPresent = 8    // platforms that one of them names
)

// missingRules report blobs that are not there. Copies and docker save keep the index of
// all platforms and the images of some: then what is missing is named by its platform,
// and so is what is whole, which is not known before the end of the walk.
type missingRules struct {
	common
	pending    []pendingMissing
	incomplete map[string]bool  // paths of manifests of which something is missing
	of         *layout.Document // the index that present is about
	present    []platformEntry
}

// platformEntry is an entry that names a platform and whose manifest is there.
type platformEntry struct{ platform, path string }

// pendingMissing is the finding about an image that is missing, with the entries of its
// index that are there.
type pendingMissing struct {
	finding Finding
	present []platformEntry
}

// report reports a blob that is not there and has to be.
func (c *missingRules) report(v *layout.Visit, n *node) {
	f := Finding{Rule: rule.BlobMissing, Trail: v.Trail(), Message: "the blob is missing", Expected: sizeOf(v.Edge.Descriptor)}
	index, ofIndex := v.From.Doc.(*model.Index)
	d := v.Edge.Descriptor
	switch {
	case !ofIndex || v.Edge.Role != model.RoleManifest:
		c.noteIncomplete(v.From)
	case !model.Runnable(d):
		f.Message = "the blob is missing, a manifest that is about another one"
	case d.Platform != nil:
		f.Message = "the image for " + d.Platform.String() + " is missing"
		if len(c.pending) < mostPending {
			if n.reported.add(f.Rule) {
				f.Path, f.Digest = n.Info.Path, n.Digest
				c.pending = append(c.pending, pendingMissing{f, c.presentIn(v.From, index)})
			}
			return
		}
	}
	c.emitOnce(n, f)
}

// noteIncomplete notes that something of a manifest is missing.
func (c *missingRules) noteIncomplete(manifest *layout.Document) {
	if len(c.incomplete) < mostPending {
		c.incomplete[manifest.Path] = true
	}
}

// presentIn returns entries of an index that are there. It is asked while they are walked.
func (c *missingRules) presentIn(from *layout.Document, index *model.Index) []platformEntry {
	if c.of == from {
		return c.present
	}
	var present []platformEntry
	for i := range index.Manifests {
		d := &index.Manifests[i]
		if d.Platform == nil || !model.Runnable(d) || model.KindOf(d.MediaType) != model.KindManifest {
			continue
		}
		if _, err := model.ParseDigest(string(d.Digest)); err != nil || c.layout.StateOf(d) != layout.StateOK {
			continue
		}
		if present = append(present, platformEntry{d.Platform.String(), blobs.Path(d.Digest)}); len(present) == mostPresent {
			break
		}
	}
	c.of, c.present = from, present
	return c.present
}

// end reports what has waited for the end of the walk.
func (c *missingRules) end() {
	for _, m := range c.pending {
		var whole []string
		for _, p := range m.present {
			if !c.incomplete[p.path] {
				whole = append(whole, "--platform "+p.platform)
			}
		}
		if len(whole) > 0 && len(c.incomplete) < mostPending {
			m.finding.Message += "; nothing is missing for " + strings.Join(whole, " and ")
		}
		c.emit(m.finding)
	}
	c.pending = nil
}
