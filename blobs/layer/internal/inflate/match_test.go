package inflate

import (
	"bytes"
	"testing"
)

// match writes a match with the fixed codes.
func (s *stream) match(length, distance int) *stream {
	symbol, base, extra := numbered(litSymbols[endOfBlock+1:maxLit], length)
	s.fixed(endOfBlock+1+symbol).bits(uint(length-base), extra)
	symbol, base, extra = numbered(distSymbols[:maxDist], distance)
	return s.code(uint(symbol), 5).bits(uint(distance-base), extra)
}

// numbered returns the last symbol that a number fits.
func numbered(symbols []uint32, number int) (symbol, base int, extra uint) {
	for i, e := range symbols {
		if int(e>>16) <= number {
			symbol, base, extra = i, int(e>>16), uint(e&bitsMask)
		}
	}
	return symbol, base, extra
}

// The symbols stand for all lengths and distances, each for those after the ones
// before it (RFC 1951, 3.2.5).
func TestSymbols(t *testing.T) {
	for name, test := range map[string]struct {
		symbols    []uint32
		from, upTo int
	}{
		"lengths":   {litSymbols[endOfBlock+1 : maxLit-1], 3, 258}, // symbol 284 reaches it too
		"distances": {distSymbols[:maxDist], 1, window},
	} {
		next := test.from
		for i, e := range test.symbols {
			if int(e>>16) != next {
				t.Errorf("%s: symbol %d begins at %d, want %d", name, i, e>>16, next)
			}
			next += 1 << (e & bitsMask)
		}
		if next != test.upTo+1 {
			t.Errorf("%s: they end at %d, want %d", name, next-1, test.upTo)
		}
	}
	if litSymbols[maxLit-1] != maxMatch<<16 {
		t.Errorf("the last length is %#x", litSymbols[maxLit-1])
	}
}

// expanded is what matches make of what stands before them.
func expanded(plain []byte, length, distance int) []byte {
	for range length {
		plain = append(plain, plain[len(plain)-distance])
	}
	return plain
}

// Matches of all lengths, at all distances that overlap them, and at some that do
// not, are copied byte for byte, wherever in the output they begin.
func TestMatches(t *testing.T) {
	z := new(inflater)
	before := plains(window)["noise"]
	distances := []int{window, window - 1, window - 8, window / 2}
	for d := 1; d <= 2*maxMatch; d++ {
		distances = append(distances, d)
	}
	for _, distance := range distances {
		s := new(stream).more(storedBlock).bytes(0xff, 0x7f, 0, 0x80).bytes(before[:window-1]...)
		plain := bytes.Clone(before[:window-1])
		s.last(fixedBlock).fixed(int('x'))
		plain = append(plain, 'x')
		for length := 3; length <= maxMatch; length++ {
			s.match(length, distance).fixed(length & 127)
			plain = append(expanded(plain, length, distance), byte(length&127))
		}
		s.fixed(endOfBlock)
		got := own(z, bytes.NewReader(s.b), 4096, noLimit)
		check(t, "", got, outcome{plain, nil, 0})
	}
}

// A match at every distance there is, once fast and once with care.
func TestDistances(t *testing.T) {
	z := new(inflater)
	before := plains(window)["noise"]
	s := new(stream).more(storedBlock).bytes(0xff, 0x7f, 0, 0x80).bytes(before[:window-1]...)
	plain := bytes.Clone(before[:window-1])
	s.last(fixedBlock).fixed('x')
	plain = append(plain, 'x')
	for distance := 1; distance <= window; distance++ {
		length := 3 + distance%60
		s.match(length, distance)
		plain = expanded(plain, length, distance)
	}
	s.fixed(endOfBlock)
	for way, chunks := range chunked {
		check(t, way, own(z, chunks(bytes.NewReader(s.b)), 4096, noLimit), outcome{plain, nil, 0})
	}
}

// Matches of all lengths begin at each of the last places that one may begin at.
func TestMatchAtTheEnd(t *testing.T) {
	z := new(inflater)
	for _, distance := range []int{1, 2, 3, 7, 8, 15, 16, 17, 300} {
		for back := -3; back < 20; back++ {
			s, plain := new(stream), []byte(nil)
			s.last(fixedBlock)
			for i := range 300 {
				s.fixed(i % 100)
				plain = append(plain, byte(i%100))
			}
			for left := most - window - back - len(plain); left > 0; left = most - window - back - len(plain) {
				length := min(left, maxMatch)
				if length < 3 {
					s.fixed('y')
					plain = append(plain, 'y')
					continue
				}
				s.match(length, 299)
				plain = expanded(plain, length, 299)
			}
			for length := maxMatch; length >= 3; length -= 17 {
				s.fixed('a', 'b').match(length, distance)
				plain = expanded(append(plain, 'a', 'b'), length, distance)
			}
			s.fixed(endOfBlock)
			check(t, "", own(z, bytes.NewReader(s.b), 4096, noLimit), outcome{plain, nil, 0})
		}
	}
}
