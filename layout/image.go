package layout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// ErrMismatch is what errors.Is finds where bytes that were read are not those
// that a descriptor promises.
var ErrMismatch = errors.New("the bytes are not what their descriptor promises")

// ReadDocument reads the document that d describes, and holds it against size
// and digest. Errors: those of blobs.Store, ErrMismatch, and what
// model.Problems.Err returns for a document that does not load.
func (l *Layout) ReadDocument(ctx context.Context, d *model.Descriptor, limits Limits) (model.Document, error) {
	info, err := l.blobs.Stat(d.Digest)
	if err != nil {
		return nil, err
	}
	raw, sum, err := l.readBlob(ctx, d.Digest, info, limits)
	if err != nil {
		return nil, err
	}
	if sum.Digest != d.Digest || sum.Size != d.Size {
		return nil, fmt.Errorf("%w: %s", ErrMismatch, info.Path)
	}
	doc, problems, err := decode(ctx, d.MediaType, raw, limits.OfDocument(sum.Size))
	if err != nil {
		return nil, err
	}
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", info.Path, err)
	}
	if doc == nil {
		return nil, fmt.Errorf("%s: no document of a known media type: %s", info.Path, d.MediaType)
	}
	return doc, nil
}

// Image is an image of a layout: a manifest whose configuration is an image's.
type Image struct {
	Descriptor model.Descriptor
	Manifest   *model.Manifest
	Config     *model.Image
	Platform   model.Platform // of the descriptor that led here, or else of the configuration

	layout *Layout
}

// Images returns the images that the entries which s picks lead to, in document
// order, each once, and of them those that run on one of the platforms, if any
// are given. What is no image is passed over, as artifacts and attestations are: those
// that have the configuration of an image, as BuildKit's attestations and cosign's
// signatures do, count as images only where there is nothing else.
// Everything that is read is held against its descriptor; the first thing that
// is missing or wrong is an error, as is a selector that fits nothing, and images
// whose documents together go beyond Limits.Memory: ErrMemory.
func (l *Layout) Images(ctx context.Context, s Selector, platforms ...model.Platform) ([]Image, error) {
	root := l.Index(ctx, Limits{})
	if root.Err != nil {
		return nil, fmt.Errorf("%s: %w", root.Path, root.Err)
	}
	if err := root.Problems.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", root.Path, err)
	}
	index := root.Doc.(*model.Index)
	places, err := Resolve(index, s)
	if err != nil {
		return nil, err
	}
	f := &finder{layout: l, ctx: ctx, platforms: platforms, seen: make(map[digest.Digest]bool)}
	for _, place := range places {
		if err := f.find(&index.Manifests[place], Limits{}.Beneath(index), 0); err != nil {
			return nil, err
		}
	}
	return f.chosen(), nil
}

// Image returns the image of a manifest. Errors are those of ReadDocument, for
// the manifest and the configuration, and one that says so where the descriptor
// names no manifest of an image.
func (l *Layout) Image(ctx context.Context, d *model.Descriptor) (Image, error) {
	f := &finder{layout: l, ctx: ctx, seen: make(map[digest.Digest]bool)}
	doc, err := l.ReadDocument(ctx, d, Limits{})
	if err != nil {
		return Image{}, err
	}
	if m, ok := doc.(*model.Manifest); ok {
		if err := f.manifest(d, m, Limits{}); err != nil {
			return Image{}, err
		}
	}
	if len(f.images) == 0 {
		return Image{}, fmt.Errorf("%s is no manifest of an image", d.Digest)
	}
	return f.images[0], nil
}

type finder struct {
	layout    *Layout
	ctx       context.Context
	platforms []model.Platform
	seen      map[digest.Digest]bool
	images    []Image
	kept      int64 // of Limits.Memory, by the images
	about     int   // of the images, those that are about others; see isAbout
}

// read reads a document while the images are kept that were found so far.
func (f *finder) read(d *model.Descriptor, limits Limits) (model.Document, error) {
	limits.Memory = max(limits.Memory-f.kept, 1)
	return f.layout.ReadDocument(f.ctx, d, limits)
}

// find adds the images that a descriptor leads to. Its depth is bounded by the
// limits' own.
func (f *finder) find(d *model.Descriptor, limits Limits, depth int) error {
	kind := model.KindOf(d.MediaType)
	if f.seen[d.Digest] || kind != model.KindIndex && kind != model.KindManifest {
		return nil
	}
	if d.Platform != nil && !f.wanted(*d.Platform) {
		return nil
	}
	if depth == limits.Depth {
		return fmt.Errorf("indexes are nested deeper than %d", depth)
	}
	f.seen[d.Digest] = true
	doc, err := f.read(d, limits)
	if err != nil {
		if blobs.Absent(err) && !model.Runnable(d) {
			return nil
		}
		return err
	}
	switch doc := doc.(type) {
	case *model.Index:
		for i := range doc.Manifests {
			if err := f.find(&doc.Manifests[i], limits.Beneath(doc), depth+1); err != nil {
				return err
			}
		}
	case *model.Manifest:
		return f.manifest(d, doc, limits)
	}
	return nil
}

