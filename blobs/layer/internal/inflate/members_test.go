package inflate

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"testing"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// standardMembers is what the standard library makes of a stream of gzip members, up
// to a limit. Bits that are reserved it lets pass, and RFC 1952, 2.3.1.2 does not.
func standardMembers(stream []byte, limit int64) (o outcome) {
	source := bytes.NewReader(stream)
	r := new(gzip.Reader)
	for source.Len() > 0 && o.end == nil && int64(len(o.plain)) < limit {
		if next := stream[len(stream)-source.Len():]; len(next) >= 10 && next[3]&reserved != 0 {
			o.end = ErrHeader
			break
		}
		if o.end = r.Reset(source); o.end == nil {
			r.Multistream(false)
			var part []byte
			part, o.end = io.ReadAll(io.LimitReader(r, limit-int64(len(o.plain))))
			o.plain = append(o.plain, part...)
		}
	}
	_, corrupt := errors.AsType[flate.CorruptInputError](o.end)
	switch {
	case int64(len(o.plain)) == limit:
		o.end = nil
	case corrupt:
		o.end = ErrCorrupt
	case o.end == gzip.ErrHeader:
		o.end = ErrHeader
	case o.end == gzip.ErrChecksum:
		o.end = ErrChecksum
	case o.end == io.EOF: // of a header that is cut off at its beginning
		o.end = io.ErrUnexpectedEOF
	}
	return o
}

// ownMembers is what this package makes of it, from a source that buffers size bytes.
// The words of an error are in said.
func ownMembers(r *Reader, from io.Reader, size int, limit int64) (o outcome, said string) {
	source := bufio.NewReaderSize(from, size)
	for o.end == nil && int64(len(o.plain)) < limit {
		if _, err := source.Peek(1); err != nil {
			break
		}
		if o.end = r.Reset(source); o.end == nil {
			var part []byte
			part, o.end = io.ReadAll(io.LimitReader(r, limit-int64(len(o.plain))))
			o.plain = append(o.plain, part...)
		}
	}
	if int64(len(o.plain)) == limit {
		o.end = nil
	}
	if o.end != nil {
		said = o.end.Error()
	}
	if errors.Is(o.end, ErrCorrupt) {
		o.end = ErrCorrupt
	}
	return o, said
}

// inSteps reads n bytes at a time.
func inSteps(n int) func(io.Reader) io.Reader {
	return func(r io.Reader) io.Reader {
		return readerFunc(func(p []byte) (int, error) { return r.Read(p[:min(len(p), n)]) })
	}
}

// pieces are ways to read a short stream: by steps of all sizes that matter, and with
// the end told along with the last bytes.
var pieces = func() map[string]func(io.Reader) io.Reader {
	all := map[string]func(io.Reader) io.Reader{"data and end": iotest.DataErrReader}
	for _, n := range []int{1, 2, 3, 5, 7, 8, 13, 16, 31, 64, 1 << 20} {
		all[fmt.Sprintf("steps of %d", n)] = inSteps(n)
	}
	return all
}()

// sameMembers holds a stream of members against the standard library, however it is
// read. The words of an error are the same, too.
func sameMembers(t *testing.T, r *Reader, stream []byte, ways map[string]func(io.Reader) io.Reader, limit int64) outcome {
	t.Helper()
	want := standardMembers(stream, limit)
	said, first := "", true
	for way, chunks := range ways {
		for _, size := range []int{16, 4096} {
			got, words := ownMembers(r, chunks(bytes.NewReader(stream)), size, limit)
			check(t, way, got, want)
			if !first && words != said {
				t.Fatalf("%s: %q, and read otherwise %q", way, words, said)
			}
			said, first = words, false
		}
	}
	return want
}

// wrapped is a member, with the flags and fields of its header, whose stream is made
// already.
func wrapped(stream, plain []byte, flags byte, fields ...byte) []byte {
	b := append([]byte{0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255}, fields...)
	if flags&flagSum != 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(crc32.ChecksumIEEE(b)))
	}
	b = append(b, stream...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(plain))
	return binary.LittleEndian.AppendUint32(b, uint32(len(plain)))
}

