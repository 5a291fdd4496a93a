// Package rawlayer makes the pieces of which layers are put together, sound or not: tar
// headers, and streams of gzip and zstd. It serves the tests of this module, which are in
// several packages, and promises nothing to others: it may change with any release.
package rawlayer

import (
	"archive/tar"
	"fmt"
)

// BlockSize is that of a tar archive, in bytes.
const BlockSize = 512

// Header returns a header block with a right checksum, and otherwise just what h says,
// sound or not. Of h it reads Name, Typeflag, Linkname, Size and Mode. The archive is
// put together by the caller:
//
//	archive := slices.Concat(header, rawlayer.Padded("content"), rawlayer.End())
func Header(h tar.Header) []byte {
	block := make([]byte, BlockSize)
	copy(block[0:100], h.Name)
	copy(block[100:], fmt.Sprintf("%07o\x000000000\x000000000\x00%011o\x0000000000000\x00        ", h.Mode, h.Size))
	block[156] = h.Typeflag
	copy(block[157:257], h.Linkname)
	copy(block[257:], "ustar\x0000")
	Checksum(block)
	return block
}

// Checksum writes the checksum into a header block whose other bytes were
// changed.
func Checksum(block []byte) {
	copy(block[148:156], "        ")
	sum := 0
	for _, c := range block[:BlockSize] {
		sum += int(c)
	}
	copy(block[148:156], fmt.Sprintf("%06o\x00 ", sum))
}

// Padded returns content as it stands in an archive, in whole blocks.
func Padded(content string) []byte {
	return append([]byte(content), make([]byte, -len(content)&(BlockSize-1))...)
}

// End returns the two blocks of zeros with which an archive ends.
func End() []byte { return make([]byte, 2*BlockSize) }