func (f *finder) manifest(d *model.Descriptor, m *model.Manifest, limits Limits) error {
	if model.KindOf(m.Config.MediaType) != model.KindImage {
		return nil
	}
	doc, err := f.read(&m.Config, limits.Beneath(m))
	if err != nil {
		return err
	}
	config := doc.(*model.Image)
	platform := config.Platform()
	if d.Platform != nil {
		platform = *d.Platform
	}
	if f.wanted(platform) {
		f.kept += taken(m) + taken(config)
		f.images = append(f.images, Image{*d, m, config, platform, f.layout})
		if isAbout(&f.images[len(f.images)-1]) {
			f.about++
		}
	}
	return nil
}

// chosen returns the images, without those that are about others unless there is
// nothing else.
func (f *finder) chosen() []Image {
	if f.about == 0 || f.about == len(f.images) {
		return f.images
	}
	return slices.DeleteFunc(f.images, func(i Image) bool { return isAbout(&i) })
}

// isAbout says whether an image is one by the type of its configuration alone, and
// nothing that runs: an attestation, a signature or another artifact.
func isAbout(i *Image) bool {
	if !model.Runnable(&i.Descriptor) || i.Config.Platform().IsUnknown() || i.Manifest.ArtifactType != "" {
		return true
	}
	return len(i.Manifest.Layers) > 0 && !slices.ContainsFunc(i.Manifest.Layers, func(d model.Descriptor) bool {
		return model.KindOf(d.MediaType) == model.KindLayer
	})
}

func (f *finder) wanted(p model.Platform) bool {
	if len(f.platforms) == 0 {
		return true
	}
	for _, wanted := range f.platforms {
		if wanted.Match(p) {
			return true
		}
	}
	return false
}

// FS returns the file system that the image's layers make. It reads every layer
// once, and holds it against its descriptor; the first that is missing, wrong or
// cannot be unpacked is an error. Entries that cannot be put anywhere are left out,
// which its Doubts say. What it keeps follows the number of files, not their size;
// more than Limits.Names of it is layer.ErrNames. Files opened in it read their layer
// anew. It is good as long as the layout is open, and safe for concurrent use if the
// layout is.
func (i Image) FS(ctx context.Context, limits layer.Limits) (layer.FS, error) {
	files := layer.FS{Tree: layer.NewTree(limits), Blob: func(n int) (io.ReadCloser, error) {
		return i.layout.blobs.Open(i.Manifest.Layers[n].Digest)
	}}
	for n := range i.Manifest.Layers {
		changes := files.Tree.Begin(func(p layer.Problem) { files.Doubts.Add(n, p) })
		if err := errors.Join(i.Scan(ctx, n, limits, changes.Add), changes.End()); err != nil {
			return layer.FS{}, fmt.Errorf("layer %d: %w", n, err)
		}
	}
	return files, nil
}

// Scan reads one layer of the image, calls each for every entry in it, and holds
// the blob against its descriptor at the end: an error, which wraps ErrMismatch
// where it does not match, takes back what each was told.
func (i Image) Scan(ctx context.Context, n int, limits layer.Limits, each func(*layer.Entry)) error {
	d := &i.Manifest.Layers[n]
	if model.KindOf(d.MediaType) != model.KindLayer {
		return fmt.Errorf("no layer of a known media type: %s", d.MediaType)
	}
	info, err := i.layout.blobs.Stat(d.Digest)
	if err != nil {
		return err
	}
	var result layer.ScanResult
	err = i.layout.blobs.Read(d.Digest, info, func(r io.Reader) (int64, error) {
		var err error
		result, err = layer.Scan(ctx, r, layer.ScanOptions{Blob: d.Digest.Algorithm(), Limits: limits, Entry: each})
		return result.Blob.Size, err
	})
	switch {
	case err != nil:
		return err
	case result.Blob.Digest != d.Digest || result.Blob.Size != d.Size:
		return fmt.Errorf("%w: %s", ErrMismatch, info.Path)
	case result.Stream != nil && !errors.Is(result.Stream, layer.ErrTrailingZeros) && !errors.Is(result.Stream, layer.ErrTrailingData):
		return fmt.Errorf("%s: %w", info.Path, result.Stream)
	case result.Tar.Err != nil && result.Stream == nil:
		return fmt.Errorf("%s: %w", info.Path, result.Tar.Err)
	}
	return nil
}

// Copy writes the bytes of a blob to w as it reads them, and tells at the end
// whether they are the blob's: an error that wraps ErrMismatch takes back what
// was written. Other errors are those of blobs.Store and of w.
func (l *Layout) Copy(ctx context.Context, w io.Writer, d digest.Digest) error {
	info, err := l.blobs.Stat(d)
	if err != nil {
		return err
	}
	var sum blobs.Sum
	err = l.blobs.Read(d, info, func(r io.Reader) (int64, error) {
		var err error
		sum, err = blobs.Hash(ctx, io.TeeReader(r, w), d.Algorithm())
		return sum.Size, err
	})
	if err == nil && sum.Digest != d {
		err = fmt.Errorf("%w: %s hashes to %s", ErrMismatch, info.Path, sum.Digest)
	}
	return err
}
