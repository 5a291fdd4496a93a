package verify

import (
	"archive/tar"
	"encoding/base64"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/blobs/layer/tarheader"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// shownFindings is how many findings of one rule about one layer are reported each
// by itself. What is beyond is counted.
const shownFindings = 20

// tally collects findings about one layer. Its memory does not grow with their
// number.
type tally struct {
	findings []Finding
	counts   map[rule.ID]int
}

func (t *tally) add(f Finding) {
	if t.counts == nil {
		t.counts = make(map[rule.ID]int)
	}
	if t.counts[f.Rule]++; t.counts[f.Rule] <= shown(f.Rule) {
		t.findings = append(t.findings, f)
	}
}

// shown is how many findings of a rule are reported by themselves.
func shown(id rule.ID) int {
	switch id {
	case rule.EntryPathAbsolute, rule.WhiteoutOrder, rule.EntryBackslash, rule.EntryEncoding: // of which one entry is like the other
		return 1
	}
	return shownFindings
}

// all returns the findings, and for each rule that has more of them one that says
// how many.
func (t *tally) all() []Finding {
	findings := t.findings
	seen := make(map[rule.ID]bool)
	for i := range t.findings {
		id := t.findings[i].Rule
		more := t.counts[id] - shown(id)
		if more <= 0 || seen[id] {
			continue
		}
		seen[id] = true
		if shown(id) == 1 {
			findings[i].Message += fmt.Sprintf("; there are %d such entries in the layer", more+1)
			continue
		}
		findings = append(findings, Finding{Rule: id, Message: fmt.Sprintf("%d more entries of the layer have the same fault as the %d that are named", more, shown(id))})
	}
	return findings
}

// entryCheck checks the entries of one layer as a scan comes by them, as far as each
// can be checked by itself, and records them to be applied onto the layers below.
type entryCheck struct {
	tally
	changes *layer.Changes
	lastDir string // of the entry before: most entries share it
}

// report adds a finding about an entry.
func (c *entryCheck) report(id rule.ID, e *layer.Entry, message, expected, actual string) {
	c.add(Finding{Rule: id, Entry: copyOf(e.Name), Message: message, Expected: expected, Actual: copyOf(actual)})
}

// copyOf returns what an archive says, bounded and with memory of its own: a PAX record
// may be a megabyte long, and shares its memory with all others of its entry.
func copyOf(s string) string {
	if len(s) > layer.MaxPath {
		return s[:layer.MaxPath] + "…"
	}
	return strings.Clone(s)
}

// entry checks the next entry.
func (c *entryCheck) entry(e *layer.Entry) {
	c.name(e)
	c.kind(e)
	c.headers(e)
	c.records(e)
	if escapes(e.Path) || e.Typeflag == tar.TypeXGlobalHeader {
		return // it is nowhere in the tree
	}
	c.changes.Add(e)
	dir, base := path.Split(e.Path)
	c.way(e, strings.TrimSuffix(dir, "/"))
	if strings.HasPrefix(base, layer.WhiteoutPrefix) {
		c.whiteout(e, base)
	} else if e.Typeflag == tar.TypeLink && escapes(layer.Clean(e.Linkname)) {
		c.report(rule.HardLinkEscape, e, "the hard link's target leads out of the root", "", e.Linkname)
	}
}

func escapes(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }

// name checks how the entry is called.
func (c *entryCheck) name(e *layer.Entry) {
	switch {
	case strings.Trim(e.Name, "/") == "" && !strings.HasPrefix(e.Name, "/"):
		c.report(rule.EntryPathEmpty, e, "the entry has no name", "", "")
	case escapes(e.Path):
		c.report(rule.EntryPathEscape, e, "the entry's name leads out of the root", "", "")
	case strings.HasPrefix(e.Name, "/") && e.Path != ".":
		c.report(rule.EntryPathAbsolute, e, "the entry's name is absolute, and is taken as relative to the root", "", "")
	}
	if len(e.Path) > layer.MaxPath {
		c.report(rule.EntryPathLong, e, "the entry's name is longer than a path can be", fmt.Sprintf("at most %d bytes", layer.MaxPath), fmt.Sprintf("%d bytes", len(e.Path)))
	}
}

// kind checks what the entry is.
func (c *entryCheck) kind(e *layer.Entry) {
	switch e.Typeflag {
	case tar.TypeReg, 0:
	case tar.TypeDir, tar.TypeFifo:
	case tar.TypeChar, tar.TypeBlock:
		if e.Typeflag == tar.TypeChar && e.Devmajor == 0 && e.Devminor == 0 {
			c.report(rule.WhiteoutDevice, e, "the entry is a device by which overlayfs removes a file", "", "0:0")
			return
		}
		c.report(rule.EntryDevice, e, "the entry is a device", "", fmt.Sprintf("%d:%d", e.Devmajor, e.Devminor))
	case tar.TypeLink, tar.TypeSymlink:
		if e.Linkname == "" && !strings.HasPrefix(path.Base(e.Path), layer.WhiteoutPrefix) {
			c.report(rule.LinkTargetEmpty, e, "the link has no target", "", "")
		}
	case tar.TypeXGlobalHeader:
		c.report(rule.EntryGlobalHeader, e, "a header for all entries after it, which not every tool passes over", "", "")
	default:
		c.report(rule.EntryType, e, "no file type that layers have", "", strconv.QuoteRuneToASCII(rune(e.Typeflag)))
	}
	if e.Size > 0 && e.Typeflag >= tar.TypeLink && e.Typeflag <= tar.TypeFifo && e.Typeflag != tar.TypeDir {
		c.report(rule.EntrySize, e, "an entry that is no regular file claims to have content, so readers disagree where the next entry begins", "0 bytes", fmt.Sprintf("%d bytes", e.Size))
	}
	if layer.Sparse(e.Header) && e.Typeflag != tar.TypeGNUSparse {
		c.report(rule.EntrySparse, e, "the entry is a sparse file, which not every tool unpacks", "", "")
	}
}

// records checks the entry's PAX records, in the order of their keys.
func (c *entryCheck) records(e *layer.Entry) {
	for _, key := range slices.Sorted(maps.Keys(e.PAXRecords)) {
		value := e.PAXRecords[key]
		switch {
		case strings.HasPrefix(key, xattrPrefix):
			c.xattr(e, key[len(xattrPrefix):], value)
		case key == "MSWINDOWS.rawsd":
			if _, err := base64.StdEncoding.DecodeString(value); err != nil {
				c.report(rule.EntryWindows, e, "the security descriptor is not base64", "base64", value)
			}
		case key == "MSWINDOWS.fileattr":
			if _, err := strconv.ParseUint(value, 10, 32); err != nil {
				c.report(rule.EntryWindows, e, "the Windows file attributes are no number", "a number", value)
			}
		case key == "LIBARCHIVE.creationtime":
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				c.report(rule.EntryWindows, e, "the creation time is no number", "a number", value)
			}
		case key == "MSWINDOWS.mountpoint" && e.Typeflag != tar.TypeSymlink:
			c.report(rule.EntryWindows, e, "only a symlink can be a mount point", "a symlink", "")
		}
	}
}

