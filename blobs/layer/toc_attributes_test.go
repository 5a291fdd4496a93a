package layer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// Every attribute and every place in a table counts, in both formats.
func TestTOCAttributes(t *testing.T) {
	other := string(digest.FromString("other"))
	set := func(name, key string, value any) func(*table) {
		return func(c *table) { c.entry(name)[key] = value }
	}
	without := func(name, key string) func(*table) {
		return func(c *table) { delete(c.entry(name), key) }
	}
	chunk := func(number int, key string, value any) func(*table) {
		return func(c *table) { c.entries("big")[number][key] = value }
	}
	for name, edit := range map[string]func(*table){
		"time":                         set("etc/passwd", "modtime", "2021-03-04T05:06:08Z"),
		"time that is none":            set("etc/passwd", "modtime", "yesterday"),
		"no time":                      without("etc/passwd", "modtime"),
		"time of a directory":          set("etc/", "modtime", "2020-03-04T05:06:07Z"),
		"major number":                 set("dev/null", "devMajor", 2),
		"minor number":                 set("dev/null", "devMinor", 5),
		"no major number":              without("dev/sda", "devMajor"),
		"device number of a file":      set("empty", "devMinor", 5),
		"link of a file":               set("empty", "linkName", "x"),
		"size of a symlink":            set("etc/link", "size", 6),
		"another attribute":            set("tool", "xattrs", map[string][]byte{"user.a": []byte("y")}),
		"an attribute more":            set("tool", "xattrs", map[string][]byte{"user.a": []byte("x"), "security.capability": []byte("\x01\x00")}),
		"an attribute of another file": set("empty", "xattrs", map[string][]byte{"user.a": []byte("x")}),
		"no attribute":                 without("tool", "xattrs"),
		"an attribute by another case": set("tool", "xattrs", map[string][]byte{"user.A": []byte("x")}),
		"user":                         set("etc/passwd", "userName", "root"),
		"group":                        set("etc/passwd", "groupName", "root"),
		"offset of the member before":  set("etc/passwd", "offset", 0),
		"no offset":                    without("etc/passwd", "offset"),
		"an offset within a member":    func(c *table) { c.entry("etc/passwd")["offset"] = c.entry("etc/passwd")["offset"].(int) + 1 },
		"an offset past the end":       set("etc/passwd", "offset", 1<<40),
		"an offset before the blob":    set("etc/passwd", "offset", -1),
		"an inner offset":              set("etc/passwd", "innerOffset", 1),
		"an inner offset below zero":   set("etc/passwd", "innerOffset", -512),
		"a chunk digest":               set("etc/passwd", "chunkDigest", other),
		"a chunk digest that is none":  set("etc/passwd", "chunkDigest", "x"),
		"a digest that is none":        set("etc/passwd", "digest", "x"),
		"a chunk size":                 set("etc/passwd", "chunkSize", 10),
		"a chunk size beyond the end":  set("etc/passwd", "chunkSize", 12),
		"a chunk size below zero":      set("etc/passwd", "chunkSize", -1),
		"a chunk offset":               set("etc/passwd", "chunkOffset", 1),
		"a kind of chunk":              set("etc/passwd", "chunkType", "holes"),
		"zeros that are none":          set("etc/passwd", "chunkType", "zeros"),
		"an end within the content":    func(c *table) { c.entry("big")["endOffset"] = c.entries("big")[2]["offset"] },
		"an end where nothing ends":    set("etc/passwd", "endOffset", 3),
		"the digest of a chunk":        chunk(2, "chunkDigest", other),
		"no digest of a chunk":         chunk(2, "chunkDigest", ""),
		"the offset of a chunk":        chunk(2, "offset", 0),
		"the place of a chunk":         chunk(2, "chunkOffset", 1000),
		"the size of a chunk":          chunk(2, "chunkSize", 999),
		"the name of a chunk":          chunk(2, "name", "bog"),
		"a chunk less":                 func(c *table) { c.drop(c.entries("big")[5]) },
		"a chunk less in the middle":   func(c *table) { c.drop(c.entries("big")[2]) },
		"chunks in another order": func(c *table) {
			a, b := c.entries("big")[1], c.entries("big")[2]
			exchange(a, b, "offset", "chunkOffset", "chunkDigest")
		},
		"the offsets of two chunks": func(c *table) {
			a, b := c.entries("big")[1], c.entries("big")[2]
			exchange(a, b, "offset", "chunkDigest")
		},
		"the offsets of two files":     func(c *table) { exchange(c.entry("etc/passwd"), c.entry("tool"), "offset") },
		"the contents of two files":    func(c *table) { exchange(c.entry("etc/passwd"), c.entry("tool"), "offset", "chunkDigest") },
		"a chunk of an empty file":     func(c *table) { c.after("empty", map[string]any{"type": "chunk", "name": "empty"}) },
		"a chunk that follows no file": func(c *table) { c.after("pipe", map[string]any{"type": "chunk", "name": "pipe"}) },
		"a chunk of nothing": func(c *table) {
			c.after("etc/passwd", map[string]any{"type": "chunk", "name": "etc/passwd", "chunkOffset": 11})
		},
		"another order":                  func(c *table) { c.reverse() },
		"no digest at all":               func(c *table) { delete(c.entry("tool"), "digest"); delete(c.entry("tool"), "chunkDigest") },
		"version 2":                      func(c *table) { c.Version = 2 },
		"version 0":                      func(c *table) { c.Version = 0 },
		"an entry of no type":            without("empty", "type"),
		"an entry of no name":            without("empty", "name"),
		"an entry of a type by case":     set("empty", "type", "Reg"),
		"an entry of an unknown type":    set("empty", "type", "door"),
		"a member by another case":       set("empty", "Size", 5),
		"a member by another letter":     set("empty", "\u017fize", 5),
		"a number that is text":          set("empty", "uid", "0"),
		"a number with a point":          set("empty", "uid", 0.5),
		"a number that is large":         set("empty", "uid", 1e30),
		"an attribute that is no base64": set("tool", "xattrs", map[string]string{"user.a": "x"}),
		"null":                           set("empty", "uid", nil),
		"more of what is not known":      set("empty", "x", slices.Repeat([]int{1}, 100_000)),
		"members of what is not known":   set("empty", "x", members(100_000)),
		"more members than there are": func(c *table) {
			for k, v := range members(5000) {
				c.entry("empty")[k] = v
			}
		},
		"a name that is long": set("empty", "name", strings.Repeat("x", 5<<20)),
	} {
		for format, make := range formats {
			t.Run(name+", "+format, func(t *testing.T) {
				t.Parallel()
				files := describedFiles()
				c := tableOf(t, format, files)
				edit(c)
				if got := problems(t, make(t, files, encode(t, c))); len(got) == 0 || got[0].Missing {
					t.Errorf("problems %+v", got)
				}
			})
		}
	}
}

