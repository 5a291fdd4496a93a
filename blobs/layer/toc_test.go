package layer_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
)

func TestTOC(t *testing.T) {
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			files := describedFiles()
			c := tableOf(t, name, files)
			if p := problems(t, format(t, files, encode(t, c))); len(p) != 0 {
				t.Errorf("problems %+v", p)
			}
			if p := problems(t, format(t, nil, encode(t, &table{Version: 1, Entries: []map[string]any{}}))); len(p) != 0 {
				t.Errorf("of an empty archive: %+v", p)
			}
		})
	}
}

// Every disagreement is found, and said of the entry that it is about.
func TestTOCDisagrees(t *testing.T) {
	set := func(name, key string, value any) func(*table) {
		return func(c *table) { c.entry(name)[key] = value }
	}
	drop := func(name string) func(*table) {
		return func(c *table) {
			c.Entries = slices.DeleteFunc(c.Entries, func(e map[string]any) bool { return e["name"] == name })
		}
	}
	add := func(name, kind string) func(*table) {
		return func(c *table) {
			c.Entries = append(c.Entries, map[string]any{"name": name, "type": kind, "mode": 0o644})
		}
	}
	other := string(digest.FromString("other"))
	tests := []struct {
		name             string
		edit             func(*table)
		entry            string
		expected, actual string
	}{
		{"size", set("etc/passwd", "size", 12), "etc/passwd", "11", "12"},
		{"no size", func(c *table) { delete(c.entry("etc/passwd"), "size") }, "etc/passwd", "11", "0"},
		{"size of an empty file", set("empty", "size", 1), "empty", "0", "1"},
		{"mode", set("etc/passwd", "mode", 0o644), "etc/passwd", "640", "644"},
		{"setuid bit", set("tool", "mode", 0o755), "tool", "4755", "755"},
		{"mode of a directory", set("etc/", "mode", 0o700), "etc", "755", "700"},
		{"mode of the root", set("./", "mode", 0o700), ".", "755", "700"},
		{"owner", set("etc/passwd", "uid", 0), "etc/passwd", "7", "0"},
		{"group", set("etc/passwd", "gid", 0), "etc/passwd", "8", "0"},
		{"symlink", set("etc/link", "linkName", "../shadow"), "etc/link", "passwd", "../shadow"},
		{"hard link", set("etc/same", "linkName", "etc/shadow"), "etc/same", "etc/passwd", "etc/shadow"},
		{"content", set("etc/passwd", "digest", other), "etc/passwd", string(digest.FromString("root:x:0:0\n")), other},
		{"content of a large file", set("big", "digest", other), "big", string(digest.FromString(noise(5500))), other},
		{"type", set("pipe", "type", "reg"), "pipe", "fifo", "reg"},
		{"type of a device", set("dev/null", "type", "block"), "dev/null", "char", "block"},
		{"an entry too few", drop("empty"), "empty", "reg", ""},
		{"a directory too few", drop("etc/"), "etc", "dir", ""},
		{"an entry too many", add("etc/shadow", "reg"), "etc/shadow", "", "reg"},
		{"an entry that leads out", add("../shadow", "symlink"), "../shadow", "", "symlink"},
		{"an entry twice", func(c *table) { c.Entries = append(c.Entries, maps.Clone(c.entry("empty"))) }, "empty", "", "reg"},
		{"an entry twice by another name", func(c *table) {
			e := maps.Clone(c.entry("etc/link"))
			e["name"] = "/etc//link"
			c.Entries = append(c.Entries, e)
		}, "etc/link", "", "symlink"},
		{"an entry with another case", set("empty", "name", "Empty"), "empty", "reg", ""},
	}
	for name, format := range formats {
		for _, test := range tests {
			t.Run(name+", "+test.name, func(t *testing.T) {
				files := describedFiles()
				c := tableOf(t, name, files)
				test.edit(c)
				got := problems(t, format(t, files, encode(t, c)))
				if len(got) == 0 {
					t.Fatal("nothing is found")
				}
				if got[0].Name != test.entry || got[0].Expected != test.expected || got[0].Actual != test.actual || got[0].Message == "" {
					t.Errorf("problem %+v, want one of %q, %q and not %q", got[0], test.entry, test.expected, test.actual)
				}
				for _, p := range got {
					if p.Name != test.entry && test.name != "an entry with another case" {
						t.Errorf("and another: %+v", p)
					}
				}
			})
		}
	}
}

