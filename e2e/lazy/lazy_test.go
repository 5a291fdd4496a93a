package lazy

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/externaltoc"
	"github.com/containerd/stargz-snapshotter/estargz/zstdchunked"
	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// made is a layer as the library writes it.
type made struct {
	blob        []byte
	annotations map[string]string
	table       []byte // of its own, where it is kept elsewhere
}

// options are how the library is asked to write.
type options struct {
	format   string
	chunk    int
	least    int
	lossless bool
	edit     func(*estargz.JTOC) // before the table is written

}

const inGzip, inZstd, elsewhere = "gzip", "zstd", "external"

var formats = []string{inGzip, inZstd, elsewhere}

// edited is a compressor that writes an edited table, with digests that fit it.
type edited struct {
	estargz.Compressor
	edit func(*estargz.JTOC)
}

func (e edited) WriteTOCAndFooter(w io.Writer, off int64, toc *estargz.JTOC, diff hash.Hash) (digest.Digest, error) {
	if e.edit != nil {
		e.edit(toc)
	}
	return e.Compressor.WriteTOCAndFooter(w, off, toc, diff)
}

func write(t testing.TB, archive []byte, o options) made {
	t.Helper()
	m := made{annotations: make(map[string]string)}
	var c estargz.Compressor
	external := externaltoc.NewGzipCompressor()
	switch o.format {
	case inGzip:
		c = estargz.NewGzipCompressor()
	case inZstd:
		c = &zstdchunked.Compressor{CompressionLevel: zstd.SpeedDefault, Metadata: m.annotations}
	case elsewhere:
		c = external
	}
	var b bytes.Buffer
	w := estargz.NewWriterWithCompressor(&b, edited{c, o.edit})
	w.ChunkSize, w.MinChunkSize = o.chunk, o.least
	add := w.AppendTar
	if o.lossless {
		add = w.AppendTarLossLess
	}
	if err := add(bytes.NewReader(archive)); err != nil {
		t.Fatal(err)
	}
	d, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	m.annotations[estargz.TOCJSONDigestAnnotation] = string(d)
	if o.format == elsewhere {
		var table bytes.Buffer
		if _, err := external.WriteTOCTo(&table); err != nil {
			t.Fatal(err)
		}
		m.table = table.Bytes()
	}
	m.blob = b.Bytes()
	return m
}

