package verify

import (
	"errors"
	"fmt"
	"path"
	"strconv"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// root judges the archive, what lies in the root directory, and the file oci-layout. The
// content of index.json is for the walk.
func (r *run) root() {
	r.guard(Finding{Path: "."}, r.archive)
	r.guard(Finding{Path: model.LayoutFile}, func() {
		if r.rootFile(model.LayoutFile, rule.OCILayoutMissing) {
			r.marker()
		}
	})
	r.guard(Finding{Path: model.IndexFile}, func() { r.indexThere = r.rootFile(model.IndexFile, rule.IndexJSONMissing) })
	r.guard(Finding{Path: model.BlobsDir}, r.blobsDir)
	r.guard(Finding{Path: dockerFile}, r.dockerManifest)
}

// beside are names that tools in wide use give to what they put in the root beside a
// layout: docker save, containerd's store of content, and BuildKit's cache.
var beside = map[string]bool{"manifest.json": true, "repositories": true, "ingest": true, "cache.lock": true}

// extraFiles judges what else is in the root. It comes after the blobs, which may be
// symlinks to what lies there.
func (r *run) extraFiles() {
	if !r.options.Select.All() {
		return
	}
	for _, name := range r.rootNames {
		if beside[name] || r.followed[name] || r.explained(name) {
			continue
		}
		r.extraFile(name)
	}
	if err := r.rootErr; err != nil {
		r.emitUnreadable(err, Finding{Path: "."})
	}
}

func (r *run) extraFile(name string) {
	r.emit(Finding{Rule: rule.RootFileExtra, Path: name, Message: "the specification knows no such file in the root of a layout"})
}

// rootFile judges what a file of the root is, and says whether it can be read.
func (r *run) rootFile(name string, missing rule.ID) bool {
	f := r.layout.Root(name)
	switch {
	case f.Err != nil:
		r.emitUnreadable(f.Err, Finding{Path: name})
	case !f.Exists && r.cut:
	case !f.Exists:
		r.emit(Finding{Rule: missing, Path: name, Message: "the layout has no file " + name})
	case !f.Resolved:
		r.irregular(f, "a regular file")
	case !f.Regular:
		r.irregular(f, "a regular file")
	default:
		r.symlink(f)
		return true
	}
	return false
}

func (r *run) blobsDir() {
	f := r.layout.Root(model.BlobsDir)
	switch {
	case f.Err != nil:
		r.emitUnreadable(f.Err, Finding{Path: f.Name})
	case !f.Exists && r.cut:
		r.noBlobs = true
	case !f.Exists:
		f := Finding{Rule: rule.BlobsMissing, Path: f.Name, Message: "the layout has no directory blobs"}
		if n, first := r.layout.Blobs().Misplaced(); n > 0 {
			d, _ := blobs.Misnamed(path.Base(first), "")
			f.Message += fmt.Sprintf("; what may be blobs, %d in all, lies %s", n, wayOf(first, d))
			f.Expected, f.Actual = model.BlobsDir+"/sha256", first
		}
		r.emit(f)
		r.noBlobs = true
	case !f.Dir:
		r.irregular(f, "a directory")
		r.noBlobs = true
	default:
		r.symlink(f)
	}
}

func (r *run) irregular(f layout.RootFile, expected string) {
	actual := "something else"
	switch {
	case !f.Resolved:
		actual = "a symlink that leads to nothing within the layout"
	case f.Dir:
		actual = "a directory"
	case f.Regular:
		actual = "a regular file"
	}
	r.emit(Finding{Rule: rule.RootFileIrregular, Path: f.Name, Message: "not " + expected, Expected: expected, Actual: actual})
}

func (r *run) symlink(f layout.RootFile) {
	if f.Symlink {
		r.follow(f.Name)
		r.emit(Finding{Rule: rule.RootSymlink, Path: f.Name, Message: "reached through a symlink, which other tools may refuse to follow"})
	}
}

// marker judges the content of oci-layout.
func (r *run) marker() {
	const name = model.LayoutFile
	raw, err := r.layout.ReadFile(r.ctx, name, r.options.Limits.Marker)
	switch {
	case errors.Is(err, blobs.ErrTooLarge):
		r.emit(Finding{Rule: rule.LimitDocument, Path: name, Message: "the file is larger than the limit, and was not read",
			Expected: "at most " + strconv.FormatInt(r.options.Limits.Marker, 10) + " bytes"})
		return
	case err != nil:
		r.emitUnreadable(err, Finding{Path: name})
		return
	}
	r.documents.marker(name, raw)
}
