package verify

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// contents checks what a document says, by itself and as what it was reached.
func (c *documentCheck) contents(d *layout.Document, as model.As) {
	c.canonical(d)
	for _, p := range d.Problems {
		if p.Rule == rule.LimitJSON || p.Rule == rule.JSONSyntax {
			c.cannotFollow()
		}
		if p.Rule == rule.JSONCaseVariantContent {
			c.partial = true // others follow what it names
		}
		c.problem(p, d.Path, d)
	}
	if d.Doc == nil {
		c.cannotFollow()
		return
	}
	for p := range d.Doc.ValidateAs(as) {
		if p.Rule == rule.MediaTypeMismatch {
			c.cannotFollow() // read as what it says it is, it may name other blobs
		}
		if c.problem(p, d.Path, d); c.stopped {
			return
		}
	}
	if d.Doc.Kind() == model.KindSchema1 {
		c.notChecked() // but for its digest, and the layers
	}
	if name, ok := model.AnnotationsOf(d.Doc)[model.AnnotationRefName]; ok {
		c.refNameMisplaced(d, "/annotations", name)
	}
	doc, ok := d.Doc.(*model.Image)
	if !ok {
		return
	}
	c.nulls(d, doc)
	if name, ok := doc.Config.Labels[model.AnnotationRefName]; ok {
		c.emit(Finding{Rule: rule.RefNameInLabels, Path: d.Path, Pointer: "/config/Labels/" + model.AnnotationRefName, Trail: d.Trail(),
			Message: "a label has the name of the reference name annotation, often inherited from a base image", Actual: name})
	}
}

// canonical, like nulls, looks for something that few ask for, so that it is done only
// where the policy does.
func (c *documentCheck) canonical(d *layout.Document) {
	if c.policy.Severity(rule.JSONNotCanonical) == rule.Ignore {
		return
	}
	if canonical, err := model.Canonical(d.Raw); err == nil && !bytes.Equal(canonical, d.Raw) {
		c.emit(Finding{Rule: rule.JSONNotCanonical, Path: d.Path, Trail: d.Trail(),
			Message: "the document is not canonical JSON (RFC 8785), so that encoding it anew changes its digest"})
	}
}

func (c *documentCheck) nulls(d *layout.Document, doc *model.Image) {
	if c.policy.Severity(rule.ConfigNull) == rule.Ignore {
		return
	}
	for p := range doc.Nulls() {
		if c.problem(p, d.Path, d); c.stopped {
			return
		}
	}
}

// refNameMisplaced reports a reference name where it names nothing.
func (c *documentCheck) refNameMisplaced(d *layout.Document, pointer, name string) {
	c.emit(Finding{Rule: rule.RefNameMisplaced, Path: d.Path, Pointer: pointer + "/" + model.AnnotationRefName, Trail: d.Trail(),
		Message: "a reference name counts only on a descriptor in index.json", Actual: name})
}

// largeMarker is more than any tool has reason to write into oci-layout.
const largeMarker = 4 << 10

// marker checks what an oci-layout file holds, and says whether all of it
// could be read.
func (c *documentCheck) marker(name string, raw []byte) bool {
	if len(raw) > largeMarker {
		c.emit(Finding{Rule: rule.OCILayoutLarge, Path: name, Message: "far larger than its one member needs",
			Expected: "at most " + strconv.Itoa(largeMarker) + " bytes", Actual: strconv.Itoa(len(raw)) + " bytes"})
	}
	c.canonical(&layout.Document{Path: name, Raw: raw})
	marker, problems := model.LoadImageLayout(raw)
	whole := marker != nil
	for _, p := range problems {
		whole = whole && p.Rule != rule.LimitJSON && p.Rule != rule.JSONSyntax
		c.problem(p, name, nil)
	}
	if marker == nil {
		return false
	}
	for p := range marker.Validate() {
		c.problem(p, name, nil)
	}
	c.unknownMembers(&marker.Members, name)
	return whole
}

// unknownMembers lists members of a file that no digest protects: a name that
// was misspelt or damaged there hides what it held.
func (c *documentCheck) unknownMembers(m *model.Members, path string, at ...string) {
	for name := range m.Unknown() {
		c.emit(Finding{Rule: rule.RootMemberUnknown, Path: path, Pointer: model.Pointer(append(slices.Clip(at), name)...),
			Message: "the specification knows no such member here"})
	}
}

func (c *documentCheck) tooLarge(d *layout.Document, name string, limit int64) {
	c.emit(Finding{Rule: rule.LimitDocument, Path: d.Path, Trail: d.Trail(),
		Message:  "the document is larger than the limit, and was not read as one",
		Expected: name + " " + strconv.FormatInt(limit, 10)})
}
