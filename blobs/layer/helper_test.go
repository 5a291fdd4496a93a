package layer_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// moment is when all files of these tests were changed.
var moment = time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)

// file is an entry of an archive, and a regular file if kind is zero.
type file struct {
	name    string
	kind    byte
	link    string
	content string
	mode    int64 // default 0644
	uid     int
	gid     int
	device  [2]int64
	records map[string]string // PAX
}

func directory(name string) file     { return file{name: name, kind: tar.TypeDir, mode: 0o755} }
func regular(name, text string) file { return file{name: name, content: text} }
func symlink(name, to string) file {
	return file{name: name, kind: tar.TypeSymlink, link: to, mode: 0o777}
}
func hardLink(name, to string) file { return file{name: name, kind: tar.TypeLink, link: to} }

func (f file) header() *tar.Header {
	h := &tar.Header{
		Name: f.name, Typeflag: f.kind, Linkname: f.link, Size: int64(len(f.content)), Mode: f.mode, Uid: f.uid, Gid: f.gid,
		Devmajor: f.device[0], Devminor: f.device[1], ModTime: moment, PAXRecords: f.records,
	}
	if h.Typeflag == 0 {
		h.Typeflag = tar.TypeReg
	}
	if h.Mode == 0 {
		h.Mode = 0o644
	}
	return h
}

// archive returns a tar archive of the files, with its end.
func archive(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(f.header()); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// block returns the header of an entry as old tools write it, with no magic.
func block(name string, kind byte, size int64) []byte {
	b := make([]byte, 512)
	copy(b, name)
	copy(b[100:], "0000644\x000000000\x000000000\x00")
	copy(b[124:], fmt.Sprintf("%011o\x00%011o\x00", size, moment.Unix()))
	b[156] = kind
	return summed(b)
}

// summed writes the checksum into a header.
func summed(b []byte) []byte {
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// padded returns content as it stands in an archive.
func padded(content string) []byte {
	return append([]byte(content), make([]byte, (512-len(content)%512)%512)...)
}

// ended puts the end of an archive after its entries.
func ended(entries ...[]byte) []byte { return append(bytes.Join(entries, nil), make([]byte, 1024)...) }

// gzipped returns the concatenation of one gzip member for each of the parts.
func gzipped(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(nil)
	for _, part := range parts {
		w.Reset(&b)
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// encoder takes time and memory to make, and may be used again.
var encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))
})

// zstded returns the concatenation of one zstd frame for each of the parts.
func zstded(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	w, err := encoder()
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for _, part := range parts {
		b = w.EncodeAll(part, b)
	}
	return b
}

// skippable returns a zstd frame that holds what is no part of the stream.
func skippable(content string) []byte {
	b := []byte{0x50, 0x2a, 0x4d, 0x18}
	n := len(content)
	return append(append(b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24)), content...)
}

// told is what a scan gives, with the entries as lines of text.
type told struct {
	layer.ScanResult
	entries []string
}

// whole says that nothing at all is wrong.
func (r told) whole() bool {
	return r.Stream == nil && r.Tar.Err == nil && r.Tar.EndBlocks == 2 && !r.Tar.Trailing && len(r.DiffIDs) == 1
}

// scan reads a blob that can be read, and says what is in it.
func scan(t testing.TB, blob []byte) told {
	t.Helper()
	return scanReader(t, bytes.NewReader(blob), layer.ScanOptions{})
}

// scanReader is scan with options, of which Entry is taken.
func scanReader(t testing.TB, r io.Reader, o layer.ScanOptions) told {
	t.Helper()
	var entries []string
	o.Blob = digest.SHA256
	if o.DiffIDs == nil {
		o.DiffIDs = []digest.Algorithm{digest.SHA256}
	}
	o.Entry = func(e *layer.Entry) {
		if e.Number != len(entries) {
			t.Errorf("entry %d comes as number %d", len(entries), e.Number)
		}
		entries = append(entries, describe(e))
	}
	result, err := layer.Scan(t.Context(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Tar.Entries != len(entries) && result.Tar.Entries != len(entries)+1 {
		t.Errorf("%d entries, of which %d were given out", result.Tar.Entries, len(entries))
	}
	return told{result, entries}
}

// describe puts an entry into a line. The content of a sparse one is not read.
func describe(e *layer.Entry) string {
	content := "sparse"
	if !layer.Sparse(e.Header) {
		h := sha256.New()
		if n, err := io.Copy(h, e.Content); err != nil {
			content = "breaks off"
		} else {
			content = fmt.Sprintf("%d:%x", n, h.Sum(nil)[:4])
		}
	}
	return fmt.Sprintf("%s %c %o %s>%s", e.Path, e.Typeflag, e.Mode, content, e.Linkname)
}

// sum is what a blob must be found to be.
func sum(blob []byte) blobs.Sum {
	return blobs.Sum{Digest: digest.FromBytes(blob), Size: int64(len(blob))}
}

// sample returns an archive with something of everything, of about 200 KB if
// large, so that it takes more than one chunk, and else of a few blocks.
func sample(t testing.TB, large bool) []byte {
	files := []file{
		directory("./"), directory("etc/"), regular("etc/passwd", "root:x:0:0::/:/bin/sh\n"),
		symlink("etc/link", "passwd"), hardLink("etc/same", "etc/passwd"), regular("etc/.wh.gone", ""),
	}
	if large {
		files = append(files, regular("var/data", noise(200_000)), regular("usr/"+name(300), "long name"))
	}
	return archive(t, files...)
}

// noise returns bytes that do not compress well, the same each time.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x>>24) & 0x3f
	}
	return string(b)
}

// name returns a path of n bytes.
func name(n int) string { return string(bytes.Repeat([]byte("n"), n)) }

// readerFunc is a reader that does what a test says.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// within fails the test if do takes longer than anything that does not go on for
// ever.
func within(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it does not return")
	}
}
