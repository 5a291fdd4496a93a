package main

import (
	"archive/tar"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
)

// recipe is how to make a layout.
type recipe struct {
	title string
	space int64 // bytes that it takes at most, at scale 1
	make  func(*maker) error
}

const (
	mib     = 1 << 20
	layers  = 8         // of an image
	unpacks = 128 * mib // each of them
)

// order is that in which layouts are made and measured.
var order = []string{"random", "gzip", "zstd", "single", "small", "tiny", "million"}

var recipes = map[string]recipe{
	"random":  {"8 plain layers of 128 MiB that no compressor makes smaller", 1100 * mib, random},
	"gzip":    {"8 gzip layers that unpack to 128 MiB of files each", 700 * mib, gzipped},
	"zstd":    {"the same 8 layers in zstd", 700 * mib, zstandard},
	"single":  {"one gzip layer that unpacks to 1 GiB of files", 700 * mib, single},
	"small":   {"100,000 blobs of at most 1 KiB, 1,000 of them manifests", 500 * mib, small},
	"tiny":    {"an image of one small layer", mib, tiny},
	"million": {"1,000,000 blobs of at most 64 bytes, 10,000 of them manifests, below 10 indexes", 5000 * mib, million},
}

// random is what hashing is measured with: bytes, and next to nothing else to do.
func random(m *maker) error {
	var contents []func(io.Writer) error
	for i := range layers {
		contents = append(contents, func(w io.Writer) error {
			var seed [32]byte
			binary.LittleEndian.PutUint64(seed[:], uint64(i))
			size := m.scaled(unpacks)
			archive := tar.NewWriter(w)
			if err := archive.WriteHeader(&tar.Header{Name: fmt.Sprintf("random-%d", i), Mode: 0o644, Size: size}); err != nil {
				return err
			}
			if _, err := io.CopyN(archive, rand.NewChaCha8(seed), size); err != nil {
				return err
			}
			return archive.Close()
		})
	}
	m.sample.Files = layers
	return m.image(model.MediaTypeLayer, contents...)
}

func gzipped(m *maker) error   { return files(m, model.MediaTypeLayerGzip) }
func zstandard(m *maker) error { return files(m, model.MediaTypeLayerZstd) }

func files(m *maker, mediaType string) error {
	slices, err := choose(roots(m.ctx), layers, m.scaled(unpacks))
	if err != nil {
		return err
	}
	var contents []func(io.Writer) error
	for _, s := range slices {
		contents = append(contents, s.write)
		m.sample.Files += len(s)
	}
	return m.image(mediaType, contents...)
}

// single is what can be neither unpacked nor hashed on two processors, but for one
// of the two beside the other.
func single(m *maker) error {
	slices, err := choose(roots(m.ctx), layers, m.scaled(unpacks))
	if err != nil {
		return err
	}
	var all slice
	for _, s := range slices {
		all = append(all, s...)
	}
	m.sample.Files = len(all)
	return m.image(model.MediaTypeLayerGzip, all.write)
}

// small is what a store of many artifacts is: each blob costs more to find than to
// read.
func small(m *maker) error {
	a := newArtifacts(m, 64, 1<<10)
	for i := range m.scaled(1000) {
		d, err := a.next()
		if err != nil {
			return err
		}
		m.builder.Entry(d, fmt.Sprintf("artifact-%d", i))
	}
	return nil
}

// million is small grown until the memory that each blob takes can be seen. One
// index.json would be too long for so many.
func million(m *maker) error {
	a := newArtifacts(m, 16, 64)
	for i := range 10 {
		var manifests []model.Descriptor
		for range m.scaled(1000) {
			d, err := a.next()
			if err != nil {
				return err
			}
			manifests = append(manifests, d)
		}
		m.builder.Entry(m.builder.Index(manifests...), fmt.Sprintf("artifacts-%d", i))
	}
	return nil
}

// artifacts are manifests with 99 blobs each, of from least to most bytes.
type artifacts struct {
	*maker
	random      *rand.Rand
	least, most int
	n           int
}

func newArtifacts(m *maker, least, most int) *artifacts {
	m.builder.Blob(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON))
	return &artifacts{m, rand.New(rand.NewPCG(1, 2)), least, most, 0}
}

func (a *artifacts) next() (model.Descriptor, error) {
	manifest := model.NewManifest(model.EmptyDescriptor())
	manifest.ArtifactType = "application/vnd.example.bench"
	for j := range 99 {
		if err := a.ctx.Err(); err != nil {
			return model.Descriptor{}, err
		}
		raw := make([]byte, a.least+a.random.IntN(a.most-a.least))
		binary.LittleEndian.PutUint32(raw, uint32(a.n))
		binary.LittleEndian.PutUint32(raw[4:], uint32(j))
		manifest.Layers = append(manifest.Layers, a.builder.Blob("application/octet-stream", raw))
	}
	a.n++
	d := a.builder.Document(model.MediaTypeManifest, manifest)
	d.ArtifactType = manifest.ArtifactType
	return d, nil
}

func tiny(m *maker) error {
	layer := m.builder.Layer(layouttest.Files{"hello": "hello\n"})
	m.builder.Entry(m.builder.Image("linux/amd64", layer), tag)
	return nil
}