// No more problems are told than are wanted.
func TestTOCMost(t *testing.T) {
	files := describedFiles()
	d := stargz(t, files, encode(t, &table{Version: 1, Entries: []map[string]any{}}))
	for _, most := range []int{0, 1, 5, len(files), 1000} {
		if got := checkTOC(t, d, most, layer.Limits{}).Problems; len(got) != min(most, len(files)) {
			t.Errorf("%d problems of %d, at most %d", len(got), len(files), most)
		}
	}
}

// The table as a whole may be something else than what was promised.
func TestTOCTable(t *testing.T) {
	files := describedFiles()
	toc, tocOfChunked := encode(t, tableOf(t, eStargz, files)), encode(t, tableOf(t, zstdChunked, files))
	other := string(digest.FromString("other"))
	position := func(d described, edit func(parts []string)) described {
		parts := strings.Split(d.annotations[layer.AnnotationChunkedPosition], ":")
		edit(parts)
		d.annotations[layer.AnnotationChunkedPosition] = strings.Join(parts, ":")
		return d
	}
	annotate := func(d described, key, value string) described { d.annotations[key] = value; return d }
	deep := []byte(strings.Repeat("[", 1<<20))
	tests := map[string]described{
		"eStargz, a wrong digest":          annotate(stargz(t, files, toc), layer.AnnotationStargzTOC, other),
		"eStargz, no table":                {blob: gzipped(t, archive(t, files...)), annotations: map[string]string{layer.AnnotationStargzTOC: string(digest.FromBytes(toc))}},
		"eStargz, two tables":              {blob: gzipped(t, archive(t, append(describedFiles(), regular("stargz.index.json", string(toc)), regular("stargz.index.json", string(toc)))...)), annotations: map[string]string{layer.AnnotationStargzTOC: string(digest.FromBytes(toc))}},
		"eStargz, a table elsewhere":       {blob: gzipped(t, archive(t, append(describedFiles(), regular("etc/stargz.index.json", string(toc)))...)), annotations: map[string]string{layer.AnnotationStargzTOC: string(digest.FromBytes(toc))}},
		"eStargz, an empty table":          stargz(t, files, nil),
		"eStargz, no JSON":                 stargz(t, files, []byte("no JSON")),
		"eStargz, JSON that breaks off":    stargz(t, files, toc[:len(toc)/2]),
		"eStargz, JSON twice":              stargz(t, files, append(slices.Clone(toc), toc...)),
		"eStargz, an array":                stargz(t, files, []byte("[]")),
		"eStargz, null":                    stargz(t, files, []byte("null")),
		"eStargz, a member twice":          stargz(t, files, []byte(`{"version":1,"entries":[],"entries":[]}`)),
		"eStargz, entries of numbers":      stargz(t, files, []byte(`{"version":1,"entries":[1,2]}`)),
		"eStargz, a size that is text":     stargz(t, files, []byte(`{"version":1,"entries":[{"name":"a","type":"reg","size":"1"}]}`)),
		"eStargz, deep JSON":               stargz(t, files, deep),
		"chunked, a wrong digest":          annotate(chunked(t, files, tocOfChunked), layer.AnnotationChunkedChecksum, other),
		"chunked, a wrong place":           position(chunked(t, files, tocOfChunked), func(p []string) { p[0] = plus(p[0], 1) }),
		"chunked, a place past the end":    position(chunked(t, files, tocOfChunked), func(p []string) { p[0] = plus(p[0], 1<<20) }),
		"chunked, a place far away":        position(chunked(t, files, tocOfChunked), func(p []string) { p[0] = "9223372036854775807" }),
		"chunked, partly past the end":     position(chunked(t, files, tocOfChunked), func(p []string) { p[1] = plus(p[1], 1000) }),
		"chunked, too short":               position(chunked(t, files, tocOfChunked), func(p []string) { p[1] = plus(p[1], -1) }),
		"chunked, no length":               position(chunked(t, files, tocOfChunked), func(p []string) { p[1] = "0" }),
		"chunked, unpacks to more":         position(chunked(t, files, tocOfChunked), func(p []string) { p[2] = plus(p[2], -1) }),
		"chunked, unpacks to less":         position(chunked(t, files, tocOfChunked), func(p []string) { p[2] = plus(p[2], 1) }),
		"chunked, unpacks to nothing":      position(chunked(t, files, tocOfChunked), func(p []string) { p[2] = "0" }),
		"chunked, no JSON":                 chunked(t, files, []byte("no JSON")),
		"chunked, deep JSON":               chunked(t, files, deep),
		"chunked, a table that is no zstd": rawChunked(t, files, []byte("no zstd at all"), 14),
		"chunked, a table that is damaged": rawChunked(t, files, damaged(zstded(t, tocOfChunked), 20, 0xff), len(tocOfChunked)),
	}
	for name, d := range tests {
		t.Run(name, func(t *testing.T) {
			got := problems(t, d)
			if len(got) != 1 || got[0].Name != "" || got[0].Message == "" || len(got[0].Message+got[0].Expected+got[0].Actual) > 2000 {
				t.Errorf("problems %+v", got)
			}
		})
	}
}

