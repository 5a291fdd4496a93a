package inflate

import (
	"math/bits"
	"testing"
)

// The tables have room for what any code makes of them.
func TestTableSizes(t *testing.T) {
	for _, test := range []struct{ symbols, width, size int }{
		{fixLit, litBits, litSize}, {fixDist, distBits, distSize},
	} {
		need := (&tables{width: test.width, memo: make(map[codes]int)}).most(test.symbols)
		if need+1<<test.width != test.size {
			t.Errorf("%d symbols may take %d entries, and have %d", test.symbols, need+1<<test.width, test.size)
		}
	}
}

// tables computes how many entries second tables may take.
type tables struct {
	width int // of the index of the first
	memo  map[codes]int
}

// codes are those that are still to be given out, in the order of their length.
type codes struct {
	symbols int // that have none yet
	length  int
	free    int // codes of this length
	room    int // how many of them belong to the second table that was begun last
}

const impossible = -1 << 20

// most is the most entries that a complete code for up to so many symbols takes.
func (c *tables) most(symbols int) int {
	most := 0
	for free := 1; free <= symbols/2; free++ {
		// The other codes of the first table are at least as many as there are
		// powers of two in how much of it they fill.
		for short := bits.OnesCount(uint(1<<c.width - free)); short <= symbols; short++ {
			most = max(most, c.take(codes{symbols - short, c.width + 1, 2 * free, 0}))
		}
	}
	return most
}

func (c *tables) take(k codes) int {
	size := 1 << (k.length - c.width)
	switch {
	case k.free > k.symbols:
		return impossible
	case k.free == k.symbols: // all have this length
		return (max(k.free-k.room, 0) + size - 1) / size * size
	case k.length == maxCode:
		return impossible
	}
	if most, ok := c.memo[k]; ok {
		return most
	}
	longer := c.take(codes{k.symbols, k.length + 1, 2 * k.free, 2 * k.room})
	one := codes{k.symbols - 1, k.length, k.free - 1, k.room - 1}
	begun := 0
	if k.room > 0 {
		longer += size // the table doubles
	} else {
		begun, one.room = size, size-1
	}
	most := longer
	if k.free > 0 {
		most = max(longer, begun+c.take(one))
	}
	c.memo[k] = most
	return most
}

// A code is taken if, and only if, it is complete, or a single code of one bit, or
// none.
func TestBuild(t *testing.T) {
	of := make([]uint8, 4)
	table := make([]uint32, litSize)
	for i := range 1 << 16 {
		sum, some := 0, 0
		for j := range of {
			if of[j] = uint8(i >> (4 * j) & maxCode); of[j] > 0 {
				sum += 1 << (maxCode - of[j])
				some++
			}
		}
		want := some == 0 || sum == 1<<maxCode || some == 1 && sum == 1<<(maxCode-1)
		if _, ok := build(table, litBits, of, litSymbols[:]); ok != want {
			t.Fatalf("code lengths %v: %v, want %v", of, ok, want)
		}
	}
}
