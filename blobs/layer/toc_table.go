package layer

import (
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
)

// tocTable is a table of contents as it is held in memory: entry after entry, each
// with nothing but what it has. So it takes less than its JSON does, whatever that
// says, and the length of the JSON is a bound.
type tocTable struct {
	blocks   [][]byte
	index    []tocKey // of entries that are no chunks, by hash
	seed     maphash.Seed
	names    []string // of owners and groups
	offsets  []int64  // that the entries name, in order, each once
	starts   []int64  // what lies before each of them in the unpacked stream, -1 where nothing begins
	mu       sync.Mutex
	recorded int // how many offsets the stream has passed
	splitSum digest.Digest
	// disorder is the first entry whose content lies before that of one further up,
	// where the end of one is known by the next alone.
	disorder string
}

// tocKey finds the entry of a name. Of entries with one name, the first key counts
// those that were found.
type tocKey struct {
	hash  uint64
	at    uint32
	found uint32
}

// blockSize is a megabyte, so that a place is the number of a block and one within it.
const blockBits, blockSize = 20, 1 << 20

// tocField is one member of an entry.
type tocField uint

const (
	fieldSize tocField = iota
	fieldMode
	fieldUID
	fieldGID
	fieldDevMajor
	fieldDevMinor
	fieldOffset
	fieldInner
	fieldEnd
	fieldChunkOffset
	fieldChunkSize
	fieldOwner // places among names, from 1
	fieldOwnerGroup
	numbers // how many of them there are

	fieldName = iota - 1
	fieldLink
	fieldModified
	fieldAccessed
	fieldChanged
	fieldDigest
	fieldChunkDigest
	fieldChunkType
	fieldXattrs // name and value, one after another
	allFields

	fieldSameDigest tocField = iota // the chunk's digest is the file's, which stands there once
	fieldNamesOwner                 // the entry itself does, and not one before it
	fieldNamesGroup
	fieldSeen // the archive has it: a bit that can be set in place
)

// tocEntry is one entry of the table.
type tocEntry struct {
	kind    byte // the place of its type among tocKinds
	has     uint32
	numbers [numbers]int64
	texts   [allFields - fieldName]string
	xattrs  []string
}

// tocKinds are the names of the types of entries. The first ones are those of an archive.
var tocKinds = []string{"reg", "dir", "symlink", "hardlink", "char", "block", "fifo", "chunk"}

const (
	kindReg   = 0
	kindChunk = 7
)

func (e *tocEntry) is(f tocField) bool            { return e.has&(1<<f) != 0 }
func (e *tocEntry) number(f tocField) int64       { return e.numbers[f] }
func (e *tocEntry) text(f tocField) string        { return e.texts[f-fieldName] }
func (e *tocEntry) setNumber(f tocField, n int64) { e.numbers[f], e.has = n, e.has|1<<f }
func (e *tocEntry) setText(f tocField, s string)  { e.texts[f-fieldName], e.has = s, e.has|1<<f }

