package layer

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// ContentsLength is how many bytes [Contents] wants to see: the magic numbers of
// file systems stand behind a first block that is for others.
const ContentsLength = 4 << 10

// magics are what formats begin with, the longer ones before those they begin with
// themselves.
var magics = []struct {
	at     int
	prefix string
	name   string
}{
	{0, "\x1f\x8b", "gzip data"},
	{0, "\x28\xb5\x2f\xfd", "zstd data"},
	{0, "\xfd7zXZ\x00", "xz data"},
	{0, "\x04\x22\x4d\x18", "lz4 data"},
	{0, "\x02\x21\x4c\x18", "lz4 data"},
	{0, "LZIP", "lzip data"},
	{0, "\x89LZO\x00", "lzop data"},
	{0, "\xff\x06\x00\x00sNaPpY", "snappy data"},
	{0, "\x1f\x9d", "compress (.Z) data"},
	{0, "BZh", "bzip2 data"},
	{0, "\x5d\x00\x00", "lzma data"},
	{0, "PK\x03\x04", "a zip archive"},
	{0, "PK\x05\x06", "an empty zip archive"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{0, "Rar!\x1a\x07", "a rar archive"},
	{0, "!<arch>\ndebian-binary", "a Debian package"},
	{0, "!<arch>\n", "an ar archive"},
	{0, "\xed\xab\xee\xdb", "an rpm package"},
	{0, "070701", "a cpio archive"},
	{0, "070702", "a cpio archive"},
	{0, "070707", "a cpio archive"},
	{0, "MSCF", "a cabinet archive"},
	{0, "hsqs", "a squashfs file system"},
	{0, "sqsh", "a squashfs file system"},
	{0, "\x45\x3d\xcd\x28", "a cramfs file system"},
	{1024, "\xe2\xe1\xf5\xe0", "an EROFS file system"},
	{1024, "\x10\x20\xf5\xf2", "an F2FS file system"},
	{0, "XFSB", "an XFS file system"},
	{0, "\x7fELF", "an ELF program"},
	{0, "MZ", "a Windows program"},
	{0, "\xcf\xfa\xed\xfe", "a Mach-O program"},
	{0, "\xca\xfe\xba\xbe", "a Java class or a Mach-O program"},
	{0, "\x00asm", "a WebAssembly module"},
	{0, "#!", "a script"},
	{0, "SIF_MAGIC", "a SIF image"},
	{32, "SIF_MAGIC", "a SIF image"},
	{0, "QFI\xfb", "a qcow2 disk image"},
	{0, "KDMV", "a VMDK disk image"},
	{0, "\x89PNG\r\n\x1a\n", "a PNG picture"},
	{0, "\xff\xd8\xff", "a JPEG picture"},
	{0, "GIF8", "a GIF picture"},
	{0, "%PDF-", "a PDF document"},
	{0, "SQLite format 3\x00", "an SQLite database"},
	{0, "GGUF", "a GGUF model"},
	{0, "age-encryption.org/", "data that age encrypted"},
	{0, "-----BEGIN ", "PEM text"},
	{0, "version https://git-lfs.github.com/spec/", "a Git LFS pointer, not the file that it stands for"},
}

// Contents names what bytes are, by the first ContentsLength of them or by all where
// there are fewer: "a tar archive", "gzip data", "HTML", "text" and so on. It never
// fails; what it does not know is "binary data of an unknown kind". The name is for
// people: do not decide anything by it.
func Contents(start []byte) string {
	switch {
	case len(start) == 0:
		return "nothing"
	case allZero(start):
		return "zeros"
	case isTar(start):
		return "a tar archive"
	}
	if len(start) >= 4 && isZstd(start) {
		return "zstd data"
	}
	for _, m := range magics {
		if len(start) > m.at && bytes.HasPrefix(start[m.at:], []byte(m.prefix)) {
			return m.name
		}
	}
	// The superblock of ext2 and its followers begins at 1024.
	if len(start) >= 1024+58 && binary.LittleEndian.Uint16(start[1024+56:]) == 0xef53 {
		return "an ext file system"
	}
	return textual(start)
}

// textual names what has no magic number.
func textual(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		return "text in UTF-16"
	case !isText(start):
		return "binary data of an unknown kind"
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), " \t\r\n")
	lower := bytes.ToLower(text[:min(len(text), 256)])
	switch {
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")), bytes.HasPrefix(lower, []byte("<head")):
		return "HTML, as of an error or login page"
	case bytes.HasPrefix(lower, []byte("<?xml")):
		if bytes.Contains(lower, []byte("<html")) {
			return "HTML, as of an error or login page"
		}
		return "XML"
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		return "JSON"
	}
	return "text"
}

// isText says whether the bytes are UTF-8 without control characters, but for a
// character at the end that may be cut off.
func isText(p []byte) bool {
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		switch {
		case r == utf8.RuneError && n <= 1:
			return len(p) < utf8.UTFMax && !utf8.FullRune(p)
		case r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != '\x1b':
			return false
		}
		p = p[n:]
	}
	return true
}

func allZero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}

// beginning keeps the first bytes that it sees.
type beginning struct{ bytes []byte }

func (b *beginning) see(p []byte) {
	if missing := ContentsLength - len(b.bytes); missing > 0 {
		b.bytes = append(b.bytes, p[:min(len(p), missing)]...)
	}
}