// sample is an archive with something of everything.
func sample(t testing.TB, r *rand.Rand) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	put := func(h tar.Header, content string) {
		h.Size, h.ModTime = int64(len(content)), time.Unix(1_600_000_000+r.Int64N(1000), r.Int64N(2)*500_000_000)
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		h.Format = tar.FormatPAX
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, content)
	}
	text := func(n int) string {
		p := make([]byte, n)
		for i := range p {
			p[i] = "abcdefgh"[r.IntN(8)]
		}
		return string(p)
	}
	put(tar.Header{Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755, Uname: "root", Gname: "root"}, "")
	for i := range 3 + r.IntN(5) {
		put(tar.Header{Name: fmt.Sprintf("etc/%d", i), Typeflag: tar.TypeReg, Uid: r.IntN(3), Uname: []string{"", "root", "user"}[r.IntN(3)]}, text([]int{0, 1, 100, 511, 512, 513, 3000, 10_000}[r.IntN(8)]))
	}
	put(tar.Header{Name: "etc/link", Typeflag: tar.TypeSymlink, Linkname: "0"}, "")
	put(tar.Header{Name: "etc/hard", Typeflag: tar.TypeLink, Linkname: "etc/1"}, "")
	put(tar.Header{Name: "dev/null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3}, "")
	put(tar.Header{Name: "tool", Typeflag: tar.TypeReg, Mode: 0o4755, PAXRecords: map[string]string{"SCHILY.xattr.user.a": "x\x00y"}}, text(2000))
	put(tar.Header{Name: "last/", Typeflag: tar.TypeDir, Mode: 0o700}, "")
	put(tar.Header{Name: "last/file", Typeflag: tar.TypeReg}, text(r.IntN(9000)))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ours says what this module says of the layer: nil for nothing.
func ours(t testing.TB, m made) []string {
	t.Helper()
	first, err := layer.Scan(t.Context(), bytes.NewReader(m.blob), layer.ScanOptions{Blob: digest.SHA256})
	if err != nil {
		t.Fatal(err)
	}
	if first.Stream != nil || first.Tar.Err != nil {
		return []string{fmt.Sprint("no sound layer: ", first.Stream, first.Tar.Err)}
	}
	claim, err := layer.ClaimedTOC(m.annotations)
	if err != nil {
		return []string{err.Error()}
	}
	blob := layer.TOCBlob{
		Size: int64(len(m.blob)), First: first,
		Read: func(read func(io.Reader) (int64, error)) error {
			_, err := read(bytes.NewReader(m.blob))
			return err
		},
		ReadFrom: func(_ context.Context, offset int64, read func(io.Reader) error) error {
			return read(bytes.NewReader(m.blob[offset:]))
		},
	}
	if m.table != nil {
		blob.Table = func(_ context.Context, read func(io.Reader) error) error { return read(bytes.NewReader(m.table)) }
	}
	report, err := layer.CheckTOC(t.Context(), claim, blob, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if report.Elsewhere || report.Limit {
		t.Fatalf("report %+v", report)
	}
	var all []string
	for _, p := range report.Problems {
		if !p.Missing {
			all = append(all, fmt.Sprintf("%s: %s (%s, %s)", p.Name, p.Message, p.Expected, p.Actual))
		}
	}
	return all
}

// theirs reads every file of the layer with the library, as a snapshotter does, and
// compares all with the archive that the layer unpacks to. It returns the first thing
// that fails or differs, "" for nothing.
func theirs(t testing.TB, m made) (failed string) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			failed = fmt.Sprint("panic: ", p)
		}
	}()
	const footer = 40
	if end := m.blob[len(m.blob)-footer:]; m.table == nil && layer.Sniff(m.blob) == layer.Zstd && binary.LittleEndian.Uint64(end[8:]) > uint64(len(m.blob)) {
		return "open: it takes memory for as long a table as the footer says"
	}
	decompressors := []estargz.Decompressor{new(zstdchunked.Decompressor)}
	if m.table != nil {
		decompressors = append(decompressors, externaltoc.NewGzipDecompressor(func() ([]byte, error) { return m.table, nil }))
	}
	r, err := estargz.Open(io.NewSectionReader(bytes.NewReader(m.blob), 0, int64(len(m.blob))), estargz.WithDecompressors(decompressors...))
	if err != nil {
		return "open: " + err.Error()
	}
	if got := r.TOCDigest(); string(got) != m.annotations[estargz.TOCJSONDigestAnnotation] {
		return "the table has another digest"
	}
	seen := map[string]bool{"": true}
	for name, want := range unpacked(t, m.blob) {
		seen[name] = true
		if why := sameFile(r, name, want); why != "" {
			return name + ": " + why
		}
	}
	return more(r, "", seen)
}

// entry is one of an archive, after all of it was read.
type entry struct {
	*tar.Header
	content []byte
}

