package layer

import (
	"strings"
	"testing"
)

func TestContents(t *testing.T) {
	at := func(n int, s string) string { return strings.Repeat("\x01", n) + s }
	for _, c := range []struct{ start, want string }{
		{"", "nothing"},
		{"\x00", "zeros"},
		{strings.Repeat("\x00", 1024), "zeros"},
		{"\x1f\x8b\x08", "gzip data"},
		{"\x28\xb5\x2f\xfd", "zstd data"},
		{"\x51\x2a\x4d\x18", "zstd data"},
		{"\xfd7zXZ\x00", "xz data"},
		{"BZh91AY", "bzip2 data"},
		{"\x04\x22\x4d\x18", "lz4 data"},
		{"PK\x03\x04", "a zip archive"},
		{"!<arch>\ndebian-binary   ", "a Debian package"},
		{"!<arch>\nfoo.o/", "an ar archive"},
		{"\xed\xab\xee\xdb\x03", "an rpm package"},
		{"hsqs....", "a squashfs file system"},
		{at(1024, "\xe2\xe1\xf5\xe0"), "an EROFS file system"},
		{at(1024+56, "\x53\xef."), "an ext file system"},
		{"\x7fELF\x02", "an ELF program"},
		{"\x89PNG\r\n\x1a\n", "a PNG picture"},
		{"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer, not the file that it stands for"},
		{"\n<!DOCTYPE html><html>", "HTML, as of an error or login page"},
		{"<HTML>", "HTML, as of an error or login page"},
		{"<?xml version='1.0'?><Error/>", "XML"},
		{"\xef\xbb\xbf {\"a\":1}", "JSON"},
		{"[]", "JSON"},
		{"404 page not found\n", "text"},
		{"caf\xc3", "text"}, // cut off within a character
		{"\xff\xfe{\x00", "text in UTF-16"},
		{"a\x00b", "binary data of an unknown kind"},
		{"\xc3\x28", "binary data of an unknown kind"},
	} {
		if got := Contents([]byte(c.start)); got != c.want {
			t.Errorf("Contents(%.20q) = %q, want %q", c.start, got, c.want)
		}
	}
}
