package inflate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	distribution "go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	faster "github.com/klauspost/compress/gzip"
)

// decoder unpacks one member after the other.
type decoder interface {
	io.Reader
	reset(*bufio.Reader) error
}

type (
	ownReader      struct{ Reader }
	fasterReader   struct{ faster.Reader }
	standardReader struct{ gzip.Reader }
)

func (r *ownReader) reset(source *bufio.Reader) error { return r.Reset(source) }

func (r *fasterReader) reset(source *bufio.Reader) error {
	err := r.Reset(source)
	r.Multistream(false)
	return err
}

func (r *standardReader) reset(source *bufio.Reader) error {
	err := r.Reset(source)
	r.Multistream(false)
	return err
}

// files returns up to limit bytes of the files below a directory of the Go
// distribution, one after the other.
func files(b *testing.B, limit int, below ...string) []byte {
	b.Helper()
	var all []byte
	root := filepath.Join(append([]string{distribution.Default.GOROOT}, below...)...)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(name)
		if all = append(all, content...); len(all) > limit {
			return filepath.SkipAll
		}
		return err
	})
	if err != nil || len(all) == 0 {
		b.Fatal(len(all), err)
	}
	return all[:min(len(all), limit)]
}

// packed is a member of a stream that is compressed already.
func packed(stream []byte, sum, size uint32) []byte {
	b := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, stream...)
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, sum), size)
}

// emptyBlocks is a stream of n dynamic blocks that hold nothing, as short as they
// can be.
func emptyBlocks(n int) []byte {
	s := new(stream)
	for range n {
		s.more(dynamicBlock).bits(0, 10).bits(14, 4) // 18 lengths of codes, up to that of symbol 1
		for _, symbol := range order[:18] {
			s.bits(map[uint8]uint{18: 1, 1: 1}[symbol], 3)
		}
		s.code(1, 1).bits(127, 7).code(1, 1).bits(256-138-11, 7).code(0, 1) // only the end has a code
		s.code(0, 1).code(0, 1)                                             // as has a distance; and it ends
	}
	return s.last(fixedBlock).fixed(endOfBlock).b
}

func BenchmarkGunzip(b *testing.B) {
	const size = 16 << 20
	noise := plains(size)["noise"]
	few := slices.Clone(noise)
	for i := range few {
		few[i] &= 63
	}
	var small [][]byte
	for i := range 20_000 {
		small = append(small, few[300*i:300*i+100+i%200])
	}
	for _, content := range []struct {
		name string
		make func(*testing.B) []byte
	}{
		{"source", func(b *testing.B) []byte { return zipped(b, files(b, size, "src")) }},
		{"binaries", func(b *testing.B) []byte { return zipped(b, files(b, size, "bin")) }},
		{"literals", func(b *testing.B) []byte { return zipped(b, few) }},
		{"matches", func(b *testing.B) []byte { return zipped(b, plains(size)["text"]) }},
		{"runs", func(b *testing.B) []byte { return zipped(b, plains(size)["runs"]) }},
		{"zeros", func(b *testing.B) []byte { return zipped(b, make([]byte, 4*size)) }},
		{"stored", func(b *testing.B) []byte { return zipped(b, noise) }},
		{"members", func(b *testing.B) []byte { return zipped(b, small...) }},
		{"nothing", func(b *testing.B) []byte { return zipped(b, make([][]byte, 20_000)...) }},
		{"empty blocks", func(b *testing.B) []byte { return packed(emptyBlocks(200_000), 0, 0) }},
	} {
		var stream []byte
		for _, d := range []struct {
			name string
			decoder
		}{{"own", new(ownReader)}, {"klauspost", new(fasterReader)}, {"standard", new(standardReader)}} {
			b.Run(content.name+"/"+d.name, func(b *testing.B) {
				if stream == nil {
					stream = content.make(b)
				}
				benchmark(b, d.decoder, stream)
			})
		}
	}
}

func benchmark(b *testing.B, d decoder, stream []byte) {
	source, p := bufio.NewReaderSize(nil, 128<<10), make([]byte, 128<<10)
	unpacked := int64(0)
	for b.Loop() {
		source.Reset(bytes.NewReader(stream))
		for unpacked = 0; ; {
			if _, err := source.Peek(1); err != nil {
				break
			}
			if err := d.reset(source); err != nil {
				b.Fatal(err)
			}
			for {
				n, err := d.Read(p)
				unpacked += int64(n)
				if err == io.EOF {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.SetBytes(max(unpacked, int64(len(stream))))
}
