package layer_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// table is the JSON of a table of contents.
type table struct {
	Version int              `json:"version"`
	Entries []map[string]any `json:"entries"`
	More    string           `json:"tarSplitDigest,omitempty"`
}

// entry returns what the table says about the file of that name.
func (c *table) entry(name string) map[string]any {
	for _, e := range c.Entries {
		if e["name"] == name {
			return e
		}
	}
	panic("no entry " + name)
}

var tocWords = map[byte]string{
	0: "reg", tar.TypeDir: "dir", tar.TypeSymlink: "symlink", tar.TypeLink: "hardlink",
	tar.TypeChar: "char", tar.TypeBlock: "block", tar.TypeFifo: "fifo",
}

// tableOf describes files as the tools do: a large one in pieces, of which all
// but the first are entries of a type of their own.
func tableOf(files []file) *table {
	const piece = 1000
	c := &table{Version: 1}
	offset := 0
	for _, f := range files {
		h := f.header()
		e := map[string]any{
			"type": tocWords[f.kind], "name": f.name, "mode": h.Mode, "size": h.Size, "uid": h.Uid, "gid": h.Gid, "modtime": moment,
			"devMajor": h.Devmajor, "devMinor": h.Devminor, "NumLink": 1, "offset": offset,
		}
		if f.link != "" {
			e["linkName"] = f.link
		}
		if len(f.records) > 0 {
			e["xattrs"] = map[string]string{"user.a": "eA=="}
		}
		c.Entries = append(c.Entries, e)
		if f.content == "" {
			continue
		}
		e["digest"] = digest.FromString(f.content)
		for at := 0; at < len(f.content); at += piece {
			text := f.content[at:min(at+piece, len(f.content))]
			if at > 0 {
				e = map[string]any{"type": "chunk", "name": f.name, "offset": offset, "chunkOffset": at}
				c.Entries = append(c.Entries, e)
			}
			e["chunkSize"], e["chunkDigest"] = len(text), digest.FromString(text)
			offset += len(text)
		}
	}
	return c
}

// described is a layer with a table of contents.
type described struct {
	blob        []byte
	annotations map[string]string
}

// stargz makes an eStargz layer: a gzip member for each entry, one for the table
// with the archive's end, and one of 51 bytes that says where the table is.
func stargz(t testing.TB, files []file, toc []byte) described {
	t.Helper()
	var parts [][]byte
	for _, f := range files {
		parts = append(parts, entryBytes(t, f))
	}
	start := gzipped(t, parts...)
	last := gzipped(t, archive(t, regular("stargz.index.json", string(toc))))
	return described{
		join(start, last, stargzFooter(t, len(start))),
		map[string]string{layer.AnnotationStargzTOC: string(digest.FromBytes(toc))},
	}
}

func stargzFooter(t testing.TB, offset int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Extra = append([]byte{'S', 'G', 22, 0}, fmt.Sprintf("%016xSTARGZ", offset)...)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() != 51 {
		t.Fatalf("the footer has %d bytes", b.Len())
	}
	return b.Bytes()
}

// entryBytes is an archive of one file, without its end.
func entryBytes(t testing.TB, f file) []byte {
	b := archive(t, f)
	return b[:len(b)-1024]
}

// chunked makes a zstd:chunked layer: frames, and the table in a frame that
// decompressors skip. Another such frame ends it.
func chunked(t testing.TB, files []file, toc []byte) described {
	t.Helper()
	var parts [][]byte
	for _, f := range files {
		parts = append(parts, entryBytes(t, f))
	}
	start := zstded(t, append(parts, make([]byte, 1024))...)
	compressed := zstded(t, toc)
	return described{
		join(start, skippable(string(compressed)), skippable(name(64))),
		map[string]string{
			layer.AnnotationChunkedChecksum: string(digest.FromBytes(compressed)),
			layer.AnnotationChunkedPosition: fmt.Sprintf("%d:%d:%d:1", len(start)+8, len(compressed), len(toc)),
		},
	}
}

var formats = map[string]func(testing.TB, []file, []byte) described{"eStargz": stargz, "zstd:chunked": chunked}

func encode(t testing.TB, c *table) []byte {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// describedFiles is something of everything that a table of contents may hold.
func describedFiles() []file {
	return []file{
		directory("./"), directory("etc/"), {name: "etc/passwd", content: "root:x:0:0\n", mode: 0o640, uid: 7, gid: 8},
		symlink("etc/link", "passwd"), hardLink("etc/same", "etc/passwd"), regular("empty", ""), regular("big", noise(5500)),
		{name: "dev/null", kind: tar.TypeChar, device: [2]int64{1, 3}}, {name: "dev/sda", kind: tar.TypeBlock, device: [2]int64{8, 0}}, {name: "pipe", kind: tar.TypeFifo},
		regular("var/.wh.old", ""), {name: "tool", mode: 0o4755, content: "x", records: map[string]string{"SCHILY.xattr.user.a": "x"}},
	}
}

// problems holds a layer against the table of contents that it claims to have.
func problems(t testing.TB, d described) []layer.TOCProblem {
	t.Helper()
	claim, err := layer.ClaimedTOC(d.annotations)
	if err != nil || claim == nil {
		t.Fatalf("claim %v, %v", claim, err)
	}
	checker := layer.NewTOCChecker(claim)
	result, err := layer.Scan(t.Context(), bytes.NewReader(d.blob), layer.ScanOptions{Raw: checker, Entry: func(e *layer.Entry) {
		if err := checker.Entry(e); err != nil {
			t.Error(err)
		}
	}})
	if err != nil || result.Stream != nil || result.Tar.Err != nil || result.Tar.EndBlocks != 2 {
		t.Fatalf("scan = %+v, %v", result, err)
	}
	return checker.Problems(100)
}
