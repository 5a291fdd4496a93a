package verify

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"time"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// documentCheck is what one document shows by itself.
type documentCheck struct {
	*reporter
	selected []int // the entries of index.json that count, in order; nil for all
}

// ErrKind is what errors.Is finds where nothing in a document says what it is.
var ErrKind = errors.New("the document does not show whether it is an index, a manifest, a config, a descriptor or an oci-layout file")

// DocumentOptions say how to check a document by itself.
type DocumentOptions struct {
	// Kind is what the document is to be: KindIndex, KindManifest, KindImage,
	// KindDescriptor or KindLayout. KindOpaque has it found by [model.Detect].
	Kind   model.Kind
	Policy rule.Policy
	// Name is the name of the document, with slashes, as the exceptions of the policy
	// have it for layouts.
	Name string
	// Limits bound the document: Index one that is called index.json, and Document
	// any other.
	Limits layout.Limits
}

// Limit returns how many bytes a document called name may have, and the name of
// that limit. Whoever reads it for [Document] need read one byte more at most.
func (o DocumentOptions) Limit(name string) (limit int64, called string) {
	limits := o.Limits.WithDefaults()
	if path.Base(name) == model.IndexFile {
		return limits.Index, "max-index"
	}
	return limits.Document, "max-document"
}

// DocumentReport is what checking one document gave.
type DocumentReport struct {
	Kind     model.Kind // what it was checked as
	Findings []Finding  // in a fixed order, without trails
	Stats    Stats      // Complete says that nothing of it was left unread
}

// Document checks one document by itself: what it holds, and not the blobs that
// it names. name becomes the path of the findings; an index whose name ends in
// index.json is checked as that file of a layout. One fault does not hide another,
// but a document that is broken at its root gives one finding, and so does one
// beyond its limit, which is not looked at.
//
// The error is ErrKind where the kind is neither given nor to be found. Time and
// memory are linear in raw, which must not be changed meanwhile.
func Document(name string, raw []byte, o DocumentOptions) (DocumentReport, error) {
	report := DocumentReport{Kind: o.Kind}
	c := &documentCheck{reporter: &reporter{ctx: context.Background(), policy: o.Policy, counters: new(counters), layout: o.Name, now: time.Now(),
		yield: func(f Finding) bool {
			report.Findings = append(report.Findings, f)
			return true
		}}}
	if limit, called := o.Limit(name); int64(len(raw)) > limit {
		c.tooLarge(&layout.Document{Path: name}, called, limit)
		report.Stats = c.stats()
		return report, nil
	}
	if report.Kind == model.KindOpaque {
		report.Kind = detect(name, raw)
	}
	whole := true
	switch report.Kind {
	case model.KindIndex, model.KindManifest, model.KindImage, model.KindArtifact, model.KindSchema1:
		c.alone(name, raw, report.Kind, o.Limits)
	case model.KindDescriptor:
		d, problems := model.LoadDescriptor(raw)
		whole = c.part(name, raw, problems, d != nil, func() iter.Seq[model.Problem] { return d.Validate() })
	case model.KindLayout:
		whole = c.marker(name, raw)
	case model.KindOpaque:
		// What is no object at all is broken, whatever it was to be.
		m, problems := model.Load[struct{ model.Members }](raw, model.Limits{})
		if m != nil {
			return report, ErrKind
		}
		whole = c.part(name, raw, problems, false, nil)
	default:
		return report, fmt.Errorf("%w: a %s is none of them", ErrKind, report.Kind)
	}
	if !whole {
		c.unproven()
	}
	c.finish()
	report.Stats = c.stats()
	return report, nil
}

// detect finds the kind of a document by what it says, or else by its name.
func detect(name string, raw []byte) model.Kind {
	kind := model.Detect(raw)
	if kind != model.KindOpaque {
		return kind
	}
	switch path.Base(name) {
	case model.IndexFile:
		return model.KindIndex
	case model.LayoutFile:
		return model.KindLayout
	}
	return kind
}

// alone checks a document of the graph outside of a layout.
func (c *documentCheck) alone(name string, raw []byte, kind model.Kind, limits layout.Limits) {
	d := &layout.Document{Path: name, Raw: raw, Size: int64(len(raw))}
	mediaType := map[model.Kind]string{
		model.KindIndex: model.MediaTypeIndex, model.KindManifest: model.MediaTypeManifest, model.KindImage: model.MediaTypeImageConfig,
		model.KindArtifact: model.MediaTypeArtifactManifest, model.KindSchema1: model.MediaTypeDockerSchema1,
	}[kind]
	ofDocument, indexJSON := limits.OfDocument(d.Size), path.Base(name) == model.IndexFile
	if indexJSON {
		ofDocument = limits.OfIndex()
	}
	d.Doc, d.Problems = model.Decode(mediaType, raw, ofDocument)
	c.contents(d, model.As{IndexJSON: indexJSON})
	if index, ok := d.Doc.(*model.Index); ok && indexJSON {
		c.indexJSON(name, index)
	}
}
