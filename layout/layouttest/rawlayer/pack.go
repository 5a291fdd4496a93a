package rawlayer

import (
	"encoding/binary"
	"hash/crc32"
)

// maxStored is the length of the longest stored block of DEFLATE.
const maxStored = 65535

// Gzip returns a gzip stream of one member for each part. It stores its content
// as it is: what a compressor makes of it may change with its version.
func Gzip(parts ...[]byte) []byte {
	var out []byte
	for _, part := range parts {
		out = append(out, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
		for rest := part; len(rest) > 0; {
			n := min(len(rest), maxStored)
			out = append(stored(out, 0, n), rest[:n]...)
			rest = rest[n:]
		}
		out = stored(out, 1, 0)
		out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(part))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(part)))
	}
	return out
}

// stored appends the head of a stored block.
func stored(out []byte, last byte, n int) []byte {
	out = binary.LittleEndian.AppendUint16(append(out, last), uint16(n))
	return binary.LittleEndian.AppendUint16(out, ^uint16(n))
}

// maxRaw is the length of the longest block of zstd.
const maxRaw = 128 << 10

// Zstd returns a zstd stream of one frame for each part, without checksums. Like
// Gzip, it does not compress.
func Zstd(parts ...[]byte) []byte {
	var out []byte
	for _, part := range parts {
		// A single segment, with its length in four bytes.
		out = append(out, 0x28, 0xb5, 0x2f, 0xfd, 0xa0)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(part)))
		for {
			n := min(len(part), maxRaw)
			head := uint32(n) << 3
			if n == len(part) {
				head |= 1
			}
			out = append(out, byte(head), byte(head>>8), byte(head>>16))
			out = append(out, part[:n]...)
			if part = part[n:]; len(part) == 0 {
				break
			}
		}
	}
	return out
}

// Skippable returns a frame of zstd that decompressors pass over.
func Skippable(content []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte{0x50, 0x2a, 0x4d, 0x18}, uint32(len(content)))
	return append(out, content...)
}
