package archive_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
)

// record is a record of an extended header.
func paxRecord(key, value string) string {
	for n := len(key) + len(value) + 3; ; n++ {
		if text := fmt.Sprintf("%d %s=%s\n", n, key, value); len(text) == n {
			return text
		}
	}
}

// binary puts a size into a header as a binary number.
func binary(block []byte, first byte, size uint64) []byte {
	field := block[124:136]
	clear(field)
	for i := range 8 {
		field[11-i] = byte(size >> (8 * i))
	}
	field[0] |= first
	rawlayer.Checksum(block)
	return block
}

// What tools may see differently is told, and so is what is not sound.
func TestDefects(t *testing.T) {
	index := whole("index.json", "{}")
	tests := map[string]struct {
		raw  []byte
		want []archive.Kind
		path string // of the first
	}{
		"sound":        {ended(index), nil, ""},
		"nothing":      {rawlayer.End(), nil, ""},
		"padded":       {slices.Concat(ended(index), make([]byte, 20*512)), nil, ""},
		"ragged":       {slices.Concat(ended(index), make([]byte, 7)), nil, ""},
		"no end":       {index, []archive.Kind{archive.Unterminated}, ""},
		"half an end":  {slices.Concat(index, make([]byte, 512)), []archive.Kind{archive.Unterminated}, ""},
		"most of it":   {slices.Concat(index, make([]byte, 1000)), []archive.Kind{archive.Unterminated}, ""},
		"unpadded":     {index[:514], []archive.Kind{archive.Unterminated}, ""},
		"hidden":       {slices.Concat(ended(index), ended(whole("index.json", "[]"))), []archive.Kind{archive.Trailing}, ""},
		"far behind":   {slices.Concat(ended(index), make([]byte, 100_000), []byte("x")), []archive.Kind{archive.Trailing}, ""},
		"lone zeros":   {slices.Concat(make([]byte, 512), ended(index)), []archive.Kind{archive.Malformed}, ""},
		"bad header":   {slices.Concat(index, bytes.Repeat([]byte("x"), 512), rawlayer.End()), []archive.Kind{archive.Malformed}, ""},
		"cut header":   {slices.Concat(index, index[:100]), []archive.Kind{archive.Truncated}, ""},
		"cut content":  {slices.Concat(index, header("big", tar.TypeReg, 5000), make([]byte, 4000)), []archive.Kind{archive.Truncated}, "big"},
		"cut by one":   {slices.Concat(index, header("big", tar.TypeReg, 5000), make([]byte, 4999)), []archive.Kind{archive.Truncated}, "big"},
		"huge content": {slices.Concat(index, binary(header("big", tar.TypeReg, 0), 0x80, 1<<62)), []archive.Kind{archive.Truncated}, "big"},
		"negative":     {slices.Concat(index, binary(header("big", tar.TypeReg, 0), 0xff, 1)), []archive.Kind{archive.Malformed}, ""},
		"no number": {slices.Concat(index, func() []byte {
			h := header("n", tar.TypeReg, 0)
			copy(h[124:], "nine")
			rawlayer.Checksum(h)
			return h
		}()), []archive.Kind{archive.Malformed}, ""},

		"twice":                 {ended(index, index), []archive.Kind{archive.Duplicate}, "index.json"},
		"twice with a dot":      {ended(index, whole("./index.json", "{}")), []archive.Kind{archive.Duplicate}, "index.json"},
		"twice with a slash":    {ended(index, whole("/index.json", "{}")), []archive.Kind{archive.Duplicate}, "index.json"},
		"twice by a way":        {ended(index, whole("blobs/../index.json", "{}")), []archive.Kind{archive.Duplicate, archive.Ambiguous}, "index.json"},
		"thrice":                {ended(index, index, index), []archive.Kind{archive.Duplicate, archive.Duplicate}, "index.json"},
		"blob twice":            {ended(whole("blobs/sha256/"+hexName, ""), whole("blobs/sha256/"+hexName, "")), []archive.Kind{archive.Duplicate}, "blobs/sha256/" + hexName},
		"directory twice":       {ended(header("blobs/", tar.TypeDir, 0), header("blobs", tar.TypeDir, 0), whole("blobs/a/b", "")), nil, ""},
		"file as directory":     {ended(whole("blobs", ""), whole("blobs/sha256/a", "")), []archive.Kind{archive.Duplicate}, "blobs"},
		"directory as file":     {ended(whole("blobs/sha256/a", ""), whole("blobs/sha256", "")), []archive.Kind{archive.Duplicate}, "blobs/sha256"},
		"link as directory":     {ended(header("blobs", tar.TypeSymlink, 0), whole("blobs/sha256/a", "")), []archive.Kind{archive.Duplicate}, "blobs"},
		"link and file":         {ended(header("index.json", tar.TypeSymlink, 0), index), []archive.Kind{archive.Duplicate}, "index.json"},
		"irrelevant twice":      {ended(whole("a/b", ""), whole("a/b", ""), whole("blobs/a/b/c", ""), whole("blobs/a/b/c", "")), nil, ""},
		"irrelevant below file": {ended(whole("a", ""), whole("a/b", "")), []archive.Kind{archive.Duplicate}, "a"},

		"up":               {ended(whole("../x", "")), []archive.Kind{archive.Outside}, ""},
		"up from root":     {ended(whole("/../x", "")), []archive.Kind{archive.Outside}, ""},
		"up and up":        {ended(whole("blobs/../../x", "")), []archive.Kind{archive.Outside}, ""},
		"parent":           {ended(header("..", tar.TypeDir, 0)), []archive.Kind{archive.Outside}, ""},
		"dots in a name":   {ended(whole("..x", ""), whole("...", "")), nil, ""},
		"absolute":         {ended(whole("/x", "")), nil, ""},
		"root":             {ended(header("./", tar.TypeDir, 0), header("/", tar.TypeDir, 0)), nil, ""},
		"root as file":     {ended(whole(".", "")), []archive.Kind{archive.Ambiguous}, ""},
		"root as nameless": {ended(whole("", "")), []archive.Kind{archive.Ambiguous}, ""},

		"old sparse":  {ended(header("blobs/a/b", tar.TypeGNUSparse, 0), index), []archive.Kind{archive.Malformed}, ""},
		"sparse 0.1":  {ended(meta('x', paxRecord("GNU.sparse.size", "9223372036854775807")+paxRecord("GNU.sparse.numblocks", "1")+paxRecord("GNU.sparse.map", "0,1")), whole("index.json", "x"), whole("after", "")), []archive.Kind{archive.Sparse}, "index.json"},
		"sparse 1.0":  {ended(meta('x', paxRecord("GNU.sparse.major", "1")+paxRecord("GNU.sparse.minor", "0")+paxRecord("GNU.sparse.name", "index.json")+paxRecord("GNU.sparse.realsize", "9223372036854775807")), header("x", tar.TypeReg, 513), rawlayer.Padded("1\n0\n1\n"), rawlayer.Padded("x"), whole("after", "")), []archive.Kind{archive.Sparse}, "index.json"},
		"star sparse": {ended(meta('x', paxRecord("SCHILY.realsize", "10")), index), []archive.Kind{archive.Ambiguous}, "index.json"},

		"link with size":      {ended(header("link", tar.TypeSymlink, 512), whole("HIDDEN", "")), []archive.Kind{archive.Ambiguous}, "link"},
		"hard link with size": {ended(header("link", tar.TypeLink, 512), whole("HIDDEN", "")), []archive.Kind{archive.Ambiguous}, "link"},
		"directory with size": {ended(header("dir/", tar.TypeDir, 512), whole("HIDDEN", "")), []archive.Kind{archive.Ambiguous}, "dir"},
		"device with size":    {ended(header("null", tar.TypeChar, 512), whole("HIDDEN", "")), []archive.Kind{archive.Ambiguous}, "null"},
		"file with a slash":   {ended(whole("blobs/a/b/", "")), []archive.Kind{archive.Ambiguous}, "blobs/a/b"},
		"old directory":       {ended(header("blobs/a/b/", 0, 0)), nil, ""},
		"old file":            {ended(header("oci-layout", 0, 0)), nil, ""},
		"unknown type":        {ended(header("odd", 'Q', 3), rawlayer.Padded("abc"), index), nil, ""},
		"Solaris":             {ended(meta('X', paxRecord("path", "a")), index), []archive.Kind{archive.Ambiguous}, "meta"},

		"size 0":               {ended(meta('x', paxRecord("size", "0")), header("index.json", tar.TypeReg, 512), whole("HIDDEN", "")), []archive.Kind{archive.Ambiguous}, "index.json"},
		"size of more":         {ended(meta('x', paxRecord("size", "512")), header("index.json", tar.TypeReg, 0), whole("HIDDEN", "")), []archive.Kind{archive.Ambiguous}, "index.json"},
		"size the same":        {ended(meta('x', paxRecord("size", "2")), index), nil, ""},
		"size odd":             {ended(meta('x', paxRecord("size", "+2")), index), []archive.Kind{archive.Ambiguous}, "index.json"},
		"size twice":           {ended(meta('x', paxRecord("size", "2")+paxRecord("size", "2")), index), []archive.Kind{archive.Ambiguous}, "index.json"},
		"size no number":       {ended(meta('x', paxRecord("size", "two")), index), []archive.Kind{archive.Malformed}, ""},
		"path":                 {ended(meta('x', paxRecord("path", "index.json")), whole("x", "{}")), nil, ""},
		"path twice":           {ended(meta('x', paxRecord("path", "a")+paxRecord("path", "index.json")), whole("x", "{}")), []archive.Kind{archive.Ambiguous}, "index.json"},
		"path empty":           {ended(meta('x', paxRecord("path", "")), index), []archive.Kind{archive.Ambiguous}, "index.json"},
		"two extended":         {ended(meta('x', paxRecord("path", "a")), meta('x', paxRecord("path", "b")), index), []archive.Kind{archive.Ambiguous}, "b"},
		"long name":            {ended(meta('L', "index.json\x00"), whole("x", "{}")), nil, ""},
		"long name and link":   {ended(meta('L', "a\x00"), meta('K', "b\x00"), header("x", tar.TypeSymlink, 0)), nil, ""},
		"two long names":       {ended(meta('L', "a\x00"), meta('L', "b\x00"), index), []archive.Kind{archive.Ambiguous}, "b"},
		"no long name":         {ended(meta('L', "\x00"), index), []archive.Kind{archive.Ambiguous}, "index.json"},
		"extended, then long":  {ended(meta('x', paxRecord("size", "2")), meta('L', "index.json\x00"), whole("x", "{}")), []archive.Kind{archive.Ambiguous}, "index.json"},
		"long, then extended":  {ended(meta('L', "a\x00"), meta('x', paxRecord("path", "index.json")), whole("x", "{}")), []archive.Kind{archive.Ambiguous}, "a"},
		"global path":          {ended(meta('g', paxRecord("path", "a")), index), []archive.Kind{archive.Ambiguous}, ""},
		"global size":          {ended(meta('g', paxRecord("size", "0")), index), []archive.Kind{archive.Ambiguous}, ""},
		"global comment":       {ended(meta('g', paxRecord("comment", "c")), index), nil, ""},
		"extended, global":     {ended(meta('x', paxRecord("path", "a")), meta('g', paxRecord("comment", "c")), index), []archive.Kind{archive.Ambiguous}, ""},
		"extended, end":        {ended(index, meta('x', paxRecord("path", "a"))), []archive.Kind{archive.Truncated}, ""},
		"extended, no end":     {slices.Concat(index, meta('x', paxRecord("path", "a"))), []archive.Kind{archive.Truncated}, ""},
		"global, no padding":   {slices.Concat(index, meta('g', paxRecord("comment", "c"))[:600-70]), []archive.Kind{archive.Unterminated}, ""},
		"prefix of GNU":        {ended(prefixed()), []archive.Kind{archive.Ambiguous}, "blobs/a"},
		"name with a zero":     {slices.Concat(index, meta('x', paxRecord("path", "a\x00b")), index), []archive.Kind{archive.Malformed}, ""},
		"many extended":        {slices.Concat(index, bytes.Repeat(meta('x', paxRecord("comment", "c")), 1100), ended(index)), []archive.Kind{archive.LimitHeaders}, ""},
		"a very long name":     {slices.Concat(index, meta('L', strings.Repeat("n", 2<<20)), ended(index)), []archive.Kind{archive.LimitHeaders}, ""},
		"a long name":          {ended(meta('L', strings.Repeat("n", 1<<19)), index), []archive.Kind{archive.Unportable}, ""},
		"a long extended name": {slices.Concat(index, meta('x', paxRecord("path", strings.Repeat("n", 2<<20))), ended(index)), []archive.Kind{archive.LimitHeaders}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := indexed(t, test.raw)
			if got := kinds(a); !slices.Equal(got, test.want) {
				t.Fatalf("defects %+v, not %v", a.Defects(), test.want)
			}
			if len(test.want) > 0 && a.Defects()[0].Path != test.path {
				t.Errorf("it is about %q, not %q", a.Defects()[0].Path, test.path)
			}
			for _, d := range a.Defects() {
				if d.Offset < 0 || d.Offset > int64(len(test.raw)) {
					t.Errorf("offset %d of %d bytes", d.Offset, len(test.raw))
				}
			}
			walk(t, a.FS())
		})
	}
}

