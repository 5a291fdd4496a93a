package verify

import (
	"archive/tar"
	"fmt"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/blobs/layer/tarheader"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// headerRules says which rule an entry breaks that tools differ about, with its
// message.
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

// headers checks in what tools differ when they read the headers of an entry.
func (j *entries) headers(e *layer.Entry) {
	for _, d := range e.Doubts {
		switch {
		case d.Kind == tarheader.Root, // which is checked where the layer is applied
			d.Kind == tarheader.Body && e.Typeflag != tar.TypeDir, // which breaks a rule of its own
			d.Kind == tarheader.Dots && escapes(e.Path):           // which is worse
			continue
		}
		broken := headerRules[d.Kind]
		j.report(broken.rule, e, broken.message, "", d.Detail)
	}
}

// xattrPrefix begins the names of the PAX records of extended attributes.
const xattrPrefix = "SCHILY.xattr."

// The longest name and the longest value of an extended attribute of Linux, in bytes.
const (
	longestXattrName  = 255
	longestXattrValue = 64 << 10
)

// xattr checks an extended attribute of an entry.
func (j *entries) xattr(e *layer.Entry, name, value string) {
	space, _, _ := strings.Cut(name, ".")
	switch {
	case name == "":
		j.report(rule.EntryXattr, e, "an extended attribute has no name", "", xattrPrefix)
	case len(name) > longestXattrName:
		j.report(rule.EntryXattr, e, "the name of an extended attribute is longer than one can be", fmt.Sprintf("at most %d bytes", longestXattrName), fmt.Sprintf("%d bytes", len(name)))
	case len(value) > longestXattrValue:
		j.report(rule.EntryXattr, e, "the value of an extended attribute is longer than one can be", fmt.Sprintf("at most %d bytes", longestXattrValue), fmt.Sprintf("%d bytes of %s", len(value), name))
	case strings.HasPrefix(name, "trusted.overlay."), strings.HasPrefix(name, "user.overlay."):
		j.report(rule.EntryXattrOverlay, e, "an extended attribute is one by which overlayfs hides or redirects what is in lower layers", "", name)
	case space == name || space != "user" && space != "security" && space != "system" && space != "trusted":
		j.report(rule.EntryXattrNamespace, e, "an extended attribute is in no namespace of Linux", "user, security, system or trusted", name)
	case space == "system" && name != "system.posix_acl_access" && name != "system.posix_acl_default":
		j.report(rule.EntryXattrNamespace, e, "an extended attribute is none of those that the system has", "system.posix_acl_access or system.posix_acl_default", name)
	case e.Typeflag == tar.TypeSymlink,
		space == "user" && (e.Typeflag == tar.TypeChar || e.Typeflag == tar.TypeBlock || e.Typeflag == tar.TypeFifo):
		j.report(rule.EntryXattrPlace, e, "an extended attribute stands at what cannot have it", "a file or a directory", name)
	case value == "":
		j.report(rule.EntryXattrEmpty, e, "an extended attribute has an empty value, which some tools leave out", "", name)
	case space == "trusted":
		j.report(rule.EntryXattrTrusted, e, "an extended attribute is for administrators, and containerd leaves it out", "", name)
	}
}
