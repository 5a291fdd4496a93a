package verify

import (
	"archive/tar"
	"fmt"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// xattrPrefix begins the names of the PAX records of extended attributes.
const xattrPrefix = "SCHILY.xattr."

// The longest name and the longest value of an extended attribute of Linux, in bytes.
const (
	longestXattrName  = 255
	longestXattrValue = 64 << 10
)

// xattr judges an extended attribute of an entry.
func (j *entries) xattr(e *layer.Entry, name, value string) {
	space, _, _ := strings.Cut(name, ".")
	switch {
	case name == "":
		j.tell(rule.EntryXattr, e, "an extended attribute has no name", "", xattrPrefix)
	case len(name) > longestXattrName:
		j.tell(rule.EntryXattr, e, "the name of an extended attribute is longer than one can be", fmt.Sprintf("at most %d bytes", longestXattrName), fmt.Sprintf("%d bytes", len(name)))
	case len(value) > longestXattrValue:
		j.tell(rule.EntryXattr, e, "the value of an extended attribute is longer than one can be", fmt.Sprintf("at most %d bytes", longestXattrValue), fmt.Sprintf("%d bytes of %s", len(value), name))
	case strings.HasPrefix(name, "trusted.overlay."), strings.HasPrefix(name, "user.overlay."):
		j.tell(rule.EntryXattrOverlay, e, "an extended attribute is one by which overlayfs hides or redirects what is in lower layers", "", name)
	case space == name || space != "user" && space != "security" && space != "system" && space != "trusted":
		j.tell(rule.EntryXattrNamespace, e, "an extended attribute is in no namespace of Linux", "user, security, system or trusted", name)
	case space == "system" && name != "system.posix_acl_access" && name != "system.posix_acl_default":
		j.tell(rule.EntryXattrNamespace, e, "an extended attribute is none of those that the system has", "system.posix_acl_access or system.posix_acl_default", name)
	case e.Typeflag == tar.TypeSymlink,
		space == "user" && (e.Typeflag == tar.TypeChar || e.Typeflag == tar.TypeBlock || e.Typeflag == tar.TypeFifo):
		j.tell(rule.EntryXattrPlace, e, "an extended attribute stands at what cannot have it", "a file or a directory", name)
	case value == "":
		j.tell(rule.EntryXattrEmpty, e, "an extended attribute has an empty value, which some tools leave out", "", name)
	case space == "trusted":
		j.tell(rule.EntryXattrTrusted, e, "an extended attribute is for administrators, and containerd leaves it out", "", name)
	}
}
