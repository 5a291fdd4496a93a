package inflate

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// litLengths gives the literals and lengths that are named code lengths, and the
// others none.
func litLengths(n int, of map[int]uint8) []uint8 {
	all := make([]uint8, n)
	for symbol, length := range of {
		all[symbol] = length
	}
	return all
}

// deepest is a code with one code of each length up to 14 and two of 15.
func deepest(symbols ...int) map[int]uint8 {
	of := make(map[int]uint8)
	for i, s := range symbols {
		of[s] = uint8(min(i+1, maxCode))
	}
	return of
}

func TestStreams(t *testing.T) {
	corrupt, cutOff := ErrCorrupt, io.ErrUnexpectedEOF
	a, end := int('a'), endOfBlock
	ends := litLengths(257, map[int]uint8{a: 1, end: 1})
	long := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, a, 285, end}
	tests := map[string]struct {
		stream *stream
		plain  string
		end    error
	}{
		"nothing":                   {new(stream), "", cutOff},
		"a block of no type":        {last(noBlock), "", corrupt},
		"no type after text":        {new(stream).more(fixedBlock).fixed(a, end).last(noBlock), "a", corrupt},
		"fixed":                     {last(fixedBlock).fixed(a, 0, 255, end), "a\x00\xff", nil},
		"fixed, empty":              {last(fixedBlock).fixed(end), "", nil},
		"fixed, many":               {new(stream).more(fixedBlock).fixed(a, end).more(fixedBlock).fixed(end).last(fixedBlock).fixed(a, end), "aa", nil},
		"symbol 286":                {last(fixedBlock).fixed(a, 286).code(0, 5), "a", corrupt},
		"symbol 287":                {last(fixedBlock).fixed(a, 287).code(0, 5), "a", corrupt},
		"distance 30":               {last(fixedBlock).fixed(a, 257).code(30, 5), "a", corrupt},
		"distance 31":               {last(fixedBlock).fixed(a, 257).code(31, 5), "a", corrupt},
		"a match":                   {last(fixedBlock).fixed(a, 257).code(0, 5).fixed(end), "aaaa", nil},
		"a match across blocks":     {new(stream).more(fixedBlock).fixed(a, end).last(fixedBlock).fixed(257).code(0, 5).fixed(end), "aaaa", nil},
		"a match of nothing":        {last(fixedBlock).fixed(257).code(0, 5).fixed(end), "", corrupt},
		"a match from before":       {last(fixedBlock).fixed(a, 257).code(1, 5).fixed(end), "a", corrupt},
		"a match from far":          {last(fixedBlock).fixed(a, 257).code(29, 5).bits(8191, 13).fixed(end), "a", corrupt},
		"stored":                    {last(storedBlock).bytes(2, 0, 0xfd, 0xff, 'a', 'b'), "ab", nil},
		"stored, empty":             {last(storedBlock).bytes(0, 0, 0xff, 0xff), "", nil},
		"stored, and more":          {new(stream).more(storedBlock).bytes(1, 0, 0xfe, 0xff, 'a').last(fixedBlock).fixed(257).code(0, 5).fixed(end), "aaaa", nil},
		"stored, wrong length":      {last(storedBlock).bytes(2, 0, 0xfe, 0xff, 'a', 'b'), "", corrupt},
		"stored, length not there":  {last(storedBlock).bytes(2, 0, 0xfd), "", cutOff},
		"stored, too little":        {last(storedBlock).bytes(3, 0, 0xfc, 0xff, 'a', 'b'), "ab", cutOff},
		"dynamic":                   {last(dynamicBlock).codes(257, append(ends, 0)...).code(0, 1).code(0, 1).code(1, 1), "aa", nil},
		"dynamic, empty":            {new(stream).more(dynamicBlock).codes(257, append(ends, 0)...).code(1, 1).last(fixedBlock).fixed(a, end), "a", nil},
		"one code":                  {last(dynamicBlock).codes(257, append(litLengths(257, map[int]uint8{end: 1}), 0)...).code(0, 1), "", nil},
		"one code, and another":     {last(dynamicBlock).codes(257, append(litLengths(257, map[int]uint8{end: 1}), 0)...).code(1, 1), "", corrupt},
		"one code of two bits":      {last(dynamicBlock).codes(257, append(litLengths(257, map[int]uint8{end: 2}), 0)...).code(0, 2), "", corrupt},
		"no code":                   {last(dynamicBlock).codes(257, make([]uint8, 258)...).bits(0, 16), "", corrupt},
		"incomplete":                {last(dynamicBlock).codes(257, append(litLengths(257, map[int]uint8{a: 1, end: 2}), 0)...).bits(0, 16), "", corrupt},
		"over-subscribed":           {last(dynamicBlock).codes(257, append(litLengths(257, map[int]uint8{0: 1, a: 1, end: 1}), 0)...).bits(0, 16), "", corrupt},
		"over-subscribed, deep":     {last(dynamicBlock).codes(257, append(litLengths(257, map[int]uint8{0: 1, 1: 2, 2: 2, a: 15, end: 15}), 0)...).bits(0, 16), "", corrupt},
		"distances incomplete":      {last(dynamicBlock).codes(257, append(slices.Clone(ends), 1, 2)...).bits(0, 16), "", corrupt},
		"distances over-subscribed": {last(dynamicBlock).codes(257, append(slices.Clone(ends), 1, 1, 1)...).bits(0, 16), "", corrupt},
		"one distance": {last(dynamicBlock).codes(258, append(litLengths(258, map[int]uint8{a: 1, end: 2, 257: 2}), 1)...).
			code(0, 1).code(3, 2).code(0, 1).code(2, 2), "aaaa", nil},
		"one distance, and another": {last(dynamicBlock).codes(258, append(litLengths(258, map[int]uint8{a: 1, end: 2, 257: 2}), 1)...).
			code(0, 1).code(3, 2).code(1, 1).code(2, 2), "a", corrupt},
		"no distance": {last(dynamicBlock).codes(258, append(litLengths(258, map[int]uint8{a: 1, end: 2, 257: 2}), 0)...).
			code(0, 1).code(3, 2).code(0, 1).code(2, 2), "a", corrupt},
		"287 symbols":            {last(dynamicBlock).plainCodes(287-257, 0).zeros(288), "", corrupt},
		"31 distances":           {last(dynamicBlock).plainCodes(0, 30).zeros(288), "", corrupt},
		"all symbols":            {last(dynamicBlock).codes(286, append(litLengths(286, map[int]uint8{a: 1, end: 1}), make([]uint8, 30)...)...).code(1, 1), "", nil},
		"repeated, and none is":  {last(dynamicBlock).plainCodes(0, 0).lengthOf(16).bits(0, 2), "", corrupt},
		"repeated too often":     {last(dynamicBlock).plainCodes(0, 0).zeros(257).lengthOf(16).bits(0, 2), "", corrupt},
		"zeros repeated beyond":  {last(dynamicBlock).plainCodes(0, 0).lengthOf(18).bits(127, 7).lengthOf(18).bits(127, 7), "", corrupt},
		"no code of lengths":     {last(dynamicBlock).bits(0, 14).bits(0, 12).bits(0, 64), "", corrupt},
		"lengths incomplete":     {last(dynamicBlock).bits(0, 14).bits(2, 3).bits(2, 3).bits(0, 6).bits(0, 64), "", corrupt},
		"lengths overdone":       {last(dynamicBlock).bits(0, 14).bits(1, 3).bits(1, 3).bits(1, 3).bits(1, 3).bits(0, 64), "", corrupt},
		"lengths of one code":    {last(dynamicBlock).bits(0, 14).bits(0, 9).bits(1, 3).bytes(make([]byte, 40)...), "", corrupt},
		"lengths of one, not it": {last(dynamicBlock).bits(0, 14).bits(0, 9).bits(1, 3).bits(1, 64), "", corrupt},
		"codes of 15 bits": {last(dynamicBlock).codes(286, append(litLengths(286, deepest(long...)), litLengths(30, deepest(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0))...)...).
			code(0x3ffe, 14).code(0x7fff, 15).code(0x7ffe, 15).code(0x7ffe, 15), strings.Repeat("a", 259), nil},
	}
	z := new(inflater)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := same(t, z, test.stream.b)
			if want.end != test.end || string(want.plain) != test.plain {
				t.Errorf("%q, %v, want %q, %v", want.plain, want.end, test.plain, test.end)
			}
			// The loop that is fast wants some room behind what it decodes.
			if long := append(bytes.Clone(test.stream.b), make([]byte, 100)...); test.end != cutOff {
				same(t, z, long)
			}
		})
	}
}

// Every stream that is cut off anywhere gives what the standard library has of it,
// and so says where.
func TestCut(t *testing.T) {
	z := new(inflater)
	for name, stream := range samples(t, 3000) {
		t.Run(name, func(t *testing.T) {
			for n := 0; n < len(stream); n += testrun.OneOf(7, 101) {
				if same(t, z, stream[:n]).end != io.ErrUnexpectedEOF {
					t.Fatalf("the first %d bytes of %d are whole", n, len(stream))
				}
			}
			same(t, z, stream)
		})
	}
}
