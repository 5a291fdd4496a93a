package verify

import (
	"archive/tar"

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
	tarheader.Checksum:  {rule.EntryAmbiguous, "some tools take the checksum of the header for a wrong one"},
	tarheader.Attribute: {rule.EntryAttribute, "tools differ in the owner, the mode or the time of the entry"},
	tarheader.Body:      {rule.EntryAmbiguous, "tools differ in whether something follows a directory that has a size"},
	tarheader.Time:      {rule.EntryTime, "tools differ in the time that they set"},
	tarheader.Dots:      {rule.EntryPathDots, "some tools refuse the entry for what its name has in it"},
	tarheader.Long:      {rule.EntryNameLong, "file systems do not take a name of that length"},
	tarheader.Backslash: {rule.EntryBackslash, "there are backslashes in names, as if written on Windows"},
	tarheader.Encoding:  {rule.EntryEncoding, "there are names that are not UTF-8"},
}

// headers judges in what tools differ when they read the headers of an entry.
func (j *entries) headers(e *layer.Entry) {
	for _, d := range e.Doubts {
		switch {
		case d.Kind == tarheader.Root, // which is judged where the layer is applied
			d.Kind == tarheader.Body && e.Typeflag != tar.TypeDir, // which breaks a rule of its own
			d.Kind == tarheader.Dots && escapes(e.Path):           // which is worse
			continue
		}
		broken := headerRules[d.Kind]
		j.tell(broken.rule, e, broken.message, "", d.Detail)
	}
}