// way checks the names of the directories that lead to the entry.
func (c *entryCheck) way(e *layer.Entry, dir string) {
	if dir == c.lastDir || len(dir) > layer.MaxPath {
		return
	}
	c.lastDir = strings.Clone(dir)
	for at := 0; at < len(dir); {
		name, _, _ := strings.Cut(dir[at:], "/")
		if strings.HasPrefix(name, layer.WhiteoutPrefix) {
			c.report(rule.WhiteoutDirectory, e, "a directory on the way to the entry has the name of a whiteout", "", dir[:at+len(name)])
		}
		at += len(name) + 1
	}
}

// whiteout checks the form of a marker.
func (c *entryCheck) whiteout(e *layer.Entry, base string) {
	name := base[len(layer.WhiteoutPrefix):]
	switch {
	case name == "":
		c.report(rule.WhiteoutBare, e, "the whiteout names nothing to remove", "", "")
		return
	case name == "." || name == "..":
		c.report(rule.WhiteoutDots, e, "the whiteout names a directory itself, or the one above it", "", "")
		return
	case base == layer.WhiteoutOpaque:
		c.report(rule.WhiteoutOpaque, e, "the directory hides all that lower layers have in it; explicit whiteouts are preferred", "", "")
	case strings.HasPrefix(name, layer.WhiteoutPrefix):
		c.report(rule.WhiteoutReserved, e, "the whiteout names something that no file can be called", layer.WhiteoutOpaque, base)
		return
	}
	if e.Typeflag != tar.TypeReg || e.Size != 0 {
		c.report(rule.WhiteoutForm, e, "the whiteout is no empty regular file", "an empty regular file", "")
	}
}

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
func (c *entryCheck) headers(e *layer.Entry) {
	for _, d := range e.Doubts {
		switch {
		case d.Kind == tarheader.Root, // which is checked where the layer is applied
			d.Kind == tarheader.Body && e.Typeflag != tar.TypeDir, // which breaks a rule of its own
			d.Kind == tarheader.Dots && escapes(e.Path):           // which is worse
			continue
		}
		broken := headerRules[d.Kind]
		c.report(broken.rule, e, broken.message, "", d.Detail)
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
func (c *entryCheck) xattr(e *layer.Entry, name, value string) {
	space, _, _ := strings.Cut(name, ".")
	switch {
	case name == "":
		c.report(rule.EntryXattr, e, "an extended attribute has no name", "", xattrPrefix)
	case len(name) > longestXattrName:
		c.report(rule.EntryXattr, e, "the name of an extended attribute is longer than one can be", fmt.Sprintf("at most %d bytes", longestXattrName), fmt.Sprintf("%d bytes", len(name)))
	case len(value) > longestXattrValue:
		c.report(rule.EntryXattr, e, "the value of an extended attribute is longer than one can be", fmt.Sprintf("at most %d bytes", longestXattrValue), fmt.Sprintf("%d bytes of %s", len(value), name))
	case strings.HasPrefix(name, "trusted.overlay."), strings.HasPrefix(name, "user.overlay."):
		c.report(rule.EntryXattrOverlay, e, "an extended attribute is one by which overlayfs hides or redirects what is in lower layers", "", name)
	case space == name || space != "user" && space != "security" && space != "system" && space != "trusted":
		c.report(rule.EntryXattrNamespace, e, "an extended attribute is in no namespace of Linux", "user, security, system or trusted", name)
	case space == "system" && name != "system.posix_acl_access" && name != "system.posix_acl_default":
		c.report(rule.EntryXattrNamespace, e, "an extended attribute is none of those that the system has", "system.posix_acl_access or system.posix_acl_default", name)
	case e.Typeflag == tar.TypeSymlink,
		space == "user" && (e.Typeflag == tar.TypeChar || e.Typeflag == tar.TypeBlock || e.Typeflag == tar.TypeFifo):
		c.report(rule.EntryXattrPlace, e, "an extended attribute stands at what cannot have it", "a file or a directory", name)
	case value == "":
		c.report(rule.EntryXattrEmpty, e, "an extended attribute has an empty value, which some tools leave out", "", name)
	case space == "trusted":
		c.report(rule.EntryXattrTrusted, e, "an extended attribute is for administrators, and containerd leaves it out", "", name)
	}
}
