package verify

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

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
