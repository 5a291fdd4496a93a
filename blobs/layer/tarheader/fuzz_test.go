package tarheader_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer/tarheader"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
)

// FuzzHeaders reads archives from the places that Content finds, and compares that with
// how archive/tar goes through them by itself.
func FuzzHeaders(f *testing.F) {
	for _, seed := range [][]byte{
		file("a"), rawlayer.End(), bytes.Repeat([]byte("x"), 512), meta('g', record("comment", "c")),
		slices.Concat(meta('x', record("path", "a")), file("x")), slices.Concat(meta('L', "a\x00"), meta('K', "b\x00"), file("x")),
		slices.Concat(meta('x', record("size", "512")), file("a"), file("b")),
		slices.Concat(entry(tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 5}, nil), rawlayer.Padded("hello"), file("b")),
		slices.Concat(entry(tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Size: 512}, nil), file("b")),
		entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{magicAt: gnuMagic, prefixAt: "etc"}),
		entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{prefixAt: "etc", trailerAt: "tar\x00"}),
		slices.Concat(meta('x', record("GNU.sparse.major", "1")+record("GNU.sparse.minor", "0")+record("GNU.sparse.realsize", "10")), entry(tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 513}, nil), rawlayer.Padded("1\n0\n1\n"), rawlayer.Padded("x"), file("b")),
		slices.Concat(entry(tar.Header{Name: "a", Typeflag: tar.TypeGNUSparse, Size: 6}, map[int]string{magicAt: gnuMagic, 386: "00000010000\x0000000000006\x00", 483: "00000010006\x00"}), rawlayer.Padded("hello\n"), file("b")),
	} {
		f.Add(slices.Concat(seed, rawlayer.End()), uint16(0))
	}
	f.Fuzz(func(t *testing.T, raw []byte, piece uint16) {
		raw = resummed(raw)
		found, _, err := read(t, raw, int(piece))
		var want []*tar.Header
		r := tar.NewReader(bytes.NewReader(raw))
		var wantErr error
		for {
			var h *tar.Header
			if h, wantErr = r.Next(); wantErr != nil {
				break
			}
			want = append(want, h)
		}
		if cut := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(wantErr, io.ErrUnexpectedEOF); !cut && (err == io.EOF) != (wantErr == io.EOF) {
			t.Errorf("read piece by piece it ends with %v, and by archive/tar with %v", err, wantErr)
		}
		for i := range min(len(want), len(found)) {
			if a, b := want[i], found[i].header; a.Name != b.Name || a.Typeflag != b.Typeflag || a.Size != b.Size || a.Linkname != b.Linkname {
				t.Fatalf("entry %d is %+v, and by archive/tar %+v", i, b, a)
			}
			for _, d := range found[i].doubts {
				if d.Detail == "" || d.Kind > tarheader.Encoding || strings.ContainsAny(d.Detail, "\x1b\n") || len(d.Detail) > 1000 {
					t.Errorf("doubt %d: %q", d.Kind, d.Detail)
				}
			}
		}
		if len(want) > len(found) && err == io.EOF {
			t.Errorf("%d entries, and %d by archive/tar", len(found), len(want))
		}
	})
}

// resummed puts right the checksum of every block that may be a header, without which
// nearly all that a fuzzer makes would be refused for it.
func resummed(raw []byte) []byte {
	raw = bytes.Clone(raw)
	for at := 0; at+512 <= len(raw); at += 512 {
		if block := raw[at : at+512]; bytes.HasPrefix(block[magicAt:], []byte("ustar")) {
			rawlayer.Checksum(block)
		}
	}
	return raw
}
