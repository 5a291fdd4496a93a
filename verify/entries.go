package verify

import (
	"archive/tar"
	"encoding/base64"
	"fmt"
	"hash/maphash"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// maxLayerFindings is how many findings one layer is kept for, and how many of
// its links and whiteouts are held against the layers below.
const maxLayerFindings = 10_000

// entries judges the entries of one layer as a scan comes by them. What it
// remembers of an entry is a hash of its path and a few bits, so that memory
// does not follow the length of names.
type entries struct {
	findings []Finding
	seen     map[pathKey]seen
	symlinks bool // there is one, so that a path may go through it
	links    []link
	removed  []removal
	dirs     map[pathKey]bool // directories on the way to entries, and whether one that is no whiteout lies in it
	lastDir  string           // of the entry before: most entries share it
	viaLink  string           // the symlink on the way to lastDir, or ""
	order    bool             // whiteout-order was told
	full     bool             // something was not kept
	partial  bool             // directories were not
}

// pathKey stands for a path. It is keyed anew in every process, so that nobody
// can make two paths collide; two that do by chance are rarer than a disk that
// errs.
type pathKey [2]uint64

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func keyOf(p string) pathKey {
	return pathKey{maphash.String(seeds[0], p), maphash.String(seeds[1], p)}
}

type seen struct {
	kind  byte
	attrs uint64 // hash of what a directory says of itself
}

// link is a hard link whose target its own layer does not have, or has later.
type link struct {
	entry  string
	target string
	key    pathKey // of the target
}

// removal is a whiteout.
type removal struct {
	entry string
	key   pathKey // of what it removes, or whose content
	all   bool    // the whole content of the root
}

func newEntries() *entries {
	return &entries{seen: make(map[pathKey]seen), dirs: make(map[pathKey]bool)}
}

// tell keeps a finding about an entry.
func (j *entries) tell(id rule.ID, e *layer.Entry, message, expected, actual string) {
	j.add(Finding{Rule: id, Entry: kept(e.Name), Message: message, Expected: expected, Actual: kept(actual)})
}

// kept returns what an archive says as it can be kept: a PAX record may be a
// megabyte long, and shares its memory with all others of its entry.
func kept(s string) string {
	if len(s) > layer.MaxPath {
		return s[:layer.MaxPath] + "…"
	}
	return strings.Clone(s)
}

func (j *entries) add(f Finding) {
	if len(j.findings) < maxLayerFindings {
		j.findings = append(j.findings, f)
	} else {
		j.full = true
	}
}

// told returns the findings, and says so where there would have been more.
func (j *entries) told() []Finding {
	if j.full {
		return append(j.findings, Finding{Rule: rule.LimitLayerFindings,
			Message:  "more findings about one layer, or more to hold against other layers, than is kept",
			Expected: "at most " + strconv.Itoa(maxLayerFindings)})
	}
	return j.findings
}

// entry judges the next entry.
func (j *entries) entry(e *layer.Entry) {
	j.name(e)
	j.kind(e)
	j.records(e)
	if escapes(e.Path) || e.Typeflag == tar.TypeXGlobalHeader {
		return // it is nowhere in the tree
	}
	dir, base := path.Split(e.Path)
	dir = path.Clean(dir)
	if len(e.Path) <= layer.MaxPath {
		j.way(e, dir)
	}
	if strings.HasPrefix(base, layer.WhiteoutPrefix) {
		j.whiteout(e, dir, base)
		return
	}
	j.remember(e)
	j.dirs[keyOf(dir)] = true
	if e.Typeflag == tar.TypeLink {
		j.hardLink(e)
	}
}

func escapes(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }

// name judges how the entry is called.
func (j *entries) name(e *layer.Entry) {
	switch {
	case strings.Trim(e.Name, "/") == "" && !strings.HasPrefix(e.Name, "/"):
		j.tell(rule.EntryPathEmpty, e, "the entry has no name", "", "")
	case escapes(e.Path):
		j.tell(rule.EntryPathEscape, e, "the entry's name leads out of the root", "", "")
	case strings.HasPrefix(e.Name, "/") && e.Path != ".":
		j.tell(rule.EntryPathAbsolute, e, "the entry's name is absolute, and is taken as relative to the root", "", "")
	}
	if len(e.Path) > layer.MaxPath {
		j.tell(rule.EntryPathLong, e, "the entry's name is longer than a path can be", fmt.Sprintf("at most %d bytes", layer.MaxPath), fmt.Sprintf("%d bytes", len(e.Path)))
	}
}

// kind judges what the entry is.
func (j *entries) kind(e *layer.Entry) {
	switch e.Typeflag {
	case tar.TypeReg, 0:
	case tar.TypeDir, tar.TypeFifo:
	case tar.TypeChar, tar.TypeBlock:
		j.tell(rule.EntryDevice, e, "the entry is a device", "", fmt.Sprintf("%d:%d", e.Devmajor, e.Devminor))
	case tar.TypeLink, tar.TypeSymlink:
		if e.Linkname == "" {
			j.tell(rule.LinkTargetEmpty, e, "the link has no target", "", "")
		}
	case tar.TypeXGlobalHeader:
		j.tell(rule.EntryGlobalHeader, e, "a header for all entries after it, which not every tool passes over", "", "")
	default:
		j.tell(rule.EntryType, e, "no file type that layers have", "", strconv.QuoteRuneToASCII(rune(e.Typeflag)))
	}
	if e.Size > 0 && e.Typeflag >= tar.TypeLink && e.Typeflag <= tar.TypeFifo && e.Typeflag != tar.TypeDir {
		j.tell(rule.EntrySize, e, "an entry that is no regular file claims to have content, so readers disagree where the next entry begins", "0 bytes", fmt.Sprintf("%d bytes", e.Size))
	}
	if layer.Sparse(e.Header) && e.Typeflag != tar.TypeGNUSparse {
		j.tell(rule.EntrySparse, e, "the entry is a sparse file, which not every tool unpacks", "", "")
	}
}

// records judges the entry's PAX records, in the order of their keys.
func (j *entries) records(e *layer.Entry) {
	if len(e.PAXRecords) == 0 {
		return
	}
	keys := make([]string, 0, len(e.PAXRecords))
	for key := range e.PAXRecords {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		value := e.PAXRecords[key]
		switch {
		case key == "SCHILY.xattr.":
			j.tell(rule.EntryXattr, e, "an extended attribute has no name", "", key)
		case key == "MSWINDOWS.rawsd":
			if _, err := base64.StdEncoding.DecodeString(value); err != nil {
				j.tell(rule.EntryWindows, e, "the security descriptor is not base64", "base64", value)
			}
		case key == "MSWINDOWS.fileattr":
			if _, err := strconv.ParseUint(value, 10, 32); err != nil {
				j.tell(rule.EntryWindows, e, "the Windows file attributes are no number", "a number", value)
			}
		case key == "LIBARCHIVE.creationtime":
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				j.tell(rule.EntryWindows, e, "the creation time is no number", "a number", value)
			}
		case key == "MSWINDOWS.mountpoint" && e.Typeflag != tar.TypeSymlink:
			j.tell(rule.EntryWindows, e, "only a symlink can be a mount point", "a symlink", "")
		}
	}
}

