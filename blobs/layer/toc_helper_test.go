package layer_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
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

// tablePiece is how large a piece of a file is at most that has a member of its own.
const tablePiece = 1000

// membersOf cuts an archive of files as the tools do: with each piece of a content
// begins another member. first is the number of that with which a file's begins.
func membersOf(t testing.TB, files []file) (members [][]byte, first map[string]int) {
	t.Helper()
	first = make(map[string]int)
	var last []byte
	for _, f := range files {
		entry := entryBytes(t, f)
		content := len(entry) - len(padded(f.content))
		last = append(last, entry[:content]...)
		for at := 0; at < len(f.content); at += tablePiece {
			members = append(members, last)
			if at == 0 {
				first[f.name] = len(members)
			}
			end := content + at + tablePiece
			if at+tablePiece >= len(f.content) {
				end = len(entry)
			}
			last = slices.Clone(entry[content+at : end])
		}
	}
	return append(members, last), first
}

// packed compresses each member, and returns the places where they begin, and where the
// last one ends.
func packed(t testing.TB, format string, members [][]byte) (blob []byte, places []int) {
	t.Helper()
	pack := gzipped
	if format == zstdChunked {
		pack = zstded
	}
	for _, m := range members {
		places = append(places, len(blob))
		blob = append(blob, pack(t, m)...)
	}
	return blob, append(places, len(blob))
}

// tableOf describes files as the tools do: a large one in pieces, of which all
// but the first are entries of a type of their own.
func tableOf(t testing.TB, format string, files []file) *table {
	c := &table{Version: 1}
	members, first := membersOf(t, files)
	_, places := packed(t, format, members)
	for _, f := range files {
		h := f.header()
		e := map[string]any{
			"type": tocWords[f.kind], "name": f.name, "mode": h.Mode, "size": h.Size, "uid": h.Uid, "gid": h.Gid, "modtime": moment,
			"devMajor": h.Devmajor, "devMinor": h.Devminor, "NumLink": 1,
		}
		if f.link != "" {
			e["linkName"] = f.link
		}
		xattrs := make(map[string][]byte)
		for key, value := range f.records {
			if name, ok := strings.CutPrefix(key, "SCHILY.xattr."); ok {
				xattrs[name] = []byte(value)
			}
		}
		if len(xattrs) > 0 {
			e["xattrs"] = xattrs
		}
		c.Entries = append(c.Entries, e)
		if f.content == "" {
			continue
		}
		e["digest"] = digest.FromString(f.content)
		for at := 0; at < len(f.content); at += tablePiece {
			text := f.content[at:min(at+tablePiece, len(f.content))]
			if at > 0 {
				e = map[string]any{"type": "chunk", "name": f.name, "chunkOffset": at}
				c.Entries = append(c.Entries, e)
			}
			e["offset"], e["chunkSize"], e["chunkDigest"] = places[first[f.name]+at/tablePiece], len(text), digest.FromString(text)
		}
	}
	return c
}

// described is a layer with a table of contents.
type described struct {
	blob        []byte
	annotations map[string]string
	table       []byte // the blob that holds nothing but the table, if it is there
}

// stargz makes an eStargz layer: gzip members, one for the table
// with the archive's end, and one of 51 bytes that says where the table is.
func stargz(t testing.TB, files []file, toc []byte) described {
	t.Helper()
	members, _ := membersOf(t, files)
	start, _ := packed(t, eStargz, members)
	last := gzipped(t, archive(t, regular("stargz.index.json", string(toc))))
	return described{blob: join(start, last, stargzFooter(t, len(start))), annotations: map[string]string{layer.AnnotationStargzTOC: string(digest.FromBytes(toc))}}
}

func stargzFooter(t testing.TB, offset int) []byte {
	t.Helper()
	return emptyMember(t, fmt.Sprintf("SG\x16\x00%016xSTARGZ", offset), 51)
}

// emptyMember is a gzip member with nothing but an extra field.
func emptyMember(t testing.TB, extra string, length int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Extra = []byte(extra)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() != length {
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
	members, _ := membersOf(t, files)
	start, _ := packed(t, zstdChunked, append(members, make([]byte, 1024)))
	compressed := zstded(t, toc)
	return described{
		blob: join(start, skippable(string(compressed)), skippable(name(64))),
		annotations: map[string]string{
			layer.AnnotationChunkedChecksum: string(digest.FromBytes(compressed)),
			layer.AnnotationChunkedPosition: fmt.Sprintf("%d:%d:%d:1", len(start)+8, len(compressed), len(toc)),
		},
	}
}

const eStargz, zstdChunked = "eStargz", "zstd:chunked"

var formats = map[string]func(testing.TB, []file, []byte) described{eStargz: stargz, zstdChunked: chunked}

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

// problems checks a layer against the table of contents that it claims to have.
func problems(t testing.TB, d described) []layer.TOCProblem {
	t.Helper()
	report := checkTOC(t, d, 100, layer.Limits{})
	if report.Limit || report.Elsewhere {
		t.Fatalf("report %+v", report)
	}
	return report.Problems
}

func checkTOC(t testing.TB, d described, most int, limits layer.Limits) layer.TOCReport {
	t.Helper()
	claim, err := layer.ClaimedTOC(d.annotations)
	if err != nil || claim == nil {
		t.Fatalf("claim %v, %v", claim, err)
	}
	report, err := layer.CheckTOC(t.Context(), claim, blobOf(t, d, limits), most)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// blobOf scans the layer, and returns it as it can be read again.
func blobOf(t testing.TB, d described, limits layer.Limits) layer.TOCBlob {
	t.Helper()
	result, err := layer.Scan(t.Context(), bytes.NewReader(d.blob), layer.ScanOptions{Blob: digest.SHA256, Limits: limits})
	if err != nil || result.Stream != nil || result.Tar.Err != nil {
		t.Fatalf("scan = %+v, %v", result, err)
	}
	blob := layer.TOCBlob{
		Size: int64(len(d.blob)), First: result, Limits: limits,
		Read: func(read func(io.Reader) (int64, error)) error {
			_, err := read(bytes.NewReader(d.blob))
			return err
		},
		ReadFrom: func(_ context.Context, offset int64, read func(io.Reader) error) error {
			return read(bytes.NewReader(d.blob[offset:]))
		},
	}
	if d.table != nil {
		blob.Table = func(_ context.Context, read func(io.Reader) error) error { return read(bytes.NewReader(d.table)) }
	}
	return blob
}
