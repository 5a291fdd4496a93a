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
var order = []string{"random", "gzip", "zstd", "single", "small", "tiny"}

var recipes = map[string]recipe{
	"random": {"8 plain layers of 128 MiB that no compressor makes smaller", 1100 * mib, random},
	"gzip":   {"8 gzip layers that unpack to 128 MiB of files each", 700 * mib, gzipped},
	"zstd":   {"the same 8 layers in zstd", 700 * mib, zstandard},
	"single": {"one gzip layer that unpacks to 1 GiB of files", 700 * mib, single},
	"small":  {"100,000 blobs of at most 1 KiB, 1,000 of them manifests", 500 * mib, small},
	"tiny":   {"an image of one small layer", mib, tiny},
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
	random := rand.New(rand.NewPCG(1, 2))
	m.builder.Blob(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON))
	for i := range m.scaled(1000) {
		manifest := model.NewManifest(model.EmptyDescriptor())
		manifest.ArtifactType = "application/vnd.example.bench"
		for j := range 99 {
			if err := m.ctx.Err(); err != nil {
				return err
			}
			raw := make([]byte, 64+random.IntN(1<<10-64))
			binary.LittleEndian.PutUint32(raw, uint32(i))
			binary.LittleEndian.PutUint32(raw[4:], uint32(j))
			manifest.Layers = append(manifest.Layers, m.builder.Blob("application/octet-stream", raw))
		}
		d := m.builder.Document(model.MediaTypeManifest, manifest)
		d.ArtifactType = manifest.ArtifactType
		m.builder.Entry(d, fmt.Sprintf("artifact-%d", i))
	}
	return nil
}

func tiny(m *maker) error {
	layer := m.builder.Layer(layouttest.Files{"hello": "hello\n"})
	m.builder.Entry(m.builder.Image("linux/amd64", layer), tag)
	return nil
}