// prefixed is a header of GNU with what some take for the first part of its name.
func prefixed() []byte {
	block := header("a", tar.TypeReg, 0)
	copy(block[257:], "ustar  \x00")
	copy(block[345:], "blobs")
	rawlayer.Checksum(block)
	return block
}

// What is told of an archive is bounded, and nothing is lost from the count.
func TestManyDefects(t *testing.T) {
	a := indexed(t, ended(bytes.Repeat(whole("../x", ""), 3), bytes.Repeat(whole("index.json", ""), 2500)))
	d := a.Defects()
	if len(d) != 1001 || d[len(d)-1].Kind != archive.Duplicate || d[len(d)-1].Detail != "1502 more of the kind" {
		t.Errorf("%d defects, the last %+v", len(d), d[len(d)-1])
	}
}

// Of two entries with one name the first is there, whatever their kinds.
func TestFirstWins(t *testing.T) {
	a := indexed(t, ended(whole("index.json", "first"), whole("./index.json", "second"), whole("blobs/a/b", "x"), header("blobs/a", tar.TypeSymlink, 0)))
	got := walk(t, a.FS())
	if got["index.json"] != "file:first" || got["blobs/a"] != "" || got["blobs/a/b"] != "file:x" {
		t.Errorf("%v", got)
	}
}

