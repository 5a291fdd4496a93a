package archive

import (
	"bytes"
	"encoding/hex"
	"hash/maphash"
	"iter"
	"strings"
)

// kind is what an entry is, as far as a layout cares.
type kind uint8

const (
	directory kind = iota
	regular
	irregular // a link, a device, a sparse file: nothing that is read
)

// record is one file or directory. There may be a million of them, so they refer
// to one another by number, and hold no pointer.
type record struct {
	at      int64 // where a regular file's bytes begin; the newest child of a directory
	size    int64
	name    uint32 // where it is in names
	parent  uint32
	sibling uint32 // the next older child of the same directory, 0 for none
	length  uint8  // of the name as it is kept
	packed  bool   // the name is kept as the bytes that its hexadecimal digits stand for
	kind    kind
}

// root is the number of the root directory. As it is nobody's child, it also
// means "none".
const root = 0

const (
	recordsBits = 12
	namesBits   = 16
)

// index is a tree. Records and names lie in chunks, which are
// never moved: growing takes no second copy of them.
type index struct {
	records []*[1 << recordsBits]record
	count   uint32
	names   []*[1 << namesBits]byte
	used    int      // of the last chunk of names
	table   []uint32 // open addressing, by parent and name; 0 is free
	seed    maphash.Seed
	strange int // names that are no part of a layout
}

func newIndex() *index {
	return &index{records: []*[1 << recordsBits]record{new([1 << recordsBits]record)}, count: 1, table: make([]uint32, 64), seed: maphash.MakeSeed()}
}

func (x *index) record(id uint32) *record {
	return &x.records[id>>recordsBits][id&(1<<recordsBits-1)]
}

// key is a name as it is kept.
type key struct {
	raw    []byte
	packed bool
}

// keyOf packs what is a digest, which nearly all names of a layout are. into is
// where to, and has to hold a name.
func keyOf(name string, into []byte) key {
	if len(name) >= 32 && len(name)%2 == 0 && strings.Trim(name, "0123456789abcdef") == "" {
		n, _ := hex.Decode(into, []byte(name))
		return key{into[:n], true}
	}
	return key{into[:copy(into, name)], false}
}

func (x *index) key(r *record) key {
	chunk := x.names[r.name>>namesBits]
	start := r.name & (1<<namesBits - 1)
	return key{chunk[start : start+uint32(r.length)], r.packed}
}

func (x *index) name(id uint32) string {
	k := x.key(x.record(id))
	if k.packed {
		return hex.EncodeToString(k.raw)
	}
	return string(k.raw)
}

func (x *index) hash(parent uint32, k key) uint64 {
	return maphash.Bytes(x.seed, k.raw) ^ uint64(parent)*0x9e3779b97f4a7c15
}

// slot returns where in the table the child of parent stands, or would.
func (x *index) slot(parent uint32, k key) int {
	mask := uint64(len(x.table) - 1)
	for i := x.hash(parent, k) & mask; ; i = (i + 1) & mask {
		id := x.table[i]
		if id == root {
			return int(i)
		}
		if r := x.record(id); r.parent == parent && r.packed == k.packed {
			if other := x.key(r); bytes.Equal(other.raw, k.raw) {
				return int(i)
			}
		}
	}
}

// find returns the child of a directory, root if it has none of the name.
func (x *index) find(parent uint32, name string) uint32 {
	if len(name) > longestName {
		return root
	}
	var buffer [longestName]byte
	return x.table[x.slot(parent, keyOf(name, buffer[:]))]
}

// add makes a child of a directory that has none of the name. It returns root
// where no more fit.
func (x *index) add(parent uint32, name string, what kind) uint32 {
	var buffer [longestName]byte
	k := keyOf(name, buffer[:])
	at, ok := x.keep(k.raw)
	if !ok {
		return root
	}
	if int(x.count)*4 >= len(x.table)*3 {
		x.grow()
	}
	id := x.count
	if id>>recordsBits == uint32(len(x.records)) {
		x.records = append(x.records, new([1 << recordsBits]record))
	}
	x.count++
	dir := x.record(parent)
	*x.record(id) = record{name: at, parent: parent, sibling: uint32(dir.at), length: uint8(len(k.raw)), packed: k.packed, kind: what}
	dir.at = int64(id)
	x.table[x.slot(parent, k)] = id
	return id
}

// keep stores a name, and says whether there was room.
func (x *index) keep(raw []byte) (uint32, bool) {
	if len(x.names) == 0 || x.used+len(raw) > 1<<namesBits {
		if len(x.names) == 1<<(32-namesBits) {
			return 0, false
		}
		x.names, x.used = append(x.names, new([1 << namesBits]byte)), 0
	}
	chunk := len(x.names) - 1
	at := uint32(chunk)<<namesBits | uint32(x.used)
	x.used += copy(x.names[chunk][x.used:], raw)
	return at, true
}

func (x *index) grow() {
	x.table = make([]uint32, 2*len(x.table))
	for id := uint32(1); id < x.count; id++ {
		r := x.record(id)
		x.table[x.slot(r.parent, x.key(r))] = id
	}
}

// children yields what is in a directory, the newest first.
func (x *index) children(dir uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for id := uint32(x.record(dir).at); id != root && yield(id); id = x.record(id).sibling {
		}
	}
}

// lookup returns what a path leads to. The path is clean.
func (x *index) lookup(path string) (uint32, bool) {
	id := uint32(root)
	if path == "." {
		return id, true
	}
	for name := range strings.SplitSeq(path, "/") {
		if x.record(id).kind != directory {
			return root, false
		}
		if id = x.find(id, name); id == root {
			return root, false
		}
	}
	return id, true
}
