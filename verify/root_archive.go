package verify

import (
	"fmt"

	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/verify/rule"
)

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
