package layer_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc64"
	"maps"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// splitPart is an object of a tar-split.
type splitPart struct {
	Type     int    `json:"type"`
	Name     string `json:"name,omitempty"`
	Size     int    `json:"size,omitempty"`
	Payload  []byte `json:"payload"`
	Position int    `json:"position"`
}

// splitOf is an archive of files without their contents.
func splitOf(t testing.TB, files []file) (parts []splitPart) {
	t.Helper()
	add := func(p splitPart) {
		p.Position = len(parts)
		parts = append(parts, p)
	}
	for _, f := range files {
		entry := entryBytes(t, f)
		content := len(entry) - len(padded(f.content))
		add(splitPart{Type: 2, Payload: entry[:content]})
		p := splitPart{Type: 1, Name: f.name, Size: len(f.content)}
		if f.content != "" {
			p.Payload = binary.BigEndian.AppendUint64(nil, crc64.Checksum([]byte(f.content), crc64.MakeTable(crc64.ISO)))
		}
		add(p)
		if padding := entry[content+len(f.content):]; len(padding) > 0 {
			add(splitPart{Type: 2, Payload: padding})
		}
	}
	add(splitPart{Type: 2, Payload: make([]byte, 1024)})
	return parts
}

// withSplit makes a zstd:chunked layer with a tar-split.
func withSplit(t testing.TB, files []file, text []byte) (d described, at, length int) {
	t.Helper()
	c := tableOf(t, zstdChunked, files)
	split := zstded(t, text)
	c.More = string(digest.FromBytes(split))
	d = chunked(t, files, encode(t, c))
	at = len(d.blob) + 8
	d.blob = join(d.blob, skippable(string(split)))
	d.annotations[tarSplitPosition] = fmt.Sprintf("%d:%d:%d", at, len(split), len(text))
	return d, at, len(split)
}

const (
	tarSplitPosition = "io.github.containers.zstd-chunked.tarsplit-position"
	tarSplitChecksum = "io.github.containers.zstd-chunked.tarsplit-checksum"
)

func splitLines(t testing.TB, parts []splitPart) (text []byte) {
	t.Helper()
	for _, p := range parts {
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, line...), '\n')
	}
	return text
}

// What readers build the archive from again has to be where the annotation says, and to
// be what its digest says.
func TestTOCSplit(t *testing.T) {
	files := describedFiles()
	text := splitLines(t, splitOf(t, files))
	d, at, length := withSplit(t, files, text)
	if got := problems(t, d); len(got) != 0 {
		t.Fatalf("problems %+v", got)
	}
	for name, test := range map[string]struct{ position, sum, problem string }{
		"no place":         {"", "", "no annotation says where"},
		"past the end":     {fmt.Sprintf("%d:%d:%d", at, length+1, len(text)), "", "past the blob's end"},
		"another place":    {fmt.Sprintf("%d:%d:%d", at-1, length, len(text)), "", "does not hash"},
		"another length":   {fmt.Sprintf("%d:%d:%d", at, length, len(text)+1), "", "does not unpack to the length"},
		"another checksum": {d.annotations[tarSplitPosition], string(digest.FromString("x")), "does not hash"},
	} {
		d := described{blob: d.blob, annotations: maps.Clone(d.annotations)}
		if delete(d.annotations, tarSplitPosition); test.position != "" {
			d.annotations[tarSplitPosition] = test.position
		}
		if test.sum != "" {
			d.annotations[tarSplitChecksum] = test.sum
		}
		if got := problems(t, d); len(got) != 1 || !strings.Contains(got[0].Message, test.problem) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, bad := range []string{"", "1:2", "1:2:3:1", "a:2:3", "-1:2:3"} {
		d.annotations[tarSplitPosition] = bad
		if _, err := layer.ClaimedTOC(d.annotations); err == nil {
			t.Errorf("%q is understood", bad)
		}
	}
}

// The archive that is built again is the archive.
func TestTOCSplitRebuilds(t *testing.T) {
	files := describedFiles()
	for name, edit := range map[string]func(parts []splitPart) []splitPart{
		"another header":    func(p []splitPart) []splitPart { p[0].Payload[0] ^= 1; return p },
		"another checksum":  func(p []splitPart) []splitPart { p[5].Payload[0] ^= 1; return p },
		"no checksum":       func(p []splitPart) []splitPart { p[5].Payload = nil; return p },
		"another size":      func(p []splitPart) []splitPart { p[5].Size++; return p },
		"a size below zero": func(p []splitPart) []splitPart { p[1].Size = -1; return p },
		"a huge size":       func(p []splitPart) []splitPart { p[5].Size = 1 << 60; return p },
		"another type":      func(p []splitPart) []splitPart { p[1].Type = 3; return p },
		"a part less":       func(p []splitPart) []splitPart { return p[:len(p)-1] },
		"a part more":       func(p []splitPart) []splitPart { return append(p, splitPart{Type: 2, Payload: []byte("x")}) },
		"a content more":    func(p []splitPart) []splitPart { return append(p, splitPart{Type: 1, Size: 1, Payload: []byte("x")}) },
		"two parts in one":  func(p []splitPart) []splitPart { p[0], p[2] = p[2], p[0]; return p },
		"nothing":           func(p []splitPart) []splitPart { return nil },
	} {
		d, _, _ := withSplit(t, files, splitLines(t, edit(splitOf(t, files))))
		if got := problems(t, d); len(got) != 1 || !strings.Contains(got[0].Message, "built again") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, text := range map[string]string{
		"no JSON": "what", "a list": "[]", "an object that breaks off": `{"type":2`, "a payload that is no base64": `{"type":2,"payload":"x"}`,
		"a member by another case": `{"type":2,"Payload":"eA=="}`, "a member twice": `{"type":2,"type":2,"payload":"eA=="}`,
	} {
		d, _, _ := withSplit(t, files, []byte(text))
		if got := problems(t, d); len(got) != 1 || !strings.Contains(got[0].Message, "built again") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Where the tar-split takes a large window, that is said, and all else is checked.
func TestTOCSplitWindow(t *testing.T) {
	files := describedFiles()
	c := tableOf(t, zstdChunked, files)
	text := splitLines(t, splitOf(t, files))
	for exponent, large := range map[int]bool{23: false, 24: true} {
		split := windowed(exponent, text)
		c.More = string(digest.FromBytes(split))
		d := chunked(t, files, encode(t, c))
		d.annotations[tarSplitPosition] = fmt.Sprintf("%d:%d:%d", len(d.blob)+8, len(split), len(text))
		d.blob = join(d.blob, skippable(string(split)))
		if got := checkTOC(t, d, 10, layer.Limits{}); got.SplitWindow != large || len(got.Problems) != 0 {
			t.Errorf("a window of 2^%d: %+v", exponent, got)
		}
	}
}