// An entry over the limit is told of, and none after it is there.
func TestLimitEntries(t *testing.T) {
	raw := ended(whole("a", ""), whole("b", ""), whole("c", ""))
	for limit, want := range map[int][]archive.Kind{2: {archive.LimitEntries}, 3: nil} {
		a, err := archive.New(t.Context(), bytes.NewReader(raw), int64(len(raw)), archive.Limits{Entries: limit})
		if err != nil {
			t.Fatal(err)
		}
		if got := kinds(a); !slices.Equal(got, want) || a.Cut() != (want != nil) || len(walk(t, a.FS())) != 1+limit {
			t.Errorf("limit %d: %v, %v", limit, got, walk(t, a.FS()))
		}
	}
}

// What is no archive is none, and is not read to find out.
func TestNotTar(t *testing.T) {
	for name, raw := range map[string]string{
		"empty": "", "text": strings.Repeat("y\n", 1000), "short": "hello", "zip": "PK\x03\x04" + strings.Repeat("\x00", 1000),
		"qcow": "QFI\xfb" + strings.Repeat("\x00", 1000), "bzip2": "BZh91AY&SY" + strings.Repeat("x", 1000), "xz": "\xfd7zXZ\x00" + strings.Repeat("x", 1000),
		"gzip": "\x1f\x8b" + strings.Repeat("x", 1000),
	} {
		if _, err := archive.New(t.Context(), strings.NewReader(raw), int64(len(raw)), archive.Limits{}); !errorIs(err, archive.ErrNotTar) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
