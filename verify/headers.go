package verify

import (
	"archive/tar"
	"fmt"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/blobs/layer/tarheader"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// headerRules says which rule an entry breaks that tools differ about, and how that is
// told.
var headerRules = map[tarheader.Kind]struct {
	rule    rule.ID
	message string
}{
	tarheader.Name:      {rule.EntryAmbiguous, "tools unpack the entry under different names"},
	tarheader.Target:    {rule.EntryAmbiguous, "tools differ in where the link leads"},
	tarheader.Size:      {rule.EntryAmbiguous, "tools differ in where the entry ends, and so in what comes after it"},
	tarheader.Content:   {rule.EntryAmbiguous, "tools differ in what is in the file"},
	tarheader.Type:      {rule.EntryAmbiguous, "tools differ in whether the entry is a file or a directory"},
	tarheader.Root:      {rule.EntryAmbiguous, "tools differ in what they do with a root that is no directory"},
	tarheader.Checksum:  {rule.EntryAmbiguous, "some tools take the checksum of the header for a wrong one"},
	tarheader.Attribute: {rule.EntryAttribute, "tools differ in the owner, the mode or the time of the entry"},
	tarheader.Body:      {rule.EntryAmbiguous, "tools differ in whether something follows a directory that has a size"},
	tarheader.Time:      {rule.EntryTime, "tools differ in the time that they set"},
	tarheader.Dots:      {rule.EntryPathDots, "some tools refuse the entry for what its name has in it"},
	tarheader.Long:      {rule.EntryNameLong, "file systems do not take a name of that length"},
	tarheader.Backslash: {rule.EntryBackslash, "there are backslashes in names, as if written on Windows"},
	tarheader.Encoding:  {rule.EntryEncoding, "there are names that are not UTF-8"},
}

// shownAlike is how many entries of a layer are named that tools differ about in one way.
// A writer that makes one such entry may make all of them so.
const shownAlike = 3

// headers judges in what tools differ about the entries of one layer, as a scan comes by
// them. Memory does not follow the number of entries.
type headers struct {
	findings []Finding
	kinds    [tarheader.Encoding + 1]struct {
		count int
		first int // of the findings
	}
}

// entry judges the next entry.
func (h *headers) entry(e *layer.Entry) {
	for _, d := range e.Doubts {
		broken := headerRules[d.Kind]
		switch {
		case d.Kind == tarheader.Body && e.Typeflag != tar.TypeDir, // which breaks a rule of its own
			d.Kind == tarheader.Dots && escapes(e.Path), // which is worse
			d.Kind == tarheader.Root && e.Name == "":
			continue
		}
		seen := &h.kinds[d.Kind]
		if seen.count++; seen.count == 1 {
			seen.first = len(h.findings)
		}
		if seen.count == 1 || seen.count <= shownAlike && !spelling(d.Kind) {
			h.findings = append(h.findings, Finding{Rule: broken.rule, Entry: kept(e.Name), Message: broken.message, Actual: d.Detail})
		}
	}
}

// spelling says whether a kind is one of which a single finding stands for all entries of
// a layer: whatever wrote one such name wrote all of them.
func spelling(kind tarheader.Kind) bool {
	return kind == tarheader.Backslash || kind == tarheader.Encoding
}

// told returns the findings, with the number of entries that none of them names.
func (h *headers) told() []Finding {
	for i, seen := range h.kinds {
		kind := tarheader.Kind(i)
		switch more := seen.count - shownAlike; {
		case spelling(kind) && seen.count > 0:
			h.findings[seen.first].Actual = counted(seen.count, "such name", "such names")
		case more > 0:
			broken := headerRules[kind]
			h.findings = append(h.findings, Finding{Rule: broken.rule, Message: broken.message, Actual: counted(more, "more entry", "more entries")})
		}
	}
	return h.findings
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