// append writes the entry: bits of what it has, kind, and fields.
func (e *tocEntry) append(b []byte) []byte {
	has := e.has &^ (1 << fieldSeen)
	if e.is(fieldDigest) && e.is(fieldChunkDigest) && e.text(fieldDigest) == e.text(fieldChunkDigest) {
		has = has&^(1<<fieldChunkDigest) | 1<<fieldSameDigest
	}
	b = append(b, e.kind)
	b = binary.AppendUvarint(b, uint64(has))
	for f := range numbers {
		if has&(1<<f) != 0 {
			b = binary.AppendVarint(b, e.number(f))
		}
	}
	for f := tocField(fieldName); f < fieldXattrs; f++ {
		switch {
		case has&(1<<f) == 0:
		case f == fieldDigest || f == fieldChunkDigest:
			b = appendDigest(b, e.text(f))
		default:
			b = appendText(b, e.text(f))
		}
	}
	if has&(1<<fieldXattrs) != 0 {
		b = binary.AppendUvarint(b, uint64(len(e.xattrs)))
		for _, s := range e.xattrs {
			b = appendText(b, s)
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

const sha256Prefix, sha256Length = "sha256:", 32

// appendDigest writes what is a digest by sha256 in half of its length, after a zero.
func appendDigest(b []byte, s string) []byte {
	word, ok := strings.CutPrefix(s, sha256Prefix)
	if raw, err := hex.DecodeString(word); ok && err == nil && len(raw) == sha256Length && strings.ToLower(word) == word {
		return append(append(b, 0), raw...)
	}
	return append(binary.AppendUvarint(b, uint64(len(s))+1), s...)
}

// tocReader reads what append wrote.
type tocReader struct{ b []byte }

func (r *tocReader) uvarint() uint64 {
	n, length := binary.Uvarint(r.b)
	r.b = r.b[length:]
	return n
}

func (r *tocReader) varint() int64 {
	n, length := binary.Varint(r.b)
	r.b = r.b[length:]
	return n
}

func (r *tocReader) text(n int) string {
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *tocReader) digest() string {
	n := r.uvarint()
	if n > 0 {
		return r.text(int(n) - 1)
	}
	return sha256Prefix + hex.EncodeToString([]byte(r.text(sha256Length)))
}

func (r *tocReader) entry() (e tocEntry) {
	e.kind = r.b[0] &^ seenBit
	if r.b[0]&seenBit != 0 {
		e.has = 1 << fieldSeen
	}
	r.b = r.b[1:]
	e.has |= uint32(r.uvarint())
	for f := range numbers {
		if e.is(f) {
			e.numbers[f] = r.varint()
		}
	}
	for f := tocField(fieldName); f < fieldXattrs; f++ {
		switch {
		case !e.is(f):
		case f == fieldDigest || f == fieldChunkDigest:
			e.texts[f-fieldName] = r.digest()
		default:
			e.texts[f-fieldName] = r.text(int(r.uvarint()))
		}
	}
	if e.is(fieldSameDigest) {
		e.setText(fieldChunkDigest, e.text(fieldDigest))
	}
	if e.is(fieldXattrs) {
		for range r.uvarint() {
			e.xattrs = append(e.xattrs, r.text(int(r.uvarint())))
		}
	}
	return e
}

// seenBit is set in the kind of an entry that the archive has.
const seenBit = 0x80

// add takes the next entry.
func (t *tocTable) add(e *tocEntry, scratch []byte) []byte {
	scratch = e.append(scratch[:0])
	last := len(t.blocks) - 1
	if last < 0 || len(t.blocks[last])+len(scratch) > cap(t.blocks[last]) {
		size := min(blockSize, 4096<<min(2*len(t.blocks), 10)) // a small table takes little
		t.blocks = append(t.blocks, make([]byte, 0, max(size, len(scratch))))
		last++
	}
	if e.kind != kindChunk {
		at := uint32(last<<blockBits | len(t.blocks[last]))
		t.index = append(t.index, tocKey{hash: maphash.String(t.seed, Clean(e.text(fieldName))), at: at})
	}
	t.blocks[last] = append(t.blocks[last], scratch...)
	return scratch
}

// mostBlocks is how many blocks a place can name.
const mostBlocks = 1 << (32 - blockBits)

// sort is called when all entries are there.
func (t *tocTable) sort() {
	slices.SortFunc(t.index, func(a, b tocKey) int {
		switch {
		case a.hash != b.hash && a.hash < b.hash, a.hash == b.hash && a.at < b.at:
			return -1
		}
		return 1
	})
	t.offsets = append(t.offsets, 0) // which need not be written
	slices.Sort(t.offsets)
	t.offsets = slices.Compact(t.offsets)
	t.starts = make([]int64, len(t.offsets))
	for i := range t.starts {
		t.starts[i] = -1
	}
}

// from returns the entries from a place on, up to the end of its block, and after that
// those of the other blocks.
func (t *tocTable) from(at uint32) func(yield func(tocEntry) bool) {
	return func(yield func(tocEntry) bool) {
		block, offset := int(at>>blockBits), int(at&(blockSize-1))
		for ; block < len(t.blocks); block, offset = block+1, 0 {
			for r := (tocReader{t.blocks[block][offset:]}); len(r.b) > 0; {
				if !yield(r.entry()) {
					return
				}
			}
		}
	}
}

// at returns the entry at a place.
func (t *tocTable) at(at uint32) tocEntry {
	r := tocReader{t.blocks[at>>blockBits][at&(blockSize-1):]}
	return r.entry()
}

// find returns the place of the entry of a path, the next one each time, and marks it
// as seen.
func (t *tocTable) find(path string) (at uint32, ok bool) {
	first, hash, ok := t.first(path)
	if !ok {
		return 0, false
	}
	i := first + int(t.index[first].found)
	if i >= len(t.index) || t.index[i].hash != hash {
		return 0, false
	}
	t.index[first].found++
	at = t.index[i].at
	t.blocks[at>>blockBits][at&(blockSize-1)] |= seenBit
	return at, true
}

// first returns where in the index the entries of a path are.
func (t *tocTable) first(path string) (i int, hash uint64, ok bool) {
	hash = maphash.String(t.seed, path)
	i, _ = slices.BinarySearchFunc(t.index, hash, func(k tocKey, hash uint64) int {
		if k.hash < hash {
			return -1
		}
		return 1
	})
	return i, hash, i < len(t.index) && t.index[i].hash == hash
}

// found says whether an entry of the path was found.
func (t *tocTable) found(path string) bool {
	i, _, ok := t.first(path)
	return ok && t.index[i].found > 0
}

// watch has begins look out for one more offset.
func (t *tocTable) watch(offset int64) {
	if i, ok := slices.BinarySearch(t.offsets, offset); !ok {
		t.offsets, t.starts = slices.Insert(t.offsets, i, offset), slices.Insert(t.starts, i, -1)
	}
}

// begins notes where a member or frame begins. It may run beside start.
func (t *tocTable) begins(blob, unpacked int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.recorded < len(t.offsets) && t.offsets[t.recorded] < blob {
		t.recorded++
	}
	if t.recorded < len(t.offsets) && t.offsets[t.recorded] == blob {
		t.starts[t.recorded] = unpacked
		t.recorded++
	}
}

// start returns what lies before an offset of the table in the unpacked stream, -1
// where nothing begins there, or nothing yet.
func (t *tocTable) start(offset int64) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i, ok := slices.BinarySearch(t.offsets, offset); ok {
		return t.starts[i]
	}
	return -1
}

// covers says whether it is from offset on that what lies at a place of the unpacked
// stream is to be read, that many bytes further: what begins there lies before it, and
// nothing else that the table names begins in between. The stream has come past the
// place.
func (t *tocTable) covers(offset, inner, at int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, ok := slices.BinarySearch(t.offsets, offset)
	if !ok || t.starts[i] < 0 || inner < 0 || t.starts[i] != at-inner {
		return false
	}
	for i++; i < t.recorded; i++ {
		if t.starts[i] >= 0 {
			return t.starts[i] > at
		}
	}
	return true
}
