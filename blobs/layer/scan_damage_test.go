package layer_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// A blob that breaks off is never taken for a whole one, wherever it does.
func TestScanTruncated(t *testing.T) {
	plain := sample(t, false)
	half := len(plain) / 2
	for name, blob := range map[string][]byte{
		"tar": archive(t, regular("a", "some content")), "gzip": gzipped(t, plain), "zstd": zstded(t, plain),
		"gzip, two members": gzipped(t, plain[:half], plain[half:]),
		"zstd, two frames":  join(zstded(t, plain[:half]), skippable("skipped"), zstded(t, plain[half:])),
	} {
		t.Run(name, func(t *testing.T) {
			if got := scan(t, blob); !got.whole() {
				t.Fatalf("the blob is not whole to begin with: %+v", got.ScanResult)
			}
			for n := range blob {
				got := scan(t, blob[:n:n])
				if got.whole() {
					t.Errorf("%d bytes of %d are taken for the whole", n, len(blob))
				}
				if got.Blob != sum(blob[:n]) {
					t.Errorf("%d bytes are %v", n, got.Blob)
				}
				if len(got.DiffIDs) > 0 && got.DiffIDs[0] == digest.FromBytes(plain) {
					t.Errorf("%d bytes of %d unpack to all", n, len(blob))
				}
				if errors.Is(got.Stream, layer.ErrCorrupt) && got.DiffIDs != nil {
					t.Errorf("%d bytes: %v, and the diff ids %v", n, got.Stream, got.DiffIDs)
				}
			}
		})
	}
}

// A single member or frame that breaks off is a fault of the stream, and not
// just an archive without an end.
func TestScanTruncatedStream(t *testing.T) {
	for _, blob := range [][]byte{gzipped(t, sample(t, false)), zstded(t, sample(t, false))} {
		for n := 4; n < len(blob); n++ {
			if got := scan(t, blob[:n:n]); !errors.Is(got.Stream, layer.ErrCorrupt) || got.DiffIDs != nil {
				t.Errorf("%d bytes of %v: stream %v, diff ids %v", n, got.Compression, got.Stream, got.DiffIDs)
			}
		}
	}
}

// Whichever bit is flipped, the blob's digest is that of its bytes; and either
// the flip changes nothing of what the blob unpacks to, or it is told.
func TestScanFlipped(t *testing.T) {
	plain := sample(t, false)
	want := digest.FromBytes(plain)
	tests := []struct {
		blob     []byte
		harmless int // the first byte of which any bit may be flipped
		checksum int // bytes at the end of which none may be
	}{
		{gzipped(t, plain), 4, 8}, // of the time
		{zstded(t, plain), 0, 4},
	}
	for _, test := range tests {
		t.Run(layer.Sniff(test.blob).String(), func(t *testing.T) {
			silent := 0
			for at := range test.blob {
				for bit := range 8 {
					blob := damaged(test.blob, at, test.blob[at]^1<<bit)
					got := scan(t, blob)
					if got.Blob != sum(blob) {
						t.Fatalf("byte %d, bit %d: blob %v", at, bit, got.Blob)
					}
					if got.Stream != nil {
						if got.DiffIDs != nil || at == test.harmless && at > 0 {
							t.Errorf("byte %d, bit %d: stream %v, diff ids %v", at, bit, got.Stream, got.DiffIDs)
						}
						continue
					}
					silent++
					if !got.whole() || got.DiffIDs[0] != want || at >= len(blob)-test.checksum {
						t.Errorf("byte %d, bit %d is not told: diff ids %v", at, bit, got.DiffIDs)
					}
				}
			}
			// Within zeros, a copy of what stands further back is the same.
			if flips := 8 * len(test.blob); silent == 0 || silent > flips/4 {
				t.Errorf("%d of %d flips change nothing", silent, flips)
			} else {
				t.Logf("%d of %d flips change nothing", silent, flips)
			}
		})
	}
}

// A flip in a plain archive always shows in the diff id, if in nothing else.
func TestScanFlippedPlain(t *testing.T) {
	plain := archive(t, regular("a", "some content"))
	for at := range plain {
		blob := damaged(plain, at, plain[at]^1)
		got := scan(t, blob)
		if got.Blob != sum(blob) || got.Stream == nil && got.DiffIDs[0] != digest.FromBytes(blob) {
			t.Errorf("byte %d: %+v", at, got.ScanResult)
		}
	}
}

