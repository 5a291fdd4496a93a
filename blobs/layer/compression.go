package layer

import (
	"bytes"

	"github.com/ocilayout/ocilayout/model"
)

// Compression is how a layer's tar archive is stored.
type Compression uint8

// The compressions of the image spec, and those that are only recognised.
const (
	Unknown Compression = iota // neither compressed in a known way nor a tar archive
	None                       // a plain tar archive
	Gzip
	Zstd
	Bzip2 // not in the image spec
	XZ    // not in the image spec
	Empty // no bytes at all
)

// String returns the name of the compression: "plain tar", "gzip", "zstd" and so on.
func (c Compression) String() string {
	return [...]string{"something unknown", "plain tar", "gzip", "zstd", "bzip2", "xz", "nothing"}[c]
}

// Declared returns the compression that a layer's media type promises, and
// Unknown for a media type that is no layer's.
func Declared(mediaType string) Compression {
	switch model.Compression(mediaType) {
	case "gzip":
		return Gzip
	case "zstd":
		return Zstd
	}
	if model.IsLayer(mediaType) {
		return None
	}
	return Unknown
}

// sniffLength is how many bytes Sniff wants to see: one block of a tar archive.
const sniffLength = 512

// Sniff recognises the compression by the first bytes of a blob: 512 of them, or all
// where there are fewer.
func Sniff(start []byte) Compression {
	switch {
	case len(start) == 0:
		return Empty
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return Gzip
	case isZstd(start):
		return Zstd
	case isTar(start): // before BZh, with which the name of a first entry may begin
		return None
	case bytes.HasPrefix(start, []byte("BZh")):
		return Bzip2
	case bytes.HasPrefix(start, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		return XZ
	}
	return Unknown
}

// isZstd knows a zstd frame, and a skippable one, which may come first.
func isZstd(start []byte) bool {
	return bytes.HasPrefix(start, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(start) >= 4 && start[0]&0xf0 == 0x50 && bytes.Equal(start[1:4], []byte{0x2a, 0x4d, 0x18})
}

// isTar knows the first block of a tar archive by its checksum, as old archives
// have no magic, or by being all zero, as that of an empty one is.
func isTar(block []byte) bool {
	if len(block) < sniffLength {
		return false
	}
	block = block[:sniffLength]
	var sum, signed, stored int64 // tools differed in whether bytes have a sign
	digits := 0
	for i, c := range block {
		switch {
		case i < 148 || i >= 156:
			sum += int64(c)
			signed += int64(int8(c))
		case c >= '0' && c <= '7' && digits >= 0:
			stored = stored*8 + int64(c-'0')
			digits++
		case c != ' ' && c != 0:
			return false
		case digits > 0:
			digits = -1
		}
	}
	if digits == 0 {
		return sum == 0
	}
	return stored == sum+8*' ' || stored == signed+8*' '
}
