package tarheader_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer/tarheader"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
)

// record is a record of an extended header.
func record(key, value string) string {
	for n := len(key) + len(value) + 3; ; n++ {
		if text := fmt.Sprintf("%d %s=%s\n", n, key, value); len(text) == n {
			return text
		}
	}
}

// meta is a header that speaks of the next one, with its content.
func meta(kind byte, content string) []byte {
	return slices.Concat(rawlayer.Header(tar.Header{Name: "meta", Typeflag: kind, Size: int64(len(content)), Mode: 0o644}), rawlayer.Padded(content))
}

// entry is an entry of some type, with what is put into its header.
func entry(h tar.Header, put map[int]string) []byte {
	if h.Mode == 0 {
		h.Mode = 0o644
	}
	block := rawlayer.Header(h)
	for at, text := range put {
		copy(block[at:], text)
	}
	rawlayer.Checksum(block)
	return block
}

func file(name string) []byte { return entry(tar.Header{Name: name, Typeflag: tar.TypeReg}, nil) }

// tape is an archive that is read in pieces of a length, and what was read of it.
type tape struct {
	r     *bytes.Reader
	piece int
	see   func([]byte)
}

func (t *tape) Read(p []byte) (int, error) {
	if t.piece > 0 {
		p = p[:min(len(p), t.piece)]
	}
	n, err := t.r.Read(p)
	t.see(p[:n])
	return n, err
}

// doubted is an entry, and what is doubtful about it.
type doubted struct {
	header *tar.Header
	doubts []tarheader.Doubt
}

// read reads an archive to its end, or to where archive/tar refuses it. Where its headers
// are is found in two ways, which have to agree: by what archive/tar reads, and by what
// Content says.
func read(t testing.TB, raw []byte, piece int) (all []doubted, fault string, err error) {
	t.Helper()
	for at := int64(0); ; {
		if at > int64(len(raw)) {
			return all, "", io.ErrUnexpectedEOF
		}
		var h tarheader.Headers
		reader := tar.NewReader(&tape{bytes.NewReader(raw[at:]), piece, h.Write})
		header, err := reader.Next()
		if err != nil {
			return all, h.Fault(), err
		}
		if !h.Whole() {
			t.Fatalf("archive/tar reads %+v, and the headers are not whole", header)
		}
		all = append(all, doubted{header, slices.Clone(h.Doubts(header))})
		start, length := h.Content(header)
		if start <= 0 || length < 0 || start%512 != 0 {
			t.Fatalf("content of %d bytes at %d", length, start)
		}
		if length > int64(len(raw)) {
			return all, "", io.ErrUnexpectedEOF
		}
		at += start + tarheader.Padded(length)
	}
}

func kinds(doubts []tarheader.Doubt) (all []tarheader.Kind) {
	for _, d := range doubts {
		all = append(all, d.Kind)
	}
	return all
}