// rawChunked is chunked with a table that is compressed already, or is not.
func rawChunked(t *testing.T, files []file, compressed []byte, unpacked int) described {
	d := chunked(t, files, nil)
	start, _, _ := strings.Cut(d.annotations[layer.AnnotationChunkedPosition], ":")
	at, _ := strconv.Atoi(start)
	return described{
		blob: join(d.blob[:at-8], skippable(string(compressed))),
		annotations: map[string]string{
			layer.AnnotationChunkedChecksum: string(digest.FromBytes(compressed)),
			layer.AnnotationChunkedPosition: start + ":" + strconv.Itoa(len(compressed)) + ":" + strconv.Itoa(unpacked) + ":1",
		},
	}
}

func plus(number string, n int) string {
	was, err := strconv.Atoi(number)
	if err != nil {
		panic(err)
	}
	return strconv.Itoa(was + n)
}

// A small table may not unpack to a large one.
func TestTOCBomb(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	rle := zeros{blocks: 8192, window: 17} // a gigabyte
	var compressed bytes.Buffer
	if _, err := compressed.ReadFrom(rle.reader()); err != nil {
		t.Fatal(err)
	}
	for _, unpacked := range []int{100, 60 << 20} {
		d := rawChunked(t, nil, compressed.Bytes(), unpacked)
		var got []layer.TOCProblem
		if took := allocated(func() { got = problems(t, d) }); took > 512<<20 {
			t.Errorf("%d bytes were allocated", took)
		}
		if len(got) != 1 || got[0].Name != "" {
			t.Errorf("problems %+v", got)
		}
	}
	toc := append([]byte(`{"version":1,"entries":[]`), bytes.Repeat([]byte(" "), 65<<20)...)
	if got := checkTOC(t, stargz(t, nil, append(toc, '}')), 10, layer.Limits{}); !got.Limit || len(got.Problems) != 0 {
		t.Errorf("a table that is too large: %+v", got)
	}
}

// A table may not list far more than the archive could hold.
func TestTOCManyEntries(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	list := func(n int) []byte { return []byte(`{"version":1,"entries":[` + strings.Repeat("{},", n-1) + "{}]}") }
	for name, format := range formats {
		d := format(t, nil, list(5_000_000))
		var got []layer.TOCProblem
		if took := allocated(func() { got = problems(t, d) }); took > 100<<20 {
			t.Errorf("%s: %d bytes were allocated", name, took)
		}
		if len(got) != 1 || got[0].Name != "" {
			t.Errorf("%s: %d problems", name, len(got))
		}
	}
	for name, format := range formats {
		files := []file{regular("big", noise(1_000_000))}
		if got := problems(t, format(t, files, encode(t, tableOf(t, name, files)))); len(got) != 0 {
			t.Errorf("many pieces: %+v", got)
		}
	}
}

