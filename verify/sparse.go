package verify

import (
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Copies and docker save keep the index of all platforms and the images of some. What
// is missing then is named by its platform, and what is whole as well, which is only
// known once the walk is over.

const (
	mostSparse  = 1000 // findings that wait for the end of the walk
	mostPresent = 8    // platforms that one of them names
)

// sparse is an index some of whose images are missing.
type sparse struct {
	present []platformOf // entries that name a platform and are there
}

type platformOf struct {
	platform string
	path     string // of the manifest
}

// waiting is the finding about an image that is missing, and the index it is missing of.
type waiting struct {
	finding Finding
	of      *sparse
}

// missing reports a blob that is not there and has to be.
func (r *run) missing(v *layout.Visit, n *node) {
	f := Finding{Rule: rule.BlobMissing, Trail: v.Trail(), Message: "the blob is missing", Expected: sizeOf(v.Edge.Descriptor)}
	index, ofIndex := v.From.Doc.(*model.Index)
	d := v.Edge.Descriptor
	switch {
	case !ofIndex || v.Edge.Role != model.RoleManifest:
		r.incomplete(v.From)
	case !model.Runnable(d):
		f.Message = "the blob is missing, a manifest that is about another one"
	case d.Platform != nil:
		f.Message = "the image for " + d.Platform.String() + " is missing"
		if len(r.waiting) < mostSparse {
			if n.reported.add(f.Rule) {
				f.Path, f.Digest = n.Info.Path, n.Digest
				r.waiting = append(r.waiting, waiting{f, r.sparseOf(v.From, index)})
			}
			return
		}
	}
	r.emitOnce(n, f)
}

// incomplete notes that something of a manifest is missing.
func (r *run) incomplete(manifest *layout.Document) {
	if len(r.lacking) < mostSparse {
		if r.lacking == nil {
			r.lacking = make(map[string]bool)
		}
		r.lacking[manifest.Path] = true
	}
}

// sparseOf returns what is known of an index, which is kept while its entries are walked.
func (r *run) sparseOf(from *layout.Document, index *model.Index) *sparse {
	if r.sparseFrom == from {
		return r.sparse
	}
	r.sparseFrom, r.sparse = from, new(sparse)
	for i := range index.Manifests {
		d := &index.Manifests[i]
		if d.Platform == nil || !model.Runnable(d) || model.KindOf(d.MediaType) != model.KindManifest {
			continue
		}
		if _, err := model.ParseDigest(string(d.Digest)); err != nil || r.layout.StateOf(d) != layout.StateOK {
			continue
		}
		r.sparse.present = append(r.sparse.present, platformOf{d.Platform.String(), blobs.Path(d.Digest)})
		if len(r.sparse.present) == mostPresent {
			break
		}
	}
	return r.sparse
}

// tellSparse reports what has waited for the end of the walk.
func (r *run) tellSparse() {
	for _, w := range r.waiting {
		var whole []string
		for _, p := range w.of.present {
			if !r.lacking[p.path] {
				whole = append(whole, "--platform "+p.platform)
			}
		}
		if len(whole) > 0 && len(r.lacking) < mostSparse {
			w.finding.Message += "; nothing is missing for " + strings.Join(whole, " and ")
		}
		r.emit(w.finding)
	}
	r.waiting = nil
}
