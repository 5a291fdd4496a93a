package verify

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// contents checks what a document says, by itself and as what it was reached.
func (c *documentCheck) contents(d *layout.Document, as model.As) {
	c.canonical(d)
	c.partial = c.partial || slices.ContainsFunc(d.Problems, func(p model.Problem) bool { return p.Rule == rule.JSONCaseVariantContent }) // others follow what it names
	if !c.loading(d) || d.Doc == nil {
		c.cannotFollow()
	}
	if d.Doc == nil {
		return
	}
	for p := range d.Doc.ValidateAs(as) {
		if p.Rule == rule.MediaTypeMismatch {
			c.cannotFollow() // read as what it says it is, it may name other blobs
		}
		if c.problem(p, d); c.stopped {
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
		if c.problem(p, d); c.stopped {
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
	marker, problems := model.LoadImageLayout(raw)
	whole := c.part(name, raw, problems, marker != nil, func() iter.Seq[model.Problem] { return marker.Validate() })
	if marker != nil {
		c.unknownMembers(&marker.Members, name)
	}
	return whole
}

// part checks what is not a document of the graph, and says whether all of it could be
// read.
func (c *documentCheck) part(name string, raw []byte, problems model.Problems, loaded bool, validate func() iter.Seq[model.Problem]) bool {
	d := &layout.Document{Path: name, Raw: raw, Problems: problems}
	c.canonical(d)
	whole := c.loading(d) && loaded
	if loaded {
		for p := range validate() {
			c.problem(p, d)
		}
	}
	return whole
}

// loading emits the problems of loading a document, and says whether all of
// it could be read.
func (c *documentCheck) loading(d *layout.Document) bool {
	whole := true
	for _, p := range d.Problems {
		whole = whole && p.Rule != rule.LimitJSON && p.Rule != rule.JSONSyntax
		c.problem(p, d)
	}
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

// indexJSON checks what applies only to the index at the root of a layout.
func (c *documentCheck) indexJSON(path string, index *model.Index) {
	c.unknownMembers(&index.Members, path)
	for i := range index.Manifests {
		if c.ctx.Err() != nil {
			return
		}
		c.unknownMembers(&index.Manifests[i].Members, path, "manifests", strconv.Itoa(i))
	}
	if index.Manifests != nil && len(index.Manifests) == 0 {
		c.emit(Finding{Rule: rule.IndexEmpty, Path: path, Pointer: "/manifests", Message: "index.json has no entries, so there is nothing to verify"})
	}
	if !index.IsCut() {
		c.refNames(path, index)
	}
}

// refNameGrammar is that of annotations.md: components divided by slashes, each
// of alphanumeric runs divided by one separator or by two hyphens.
var refNameGrammar = regexp.MustCompile(
	`^[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*(?:/[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)*$`)

// refNames checks the reference names in index.json.
func (c *documentCheck) refNames(path string, index *model.Index) {
	type entryName struct{ ref, containerd string }
	first := make(map[entryName]int) // the entries of a name that came first
	byRef := make(map[string]int)    // and those of a reference name
	ambiguous := make(map[entryName]bool)
	for i := range index.Manifests {
		if c.ctx.Err() != nil {
			return
		}
		d := &index.Manifests[i]
		name, ok := d.Annotations[model.AnnotationRefName]
		if !ok || !c.isSelected(i) {
			continue
		}
		c.refName(path, i, d, name)
		// Docker and containerd go by their own name, of which this is but the tag, so
		// that two of those tell entries apart.
		whole := entryName{name, d.Annotations[model.AnnotationContainerdName]}
		earlier, repeated := first[whole]
		switch {
		case repeated:
		case whole.containerd == "":
			earlier, repeated = byRef[name]
		default:
			earlier, repeated = first[entryName{ref: name}]
		}
		if _, ok := first[whole]; !ok {
			first[whole] = i
		}
		if _, ok := byRef[name]; !ok {
			byRef[name] = i
		}
		if repeated && !ambiguous[whole] {
			ambiguous[whole] = c.sameName(path, index, earlier, i, name)
		}
	}
}

func (c *documentCheck) isSelected(i int) bool {
	if c.selected == nil {
		return true
	}
	_, ok := slices.BinarySearch(c.selected, i)
	return ok
}

func (c *documentCheck) refName(path string, i int, d *model.Descriptor, name string) {
	f := Finding{Path: path, Pointer: refNamePointer(i), Digest: d.Digest, Actual: name}
	if !refNameGrammar.MatchString(name) {
		f.Rule, f.Message = rule.RefNameGrammar, "the reference name does not keep the grammar, so some tools cannot use it"
		c.emit(f)
	}
	if referrersTag.MatchString(name) && model.KindOf(d.MediaType) != model.KindIndex {
		f.Rule, f.Message, f.Actual = rule.ReferrersTagNotIndex, "the name is that of a list of referrers, and the entry is no index", d.MediaType
		f.Expected = model.MediaTypeIndex
		c.emit(f)
	}
}

// sameName reports that entry i shares its reference name with an earlier one,
// and says whether that leaves the name ambiguous.
func (c *documentCheck) sameName(path string, index *model.Index, earlier, i int, name string) bool {
	a, b := &index.Manifests[earlier], &index.Manifests[i]
	f := Finding{Rule: rule.RefNameDuplicate, Path: path, Pointer: refNamePointer(i), Digest: b.Digest, Actual: name,
		Message: "another entry has the same reference name, which tools tell apart by digest or platform: /manifests/" + strconv.Itoa(earlier)}
	ambiguous := a.Digest != b.Digest && (a.Platform == nil || b.Platform == nil || samePlatform(a.Platform, b.Platform))
	if ambiguous {
		f.Rule = rule.RefNameAmbiguous
		f.Message = "another entry has the same reference name and another digest, so tools differ in which they take: /manifests/" + strconv.Itoa(earlier)
	}
	c.emit(f)
	return ambiguous
}

func samePlatform(a, b *model.Platform) bool {
	return a.Match(*b) && b.Match(*a) && a.OSVersion == b.OSVersion
}

func refNamePointer(i int) string {
	return "/manifests/" + strconv.Itoa(i) + "/annotations/" + model.AnnotationRefName
}
