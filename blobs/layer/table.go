package layer

import (
	"hash/maphash"
	"math/bits"
)

// table finds what a directory has under a name: a number that is not 0. It keeps
// 80 bits of a keyed hash of both, and not the name, so that its memory does not
// follow the length of names: 14 bytes for each, and what is free. The key is
// another one in each process, so that nobody can make two names collide; among ten
// million, two do so by chance once in some ten billion runs.
//
// It grows by a fifth, part by part, where to double it would take twice as much
// memory as it needs, and three times while it grows.
type table struct {
	parts []part
	n     int
	spare int // of these, slots that are as if they had never been used
}

// part is a table by itself of the hashes that begin alike, with linear probing.
type part struct {
	hashes []uint64
	checks []uint16
	refs   []uint32
	n      int
}

// slotBytes is what a name is counted with, whatever the parts happen to take: it
// must not follow from the key whether a limit is reached.
const slotBytes = (8 + 2 + 4) * 4 / 3

const (
	firstSlots = 16
	manyParts  = 64
	// onePart is how many names are in one part, which small layers have.
	onePart = 2048
)

var tableSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// place is the hash of a name in a directory.
type place struct {
	hash  uint64
	check uint16
}

// placeOf returns where space has a name. A space is the number of a directory, or
// another number that no directory has.
func placeOf(space uint64, name string) place {
	a, b := maphash.String(tableSeeds[0], name), maphash.String(tableSeeds[1], name)
	hash := mixed(a ^ space*0x9e3779b97f4a7c15)
	return place{hash, uint16(mixed(b^space) >> 48)}
}

// mixed lets each bit depend on all.
func mixed(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

func (t *table) part(hash uint64) *part { return &t.parts[hash%uint64(len(t.parts))] }

// slot returns where the hash is in the part, or the free slot where it would go.
// There is one.
func (p *part) slot(at place) int {
	i, _ := bits.Mul64(at.hash, uint64(len(p.refs)))
	for p.refs[i] != 0 && (p.hashes[i] != at.hash || p.checks[i] != at.check) {
		if i++; i == uint64(len(p.refs)) {
			i = 0
		}
	}
	return int(i)
}

// get returns what stands there, 0 for nothing.
func (t *table) get(at place) uint32 {
	if len(t.parts) == 0 {
		return 0
	}
	p := t.part(at.hash)
	if len(p.refs) == 0 {
		return 0
	}
	if ref := p.refs[p.slot(at)]; ref < gone {
		return ref
	}
	return 0
}

// gone marks a slot whose number was taken out: those behind it are still to be
// found. spare marks one that was free before.
const (
	gone  = 1 << 31
	spare = gone | 1<<29
)

// put writes what stands there; 0 takes it out.
func (t *table) put(at place, ref uint32) {
	if len(t.parts) == 0 {
		t.parts = make([]part, 1)
	}
	if len(t.parts) == 1 && t.n >= onePart {
		t.split()
	}
	p := t.part(at.hash)
	if p.n >= len(p.refs)*17/20 {
		t.grow(p)
	}
	i := p.slot(at)
	if p.refs[i] == 0 {
		if ref == 0 {
			return
		}
		p.hashes[i], p.checks[i] = at.hash, at.check
		p.n++
		t.n++
	}
	if p.refs[i] == spare {
		if ref == 0 {
			return
		}
		t.spare--
	}
	if ref == 0 {
		ref = gone
	}
	p.refs[i] = ref
}

// state returns what restore takes.
func (t *table) state(at place) uint32 {
	if len(t.parts) == 0 || len(t.part(at.hash).refs) == 0 {
		return 0
	}
	p := t.part(at.hash)
	if state := p.refs[p.slot(at)]; state != spare {
		return state
	}
	return 0
}

// restore brings back the state of a slot.
func (t *table) restore(at place, state uint32) {
	now := t.state(at)
	if now == state {
		return
	}
	if now == 0 { // the slot may have been dropped
		t.put(at, 1)
	}
	if state == 0 {
		state = spare
		t.spare++
	}
	p := t.part(at.hash)
	p.refs[p.slot(at)] = state
}

// used returns how many slots are in use, whatever was undone.
func (t *table) used() int { return t.n - t.spare }

// grow makes room in a part.
func (t *table) grow(p *part) {
	old := *p
	size := max(firstSlots, len(old.refs)+len(old.refs)/5)
	if len(t.parts) == 1 {
		size = max(firstSlots, 2*len(old.refs))
	}
	*p = sized(size)
	t.n -= old.n
	t.take(&old)
}

func sized(n int) part { return part{make([]uint64, n), make([]uint16, n), make([]uint32, n), 0} }

// take moves over what is in a part that there was.
func (t *table) take(old *part) {
	for i, ref := range old.refs {
		switch ref {
		case 0:
		case spare:
			t.spare--
		default:
			p := t.part(old.hashes[i])
			j := p.slot(place{old.hashes[i], old.checks[i]})
			p.hashes[j], p.checks[j], p.refs[j] = old.hashes[i], old.checks[i], ref
			p.n++
			t.n++
		}
	}
}

// split divides the one part into many.
func (t *table) split() {
	old := t.parts[0]
	t.parts = make([]part, manyParts)
	for i, ref := range old.refs {
		if ref != 0 {
			t.part(old.hashes[i]).n++
		}
	}
	for i := range t.parts {
		t.parts[i] = sized(max(firstSlots, t.parts[i].n*5/4))
	}
	t.n = 0
	t.take(&old)
}
