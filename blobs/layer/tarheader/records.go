package tarheader

import (
	"archive/tar"
	"bytes"
	"strconv"
	"strings"
)

const (
	starRealSize = "SCHILY.realsize"
	xattrPrefix  = "SCHILY.xattr."
	sparsePrefix = "GNU.sparse."
)

// value is that of a record, and whether there is one.
type value struct {
	value []byte
	set   bool
}

func (v *value) reset() { v.value, v.set = v.value[:0], false }

func (v *value) put(raw []byte) { v.value, v.set = append(v.value[:0], raw...), len(raw) > 0 }

// records are those of the extended headers that matter here. As archive/tar has it,
// the last header counts, and none that came before.
type records struct {
	path, target, size     value
	sparseName, sparseSize value
}

func (r *records) reset() {
	for _, v := range []*value{&r.path, &r.target, &r.size, &r.sparseName, &r.sparseSize} {
		v.reset()
	}
}

// records looks at the records of an extended header: "<length> <name>=<value>\n".
func (h *Headers) records(body []byte, global bool) {
	if !global {
		h.pax.reset()
	}
	var seen struct{ path, target, size bool }
	for len(body) > 0 {
		length, rest, ok := bytes.Cut(body, []byte(" "))
		n, err := strconv.Atoi(string(length[:min(len(length), 20)]))
		if !ok || err != nil || n <= len(length)+1 || n > len(body) || body[n-1] != '\n' {
			h.fault = "an extended header holds what is no record"
			return
		}
		if length[0] == '+' {
			h.doubt(Name, "the length of a record in an extended header has a sign")
		}
		name, content, ok := bytes.Cut(rest[:n-len(length)-2], []byte("="))
		if !ok || len(name) == 0 {
			h.fault = "an extended header holds what is no record"
			return
		}
		body = body[n:]
		switch string(name) {
		case "path":
			h.record(&h.pax.path, &seen.path, Name, "path", content, global)
		case "linkpath":
			h.record(&h.pax.target, &seen.target, Target, "linkpath", content, global)
		case "size":
			h.record(&h.pax.size, &seen.size, Size, "size", content, global)
		default:
			h.other(name, content, global)
		}
	}
}

// record looks at one that decides what an entry is called or where it ends.
func (h *Headers) record(v *value, seen *bool, kind Kind, name string, content []byte, global bool) {
	switch {
	case global:
		h.doubt(kind, "a global header has a "+name+" for all entries after it")
		return
	case *seen:
		h.doubt(kind, "an extended header has two records "+name)
	}
	if len(content) == 0 {
		h.doubt(kind, "an extended header has an empty "+name)
	}
	if kind != Size && bytes.IndexByte(content, 0) >= 0 {
		h.fault = "a " + name + " in an extended header holds a byte of value zero"
	}
	if size, err := strconv.ParseInt(string(content), 10, 64); kind == Size && len(content) > 0 && (err != nil || size < 0) {
		h.fault = "the size in an extended header is no number, or negative"
	}
	*seen = true
	v.put(content)
}

// other looks at the remaining records.
func (h *Headers) other(name, content []byte, global bool) {
	switch string(name) {
	case "uid", "gid", "mtime", "atime", "ctime":
		if len(content) == 0 {
			h.doubt(Attribute, "an extended header has an empty "+string(name))
		} else if strings.Trim(string(content), "-.0123456789") != "" {
			h.fault = "the " + string(name) + " in an extended header is no number"
		}
	case starRealSize:
		h.doubt(Content, "an extended header makes it a sparse file of star")
	case sparsePrefix + "name":
		h.pax.sparseName.put(content)
	case sparsePrefix + "size", sparsePrefix + "realsize":
		h.pax.sparseSize.put(content)
	}
	switch {
	case name[0] == ' ':
		h.doubt(Name, "the name of a record in an extended header begins with a blank")
	case global && bytes.HasPrefix(name, []byte(sparsePrefix)):
		h.doubt(Content, "a global header makes all entries after it sparse files")
	case global && attribute(string(name)):
		h.doubt(Attribute, "a global header has a "+clipped(name)+" for all entries after it")
	}
}

// attribute says whether a record is about the owner, the time or the like of a file.
func attribute(name string) bool {
	switch name {
	case "uid", "gid", "uname", "gname", "mtime":
		return true
	}
	return strings.HasPrefix(name, xattrPrefix)
}

// Sparse says whether the entry is a sparse file, in one of GNU tar's formats.
func Sparse(entry *tar.Header) bool {
	if entry.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for name := range entry.PAXRecords {
		if strings.HasPrefix(name, sparsePrefix) {
			return true
		}
	}
	return false
}
