package main

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// format is counted up when a change to this program changes what it makes, so that
// layouts of before are not taken for those of now.
const format = 1

// sample is a layout to measure with, as it was made. The bytes of its blobs are
// known, so that what other programs say of them can be checked.
type sample struct {
	Dir      string `json:"-"`
	Layers   []packed
	Manifest digest.Digest // of the one image, if there is one
	Blobs    int
	Bytes    int64 // of all blobs
	Files    int   // in the layers
}

// packed is a layer of a sample.
type packed struct {
	Blob, DiffID digest.Digest
	Size, Plain  int64 // bytes of the blob, and of what it unpacks to
}

// list is a file that names those of the layers, a zero byte after each, as xargs
// reads it.
func (s *sample) list() string { return s.Dir + ".layers" }

// want returns the sample of that name below dir, and makes it unless it was made
// before.
func want(ctx context.Context, dir, name string, scale float64) (*sample, error) {
	s := &sample{Dir: place(dir, name, scale)}
	raw, err := os.ReadFile(s.Dir + ".json")
	if err == nil {
		return s, json.Unmarshal(raw, s)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(s.Dir), 0o755); err != nil {
		return nil, err
	}
	// What an interrupted run leaves behind must not be taken for a sample.
	if err := os.Mkdir(s.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("%w; no run of this program has finished it, so remove it", err)
	}
	if err := s.make(ctx, name, scale); err != nil {
		return nil, errors.Join(fmt.Errorf("make layout %s: %w", name, err), os.RemoveAll(s.Dir))
	}
	return s, nil
}

// place is where the sample lies: none is ever taken for one of another size.
func place(dir, name string, scale float64) string {
	return filepath.Join(dir, fmt.Sprintf("v%d-scale-%g", format, scale), name)
}

func (s *sample) make(ctx context.Context, name string, scale float64) error {
	m := &maker{ctx: ctx, sample: s, scale: scale}
	if err := os.MkdirAll(m.blobs(), 0o755); err != nil {
		return err
	}
	m.builder = layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), s.Dir))
	if err := recipes[name].make(m); err != nil {
		return err
	}
	if err := m.builder.Finish(); err != nil {
		return err
	}
	if err := s.weigh(); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(s.Dir+".json", raw, 0o644) // last: it says that all the rest is there
}

// weigh counts what was made.
func (s *sample) weigh() error {
	files, err := os.ReadDir(filepath.Join(s.Dir, "blobs", "sha256"))
	if err != nil {
		return err
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			return err
		}
		s.Blobs++
		s.Bytes += info.Size()
	}
	var list []byte
	for _, l := range s.Layers {
		list = append(append(list, s.path(l)...), 0)
	}
	return os.WriteFile(s.list(), list, 0o644)
}

func (s *sample) path(l packed) string {
	return filepath.Join(s.Dir, "blobs", "sha256", l.Blob.Encoded())
}

// maker makes one sample.
type maker struct {
	ctx     context.Context
	sample  *sample
	scale   float64
	builder *layouttest.Builder
}

func (m *maker) blobs() string { return filepath.Join(m.sample.Dir, "blobs", "sha256") }

// scaled is n in the size that was asked for, and at least 1.
func (m *maker) scaled(n int64) int64 { return max(int64(float64(n)*m.scale), 1) }

// image makes the layers, several at once, and an image of them.
func (m *maker) image(mediaType string, layers ...func(io.Writer) error) error {
	made := make([]packed, len(layers))
	errs := make([]error, len(layers))
	slots := make(chan struct{}, runtime.NumCPU())
	var all sync.WaitGroup
	for i, content := range layers {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			made[i], errs[i] = m.layer(mediaType, content)
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var described []layouttest.Layer
	for _, l := range made {
		d := model.Descriptor{MediaType: mediaType, Digest: l.Blob, Size: l.Size}
		described = append(described, layouttest.Layer{Descriptor: d, DiffID: l.DiffID})
	}
	d := m.builder.Image("linux/"+runtime.GOARCH, described...)
	m.builder.Entry(d, tag)
	m.sample.Layers, m.sample.Manifest = made, d.Digest
	return nil
}

// tag is the reference name of the image, which some tools want.
const tag = "bench"

// layer writes a layer, and hashes its blob and what it unpacks to on the way.
func (m *maker) layer(mediaType string, content func(io.Writer) error) (packed, error) {
	file, err := os.CreateTemp(m.sample.Dir, "layer-*")
	if err != nil {
		return packed{}, err
	}
	defer file.Close()
	blob, plain := counted{sha256.New(), 0}, counted{sha256.New(), 0}
	packer, err := packerOf(mediaType, io.MultiWriter(file, &blob))
	if err != nil {
		return packed{}, err
	}
	err = content(&cancelled{m.ctx, io.MultiWriter(packer, &plain)})
	if err = errors.Join(err, packer.Close(), file.Chmod(0o644), file.Close()); err != nil {
		return packed{}, err
	}
	l := packed{blob.digest(), plain.digest(), blob.size, plain.size}
	return l, os.Rename(file.Name(), m.sample.path(l))
}

// packerOf returns the compressor at the level that most builders use.
func packerOf(mediaType string, w io.Writer) (io.WriteCloser, error) {
	switch mediaType {
	case model.MediaTypeLayerGzip:
		return gzip.NewWriterLevel(w, 6)
	case model.MediaTypeLayerZstd:
		return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(3)), zstd.WithEncoderConcurrency(1))
	}
	return asIs{w}, nil
}

type asIs struct{ io.Writer }

func (asIs) Close() error { return nil }

type counted struct {
	hash.Hash
	size int64
}

func (c *counted) Write(p []byte) (int, error) {
	c.size += int64(len(p))
	return c.Hash.Write(p)
}

func (c *counted) digest() digest.Digest { return digest.NewDigest(digest.SHA256, c.Hash) }

// cancelled refuses to be written to once the context is done with.
type cancelled struct {
	ctx context.Context
	w   io.Writer
}

func (c *cancelled) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