func TestScanCorrupt(t *testing.T) {
	plain := sample(t, false)
	gz, zst := gzipped(t, plain), zstded(t, plain)
	dictionary := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x38, 0x07}, 0x03, 0, 0x10, 0)
	tests := []struct {
		name string
		blob []byte
		want error
	}{
		{"a gzip checksum", damaged(gz, len(gz)-8, gz[len(gz)-8]+1), layer.ErrCorrupt},
		{"a gzip length", damaged(gz, len(gz)-1, 1), layer.ErrCorrupt},
		{"a checksum in the first of two members", join(damaged(gz, len(gz)-8, gz[len(gz)-8]+1), gz), layer.ErrCorrupt},
		{"a checksum in the second", join(gz, damaged(gz, len(gz)-8, gz[len(gz)-8]+1)), layer.ErrCorrupt},
		{"a gzip method", damaged(gz, 2, 7), layer.ErrCorrupt},
		{"reserved gzip flags", damaged(gz, 3, 0x80), layer.ErrCorrupt},
		{"a zstd checksum", damaged(zst, len(zst)-1, zst[len(zst)-1]+1), layer.ErrCorrupt},
		{"a zstd dictionary", dictionary, layer.ErrCorrupt},
		{"zeros after zstd", join(zst, make([]byte, 100)), layer.ErrCorrupt},
		{"junk after zstd", join(zst, []byte("junk")), layer.ErrCorrupt},
		{"gzip after zstd", join(zst, gz), layer.ErrCorrupt},
		{"zstd after gzip", join(gz, zst), layer.ErrTrailingData},
		{"a skippable frame past the end", join(zst, skippable("12345678")[:12]), layer.ErrCorrupt},
		{"a skippable frame of 4 GiB", append([]byte{0x50, 0x2a, 0x4d, 0x18}, 0xff, 0xff, 0xff, 0xff, 1, 2, 3), layer.ErrCorrupt},
		{"half the length of a skippable frame", append(bytes.Clone(zst), 0x50, 0x2a, 0x4d, 0x18, 0xff), layer.ErrCorrupt},
		{"a content size of 2^60", contentSize(1 << 60), layer.ErrWindow},
		{"a wrong content size", damaged(zst, 6, zst[6]+1), layer.ErrCorrupt},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := scan(t, test.blob)
			if !errors.Is(got.Stream, test.want) || got.Blob != sum(test.blob) {
				t.Errorf("stream %v, want %v; blob %v", got.Stream, test.want, got.Blob)
			}
			if (got.DiffIDs != nil) != errors.Is(test.want, layer.ErrTrailingData) {
				t.Errorf("diff ids %v", got.DiffIDs)
			}
			if got.Stream.Error() == "" || len(got.Stream.Error()) > 200 {
				t.Errorf("it says %q", got.Stream)
			}
		})
	}
}

// contentSize returns a zstd frame that must be held in memory as a whole, of
// what it says to be n bytes.
func contentSize(n uint64) []byte {
	b := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0}
	b = binary.LittleEndian.AppendUint64(b, n)
	return append(b, 0x03, 0, 0x10, 0)
}

// Headers that gzip allows and compressors seldom write.
func TestScanGzipHeaders(t *testing.T) {
	plain := sample(t, false)
	member := gzipped(t, plain)
	header, rest := bytes.Clone(member[:10]), member[10:]
	header[3] = 0x04 | 0x08 | 0x10 // an extra field, a name and a comment
	long := join(header, []byte{3, 0}, []byte("abc"), []byte("name\x00"), []byte("comment\x00"), rest)
	if got := scan(t, join(long, long)); got.Stream != nil || got.DiffIDs[0] != digest.FromBytes(join(plain, plain)) {
		t.Errorf("stream %v, diff ids %v", got.Stream, got.DiffIDs)
	}
	for n := 1; n < 10+5+5+8; n++ { // a second header that breaks off
		if got := scan(t, join(member, long[:n])); got.Stream == nil || n > 1 && !errors.Is(got.Stream, layer.ErrCorrupt) {
			t.Errorf("%d bytes of a second header: stream %v", n, got.Stream)
		}
	}
}
