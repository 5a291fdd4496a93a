package verify

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// rootCheck is what lies in the root of a layout: the archive around it, the files
// oci-layout and index.json, the directory blobs, and whatever else is there. What
// index.json says is for the graph check.
type rootCheck struct {
	common
	documents *documentCheck
	names     []string // that the specification does not speak of
	namesErr  error    // of listing them
	rootFacts
}

// rootFacts is what the checks after it need to know of the root.
type rootFacts struct {
	truncated bool // a limit kept a part of the archive from being looked at
	noBlobs   bool // there is no directory blobs, which is one finding and not one for every blob
	hasIndex  bool // index.json is a file, or was when it was looked at
	links     followedLinks
	docker    []dockerImage // of Docker's manifest.json
}

func (c *rootCheck) check() {
	c.guard(Finding{Path: "."}, c.archive)
	c.guard(Finding{Path: model.LayoutFile}, func() {
		if !c.file(model.LayoutFile, rule.OCILayoutMissing) {
			return
		}
		limit := c.options.Limits.Marker
		if raw, ok := c.read(model.LayoutFile, limit, Finding{Message: "the file is larger than the limit, and was not read", Expected: fmt.Sprintf("at most %d bytes", limit)}); ok {
			c.documents.marker(model.LayoutFile, raw)
		}
	})
	c.guard(Finding{Path: model.IndexFile}, func() { c.hasIndex = c.file(model.IndexFile, rule.IndexJSONMissing) })
	c.guard(Finding{Path: model.BlobsDir}, c.blobsDir)
	c.guard(Finding{Path: dockerFile}, c.dockerManifest)
}

// beside are names that tools in wide use give to what they put in the root beside a
// layout: docker save, containerd's store of content, and BuildKit's cache.
var beside = map[string]bool{"manifest.json": true, "repositories": true, "ingest": true, "cache.lock": true}

// extraFiles checks what else is in the root. It comes after the inventory, as blobs may
// be symlinks to what lies there. explained says of a path that it is misplaced content.
func (c *rootCheck) extraFiles(explained func(string) bool) {
	if !c.options.Select.All() {
		return
	}
	for _, name := range c.names {
		if beside[name] || c.links.places[name] || explained(name) {
			continue
		}
		c.emit(Finding{Rule: rule.RootFileExtra, Path: name, Message: "the specification knows no such file in the root of a layout"})
	}
	if err := c.namesErr; err != nil {
		c.emitUnreadable(err, Finding{Path: "."})
	}
}

// file checks what a file of the root is, and says whether it can be read.
func (c *rootCheck) file(name string, missing rule.ID) bool {
	f := c.layout.Root(name)
	switch {
	case f.Err != nil:
		c.emitUnreadable(f.Err, Finding{Path: name})
	case !f.Exists && c.truncated:
	case !f.Exists:
		c.emit(Finding{Rule: missing, Path: name, Message: "the layout has no file " + name})
	case !f.Resolved, !f.Regular:
		c.irregular(f, "a regular file")
	default:
		c.symlink(f)
		return true
	}
	return false
}

func (c *rootCheck) blobsDir() {
	f := c.layout.Root(model.BlobsDir)
	switch {
	case f.Err != nil:
		c.emitUnreadable(f.Err, Finding{Path: f.Name})
	case !f.Exists && c.truncated:
		c.noBlobs = true
	case !f.Exists:
		f := Finding{Rule: rule.BlobsMissing, Path: f.Name, Message: "the layout has no directory blobs"}
		if n, first := c.layout.Blobs().Misplaced(); n > 0 {
			d, _ := blobs.Misnamed(path.Base(first), "")
			f.Message += fmt.Sprintf("; what may be blobs, %d in all, lies %s", n, wayOf(first, d))
			f.Expected, f.Actual = model.BlobsDir+"/sha256", first
		}
		c.emit(f)
		c.noBlobs = true
	case !f.Dir:
		c.irregular(f, "a directory")
		c.noBlobs = true
	default:
		c.symlink(f)
	}
}

func (c *rootCheck) irregular(f layout.RootFile, expected string) {
	actual := "something else"
	switch {
	case !f.Resolved:
		actual = "a symlink that leads to nothing within the layout"
	case f.Dir:
		actual = "a directory"
	case f.Regular:
		actual = "a regular file"
	}
	c.emit(Finding{Rule: rule.RootFileIrregular, Path: f.Name, Message: "not " + expected, Expected: expected, Actual: actual})
}

