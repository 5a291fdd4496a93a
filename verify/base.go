package verify

import (
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// onBase holds an image against the base image that its annotations name, where
// the layout has that, too: the layers of the base are the lowest of the image
// (annotations.md, Pre-Defined Annotation Keys).
func (r *run) onBase(img *image) {
	if img.base == "" {
		return
	}
	facts, base := r.facts(img), r.imageAt(blobs.Path(img.base))
	if facts == nil || base == nil || base == img {
		return
	}
	below := r.facts(base)
	if below == nil {
		return
	}
	for i, d := range below.diffIDs {
		if i < len(facts.diffIDs) && facts.diffIDs[i] == d {
			continue
		}
		f := Finding{Rule: rule.AnnotationBaseLayers, Path: img.manifest.Path, Pointer: model.Pointer("annotations", model.AnnotationBaseDigest),
			Trail: img.manifest.Trail(), Message: "the image does not begin with the layers of the base image that it names", Expected: string(d)}
		if i < len(facts.diffIDs) {
			f.Actual = string(facts.diffIDs[i])
		}
		r.emit(f)
		return
	}
}

// imageAt returns the image whose manifest lies at the path, nil for none.
func (r *run) imageAt(path string) *image {
	if r.byPath == nil {
		r.byPath = make(map[string]*image, len(r.images))
		for _, img := range r.images {
			r.byPath[img.manifest.Path] = img
		}
	}
	return r.byPath[path]
}