// way judges the directories that lead to the entry.
func (j *entries) way(e *layer.Entry, dir string) {
	if dir != j.lastDir {
		j.lastDir, j.viaLink = dir, ""
		for at := dir; at != "."; {
			k := keyOf(at)
			if j.symlinks && j.seen[k].kind == tar.TypeSymlink {
				j.viaLink = at
			}
			slash := strings.LastIndexByte(at, '/')
			if strings.HasPrefix(at[slash+1:], layer.WhiteoutPrefix) {
				j.tell(rule.WhiteoutDirectory, e, "a directory on the way to the entry has the name of a whiteout", "", at)
			}
			j.lead(k)
			if at = at[:max(slash, 0)]; at == "" {
				at = "."
			}
		}
	}
	if j.viaLink != "" {
		j.tell(rule.EntryThroughSymlink, e, "the entry lies behind a symlink of its own layer, where tools unpack it differently", "", j.viaLink)
	}
}

// freeDirs is how many directories that have no entry of their own a layer may
// have in any case, and dirsPerEntry how many more for each of its entries. One
// short name can lead through two thousand.
const (
	freeDirs     = 1 << 20
	dirsPerEntry = 4
)

// lead notes a directory on the way to an entry.
func (j *entries) lead(k pathKey) {
	if _, ok := j.dirs[k]; ok {
		return
	}
	if len(j.dirs) >= freeDirs+dirsPerEntry*len(j.seen) {
		j.full, j.partial = true, true
		return
	}
	j.dirs[k] = false
}