// unpacked reads the archive that the layer unpacks to, without its table.
func unpacked(t testing.TB, blob []byte) map[string]entry {
	t.Helper()
	all := make(map[string]entry)
	_, err := layer.Scan(t.Context(), bytes.NewReader(blob), layer.ScanOptions{Entry: func(e *layer.Entry) {
		content, err := io.ReadAll(e.Content)
		if err != nil {
			t.Error(err)
		}
		if e.Path != estargz.TOCTarName {
			all[strings.TrimPrefix(e.Path, "./")] = entry{e.Header, content}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	delete(all, ".")
	return all
}

func sameFile(r *estargz.Reader, name string, want entry) string {
	e, ok := r.Lookup(name)
	if !ok {
		return "it is not there"
	}
	if want.Typeflag == tar.TypeLink {
		target, ok := r.Lookup(want.Linkname)
		if !ok || target != e {
			return "it is no link to " + want.Linkname
		}
		return ""
	}
	kinds := map[byte]string{tar.TypeReg: "reg", tar.TypeDir: "dir", tar.TypeSymlink: "symlink", tar.TypeChar: "char", tar.TypeBlock: "block", tar.TypeFifo: "fifo"}
	xattrs := make(map[string]string)
	for k, v := range want.PAXRecords {
		if k, ok := strings.CutPrefix(k, "SCHILY.xattr."); ok {
			xattrs[k] = v
		}
	}
	theirs := make(map[string]string)
	for k, v := range e.Xattrs {
		theirs[k] = string(v)
	}
	switch {
	case e.Type != kinds[want.Typeflag]:
		return "type " + e.Type
	case e.Stat().Mode().Perm() != want.FileInfo().Mode().Perm() || e.Mode&0o7000 != want.Mode&0o7000:
		return "mode"
	case e.UID != want.Uid || e.GID != want.Gid:
		return "owner"
	case e.LinkName != want.Linkname:
		return "link"
	case e.Type != "reg" && e.Size != 0 || e.Type == "reg" && e.Size != want.Size:
		return "size"
	case int64(e.DevMajor) != want.Devmajor || int64(e.DevMinor) != want.Devminor:
		return "device"
	case !e.ModTime().Equal(want.ModTime) && !e.ModTime().Equal(want.ModTime.Round(time.Second)):
		return "time"
	case !maps.Equal(xattrs, theirs):
		return "attributes"
	case e.Type != "reg" || e.Size == 0:
		return ""
	}
	return sameContent(r, name, e, want.content)
}

// sameContent reads chunk by chunk, and verifies each by the digest that goes with it.
func sameContent(r *estargz.Reader, name string, e *estargz.TOCEntry, want []byte) string {
	f, err := r.OpenFile(name)
	if err != nil {
		return err.Error()
	}
	for at := int64(0); at < e.Size; {
		chunk, ok := r.ChunkEntryForOffset(name, at)
		if !ok {
			return fmt.Sprint("no chunk at ", at)
		}
		if chunk.ChunkOffset != at || chunk.ChunkSize <= 0 || chunk.ChunkSize > int64(len(want))-at {
			return fmt.Sprint("a chunk that is none at ", at)
		}
		d := chunk.Digest
		if chunk.ChunkDigest != "" {
			d = chunk.ChunkDigest
		}
		p := make([]byte, chunk.ChunkSize)
		if n, err := f.ReadAt(p, at); err != nil && err != io.EOF || n != len(p) {
			return fmt.Sprint("read at ", at, ": ", err)
		}
		verifier, err := digest.Parse(d)
		if err != nil {
			return "digest: " + err.Error()
		}
		if verifier != verifier.Algorithm().FromBytes(p) {
			return fmt.Sprint("the chunk at ", at, " has another digest")
		}
		if !bytes.Equal(p, want[at:at+chunk.ChunkSize]) {
			return fmt.Sprint("the chunk at ", at, " is another one, and verified")
		}
		at += chunk.ChunkSize
	}
	return ""
}

// more returns what the table has beyond the archive. Directories on the way to a file
// need not be in it.
func more(r *estargz.Reader, dir string, seen map[string]bool) (found string) {
	e, ok := r.Lookup(dir)
	if !ok {
		return ""
	}
	e.ForeachChild(func(base string, child *estargz.TOCEntry) bool {
		name := strings.TrimPrefix(dir+"/"+base, "/")
		onTheWay := slices.ContainsFunc(slices.Collect(maps.Keys(seen)), func(s string) bool { return strings.HasPrefix(s, name+"/") })
		if child.Type == "dir" {
			found = more(r, name, seen)
		}
		if !seen[name] && (child.Type != "dir" || !onTheWay) {
			found = "more than the archive: " + name
		}
		return found == ""
	})
	return found
}

// Layers that the library writes, in all ways that it knows, are sound for it and for
// us.
func TestSound(t *testing.T) {
	for seed := range amount(10, 3) {
		archive := sample(t, rand.New(rand.NewPCG(seed, 1)))
		for _, format := range formats {
			for _, o := range []options{{}, {chunk: 1000}, {chunk: 512}, {chunk: 700, least: 400}, {least: 2000}, {least: 100_000}, {lossless: true}, {lossless: true, chunk: 900, least: 300}} {
				o.format = format
				m := write(t, archive, o)
				if got := theirs(t, m); got != "" {
					t.Fatalf("%+v, seed %d: the library: %s", o, seed, got)
				}
				if got := ours(t, m); got != nil {
					t.Errorf("%+v, seed %d: %q", o, seed, got)
				}
			}
		}
	}
}

// edits damage a table in every way that comes to mind: the digests are those of the
// table that comes out.
var edits = map[string]func(r *rand.Rand, toc *estargz.JTOC){
	"nothing": func(*rand.Rand, *estargz.JTOC) {},
	"two offsets": func(r *rand.Rand, toc *estargz.JTOC) {
		a, b := two(r, toc)
		a.Offset, b.Offset = b.Offset, a.Offset
	},
	"two contents": func(r *rand.Rand, toc *estargz.JTOC) {
		a, b := two(r, toc)
		a.Offset, b.Offset, a.ChunkDigest, b.ChunkDigest, a.InnerOffset, b.InnerOffset = b.Offset, a.Offset, b.ChunkDigest, a.ChunkDigest, b.InnerOffset, a.InnerOffset
	},
	"two digests": func(r *rand.Rand, toc *estargz.JTOC) {
		a, b := two(r, toc)
		a.ChunkDigest, b.ChunkDigest = b.ChunkDigest, a.ChunkDigest
	},
	"an offset":       func(r *rand.Rand, toc *estargz.JTOC) { data(r, toc).Offset += int64(r.IntN(100)) - 50 },
	"an inner offset": func(r *rand.Rand, toc *estargz.JTOC) { data(r, toc).InnerOffset += int64(r.IntN(1000)) - 300 },
	"a chunk offset":  func(r *rand.Rand, toc *estargz.JTOC) { data(r, toc).ChunkOffset += int64(r.IntN(1000)) - 300 },
	"a chunk size":    func(r *rand.Rand, toc *estargz.JTOC) { data(r, toc).ChunkSize += int64(r.IntN(1000)) - 300 },
	"no chunk size":   func(r *rand.Rand, toc *estargz.JTOC) { data(r, toc).ChunkSize = 0 },
	"a size":          func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).Size += int64(r.IntN(3)) - 1 },
	"a mode":          func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).Mode ^= 1 << r.IntN(12) },
	"an owner":        func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).UID += r.IntN(2) },
	"a time":          func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).ModTime3339 = "2020-01-01T00:00:00Z" },
	"no time":         func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).ModTime3339 = "" },
	"a device":        func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).DevMinor ^= 1 },
	"a link":          func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).LinkName = "etc/2" },
	"attributes": func(r *rand.Rand, toc *estargz.JTOC) {
		any(r, toc).Xattrs = map[string][]byte{"user.a": []byte("x\x00y")}
	},
	"no attributes": func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).Xattrs = nil },
	"a type": func(r *rand.Rand, toc *estargz.JTOC) {
		any(r, toc).Type = []string{"reg", "dir", "symlink", "fifo"}[r.IntN(4)]
	},
	"a name": func(r *rand.Rand, toc *estargz.JTOC) { any(r, toc).Name += []string{"x", "/", "/."}[r.IntN(3)] },
	"an entry less": func(r *rand.Rand, toc *estargz.JTOC) {
		i := r.IntN(len(toc.Entries))
		toc.Entries = slices.Delete(toc.Entries, i, i+1)
	},
	"an entry more": func(r *rand.Rand, toc *estargz.JTOC) {
		e := *any(r, toc)
		e.Name += "2"
		toc.Entries = append(toc.Entries, &e)
	},
	"an entry twice": func(r *rand.Rand, toc *estargz.JTOC) { e := *any(r, toc); toc.Entries = append(toc.Entries, &e) },
	"another order": func(r *rand.Rand, toc *estargz.JTOC) {
		a, b := r.IntN(len(toc.Entries)), r.IntN(len(toc.Entries))
		toc.Entries[a], toc.Entries[b] = toc.Entries[b], toc.Entries[a]
	},
	"all in any order": func(r *rand.Rand, toc *estargz.JTOC) {
		r.Shuffle(len(toc.Entries), func(a, b int) { toc.Entries[a], toc.Entries[b] = toc.Entries[b], toc.Entries[a] })
	},
}