func TestClaimedTOC(t *testing.T) {
	sum := string(digest.FromString("x"))
	const key, checksum, position = layer.AnnotationStargzTOC, layer.AnnotationChunkedChecksum, layer.AnnotationChunkedPosition
	for name, annotations := range map[string]map[string]string{
		"no annotations": nil, "others": {"org.opencontainers.image.title": sum}, "a position alone": {position: "1:2:3:1"},
	} {
		if claim, err := layer.ClaimedTOC(annotations); claim != nil || err != nil {
			t.Errorf("%s: %v, %v", name, claim, err)
		}
	}
	good := map[string]map[string]string{
		key:      {key: sum},
		checksum: {checksum: sum, position: "1:2:3:1"},
	}
	for want, annotations := range good {
		if claim, err := layer.ClaimedTOC(annotations); err != nil || claim == nil || claim.Annotation != want || string(claim.Digest) != sum {
			t.Errorf("%v: %v, %v", annotations, claim, err)
		}
	}
	for _, bad := range []string{"", "x", "sha256:", "sha256:" + strings.Repeat("g", 64), sum + "\n", strings.ToUpper(sum), "sha3-256:" + sum[7:], "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:../../x"} {
		for _, annotations := range []map[string]string{{key: bad}, {checksum: bad, position: "1:2:3:1"}} {
			if _, err := layer.ClaimedTOC(annotations); err == nil {
				t.Errorf("%q: %v", annotations, err)
			}
		}
	}
	for _, bad := range []string{
		"", ":", ":::", "1:2:3", "1:2:3:1:1", "1:2:3:2", "1:2:3:", "-1:2:3:1", "1:-2:3:1", "1:2:-3:1", "a:2:3:1", "1:2:x:1", "1.0:2:3:1", "1: 2:3:1", "0x1:2:3:1",
		"9223372036854775808:2:3:1", "1:2:3:1\n", "1:2:3:01", "+1:2:3:1", "-0:2:3:1",
	} {
		if _, err := layer.ClaimedTOC(map[string]string{checksum: sum, position: bad}); err == nil {
			t.Errorf("position %q: %v", bad, err)
		}
	}
	if _, err := layer.ClaimedTOC(map[string]string{checksum: sum}); err == nil {
		t.Errorf("no position: %v", err)
	}
}

// Some tools give a zstd:chunked layer the annotation of eStargz as well: it is
// the digest of the same table, unpacked.
func TestTOCBothAnnotations(t *testing.T) {
	files := describedFiles()
	toc := encode(t, tableOf(t, zstdChunked, files))
	d := chunked(t, files, toc)
	d.annotations[layer.AnnotationStargzTOC] = string(digest.FromBytes(toc))
	if got := problems(t, d); len(got) != 1 || !strings.Contains(got[0].Message, "no footer") {
		t.Errorf("without a footer: %+v", got)
	}
	var at, length, unpacked int
	if _, err := fmt.Sscanf(d.annotations[layer.AnnotationChunkedPosition], "%d:%d:%d:1", &at, &length, &unpacked); err != nil {
		t.Fatal(err)
	}
	d.blob = join(d.blob, chunkedFooter("GnUlInUx", at, length, unpacked, 1))
	if got := problems(t, d); len(got) != 0 {
		t.Errorf("problems %+v", got)
	}
	d.annotations[layer.AnnotationStargzTOC] = string(digest.FromString("other"))
	if got := problems(t, d); len(got) != 1 || got[0].Name != "" || got[0].Actual != string(digest.FromBytes(toc)) {
		t.Errorf("problems %+v", got)
	}
}
