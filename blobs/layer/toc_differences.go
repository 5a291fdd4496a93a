package layer

import (
	"archive/tar"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tocTypes are the names of the types of entries.
var tocTypes = map[byte]string{
	tar.TypeReg: "reg", tar.TypeLink: "hardlink", tar.TypeChar: "char", tar.TypeBlock: "block",
	tar.TypeDir: "dir", tar.TypeFifo: "fifo", tar.TypeSymlink: "symlink",
}

// difference is what an attribute is called, and its value in archive and table.
type difference [3]string

// differences lists what differs between an entry of the archive and its entry in the
// table, contents apart.
func (c *tocCheck) differences(e *Entry, t *tocEntry) (all []difference) {
	text := func(what, x, y string) {
		if x != y {
			all = append(all, difference{what, x, y})
		}
	}
	number := func(what string, x, y int64, base int) {
		if x != y {
			all = append(all, difference{what, strconv.FormatInt(x, base), strconv.FormatInt(y, base)})
		}
	}
	kind := tocKinds[t.kind]
	text("type", tocTypes[e.Typeflag], kind)
	if Clean(t.text(fieldName)) != e.Path || c.exact() && t.text(fieldName) != e.Name {
		text("name", e.Name, t.text(fieldName))
	}
	// What means nothing for an entry of the type may be left out.
	number("size", e.Size, known(t.number(fieldSize), e.Size, e.Typeflag == tar.TypeReg), 10)
	link := e.Typeflag == tar.TypeLink || e.Typeflag == tar.TypeSymlink
	text("link target", e.Linkname, known(t.text(fieldLink), e.Linkname, link))
	device := e.Typeflag == tar.TypeChar || e.Typeflag == tar.TypeBlock
	number("major device number", e.Devmajor, known(t.number(fieldDevMajor), e.Devmajor, device), 10)
	number("minor device number", e.Devminor, known(t.number(fieldDevMinor), e.Devminor, device), 10)
	if c.exact() {
		number("mode", e.Mode, t.number(fieldMode), 8)
	} else {
		number("mode", e.Mode&0o7777, t.number(fieldMode)&0o7777, 8)
	}
	number("owner", int64(e.Uid), t.number(fieldUID), 10)
	number("group", int64(e.Gid), t.number(fieldGID), 10)
	c.ownerName(text, "owner's name", e.Uname, t, fieldOwner, fieldNamesOwner)
	c.ownerName(text, "group's name", e.Gname, t, fieldOwnerGroup, fieldNamesGroup)
	c.time(text, "time of modification", e.ModTime, t, fieldModified, true)
	c.time(text, "time of access", e.AccessTime, t, fieldAccessed, c.exact())
	c.time(text, "time of change", e.ChangeTime, t, fieldChanged, c.exact())
	return append(all, xattrDifferences(e, t)...)
}

// exact says whether there are readers for which everything has to be the same: those
// that build the archive again from the table.
func (c *tocCheck) exact() bool { return c.claim.chunked && c.table.splitSum != "" }

// known is what the table says, or what the archive says where it may say nothing.
func known[T comparable](table, archive T, matters bool) T {
	var nothing T
	if !matters && table == nothing {
		return archive
	}
	return table
}

// ownerName compares a name. It stands in the table where it is another one than that
// of the entry before with the same number, and may be left out.
func (c *tocCheck) ownerName(differ func(what, x, y string), what, archive string, t *tocEntry, field, names tocField) {
	at := t.number(field)
	if at == 0 || !t.is(names) && archive == "" {
		return
	}
	differ(what, archive, c.table.names[at-1])
}

// time compares a time. Tables have whole seconds, or all that the archive has.
func (c *tocCheck) time(differ func(what, x, y string), what string, archive time.Time, t *tocEntry, field tocField, matters bool) {
	said := t.text(field)
	var table time.Time
	if said != "" {
		var err error
		if table, err = time.Parse(time.RFC3339, said); err != nil {
			differ(what, archive.UTC().Format(time.RFC3339Nano), said)
			return
		}
	}
	if said == "" && !matters {
		return
	}
	switch {
	case table.Equal(archive), noTime(table) && noTime(archive):
		return
	case !c.exact() && (table.Equal(archive.Round(time.Second)) || noTime(table) && archive.Unix() == 0):
		return
	}
	differ(what, archive.UTC().Format(time.RFC3339Nano), said)
}

// noTime says whether it is what stands for no time: that of Go, or that of Unix.
func noTime(t time.Time) bool { return t.IsZero() || t.Equal(time.Unix(0, 0)) }

// xattrDifferences compares extended attributes.
func xattrDifferences(e *Entry, t *tocEntry) (all []difference) {
	const what = "extended attribute "
	table := make(map[string]bool, len(t.xattrs)/2)
	for i := 0; i < len(t.xattrs); i += 2 {
		name, value := t.xattrs[i], t.xattrs[i+1]
		table[name] = true
		switch archive, ok := e.PAXRecords[xattrRecord+name]; {
		case !ok:
			all = append(all, difference{what + strconv.Quote(name), "", value})
		case archive != value:
			all = append(all, difference{what + strconv.Quote(name), archive, value})
		}
	}
	for _, record := range slices.Sorted(maps.Keys(e.PAXRecords)) {
		if name, ok := strings.CutPrefix(record, xattrRecord); ok && !table[name] {
			all = append(all, difference{what + strconv.Quote(name), e.PAXRecords[record], ""})
		}
	}
	return all
}