func any(r *rand.Rand, toc *estargz.JTOC) *estargz.TOCEntry {
	return toc.Entries[r.IntN(len(toc.Entries))]
}

// data returns an entry that has content.
func data(r *rand.Rand, toc *estargz.JTOC) *estargz.TOCEntry {
	for {
		if e := any(r, toc); e.Type == "chunk" || e.Size > 0 {
			return e
		}
	}
}

// amount is how many of something are tried: all where OCILAYOUT_EXHAUSTIVE is set, and
// else some.
func amount(all, some uint64) uint64 {
	if os.Getenv("OCILAYOUT_EXHAUSTIVE") != "" {
		return all
	}
	return some
}

func two(r *rand.Rand, toc *estargz.JTOC) (a, b *estargz.TOCEntry) {
	return data(r, toc), data(r, toc)
}

// Whatever is done to a table, we say that it is wrong where the library fails or gives
// out something else than the archive has, and where we say so, it does.
func TestEdited(t *testing.T) {
	runs := amount(8, 2)
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			for seed := range runs {
				for _, format := range formats {
					for _, o := range []options{{}, {chunk: 1000}, {chunk: 700, least: 400}, {lossless: true, least: 2000}} {
						r := rand.New(rand.NewPCG(seed, 2))
						archive := sample(t, r)
						o.format, o.edit = format, func(c *estargz.JTOC) { edit(r, c) }
						m := write(t, archive, o)
						agree(t, fmt.Sprintf("%+v, seed %d", o, seed), m)
					}
				}
			}
		})
	}
}

