package verify_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// madeUp is a layout that is stored nowhere: what a blob holds is made up of its
// number whenever it is opened. Only the digests are kept, some 45 bytes for each
// blob. It has images of a configuration and layers, in indexes of a hundred, and
// these in indexes of a hundred, until index.json can list them.
type madeUp struct {
	afero.Fs // nil: nothing else is asked of it
	digests  blobs.Set
	layers   int
	images   int
	indexes  []span         // by number, from the first blob on that is no image's
	sizes    map[string]int // of the others, by media type
	root     []byte         // index.json
	layer    []byte         // a layer, but for its number

	wait  time.Duration // that each Open takes
	opens atomic.Int64
	asked atomic.Int64     // calls of Stat and Open
	each  func(call int64) // unless nil, is called by both
}

// span is an index of size bytes, of the blobs from one number up to another, each so
// many numbers after the one before.
type span struct{ from, to, step, size int }

const (
	fanOut     = 100
	tarNumber  = 512 // where in a layer its number stands, which is in the file that it holds
	madeUpTime = "2020-01-02T03:04:05Z"
)

// newMadeUp returns a layout of at least that many blobs, in images of so many layers.
func newMadeUp(tb testing.TB, count, layers int) *madeUp {
	tb.Helper()
	m := &madeUp{layers: layers, images: max(1, count/(layers+2)), layer: tarOf(tb, make([]byte, 32)), sizes: make(map[string]int)}
	for range m.images {
		for range layers + 2 {
			m.add()
		}
	}
	level := span{from: layers + 1, to: m.digests.Len(), step: layers + 2} // of the manifests
	for (level.to-level.from-1)/level.step >= fanOut {
		first := m.digests.Len()
		for from := level.from; from < level.to; from += fanOut * level.step {
			m.indexes = append(m.indexes, span{from: from, to: min(level.to, from+fanOut*level.step), step: level.step})
			m.add()
		}
		level = span{from: first, to: m.digests.Len(), step: 1}
	}
	m.root = m.index(level)
	return m
}

// add adds the next blob. Those that it names are there.
func (m *madeUp) add() {
	n := m.digests.Len()
	raw := m.content(n)
	if kind := m.kind(n); kind == model.MediaTypeIndex {
		m.indexes[len(m.indexes)-1].size = len(raw)
	} else {
		m.sizes[kind] = len(raw)
	}
	m.digests.Add(digest.FromBytes(raw))
}

func (m *madeUp) blobs() int { return m.digests.Len() }

// unreferenced has index.json name a single image, and none of the other blobs.
func (m *madeUp) unreferenced() {
	m.root = m.index(span{from: m.layers + 1, to: m.layers + 2, step: 1})
}

// kind returns the media type of a blob, and its place in the image. An image has its
// layers first, then the configuration, and then the manifest.
func (m *madeUp) kind(n int) string {
	place := n % (m.layers + 2)
	switch {
	case n >= m.images*(m.layers+2):
		return model.MediaTypeIndex
	case place < m.layers:
		return model.MediaTypeLayer
	case place == m.layers:
		return model.MediaTypeImageConfig
	}
	return model.MediaTypeManifest
}

func (m *madeUp) content(n int) []byte {
	switch m.kind(n) {
	case model.MediaTypeLayer:
		b := bytes.Clone(m.layer)
		copy(b[tarNumber:], fmt.Sprintf("%032d", n))
		return b
	case model.MediaTypeImageConfig:
		b := fmt.Appendf(nil, `{"created":%q,"author":"%032d","architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[`, madeUpTime, n)
		for layer := n - m.layers; layer < n; layer++ {
			b = append(append(append(b, '"'), m.digests.At(layer)...), `",`...)
		}
		return append(bytes.TrimSuffix(b, []byte(",")), `]}}`...)
	case model.MediaTypeManifest:
		b := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":`, model.MediaTypeManifest)
		b = append(m.descriptor(b, n-1), `,"layers":`...)
		return append(m.descriptors(b, span{from: n - 1 - m.layers, to: n - 1, step: 1}), '}')
	}
	return m.index(m.indexes[n-m.images*(m.layers+2)])
}