func (c *rootCheck) symlink(f layout.RootFile) {
	if f.Symlink {
		c.links.follow(f.Name)
		c.emit(Finding{Rule: rule.RootSymlink, Path: f.Name, Message: "reached through a symlink, which other tools may refuse to follow"})
	}
}

// read reads a file of the root, and says whether it could. A file larger than the limit
// gives the finding.
func (c *rootCheck) read(name string, limit int64, tooLarge Finding) ([]byte, bool) {
	raw, err := c.layout.ReadFile(c.ctx, name, limit)
	switch {
	case errors.Is(err, blobs.ErrTooLarge):
		tooLarge.Rule, tooLarge.Path = rule.LimitDocument, name
		c.emit(tooLarge)
	case err != nil:
		c.emitUnreadable(err, Finding{Path: name})
	}
	return raw, err == nil
}

// archiveRules says which rule a defect of an archive breaks, with its message.
var archiveRules = map[archive.Kind]struct {
	rule    rule.ID
	message string
}{
	archive.Duplicate:    {rule.ArchiveDuplicate, "the archive has the name more than once, and tools differ in which entry they take"},
	archive.Outside:      {rule.ArchiveOutside, "the name of an entry leads out of the archive"},
	archive.Sparse:       {rule.ArchiveSparse, "an entry is a sparse file, and was not read"},
	archive.Ambiguous:    {rule.ArchiveAmbiguous, "tools differ in how they read an entry"},
	archive.Unportable:   {rule.ArchiveUnportable, "some tools fail at an entry of the archive"},
	archive.Backslash:    {rule.ArchiveBackslash, "names of entries have backslashes where a layout has slashes, as if written on Windows"},
	archive.Malformed:    {rule.ArchiveMalformed, "a header is malformed, and nothing after it can be found"},
	archive.Truncated:    {rule.ArchiveTruncated, "the archive breaks off"},
	archive.Stream:       {rule.ArchiveStream, "the archive cannot be decompressed to its end"},
	archive.Unterminated: {rule.ArchiveUnterminated, "the two blocks of zeros at the end of the archive are missing"},
	archive.Trailing:     {rule.ArchiveTrailing, "something follows the end of the archive"},
	archive.LimitEntries: {rule.LimitArchiveEntries, "the archive has more entries than the limit; the rest was not looked at"},
	archive.LimitHeaders: {rule.LimitArchiveHeaders, "the headers of one entry are longer than the limit; the rest was not looked at"},
	archive.LimitBytes:   {rule.LimitArchiveBytes, "the archive unpacks to more bytes than the limit; the rest was not looked at"},
	archive.LimitRatio:   {rule.LimitArchiveRatio, "the archive unpacks to more than the limit's multiple of its size; the rest was not looked at"},
	archive.LimitWindow:  {rule.LimitArchiveWindow, "the archive needs more memory to decompress than the limit; the rest was not looked at"},
}

// archive checks the archive that the layout comes in, if it does.
func (c *rootCheck) archive() {
	for _, d := range c.layout.ArchiveDefects() {
		broken := archiveRules[d.Kind]
		f := Finding{Rule: broken.rule, Path: d.Path, Message: broken.message, Actual: d.Detail}
		if d.Kind.Limit() {
			c.truncated = true
			f.Expected, f.Actual = d.Detail, ""
		}
		if f.Path == "" {
			f.Path = "."
		}
		if d.Name != d.Path {
			f.Entry = d.Name
		}
		if d.Offset > 0 || d.Name != "" {
			f.Message += fmt.Sprintf(" (at byte %d)", d.Offset)
		}
		c.emit(f)
	}
}

// maxFollowed is of how many symlinks it is remembered where they lead.
const maxFollowed = 10_000

// followedLinks are the places to which symlinks of the layout lead that were followed,
// and the names in the root in which those lie: that is content, and not something that
// was left behind.
type followedLinks struct {
	layout *layout.Layout
	places map[string]bool
}

func (l *followedLinks) follow(name string) {
	if len(l.places) >= maxFollowed {
		return
	}
	for range 8 { // symlinks that lead to symlinks
		target := l.layout.LinkTarget(name)
		if target == "" {
			return
		}
		l.places[target] = true
		if first, _, _ := strings.Cut(target, "/"); first != model.BlobsDir {
			l.places[first] = true
		}
		name = target
	}
}
