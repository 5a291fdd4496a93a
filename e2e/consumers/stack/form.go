package stack

import (
	"archive/tar"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Form is how the headers of an entry are written. The zero Form is ustar, with
// PAX records for what does not fit.
type Form string

// forms are all other forms, and what they write before the content. Those that
// cannot be of an entry write the usual.
var forms = map[Form]func(*Entry) []byte{
	"v7":  func(e *Entry) []byte { return plain(e, magicV7) },
	"gnu": gnu,
	// A part of the name in the field for prefixes: of ustar, and of formats that
	// have another use for those bytes.
	"prefix":        func(e *Entry) []byte { return prefixed(e, magicUSTAR) },
	"v7-prefix":     func(e *Entry) []byte { return prefixed(e, magicV7) },
	"gnu-prefix":    func(e *Entry) []byte { return prefixed(e, magicGNU) },
	"ustarx-prefix": func(e *Entry) []byte { return prefixed(e, magicOdd) },
	"star-prefix":   star,
	// Two names of one entry.
	"pax-path":      func(e *Entry) []byte { return then(extended('x', paxPath(e)), named(e, e.Alt)) },
	"gnu-long":      func(e *Entry) []byte { return then(long('L', e.Name), named(e, e.Alt)) },
	"pax-then-long": func(e *Entry) []byte { return then(extended('x', paxPath(e)), long('L', e.Alt), named(e, "h")) },
	"long-then-pax": func(e *Entry) []byte { return then(long('L', e.Alt), extended('x', paxPath(e)), named(e, "h")) },
	"two-pax": func(e *Entry) []byte {
		return then(extended('x', record{"path", e.Alt}), extended('x', paxPath(e)), named(e, "h"))
	},
	"two-long":       func(e *Entry) []byte { return then(long('L', e.Alt), long('L', e.Name), named(e, "h")) },
	"pax-path-twice": func(e *Entry) []byte { return then(extended('x', record{"path", e.Alt}, paxPath(e)), named(e, "h")) },
	"pax-path-empty": func(e *Entry) []byte { return then(extended('x', record{"path", ""}), usual(e)) },
	"pax-path-nul":   func(e *Entry) []byte { return then(extended('x', record{"path", e.Name + "\x00" + e.Alt}), usual(e)) },
	"pax-link":       func(e *Entry) []byte { return then(extended('x', record{"linkpath", e.Link}), targeted(e, e.Alt)) },
	"pax-link-empty": func(e *Entry) []byte { return then(extended('x', record{"linkpath", ""}), usual(e)) },
	"gnu-link":       func(e *Entry) []byte { return then(long('K', e.Link), targeted(e, e.Alt)) },
	// Records of their own.
	"pax-split": func(e *Entry) []byte {
		return then(extended('x', record{"SCHILY.xattr.user.first", "1"}), extended('x', paxPath(e)), named(e, "h"))
	},
	"pax-unknown":   func(e *Entry) []byte { return then(extended('x', record{"VENDOR.thing", "1"}), usual(e)) },
	"pax-malformed": func(e *Entry) []byte { return then(special('x', "x", "7 pa=x\n9", magicUSTAR), usual(e)) },
	"pax-times": func(e *Entry) []byte {
		return then(extended('x', record{"mtime", "1000000001.25"}, record{"atime", "1000000002.5"}, record{"ctime", "1"}), usual(e))
	},
	"pax-time-early": func(e *Entry) []byte { return then(extended('x', record{"mtime", "-1.5"}), usual(e)) },
	"pax-atime-late": func(e *Entry) []byte { return then(extended('x', record{"atime", "1000000009"}), usual(e)) },
	"pax-uid":        func(e *Entry) []byte { return then(extended('x', record{"uid", "3000000000"}), usual(e)) },
	"pax-uid-huge":   func(e *Entry) []byte { return then(extended('x', record{"uid", "5000000000"}), usual(e)) },
	"pax-uid-minus":  func(e *Entry) []byte { return then(extended('x', record{"uid", "-1"}), usual(e)) },
	"pax-gid-minus":  func(e *Entry) []byte { return then(extended('x', record{"gid", "-2"}), usual(e)) },
	"pax-names": func(e *Entry) []byte {
		return then(extended('x', record{"uname", "nobody"}, record{"gname", "root"}), usual(e))
	},
	"pax-libarchive": func(e *Entry) []byte { return then(extended('x', record{"LIBARCHIVE.xattr.user.l", "MQ"}), usual(e)) },
	"pax-size":       func(e *Entry) []byte { return then(extended('x', paxSize(e, 0)), sized(e, 0)) },
	"pax-size-less":  func(e *Entry) []byte { return then(extended('x', paxSize(e, -1)), usual(e)) },
	"pax-size-more":  func(e *Entry) []byte { return then(extended('x', paxSize(e, 1)), usual(e)) },
	"pax-realsize":   func(e *Entry) []byte { return then(extended('x', record{"SCHILY.realsize", "9"}), usual(e)) },
	"pax-xattr-bare": func(e *Entry) []byte { return then(extended('x', record{"SCHILY.xattr.", "1"}), usual(e)) },
	"pax-xattr-odd":  func(e *Entry) []byte { return then(extended('x', record{"SCHILY.xattr.nospace", "1"}), usual(e)) },
	// Headers for all that follows.
	"global-comment": func(e *Entry) []byte { return then(extended('g', record{"comment", "c"}), usual(e)) },
	"global-path":    func(e *Entry) []byte { return then(extended('g', record{"path", e.Alt}), usual(e)) },
	"global-size":    func(e *Entry) []byte { return then(extended('g', record{"size", "1"}), usual(e)) },
	"global-mtime":   func(e *Entry) []byte { return then(extended('g', record{"mtime", "5"}), usual(e)) },
	// Types.
	"slash":      func(e *Entry) []byte { return named(e, strings.TrimSuffix(e.Name, "/")+"/") },
	"nul-type":   func(e *Entry) []byte { return typed(e, 0, e.Name) },
	"nul-slash":  func(e *Entry) []byte { return typed(e, 0, strings.TrimSuffix(e.Name, "/")+"/") },
	"contiguous": func(e *Entry) []byte { return typed(e, '7', e.Name) },
	// Sizes of what has no content.
	"size":         func(e *Entry) []byte { return sized(e, 3) },
	"size-content": func(e *Entry) []byte { return then(sized(e, 3), padded("abc")) },
	// Sparse files, with a hole before the content.
	"sparse-old": sparseOld,
	"sparse-0.1": sparse01,
	"sparse-1.0": sparse10,
	// Numbers and sums.
	"base-256":   base256,
	"spaces":     spaces,
	"sum-signed": func(e *Entry) []byte { return head(e, e.Name, e.Link, size(e)).signedSum() },
	"sum-wrong":  sumWrong,
}

// Forms returns the names of all forms, sorted, without the zero Form.
func Forms() []Form { return slices.Sorted(maps.Keys(forms)) }

// Bytes returns the layer's archive, with its end.
func (l Layer) Bytes() []byte {
	var out []byte
	for i := range l {
		out = append(out, l[i].bytes()...)
	}
	return append(out, make([]byte, 2*blockSize)...)
}

func (e *Entry) bytes() []byte {
	write := forms[e.Form]
	if write == nil {
		write = usual
	}
	return then(write(e), padded(e.body()))
}

// body returns what follows the headers.
func (e *Entry) body() string {
	switch e.Form {
	case "sparse-1.0":
		return sparseMap(e) + e.Content
	case "pax-size-more":
		return e.Content + "+"
	}
	return e.Content
}

// attributes are written by the zero Form only.
func (e *Entry) attributes() []record {
	var records []record
	for _, x := range e.Xattrs {
		records = append(records, record{"SCHILY.xattr." + x.Name, x.Value})
	}
	return records
}

// then joins what stands one after the other.
func then(parts ...[]byte) []byte { return slices.Concat(parts...) }

func size(e *Entry) int64 { return int64(len(e.Content)) }

func head(e *Entry, name, link string, size int64) *header { return newHeader(e, name, link, size) }

// usual is ustar, with PAX records for what does not fit.
func usual(e *Entry) []byte {
	records := e.attributes()
	if len(e.Name) > 100 {
		records = append(records, record{"path", e.Name})
	}
	if len(e.Link) > 100 {
		records = append(records, record{"linkpath", e.Link})
	}
	block := head(e, e.Name, e.Link, size(e)).sum()
	if len(records) == 0 {
		return block
	}
	return then(extended('x', records...), block)
}

func plain(e *Entry, magic string) []byte {
	h := head(e, e.Name, e.Link, size(e))
	h.text(fieldMagic, magic)
	return h.sum()
}

func gnu(e *Entry) []byte {
	var before []byte
	if len(e.Name) > 100 {
		before = append(before, long('L', e.Name)...)
	}
	if len(e.Link) > 100 {
		before = append(before, long('K', e.Link)...)
	}
	return then(before, plain(e, magicGNU))
}

// prefixed puts all before the first slash into the field for prefixes.
func prefixed(e *Entry, magic string) []byte {
	prefix, name, ok := strings.Cut(e.Name, "/")
	if !ok || name == "" || prefix == "" {
		return usual(e)
	}
	h := head(e, name, e.Link, size(e))
	h.text(fieldMagic, magic)
	h.text(fieldPrefix, prefix)
	return h.sum()
}

// star is the format of star: a prefix of 131 bytes, two times, and a mark at the
// end of the block.
func star(e *Entry) []byte {
	prefix, name, ok := strings.Cut(e.Name, "/")
	if !ok || name == "" || prefix == "" {
		prefix, name = "", e.Name
	}
	h := head(e, name, e.Link, size(e))
	h.text([2]int{345, 476}, prefix)
	h.number([2]int{476, 488}, 1_000_000_003)
	h.number([2]int{488, 500}, 1_000_000_004)
	h.text([2]int{508, 512}, "tar\x00")
	return h.sum()
}

func paxPath(e *Entry) record { return record{"path", e.Name} }

func paxSize(e *Entry, more int64) record {
	return record{"size", strconv.FormatInt(max(size(e)+more, 0), 10)}
}

// named is a header under another name.
func named(e *Entry, name string) []byte { return head(e, name, e.Link, size(e)).sum() }

// targeted is a header with another target.
func targeted(e *Entry, link string) []byte { return head(e, e.Name, link, size(e)).sum() }

// sized is a header with another size.
func sized(e *Entry, n int64) []byte { return head(e, e.Name, e.Link, n).sum() }

// typed is a header of another type.
func typed(e *Entry, kind byte, name string) []byte {
	other := *e
	other.Type = kind
	return head(&other, name, e.Link, size(e)).sum()
}

// hole is how long the holes of sparse files are.
const hole = 1024

func sparseOld(e *Entry) []byte {
	if e.Type != tar.TypeReg {
		return usual(e)
	}
	h := head(e, e.Name, "", size(e))
	h[156] = tar.TypeGNUSparse
	h.text(fieldMagic, magicGNU)
	h.number([2]int{386, 398}, hole)
	h.number([2]int{398, 410}, size(e))
	h.number([2]int{483, 495}, hole+size(e))
	return h.sum()
}

func sparse01(e *Entry) []byte {
	if e.Type != tar.TypeReg {
		return usual(e)
	}
	return then(extended('x',
		record{"GNU.sparse.size", strconv.FormatInt(hole+size(e), 10)},
		record{"GNU.sparse.numblocks", "1"},
		record{"GNU.sparse.map", fmt.Sprintf("%d,%d", hole, size(e))},
	), usual(e))
}

func sparse10(e *Entry) []byte {
	if e.Type != tar.TypeReg {
		return usual(e)
	}
	return then(extended('x',
		record{"GNU.sparse.major", "1"},
		record{"GNU.sparse.minor", "0"},
		record{"GNU.sparse.name", e.Name},
		record{"GNU.sparse.realsize", strconv.FormatInt(hole+size(e), 10)},
	), head(e, "GNUSparseFile.0/h", "", int64(len(sparseMap(e)))+size(e)).sum())
}

// sparseMap is the map before the content of a sparse file of format 1.0.
func sparseMap(e *Entry) string {
	if e.Type != tar.TypeReg {
		return ""
	}
	return string(padded(fmt.Sprintf("1\n%d\n%d\n", hole, size(e))))
}

func base256(e *Entry) []byte {
	h := head(e, e.Name, e.Link, size(e))
	h.text(fieldMagic, magicGNU)
	h.binary(fieldMode, e.Mode)
	h.binary(fieldUID, e.UID)
	h.binary(fieldGID, e.GID)
	h.binary(fieldSize, size(e))
	h.binary(fieldTime, e.Time)
	return h.sum()
}

// spaces writes numbers as old archivers did, with spaces around them.
func spaces(e *Entry) []byte {
	h := head(e, e.Name, e.Link, size(e))
	h.text(fieldMode, fmt.Sprintf("%6o \x00", e.Mode&0o7777))
	h.text(fieldSize, fmt.Sprintf("%11o ", size(e)))
	return h.sum()
}

func sumWrong(e *Entry) []byte {
	block := head(e, e.Name, e.Link, size(e)).sum()
	binary.BigEndian.PutUint16(block[fieldSum[0]:], 0x3737)
	return block
}
