package inflate

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// fuzzLimit is how much is unpacked of a stream at most.
const fuzzLimit = 1 << 20

// A stream unpacks to the bytes that the standard library makes of it, is refused
// where that refuses it, and leaves the source where that does, however it is read.
func FuzzInflate(f *testing.F) {
	for _, n := range []int{0, 1, 100, 3000} {
		for _, stream := range samples(f, n) {
			f.Add(stream, uint16(7))
		}
	}
	f.Add(last(dynamicBlock).codes(286, litLengths(316, deepest(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, endOfBlock, 285))...).bytes(make([]byte, 100)...).b, uint16(1))
	f.Add(last(fixedBlock).match(maxMatch, 1).b, uint16(1))
	f.Add(deflated(f, make([]byte, 2*outSize), 9), uint16(100))
	z := new(inflater)
	f.Fuzz(func(t *testing.T, stream []byte, step uint16) {
		want := standard(stream, fuzzLimit)
		left := bytes.NewReader(stream)
		steps := readerFunc(func(p []byte) (int, error) { return left.Read(p[:min(len(p), 1+int(step))]) })
		check(t, "in steps", own(z, steps, 16, fuzzLimit), want)
		for way, chunks := range chunked {
			check(t, way, own(z, chunks(bytes.NewReader(stream)), 4096, fuzzLimit), want)
		}
	})
}

// No index leaves its array, whatever the bits are: nothing here recovers. Streams
// of random bits soon end, so that most of these are damaged ones.
func TestRandomStreams(t *testing.T) {
	n := 1_000_000 / testrun.OneOf(5, 50)
	random := rand.New(rand.NewPCG(5, 6))
	var seeds [][]byte
	for _, size := range []int{40, 400, 4000} {
		for _, stream := range samples(t, size) {
			seeds = append(seeds, stream)
		}
	}
	z, source := new(inflater), bufio.NewReader(nil)
	for i := range n {
		stream := bytes.Clone(seeds[random.IntN(len(seeds))])
		if i%4 == 0 {
			stream = stream[:min(len(stream), 300)]
			for j := range stream {
				stream[j] = byte(random.Uint32())
			}
			stream[0] = stream[0]&^7 | 5 // a last block, and dynamic
		}
		for range random.IntN(4) {
			stream[min(random.IntN(len(stream)), random.IntN(len(stream)))] ^= 1 << random.IntN(8)
		}
		source.Reset(bytes.NewReader(stream))
		if discarded(z, source) == nil {
			t.Fatalf("%x does not end", stream)
		}
	}
}

// discarded unpacks a stream, and returns how it ends.
func discarded(z *inflater, source *bufio.Reader) error {
	z.reset(source)
	for range 100 {
		if _, err := z.next(); err != nil {
			return err
		}
	}
	return nil
}
