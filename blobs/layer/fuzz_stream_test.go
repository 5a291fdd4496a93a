package layer_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// Limits that a fuzzed stream reaches, and how much more than Bytes may be
// unpacked until that is seen: one chunk between two stages.
var (
	streamLimits = layer.Limits{Bytes: 1 << 20, Ratio: 50, Floor: 1 << 18, Entries: 1000}
	oneChunk     = int64(128 << 10)
)

// streams gives fuzzing all layers of a compression.
func streams(f *testing.F, c layer.Compression, add func(blob []byte)) {
	f.Helper()
	n := 0
	for _, blob := range layers(f) {
		if layer.Sniff(blob) == c && len(blob) < 1<<16 {
			add(blob)
			n++
		}
	}
	if n < 3 {
		f.Fatalf("only %d streams of %v to begin with", n, c)
	}
}

// scannedAnyhow scans a blob as a whole, by the byte, by so many bytes, and with
// the end told along with the last of them. It returns what all tell.
func scannedAnyhow(t *testing.T, blob []byte, step int) told {
	t.Helper()
	o := layer.ScanOptions{Limits: streamLimits}
	got := scanReader(t, bytes.NewReader(blob), o)
	whole := bytes.NewReader(blob)
	stepwise := readerFunc(func(p []byte) (int, error) { return whole.Read(p[:min(len(p), step)]) })
	for what, r := range map[string]io.Reader{
		"the byte": iotest.OneByteReader(bytes.NewReader(blob)), "steps": stepwise, "data and end": iotest.DataErrReader(bytes.NewReader(blob)),
	} {
		if d := cmp.Diff(got, scanReader(t, r, o), cmp.AllowUnexported(told{}, layer.Archive{}), sameError); d != "" {
			t.Errorf("by %s it tells otherwise (-whole +%s):\n%s", what, what, d)
		}
	}
	if got.Blob != sum(blob) {
		t.Errorf("blob %v, want %v", got.Blob, sum(blob))
	}
	if got.Unpacked > streamLimits.Bytes+oneChunk {
		t.Errorf("%d bytes were unpacked, the limit is %d", got.Unpacked, streamLimits.Bytes)
	}
	return got
}

// unpacksTo holds a scan against what another decoder makes of the same stream:
// bytes, of which it stops at more than the limit, and what ends them.
func unpacksTo(t *testing.T, got told, plain []byte, end error) {
	t.Helper()
	n, size := int64(len(plain)), got.Blob.Size
	switch {
	case n > streamLimits.Bytes || n > streamLimits.Floor && n/streamLimits.Ratio > size:
		if got.Stream == nil || got.DiffIDs != nil {
			t.Errorf("%d bytes of %d are within the limits: %v", n, size, got.DiffIDs)
		}
	case !errors.Is(got.Stream, end) || (got.Stream == nil) != (end == nil):
		t.Errorf("the stream ends with %v, want %v", got.Stream, end)
	case errors.Is(end, layer.ErrCorrupt):
		if got.DiffIDs != nil {
			t.Errorf("%v, and the diff ids %v", got.Stream, got.DiffIDs)
		}
	case len(got.DiffIDs) != 1 || got.DiffIDs[0] != digest.FromBytes(plain) || got.Unpacked != n:
		t.Errorf("unpacks to %v, %d bytes, want %s, %d", got.DiffIDs, got.Unpacked, digest.FromBytes(plain), n)
	}
}

// gunzipped is what the standard library makes of a stream of gzip members, up to
// one byte more than the limit, and what ends it. Bits that are reserved it lets
// pass (RFC 1952, 2.3.1.2 wants an error).
func gunzipped(blob []byte) ([]byte, error) {
	source := bytes.NewReader(blob)
	var all []byte
	for source.Len() > 0 {
		next := blob[len(blob)-source.Len():]
		if !bytes.HasPrefix(next, []byte{0x1f, 0x8b}) {
			if len(bytes.Trim(next, "\x00")) == 0 {
				return all, layer.ErrTrailingZeros
			}
			return all, layer.ErrTrailingData
		}
		r, err := gzip.NewReader(source)
		if err != nil || next[3]&0xe0 != 0 {
			return all, layer.ErrCorrupt
		}
		r.Multistream(false)
		part, err := io.ReadAll(io.LimitReader(r, streamLimits.Bytes+1-int64(len(all))))
		all = append(all, part...)
		switch {
		case int64(len(all)) > streamLimits.Bytes:
			return all, layer.ErrBytes
		case err != nil:
			return all, layer.ErrCorrupt
		}
	}
	return all, nil
}

// checked gives the first member of a gzip stream, if it has the shortest header,
// the checksum and length that it needs, so that what is fuzzed is unpacked.
func checked(blob []byte) []byte {
	const header, trailer = 10, 8
	if len(blob) < header || blob[3] != 0 {
		return blob
	}
	source := bytes.NewReader(blob[header:])
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(source), 2*streamLimits.Bytes))
	end := len(blob) - source.Len()
	if err != nil || len(blob) < end+trailer {
		return blob
	}
	blob = bytes.Clone(blob)
	binary.LittleEndian.PutUint32(blob[end:], crc32.ChecksumIEEE(plain))
	binary.LittleEndian.PutUint32(blob[end+4:], uint32(len(plain)))
	return blob
}

// A gzip stream unpacks to the bytes that the standard library makes of it, and is
// refused where that refuses it, however it is read.
func FuzzGzip(f *testing.F) {
	streams(f, layer.Gzip, func(blob []byte) {
		f.Add(blob, uint16(7), false)
		f.Add(blob, uint16(512), true)
	})
	f.Add(gzipped(f, make([]byte, 2<<20)), uint16(1), false)
	f.Add(gzipped(f, make([]byte, 300<<10)), uint16(1), true)
	f.Fuzz(func(t *testing.T, blob []byte, step uint16, mend bool) {
		if mend {
			blob = checked(blob)
		}
		if layer.Sniff(blob) != layer.Gzip || int64(len(blob)) > oneChunk {
			return
		}
		got := scannedAnyhow(t, blob, 1+int(step))
		plain, end := gunzipped(blob)
		unpacksTo(t, got, plain, end)
	})
}

// A zstd stream unpacks to what it does when it is decoded at once, from memory
// to memory, and is refused where that refuses it, however it is read.
func FuzzZstd(f *testing.F) {
	streams(f, layer.Zstd, func(blob []byte) { f.Add(blob, uint16(7)) })
	f.Add(zstded(f, make([]byte, 2<<20)), uint16(1))
	f.Add(join(skippable("x"), zstded(f, []byte(noise(3000))), skippable("")), uint16(100))
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x00, 0x01, 0x00, 0x00}, uint16(1)) // nothing, in a frame that says so
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderMaxMemory(8<<20))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, blob []byte, step uint16) {
		if layer.Sniff(blob) != layer.Zstd || int64(len(blob)) > oneChunk {
			return
		}
		// A window of 128 MiB is as right as a small one, and a thousand times as slow.
		var first zstd.Header
		if first.Decode(blob) == nil && first.WindowSize > 8<<20 {
			return
		}
		got := scannedAnyhow(t, blob, 1+int(step))
		plain, err := decoder.DecodeAll(blob, nil)
		switch {
		case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
			// It is held to less than a layer is.
		case err != nil && !errors.Is(got.Stream, layer.ErrCorrupt) && got.Unpacked <= streamLimits.Floor:
			t.Errorf("%v, and yet: %v", err, got.Stream)
		case err == nil:
			unpacksTo(t, got, plain, nil)
		}
	})
}