func members(n int) map[string]any {
	m := make(map[string]any)
	for i := range n {
		m["x"+strings.Repeat("y", i%7)+string(rune('a'+i%26))+digest.FromString(string(rune(i))).Encoded()] = i
	}
	return m
}

func exchange(a, b map[string]any, keys ...string) {
	for _, k := range keys {
		a[k], b[k] = b[k], a[k]
	}
}

// entries returns all entries of a name, chunks included.
func (c *table) entries(name string) (all []map[string]any) {
	for _, e := range c.Entries {
		if e["name"] == name {
			all = append(all, e)
		}
	}
	return all
}

func (c *table) drop(entry map[string]any) {
	i := slices.IndexFunc(c.Entries, func(e map[string]any) bool {
		return e["chunkOffset"] == entry["chunkOffset"] && e["name"] == entry["name"]
	})
	c.Entries = slices.Delete(c.Entries, i, i+1)
}

func (c *table) after(name string, entry map[string]any) {
	i := slices.IndexFunc(c.Entries, func(e map[string]any) bool { return e["name"] == name })
	c.Entries = slices.Insert(c.Entries, i+1, entry)
}

// reverse turns the order of the files, and leaves that of their chunks.
func (c *table) reverse() {
	var turned []map[string]any
	for i := len(c.Entries) - 1; i >= 0; i-- {
		first := i
		for c.Entries[first]["type"] == "chunk" {
			first--
		}
		turned = append(turned, c.Entries[first:i+1]...)
		i = first
	}
	c.Entries = turned
}