// corpus is one short stream of members of each kind.
func corpus(t testing.TB) map[string][]byte {
	all := make(map[string][]byte)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, plain := range plains(400) {
		all["stored "+name] = wrapped(deflated(t, plain[:100], flate.NoCompression), plain[:100], 0)
		all["packed "+name] = wrapped(deflated(t, plain, flate.BestCompression), plain, 0)
		all["without matches "+name] = wrapped(deflated(t, plain[:200], flate.HuffmanOnly), plain[:200], 0)
	}
	short := []byte("hello, hello, hello, hello")
	fixed := last(fixedBlock).fixed('a', 'b', 'c', 200).match(20, 3).match(maxMatch, 4).fixed(endOfBlock).b
	fixedPlain := expanded(expanded([]byte("abc\xc8"), 20, 3), maxMatch, 4)
	all["fixed"] = wrapped(fixed, fixedPlain, 0)
	all["fields"] = wrapped(deflated(t, short, 6), short, 0x1f, []byte("\x03\x00abcname\x00comment\xe9\x00")...)
	all["nothing"] = wrapped(deflated(t, nil, 6), nil, 0)
	all["members"] = join(all["fields"], all["nothing"], all["fixed"], all["stored noise"], all["fields"])
	blocks := new(stream).more(storedBlock).bytes(3, 0, 0xfc, 0xff, 'a', 'b', 'c').more(fixedBlock).fixed('d').match(5, 4).fixed(endOfBlock)
	blocks.more(storedBlock).bytes(0, 0, 0xff, 0xff).more(storedBlock).bytes(1, 0, 0xfe, 0xff, 'e').last(fixedBlock).match(3, 1).fixed(endOfBlock)
	all["blocks"] = wrapped(blocks.b, []byte("abcdabcdaeeee"), 0)
	all["trailing"] = append(bytes.Clone(all["fields"]), "rest, and more"...)
	all["padded"] = append(bytes.Clone(all["fixed"]), make([]byte, 20)...)
	all["empty blocks"] = wrapped(emptyBlocks(3), nil, 0)
	return all
}

// Every stream of the corpus that is cut off anywhere, and read in whatever steps,
// gives the bytes and the verdict that the standard library has for it.
func TestMembersCut(t *testing.T) {
	testrun.NotShort(t, "it decodes many streams one after another")
	r := new(Reader)
	for name, stream := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			for n := range len(stream) + 1 {
				sameMembers(t, r, stream[:n], pieces, noLimit)
			}
		})
	}
}

// So does every one with a bit changed, or with a byte lost or doubled.
func TestMembersDamaged(t *testing.T) {
	step := testrun.OneOf(3, 53)
	few := map[string]func(io.Reader) io.Reader{"whole": inSteps(1 << 20), "steps of 3": inSteps(3)}
	r := new(Reader)
	for name, stream := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			for bit := 0; bit < 8*len(stream); bit += step {
				damaged := bytes.Clone(stream)
				damaged[bit/8] ^= 1 << (bit % 8)
				sameMembers(t, r, damaged, few, noLimit)
			}
			for at := 0; at < len(stream); at += testrun.OneOf(1, 13) {
				sameMembers(t, r, append(bytes.Clone(stream[:at]), stream[at+1:]...), few, noLimit)
				sameMembers(t, r, append(bytes.Clone(stream[:at+1]), stream[at:]...), few, noLimit)
			}
		})
	}
}

// Members unpack to the bytes that the standard library makes of them, and are refused
// where that refuses them, however they are read. Where mend is set the first one has
// the checksum and length that it needs, so that more than one is looked at.
func FuzzMembers(f *testing.F) {
	for _, stream := range corpus(f) {
		f.Add(stream, uint16(1), true)
		f.Add(stream, uint16(100), false)
	}
	r := new(Reader)
	f.Fuzz(func(t *testing.T, stream []byte, step uint16, mend bool) {
		if mend {
			stream = mended(stream)
		}
		sameMembers(t, r, stream, map[string]func(io.Reader) io.Reader{
			"steps": inSteps(1 + int(step)), "bytes": inSteps(1), "data and end": iotest.DataErrReader,
		}, fuzzLimit)
	})
}

// mended gives the first member the checksum and length that it needs, if it has the
// shortest header.
func mended(stream []byte) []byte {
	const header, trailer = 10, 8
	if len(stream) < header || stream[3] != 0 {
		return stream
	}
	unpacked := standard(stream[header:], fuzzLimit)
	end := len(stream) - unpacked.rest
	if unpacked.end != nil || len(unpacked.plain) == fuzzLimit || len(stream) < end+trailer {
		return stream
	}
	stream = bytes.Clone(stream)
	binary.LittleEndian.PutUint32(stream[end:], crc32.ChecksumIEEE(unpacked.plain))
	binary.LittleEndian.PutUint32(stream[end+4:], uint32(len(unpacked.plain)))
	return stream
}
