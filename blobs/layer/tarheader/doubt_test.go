package tarheader_test

import (
	"archive/tar"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/ocilayout/ocilayout/blobs/layer/tarheader"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
)

const (
	modeAt, uidAt, sizeAt, timeAt, sumAt = 100, 108, 124, 136, 148
	magicAt, prefixAt, trailerAt         = 257, 345, 508
	noMagic, gnuMagic                    = "\x00\x00\x00\x00\x00\x00\x00\x00", "ustar  \x00"
)

// What was found by unpacking each of these with archive/tar, GNU tar 1.34, bsdtar 3.6,
// tarfile of Python 3.11 and BusyBox 1.35.
func TestDoubts(t *testing.T) {
	path := func(s string) []byte { return meta('x', record("path", s)) }
	put := func(at int, s string) []byte {
		return entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{at: s})
	}
	kind := func(name string, kind byte) []byte { return entry(tar.Header{Name: name, Typeflag: kind}, nil) }
	prefixed := func(magic, prefix string) []byte {
		return entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{magicAt: magic, prefixAt: prefix})
	}
	tests := map[string]struct {
		raw  []byte
		want []Kind
	}{
		"sound":                   {file("a"), nil},
		"path":                    {slices.Concat(path("a"), file("x")), nil},
		"long name":               {slices.Concat(meta('L', "a\x00"), file("x")), nil},
		"long name without end":   {slices.Concat(meta('L', "a"), file("x")), nil},
		"long name, then zeros":   {slices.Concat(meta('L', "a\x00b"), file("x")), nil},
		"long name and target":    {slices.Concat(meta('L', "a\x00"), meta('K', "b\x00"), kind("x", tar.TypeSymlink)), nil},
		"path and long name":      {slices.Concat(path("a"), meta('L', "b\x00"), file("x")), []Kind{Name}},
		"long name and path":      {slices.Concat(meta('L', "b\x00"), path("a"), file("x")), []Kind{Name}},
		"both the same":           {slices.Concat(path("a"), meta('L', "a\x00"), file("x")), nil},
		"time and long name":      {slices.Concat(meta('x', record("mtime", "5.5")), meta('L', "a\x00"), file("x")), nil},
		"size and long name":      {slices.Concat(meta('x', record("size", "0")), meta('L', "a\x00"), file("x")), []Kind{Size}},
		"two targets":             {slices.Concat(meta('x', record("linkpath", "a")), meta('K', "b\x00"), kind("x", tar.TypeSymlink)), []Kind{Target}},
		"two extended":            {slices.Concat(path("a"), meta('x', record("mtime", "5")), file("x")), []Kind{Name}},
		"two long names":          {slices.Concat(meta('L', "a\x00"), meta('L', "b\x00"), file("x")), []Kind{Name}},
		"no long name":            {slices.Concat(meta('L', "\x00"), file("x")), []Kind{Name}},
		"empty long name":         {slices.Concat(meta('L', ""), file("x")), []Kind{Name}},
		"extended of nothing":     {slices.Concat(meta('x', ""), file("x")), nil},
		"empty path":              {slices.Concat(path(""), file("x")), []Kind{Name}},
		"empty target":            {slices.Concat(meta('x', record("linkpath", "")), kind("x", tar.TypeSymlink)), []Kind{Target}},
		"empty size":              {slices.Concat(meta('x', record("size", "")), file("x")), []Kind{Size}},
		"empty owner":             {slices.Concat(meta('x', record("uid", "")), file("x")), []Kind{Attribute}},
		"path twice":              {slices.Concat(meta('x', record("path", "a")+record("path", "b")), file("x")), []Kind{Name}},
		"xattr twice":             {slices.Concat(meta('x', record("SCHILY.xattr.user.a", "a")+record("SCHILY.xattr.user.a", "b")), file("x")), nil},
		"size of less":            {slices.Concat(meta('x', record("size", "0")), entry(tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 512}, nil), file("b")), []Kind{Size}},
		"size of more":            {slices.Concat(meta('x', record("size", "512")), file("a"), file("b")), []Kind{Size}},
		"size with a sign":        {slices.Concat(meta('x', record("size", "+0")), file("a")), []Kind{Size}},
		"record with a sign":      {slices.Concat(meta('x', "+11 path=a\n"), file("x")), []Kind{Name}},
		"record with a zero":      {slices.Concat(meta('x', "011 path=a\n"), file("x")), nil},
		"record with a blank":     {slices.Concat(meta('x', "11  path=a\n"), file("x")), []Kind{Name}},
		"global comment":          {meta('g', record("comment", "c")), nil},
		"global path":             {meta('g', record("path", "c")), []Kind{Name}},
		"global target":           {meta('g', record("linkpath", "c")), []Kind{Target}},
		"global size":             {meta('g', record("size", "3")), []Kind{Size}},
		"global owner":            {meta('g', record("gid", "3")), []Kind{Attribute}},
		"global xattr":            {meta('g', record("SCHILY.xattr.user.a", "3")), []Kind{Attribute}},
		"global sparse":           {meta('g', record("GNU.sparse.name", "a")), []Kind{Content}},
		"extended, global":        {slices.Concat(path("a"), meta('g', record("comment", "c"))), []Kind{Name}},
		"of Solaris":              {meta('X', record("path", "a")), []Kind{Name}},
		"prefix":                  {prefixed("ustar\x0000", "etc"), nil},
		"prefix, other version":   {prefixed("ustar\x00\x00\x00", "etc"), nil},
		"prefix without magic":    {prefixed(noMagic, "etc"), []Kind{Name}},
		"prefix of GNU":           {prefixed(gnuMagic, "etc"), []Kind{Name}},
		"times of GNU":            {prefixed(gnuMagic, "13000000000"), []Kind{Name}},
		"prefix of a wrong magic": {prefixed("ustar 00", "etc"), []Kind{Name}},
		"prefix of star":          {entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{prefixAt: "etc", trailerAt: "tar\x00"}), nil},
		"long prefix of star":     {entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{prefixAt: strings.Repeat("p", 131) + "000", trailerAt: "tar\x00"}), []Kind{Name}},
		"prefix and path":         {slices.Concat(path("a"), prefixed(gnuMagic, "etc")), nil},
		"prefix and long name":    {slices.Concat(meta('L', "a\x00"), prefixed(gnuMagic, "etc")), nil},
		"sparse of star":          {slices.Concat(meta('x', record("SCHILY.realsize", "10")), file("a")), []Kind{Content}},
		"sparse by name":          {slices.Concat(meta('x', record("GNU.sparse.name", "b")), file("a")), []Kind{Name}},
		"sparse by size":          {slices.Concat(meta('x', record("GNU.sparse.realsize", "10")), file("a")), []Kind{Content}},
		"sparse":                  {slices.Concat(meta('x', record("GNU.sparse.major", "0")+record("GNU.sparse.minor", "1")+record("GNU.sparse.numblocks", "1")+record("GNU.sparse.map", "0,0")+record("GNU.sparse.size", "10")+record("GNU.sparse.name", "b")), file("a")), nil},
		"dots":                    {file("a/../b"), []Kind{Dots}},
		"dots out":                {file("../b"), []Kind{Dots}},
		"dots in names":           {file("a..b/..c/d../..."), nil},
		"file with a slash":       {file("a/"), []Kind{Type}},
		"path with a slash":       {slices.Concat(path("a/"), file("x")), []Kind{Type}},
		"old directory":           {kind("a/", 0), nil},
		"directory":               {kind("a", tar.TypeDir), nil},
		"link with a slash":       {kind("a/", tar.TypeSymlink), nil},
		"hard link to a slash":    {entry(tar.Header{Name: "a", Typeflag: tar.TypeLink, Linkname: "b/"}, nil), []Kind{Target}},
		"root":                    {kind("./", tar.TypeDir), nil},
		"root as file":            {file("."), []Kind{Root}},
		"root as link":            {kind("./", tar.TypeSymlink), []Kind{Root}},
		"root by dots":            {kind("a/..", tar.TypeSymlink), []Kind{Root, Dots}},
		"no name":                 {file(""), []Kind{Root}},
		"link with a size":        {entry(tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Size: 512}, nil), []Kind{Body}},
		"longest name":            {slices.Concat(meta('L', strings.Repeat("n", 255)+"/"+strings.Repeat("n", 255)), file("x")), nil},
		"long part":               {slices.Concat(meta('L', "a/"+strings.Repeat("n", 256)+"/b"), file("x")), []Kind{Long}},
		"long link":               {slices.Concat(meta('K', strings.Repeat("n/", 2048)), kind("a", tar.TypeSymlink)), []Kind{Long}},
		"longest link":            {slices.Concat(meta('K', strings.Repeat("n", 4095)), kind("a", tar.TypeSymlink)), nil},
		"long hard link":          {slices.Concat(meta('K', strings.Repeat("n", 256)), kind("a", tar.TypeLink)), []Kind{Long}},
		"backslash":               {file(`a\b`), []Kind{Backslash}},
		"backslash at the end":    {file(`a\`), []Kind{Backslash}},
		"escape of systemd":       {file(`a/system-a\x2db.slice`), nil},
		"no escape":               {file(`a\xyz`), []Kind{Backslash}},
		"UTF-8":                   {file("caf\u00e9"), nil},
		"Latin-1":                 {file("caf\xe9"), []Kind{Encoding}},
		"zero in the name":        {file("a\x00b"), nil},
		"negative owner":          {put(uidAt, strings.Repeat("\xff", 8)), []Kind{Attribute}},
		"owner of 33 bits":        {put(uidAt, "\x80\x00\x00\x01\x00\x00\x00\x00"), []Kind{Attribute}},
		"owner of 32 ones":        {put(uidAt, "\x80\x00\x00\x00\xff\xff\xff\xff"), []Kind{Attribute}},
		"large owner":             {put(uidAt, "\x80\x00\x00\x00\xff\xff\xff\xfe"), nil},
		"extended owner":          {slices.Concat(meta('x', record("gid", "-1")), file("a")), []Kind{Attribute}},
		"owner with blanks":       {put(uidAt, "     7 \x00"), nil},
		"owner without end":       {put(uidAt, "00000007"), nil},
		"no owner":                {put(uidAt, noMagic), nil},
		"mode with type":          {put(modeAt, "0100644\x00"), nil},
		"mode with another type":  {entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{modeAt: "0120777\x00"}), nil},
		"FIFO with type":          {entry(tar.Header{Name: "a", Typeflag: tar.TypeFifo}, map[int]string{modeAt: "0010644\x00"}), nil},
		"FIFO with another type":  {entry(tar.Header{Name: "a", Typeflag: tar.TypeFifo}, map[int]string{modeAt: "0100644\x00"}), []Kind{Attribute}},
		"mode of more":            {put(modeAt, "7777644\x00"), []Kind{Attribute}},
		"binary size":             {put(sizeAt, "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), nil},
		"no size":                 {put(sizeAt, strings.Repeat("\x00", 12)), nil},
		"size behind zeros":       {slices.Concat(put(sizeAt, "\x00\x001\x00\x00\x00\x00\x00\x00\x00\x00\x00"), rawlayer.Padded("x")), []Kind{Size}},
		"size before more":        {put(sizeAt, "0\x00123\x00\x00\x00\x00\x00\x00\x00"), []Kind{Size}},
		"negative time":           {put(timeAt, strings.Repeat("\xff", 12)), []Kind{Time}},
		"late time":               {slices.Concat(meta('x', record("mtime", "9223372037")), file("a")), []Kind{Time}},
		"no time":                 {put(timeAt, strings.Repeat("\x00", 12)), nil},
	}
	for name, test := range tests {
		for _, piece := range []int{0, 1, 100, 513} {
			all, _, err := read(t, slices.Concat(test.raw, rawlayer.End()), piece)
			if err != io.EOF || len(all) == 0 {
				t.Errorf("%s: %d entries, %v", name, len(all), err)
				continue
			}
			if got := kinds(all[0].doubts); !slices.Equal(got, test.want) {
				t.Errorf("%s, in pieces of %d: %+v, not %v", name, piece, all[0].doubts, test.want)
			}
			for _, d := range all[1:] {
				if len(d.doubts) > 0 {
					t.Errorf("%s: what is wrong with one entry is told of the next: %+v", name, d)
				}
			}
		}
	}
}

// A checksum of bytes with signs is one to some tools.
func TestSignedChecksum(t *testing.T) {
	block := file("caf\u00e9")
	copy(block[sumAt:], "        ")
	sum := 0
	for _, c := range block {
		sum += int(int8(c))
	}
	copy(block[sumAt:], []byte{byte('0' + sum>>15&7), byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0, ' '})
	all, _, err := read(t, slices.Concat(block, rawlayer.End()), 0)
	if err != io.EOF || len(all) != 1 || !slices.Equal(kinds(all[0].doubts), []Kind{Checksum}) {
		t.Errorf("%+v, %v", all, err)
	}
}

// Where archive/tar only says that a header is invalid, it is said why.
func TestFault(t *testing.T) {
	put := func(at int, s string) []byte {
		return entry(tar.Header{Name: "a", Typeflag: tar.TypeReg}, map[int]string{at: s})
	}
	broken := file("a")
	broken[0] ^= 1
	for want, raw := range map[string][]byte{
		"checksum":                              broken,
		"single block of zeros":                 slices.Concat(make([]byte, 512), file("a")),
		"size of an entry":                      put(sizeAt, "nine"),
		"negative":                              put(sizeAt, strings.Repeat("\xff", 12)),
		"the mode, an owner":                    put(uidAt, "12x"),
		"holds what is no record":               slices.Concat(meta('x', "12 path=aX"), file("a")),
		"a path in an":                          slices.Concat(meta('x', record("path", "a\x00b")), file("a")),
		"the size in an extended header":        slices.Concat(meta('x', record("size", "-1")), file("a")),
		"the uid in an extended header":         slices.Concat(meta('x', record("uid", "5x")), file("a")),
		"an extended header holds what is no r": slices.Concat(meta('x', record("path", "a")+"x"), file("a")),
	} {
		_, fault, err := read(t, slices.Concat(raw, rawlayer.End()), 0)
		if !errors.Is(err, tar.ErrHeader) || !strings.Contains(fault, want) {
			t.Errorf("%q, %v; not %q", fault, err, want)
		}
	}
}

// However many headers speak of an entry, what is kept of them is bounded.
func TestManyHeaders(t *testing.T) {
	var h Headers
	one := meta('x', record("path", "a")+record("mtime", "5.5")+record("SCHILY.xattr.user.a", strings.Repeat("x", 1<<19)))
	h.Write(one)
	if n := testing.AllocsPerRun(20, func() { h.Write(one) }); n > 2 {
		t.Errorf("%v allocations for one header more", n)
	}
	h.Write(file("a"))
	if doubts := h.Doubts(&tar.Header{Name: "a", Typeflag: tar.TypeReg}); len(doubts) == 0 || len(doubts) > 8 {
		t.Errorf("%d doubts", len(doubts))
	}
	h.Reset()
	if h.Whole() || h.Fault() != "" {
		t.Error("something is left of the entry before")
	}
}

// BenchmarkHeaders is what each entry of a sound layer costs.
func BenchmarkHeaders(b *testing.B) {
	header := &tar.Header{Name: "usr/share/doc/package-100/file-1000", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: time.Unix(0, 0)}
	raw := file(header.Name)
	var h Headers
	b.ReportAllocs()
	for b.Loop() {
		h.Reset()
		h.Write(raw)
		if h.Doubts(header) != nil {
			b.Fatal("a doubt")
		}
	}
}
