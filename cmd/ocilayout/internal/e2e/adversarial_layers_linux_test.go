package e2e

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"slices"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

const (
	gzipLayer = model.MediaTypeLayerGzip
	zstdLayer = model.MediaTypeLayerZstd
)

// aLayer is the blob of a layer, and what it is to unpack to.
type aLayer struct {
	mediaType string
	blob      []byte
	diffID    digest.Digest
}

// layered is an image of such layers.
func layered(layers func() []aLayer) func(t *testing.T) string {
	return func(t *testing.T) string {
		return built(t, func(b *layouttest.Builder) {
			var all []layouttest.Layer
			for _, l := range layers() {
				if l.diffID == "" {
					l.diffID = digest.FromString("whatever")
				}
				all = append(all, layouttest.Layer{Descriptor: b.Blob(l.mediaType, l.blob), DiffID: l.diffID})
			}
			b.Entry(b.Image("linux/amd64", all...), "v1")
		})
	}
}

// one is an image of one layer.
func one(mediaType string, blob func() []byte) func(t *testing.T) string {
	return layered(func() []aLayer { return []aLayer{{mediaType: mediaType, blob: blob()}} })
}

// motd is the archive that most of these layers would unpack to.
var motd = slices.Concat(rawlayer.Header(header("etc/motd", 6)), rawlayer.Padded("hello\n"), rawlayer.End())

// gzipZeros is a gzip stream of that many megabytes of zeros, a thousandth as long. Its
// checksum is wrong: nobody comes so far.
func gzipZeros(megabytes int) []byte {
	var first, block bytes.Buffer
	w, _ := flate.NewWriter(&block, flate.BestCompression)
	zeros := make([]byte, 1<<20)
	first.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff})
	w.Write(zeros)
	w.Flush()
	first.Write(block.Bytes())
	block.Reset()
	w.Write(zeros)
	w.Flush() // to the end of a byte, so that it can be repeated
	out := append(first.Bytes(), bytes.Repeat(block.Bytes(), megabytes-1)...)
	return append(out, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

// zstdZeros is a zstd frame with a window of 2 to that power, of blocks of 128 KiB of zeros
// that take four bytes each. Some other bytes come first.
func zstdZeros(window byte, blocks int, before []byte) []byte {
	out := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, (window - 10) << 3}
	if n := len(before); n > 0 {
		out = append(append(out, byte(n<<3), byte(n>>5), byte(n>>13)), before...)
	}
	out = append(out, bytes.Repeat([]byte{0x02, 0x00, 0x10, 0}, blocks-1)...)
	return append(out, 0x03, 0x00, 0x10, 0)
}

// wide is a layer by its number, made once.
func wide(n int) aLayer { return wides[n]() }

var wides = [...]func() aLayer{sync.OnceValue(func() aLayer { return wideLayer(0) }), sync.OnceValue(func() aLayer { return wideLayer(1) }),
	sync.OnceValue(func() aLayer { return wideLayer(2) }), sync.OnceValue(func() aLayer { return wideLayer(3) })}

// wideLayer is a layer that takes a window of 128 MiB: an archive of one large file of zeros,
// which is different for each n.
func wideLayer(n int) aLayer {
	const size = 1 << 27
	before := rawlayer.Header(header("zeros"+itoa(n), size))
	hash := digest.SHA256.Digester()
	hash.Hash().Write(before)
	zeros := make([]byte, 128<<10)
	for range size>>17 + 1 {
		hash.Hash().Write(zeros)
	}
	return aLayer{zstdLayer, zstdZeros(27, size>>17+1, before), hash.Digest()}
}

// emptyMembers are gzip members without content, and the archive in the last one.
func emptyMembers(n int) []byte {
	return append(bytes.Repeat(rawlayer.Gzip(nil), n), rawlayer.Gzip(motd)...)
}

// dynamicBlocks is a gzip stream of as many bytes whose blocks each have a code of their
// own, and no content.
func dynamicBlocks(size int) []byte {
	// Each block is a header for dynamic codes, 17 bits of lengths, and the end at once: as
	// much work as a decompressor can have for as few bytes.
	var w bitWriter
	w.out = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
	for len(w.out) < size {
		w.dynamicBlock()
	}
	w.bits(1, 1)
	w.bits(1, 2) // the last block, with fixed codes
	w.bits(0, 7) // and its end
	w.flush()
	return append(w.out, 0, 0, 0, 0, 0, 0, 0, 0)
}

// bitWriter writes bits as DEFLATE has them, the lowest first.
type bitWriter struct {
	out   []byte
	value uint64
	count uint
}

func (w *bitWriter) bits(value uint64, count uint) {
	w.value |= value << w.count
	for w.count += count; w.count >= 8; w.count -= 8 {
		w.out = append(w.out, byte(w.value))
		w.value >>= 8
	}
}

func (w *bitWriter) flush() { w.bits(0, (8-w.count)&7) }