// remember judges whether the path stands in the layer already.
func (j *entries) remember(e *layer.Entry) {
	k := keyOf(e.Path)
	now := seen{kind: e.Typeflag}
	if e.Typeflag == tar.TypeDir {
		now.attrs = maphash.String(seeds[0], fmt.Sprint(e.Mode, e.Uid, e.Gid, e.ModTime.UnixNano()))
	}
	before, again := j.seen[k]
	switch {
	case !again:
	case before.kind == tar.TypeDir && now == before:
		j.tell(rule.EntryDuplicateDirectory, e, "the directory stands twice in the layer", "", "")
	default:
		j.tell(rule.EntryDuplicate, e, "the path stands twice in the layer, and tools differ in which entry they take", "", "")
	}
	j.seen[k] = now
	j.symlinks = j.symlinks || e.Typeflag == tar.TypeSymlink
}

// hardLink judges where a hard link leads, as far as its own layer can tell.
func (j *entries) hardLink(e *layer.Entry) {
	target := layer.Clean(e.Linkname)
	switch {
	case e.Linkname == "":
	case escapes(target):
		j.tell(rule.HardLinkEscape, e, "the hard link's target leads out of the root", "", e.Linkname)
	case target == e.Path:
		j.tell(rule.HardLinkSelf, e, "the hard link is its own target", "", e.Linkname)
	default:
		k := keyOf(target)
		s, ok := j.seen[k]
		switch {
		case ok && s.kind == tar.TypeDir:
			j.tell(rule.HardLinkDirectory, e, "the hard link's target is a directory", "", e.Linkname)
		case !ok && len(j.links) < maxLayerFindings:
			j.links = append(j.links, link{kept(e.Name), kept(target), k})
		case !ok:
			j.full = true
		}
	}
}

// whiteout judges a marker.
func (j *entries) whiteout(e *layer.Entry, dir, base string) {
	name := base[len(layer.WhiteoutPrefix):]
	switch {
	case name == "":
		j.tell(rule.WhiteoutBare, e, "the whiteout names nothing to remove", "", "")
		return
	case name == "." || name == "..":
		j.tell(rule.WhiteoutDots, e, "the whiteout names a directory itself, or the one above it", "", "")
		return
	case base == layer.WhiteoutOpaque:
		j.tell(rule.WhiteoutOpaque, e, "the directory hides all that lower layers have in it; explicit whiteouts are preferred", "", "")
		j.remove(removal{kept(e.Name), keyOf(dir), dir == "."})
	case strings.HasPrefix(name, layer.WhiteoutPrefix):
		j.tell(rule.WhiteoutReserved, e, "the whiteout names something that no file can be called", layer.WhiteoutOpaque, base)
		return
	default:
		j.remove(removal{entry: kept(e.Name), key: keyOf(path.Join(dir, name))})
	}
	if e.Typeflag != tar.TypeReg || e.Size != 0 {
		j.tell(rule.WhiteoutForm, e, "the whiteout is no empty regular file", "an empty regular file", "")
	}
	if !j.order && j.dirs[keyOf(dir)] {
		j.order = true
		j.tell(rule.WhiteoutOrder, e, "the whiteout stands after entries of the same directory", "", "")
	}
}

func (j *entries) remove(r removal) {
	if len(j.removed) < maxLayerFindings {
		j.removed = append(j.removed, r)
	} else {
		j.full = true
	}
}

// forward divides the links that had no target when they came into those whose
// target came later, which it tells, and those that only lower layers can have.
func (j *entries) forward() {
	j.links = slices.DeleteFunc(j.links, func(l link) bool {
		_, ok := j.seen[l.key]
		if ok {
			j.add(Finding{Rule: rule.HardLinkForward, Entry: l.entry, Message: "the hard link stands before its target", Actual: l.target})
		}
		return ok
	})
}

// paths returns what the layer brings or goes through, for the layers above, and
// of each whether it is a symlink; nil where that is not known.
func (j *entries) paths() map[pathKey]bool {
	if j.partial {
		return nil
	}
	all := make(map[pathKey]bool, len(j.seen)+len(j.dirs))
	for k := range j.dirs {
		all[k] = false
	}
	for k, s := range j.seen {
		all[k] = s.kind == tar.TypeSymlink
	}
	return all
}