func agree(t *testing.T, what string, m made) {
	t.Helper()
	their, our := theirs(t, m), ours(t, m)
	if (their != "") != (our != nil) && !excused(their, our) {
		t.Errorf("%s: the library says %q, we %q", what, their, our)
	}
}

// excused says whether we may be stricter than the library: where it passes over what
// others read.
func excused(their string, our []string) bool {
	if their != "" {
		return false
	}
	beyond := slices.ContainsFunc(our, func(s string) bool { return strings.Contains(s, "chunks beyond the end") })
	for _, s := range our {
		switch {
		case strings.HasPrefix(s, "etc/hard: the table of contents says otherwise"):
			// It takes the attributes of what the link leads to. Who unpacks the archive
			// sets those of the link.
		case strings.Contains(s, "a chunk in the table of contents has another name"):
			// Nobody is known to look at it, and the format wants it to be the file's.
		case strings.Contains(s, "about the owner's name"), strings.Contains(s, "about the group's name"):
			// A file system that is mounted has no names of owners.
		case strings.Contains(s, "manifest-checksum promises"), strings.Contains(s, "the footer and the annotation name different places"):
			// It goes by the unpacked table and by the footer alone. Others go by the
			// compressed one, and by the annotations.
		case strings.Contains(s, "more often than the archive"):
			// It takes the last of them, and others refuse the table.
		case beyond && strings.HasPrefix(s, "last/file: "):
			// It reads no chunk that lies beyond the end, and others do.
		default:
			return false
		}
	}
	return true
}

// Whatever byte of a blob is another one, and it can be unpacked all the same, both
// find it, or it means nothing to either.
func TestDamaged(t *testing.T) {
	for _, format := range formats {
		r := rand.New(rand.NewPCG(1, 3))
		m := write(t, sample(t, r), options{format: format, chunk: 1000})
		for at := range m.blob {
			if at%int(amount(1, 11)) > 0 {
				continue
			}
			d := m
			d.blob = slices.Clone(m.blob)
			d.blob[at] ^= 1 << r.IntN(8)
			if first, err := layer.Scan(t.Context(), bytes.NewReader(d.blob), layer.ScanOptions{}); err != nil || first.Stream != nil || first.Tar.Err != nil {
				continue // nobody can unpack it, and what the library reads of it may be sound
			}
			agree(t, fmt.Sprintf("%s, byte %d of %d", format, at, len(m.blob)), d)
		}
	}
}