// dynamicBlock writes a block that has codes for the end of a block and for one distance, and
// nothing else in it.
func (w *bitWriter) dynamicBlock() {
	w.bits(0, 1) // not the last
	w.bits(2, 2) // dynamic
	w.bits(0, 5) // 257 literals and lengths
	w.bits(0, 5) // one distance
	// The code for lengths, in their order 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1: two
	// symbols, 18 and 1, of one bit each.
	w.bits(14, 4) // 18 of them
	for i := range 18 {
		n := uint64(0)
		if i == 2 || i == 17 {
			n = 1
		}
		w.bits(n, 3)
	}
	// Of symbols 1 and 18, the first has code 0. 256 lengths of zero come in two runs, of 138
	// and 118; then one bit for the end of the block, and one for the distance.
	w.bits(1, 1)
	w.bits(138-11, 7)
	w.bits(1, 1)
	w.bits(118-11, 7)
	w.bits(0, 1)
	w.bits(0, 1)
	w.bits(0, 1) // the end of the block
}

// zstdArchive is a sound frame of the archive.
func zstdArchive() []byte {
	w, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	return w.EncodeAll(motd, nil)
}

// skippable is the head of a frame that is passed over.
func skippable(size uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{0x50, 0x2a, 0x4d, 0x18}, size)
}

func hostileLayers() []adversary {
	unproven := func(limit string) []attempt {
		return append(failing("files"), attempt{args: asJSON, status: statusFailed, want: []string{limit}, infos: true})
	}
	// The ratio counts from a gigabyte on, which takes seconds to come to.
	soon := attempt{args: []string{"verify", "LAYOUT", "--max-layer-bytes", "10MiB", "-f", "json"}, status: statusFailed,
		want: []string{"limit-layer-bytes"}, infos: true, memory: light}
	return []adversary{
		{name: "a gzip stream of 4 MiB that unpacks to 4 GiB", make: one(gzipLayer, func() []byte { return gzipZeros(size(1200, 4096)) }), attempts: append(
			inFull(failing("files")), attempt{args: asJSON, status: statusFailed, want: []string{"limit-layer-ratio"}, infos: true}, soon)},
		{name: "a zstd stream of 256 KiB that unpacks to 8 GiB", make: one(zstdLayer, func() []byte { return zstdZeros(20, size(20_000, 65_536), nil) }), attempts: append(
			inFull(failing("files")), attempt{args: asJSON, status: statusFailed, want: []string{"limit-layer-ratio"}, infos: true})},
		{name: "a zstd stream of 1 MiB that unpacks to 32 GiB", make: one(zstdLayer, func() []byte { return zstdZeros(20, 1<<18, nil) }), attempts: append(
			inFull(unproven("limit-layer-ratio")), soon)},
		{name: "a zstd window of 128 MiB", make: layered(func() []aLayer { return []aLayer{wide(0)} }), attempts: append(big("files"), attempt{args: asJSON})},
		{name: "two zstd windows of 128 MiB at once", make: layered(func() []aLayer { return []aLayer{wide(0), wide(1)} }),
			attempts: []attempt{{args: []string{"verify", "-j", "4", "LAYOUT", "-f", "json"}}}},
		{name: "four zstd windows of 128 MiB at once", make: layered(func() []aLayer { return []aLayer{wide(0), wide(1), wide(2), wide(3)} }),
			attempts: []attempt{{args: []string{"verify", "-j", "4", "LAYOUT", "-f", "json"}}}},
		{name: "a zstd window of 512 MiB", make: one(zstdLayer, func() []byte { return zstdZeros(29, 5000, nil) }), attempts: unproven("limit-layer-window")},
		{name: "a zstd window of 1 GiB", make: one(zstdLayer, func() []byte { return zstdZeros(30, 9000, nil) }), attempts: unproven("limit-layer-window")},
		{name: "a zstd window of 2 TiB", make: one(zstdLayer, func() []byte { return zstdZeros(41, 9, nil) }), attempts: unproven("limit-layer-window")},
		{name: "a megabyte of gzip blocks without content", make: one(gzipLayer, func() []byte { return dynamicBlocks(1 << 20) }), attempts: append(big("files"),
			attempt{args: asJSON, status: statusFindings, want: []string{"tar-empty", "diff-id-mismatch"}, infos: true, memory: light})},
		{name: "very many gzip members without content", make: layered(func() []aLayer {
			return []aLayer{{gzipLayer, emptyMembers(size(100_000, 1_000_000)), digest.FromBytes(motd)}}
		}), attempts: append(big("files"), attempt{args: asJSON, memory: light})},
		{name: "very many zstd blocks and frames without content", make: layered(func() []aLayer {
			n := size(100_000, 1_000_000)
			blocks := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0}, bytes.Repeat([]byte{0, 0, 0}, n)...)
			frames := bytes.Repeat([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0}, n)
			return []aLayer{{zstdLayer, slices.Concat(blocks, []byte{1, 0, 0}, frames, bytes.Repeat(skippable(0), n), zstdArchive()), digest.FromBytes(motd)}}
		}), attempts: append(big("files"), attempt{args: asJSON, memory: light})},
	}
}