// What tools write in other words, or leave out, is no problem.
func TestTOCSound(t *testing.T) {
	set := func(name, key string, value any) func(*table) {
		return func(c *table) { c.entry(name)[key] = value }
	}
	for name, edit := range map[string]func(*table){
		"as it is":                     func(*table) {},
		"the type among the mode":      set("etc/passwd", "mode", 0o100640),
		"a time in another zone":       set("etc/passwd", "modtime", "2021-03-04T06:06:07+01:00"),
		"no device numbers of a file":  func(c *table) { delete(c.entry("empty"), "devMajor"); delete(c.entry("empty"), "devMinor") },
		"names in other words":         set("etc/", "name", "./etc"),
		"what nobody knows":            set("empty", "x", map[string]any{"size": 1, "y": []int{1, 2}}),
		"no chunk size at the end":     func(c *table) { delete(c.entries("big")[5], "chunkSize"); delete(c.entry("etc/passwd"), "chunkSize") },
		"chunks without a name":        func(c *table) { delete(c.entries("big")[3], "name") },
		"an empty file with a digest":  set("empty", "digest", digest.FromString("")),
		"no attributes, said so":       set("empty", "xattrs", map[string]any{}),
		"the end of a file":            func(c *table) { c.entry("etc/passwd")["endOffset"] = c.entries("big")[0]["offset"] },
		"no names of owners":           func(c *table) {},
		"longer digests":               set("etc/passwd", "chunkDigest", digest.SHA512.FromString("root:x:0:0\n")),
		"both orders of a file's ends": func(c *table) { c.entry("tool")["endOffset"] = 0 },
	} {
		for format, make := range formats {
			t.Run(name+", "+format, func(t *testing.T) {
				files := describedFiles()
				c := tableOf(t, format, files)
				edit(c)
				if got := problems(t, make(t, files, encode(t, c))); len(got) != 0 {
					t.Errorf("problems %+v", got)
				}
			})
		}
	}
}

// Where a file has one digest of the two, some readers do not verify it: that is less
// than a mismatch. By zstd:chunked, a file in one piece has one.
func TestTOCDigestMissing(t *testing.T) {
	for format, make := range formats {
		for key, number := range map[string]map[string]int{"digest": {eStargz: 1, zstdChunked: 1}, "chunkDigest": {eStargz: 1, zstdChunked: 0}} {
			files := describedFiles()
			c := tableOf(t, format, files)
			delete(c.entry("tool"), key)
			got := problems(t, make(t, files, encode(t, c)))
			if len(got) != number[format] || len(got) > 0 && (!got[0].Missing || got[0].Name != "tool") {
				t.Errorf("%s without %s: %+v", format, key, got)
			}
		}
	}
}

// Both spellings of the annotations are understood, and differ only where that is an
// error.
func TestTOCSpellings(t *testing.T) {
	files := describedFiles()
	d := chunked(t, files, encode(t, tableOf(t, zstdChunked, files)))
	older := func(key string) string { return strings.Replace(key, "io.github.", "io.", 1) }
	sum, place := d.annotations[layer.AnnotationChunkedChecksum], d.annotations[layer.AnnotationChunkedPosition]
	other := string(digest.FromString("other"))
	for name, test := range map[string]struct {
		annotations map[string]string
		claim       bool // that it can be understood
		problems    int
	}{
		"older":             {map[string]string{older(layer.AnnotationChunkedChecksum): sum, older(layer.AnnotationChunkedPosition): place}, true, 0},
		"older, wrong":      {map[string]string{older(layer.AnnotationChunkedChecksum): other, older(layer.AnnotationChunkedPosition): place}, true, 1},
		"both":              {map[string]string{older(layer.AnnotationChunkedChecksum): sum, layer.AnnotationChunkedChecksum: sum, layer.AnnotationChunkedPosition: place}, true, 0},
		"both, different":   {map[string]string{older(layer.AnnotationChunkedChecksum): other, layer.AnnotationChunkedChecksum: sum, layer.AnnotationChunkedPosition: place}, false, 0},
		"two places":        {map[string]string{older(layer.AnnotationChunkedPosition): "1:2:3:1", layer.AnnotationChunkedChecksum: sum, layer.AnnotationChunkedPosition: place}, false, 0},
		"a wrong size":      {map[string]string{layer.AnnotationStargzSize: "5", layer.AnnotationChunkedChecksum: sum, layer.AnnotationChunkedPosition: place}, true, 1},
		"a size that is no": {map[string]string{layer.AnnotationStargzSize: "x", layer.AnnotationChunkedChecksum: sum, layer.AnnotationChunkedPosition: place}, false, 0},
	} {
		_, err := layer.ClaimedTOC(test.annotations)
		if (err == nil) != test.claim {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if got := problems(t, described{blob: d.blob, annotations: test.annotations}); len(got) != test.problems {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