func (m *madeUp) index(s span) []byte {
	return append(m.descriptors(fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":`, model.MediaTypeIndex), s), '}')
}

func (m *madeUp) descriptors(b []byte, s span) []byte {
	b = append(b, '[')
	for n := s.from; n < s.to; n += s.step {
		b = append(m.descriptor(b, n), ',')
	}
	return append(bytes.TrimSuffix(b, []byte(",")), ']')
}

func (m *madeUp) descriptor(b []byte, n int) []byte {
	b = append(append(b, `{"mediaType":"`...), m.kind(n)...)
	b = append(append(b, `","digest":"`...), m.digests.At(n)...)
	return append(strconv.AppendInt(append(b, `","size":`...), int64(m.size(n)), 10), '}')
}

// size returns the bytes of a blob. All of one kind have the same, but for indexes.
func (m *madeUp) size(n int) int {
	if kind := m.kind(n); kind != model.MediaTypeIndex {
		return m.sizes[kind]
	}
	return m.indexes[n-m.images*(m.layers+2)].size
}

func tarOf(tb testing.TB, content []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "file", Mode: 0o644, Size: int64(len(content))}); err != nil {
		tb.Fatal(err)
	}
	w.Write(content)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func (m *madeUp) Stat(name string) (fs.FileInfo, error) {
	m.note()
	return m.stat(name)
}

func (m *madeUp) note() {
	if call := m.asked.Add(1); m.each != nil {
		m.each(call)
	}
}

func (m *madeUp) stat(name string) (fs.FileInfo, error) {
	switch name {
	case ".", model.BlobsDir, model.BlobsDir + "/sha256":
		return madeUpInfo{path.Base(name), 0, fs.ModeDir | 0o755}, nil
	case model.LayoutFile:
		return madeUpInfo{name, len(madeUpMarker), 0o444}, nil
	case model.IndexFile:
		return madeUpInfo{name, len(m.root), 0o444}, nil
	}
	n, ok := m.find(name)
	if !ok {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return madeUpInfo{path.Base(name), m.size(n), 0o444}, nil
}

func (m *madeUp) find(name string) (n int, ok bool) {
	encoded, ok := strings.CutPrefix(name, model.BlobsDir+"/sha256/")
	if !ok {
		return 0, false
	}
	return m.digests.Find(digest.Digest("sha256:" + encoded))
}

const madeUpMarker = `{"imageLayoutVersion":"1.0.0"}`

func (m *madeUp) Open(name string) (afero.File, error) {
	m.note()
	m.opens.Add(1)
	time.Sleep(m.wait)
	info, err := m.stat(name)
	if err != nil {
		return nil, err
	}
	f := &madeUpFile{fs: m, info: info, name: name}
	switch {
	case info.IsDir():
	case name == model.LayoutFile:
		f.Reader = strings.NewReader(madeUpMarker)
	case name == model.IndexFile:
		f.Reader = bytes.NewReader(m.root)
	default:
		n, _ := m.find(name)
		f.Reader = bytes.NewReader(m.content(n))
	}
	return f, nil
}

type madeUpFile struct {
	afero.File // nil: nothing else is asked of it
	io.Reader
	fs   *madeUp
	info fs.FileInfo
	name string
}

func (f *madeUpFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }
func (f *madeUpFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *madeUpFile) Close() error               { return nil }
func (f *madeUpFile) Name() string               { return f.name }

// Readdirnames is asked for all names at once.
func (f *madeUpFile) Readdirnames(int) ([]string, error) {
	switch f.name {
	case ".":
		return []string{model.LayoutFile, model.IndexFile, model.BlobsDir}, nil
	case model.BlobsDir:
		return []string{"sha256"}, nil
	}
	names := make([]string, f.fs.blobs())
	for n := range names {
		names[n] = f.fs.digests.At(n).Encoded()
	}
	return names, nil
}

type madeUpInfo struct {
	name string
	size int
	mode fs.FileMode
}

func (i madeUpInfo) Name() string       { return i.name }
func (i madeUpInfo) Size() int64        { return int64(i.size) }
func (i madeUpInfo) Mode() fs.FileMode  { return i.mode }
func (i madeUpInfo) ModTime() time.Time { return time.Time{} }
func (i madeUpInfo) IsDir() bool        { return i.mode.IsDir() }
func (i madeUpInfo) Sys() any           { return nil }
