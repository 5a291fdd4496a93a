package layout

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Image is an image of a layout: a manifest whose configuration is an image's.
type Image struct {
	Descriptor model.Descriptor
	Manifest   *model.Manifest
	Config     *model.Image
	Platform   model.Platform // of the descriptor that led here, or else of the configuration
	// RefNames are the reference names, each once, of the entry of index.json that
	// [Layout.Images] found it by: the first of those that lead to it. Several entries of
	// one digest are one.
	RefNames []string

	layout *Layout
}

// Images returns the images that the entries which s picks lead to, or the manifest or
// index further down that has its digest, in document order, each once, and of them
// those that run on one of the platforms, if any are given. What is no image is passed
// over, as artifacts and attestations are: those that have the configuration of an
// image, as BuildKit's attestations and cosign's signatures do, count as images only
// where there is nothing else. Everything that is read is checked against its
// descriptor; the first thing that is missing or wrong is an error, as is a selector
// that fits nothing, and images whose documents together go beyond Limits.Memory:
// ErrMemory. Layers are not read.
func (l *Layout) Images(ctx context.Context, s Selector, platforms ...model.Platform) ([]Image, error) {
	root := l.Index(ctx, Limits{})
	if err := root.Failure(); err != nil {
		return nil, err
	}
	root = l.WithBelow(ctx, root, s)
	g, err := l.Graph(ctx, GraphOptions{Index: root, Selector: s, SelectedOnly: true, DocumentsOnly: true, Platforms: platforms})
	if err != nil {
		return nil, err
	}
	c := &imageCollector{layout: l, ctx: ctx, platforms: platforms}
	names := RefNames(g.Entries)
	for entry, e := range Manifests(g.Entries...) {
		if e.To != nil && e.To.Limited() {
			return nil, g.Limited
		}
		c.names = names[entry.Digest()]
		if err := c.found(e); err != nil && (!blobs.Absent(err) || e.runs || e.To.State != StateMissing) {
			return nil, err
		}
	}
	if len(c.run) > 0 {
		return c.run, nil
	}
	return c.images, nil
}

// RefNames returns the reference names of each digest among the entries, each once, in
// their order.
func RefNames(entries []*Edge) map[string][]string {
	names := make(map[string][]string)
	seen := make(map[[2]string]bool)
	for _, e := range entries {
		if key := [2]string{e.Digest(), e.RefName}; e.Named && !seen[key] {
			seen[key] = true
			names[e.Digest()] = append(names[e.Digest()], e.RefName)
		}
	}
	return names
}

// Image returns the image of a manifest. Errors are those of ReadDocument, for
// the manifest and the configuration, and one that says so where the descriptor
// names no manifest of an image.
func (l *Layout) Image(ctx context.Context, d *model.Descriptor) (Image, error) {
	c := &imageCollector{layout: l, ctx: ctx}
	doc, err := c.read(d, Limits{})
	if err == nil {
		err = c.add(d, doc, false)
	}
	if err != nil {
		return Image{}, err
	}
	if len(c.images) == 0 {
		return Image{}, fmt.Errorf("%s is no manifest of an image", d.Digest)
	}
	return c.images[0], nil
}

// imageCollector reads the manifests that Images finds.
type imageCollector struct {
	layout    *Layout
	ctx       context.Context
	platforms []model.Platform
	names     []string // of the entry that is followed
	images    []Image
	run       []Image // those of them that something can run; see Edge.Runs
	held      int64   // of Limits.Memory, by the images
}

// read reads a document while the images that were found so far are held.
func (c *imageCollector) read(d *model.Descriptor, limits Limits) (model.Document, error) {
	limits.Memory = max(limits.WithDefaults().Memory-c.held, 1)
	return c.layout.ReadDocument(c.ctx, d, limits)
}

// found adds an image. Of an index the graph has read what it lists.
func (c *imageCollector) found(e *Edge) error {
	d := e.Descriptor()
	if e.Sound() && model.KindOf(e.MediaType) == model.KindIndex {
		return nil
	}
	doc, err := c.read(d, Limits{})
	if err == nil && !e.Sound() {
		err = changed(d)
	}
	if err != nil {
		return err
	}
	before := len(c.images)
	if err := c.add(d, doc, e.Runs()); err != nil || len(c.images) == before {
		return err
	}
	if config := e.To.config(); config != nil && config.State != StateOK {
		return changed(&c.images[before].Manifest.Config)
	}
	return nil
}

// changed is the error for a document that could be read only after the graph was made:
// what the graph says of it is not right.
func changed(d *model.Descriptor) error {
	return &blobs.Error{Op: "read", Digest: d.Digest, Err: blobs.ErrChanged}
}

// add adds the image of a manifest, if it is an image's.
func (c *imageCollector) add(d *model.Descriptor, doc model.Document, runs bool) error {
	m, ok := doc.(*model.Manifest)
	if !ok || model.KindOf(m.Config.MediaType) != model.KindImage {
		return nil
	}
	doc, err := c.read(&m.Config, Limits{}.Beneath(m))
	if err != nil {
		return err
	}
	config := doc.(*model.Image)
	platform := config.Platform()
	if d.Platform != nil {
		platform = *d.Platform
	}
	if !Wanted(c.platforms, &platform) {
		return nil
	}
	c.held += taken(m) + taken(config)
	c.images = append(c.images, Image{*d, m, config, platform, c.names, c.layout})
	if runs {
		c.run = append(c.run, c.images[len(c.images)-1])
	}
	return nil
}

// FS returns the file system that the image's layers make. It reads every layer
// once, and checks it against its descriptor; the first that is missing, wrong or
// cannot be unpacked is an error. Entries that cannot be put anywhere are left out,
// which its Doubts say. What it keeps follows the number of files, not their size;
// more than Limits.Names of it is layer.ErrNames. Files opened in it read their layer
// again. It is good as long as the layout is open, and safe for concurrent use if the
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
// where it does not match, takes back what each was called with.
func (i Image) Scan(ctx context.Context, n int, limits layer.Limits, each func(*layer.Entry)) error {
	d := &i.Manifest.Layers[n]
	if model.KindOf(d.MediaType) != model.KindLayer {
		return fmt.Errorf("no layer of a known media type: %s", d.MediaType)
	}
	result, err := i.layout.ScanLayer(ctx, d, layer.ScanOptions{Limits: limits, Entry: each})
	if err != nil {
		return err
	}
	if err := result.Err(); err != nil {
		return fmt.Errorf("%s: %w", blobs.Path(d.Digest), err)
	}
	return nil
}

// ScanLayer reads the blob that d describes as a layer, as o says, and checks its size and
// digest at the end. Errors are those of blobs.Store and layer.Scan, and ErrMismatch,
// which takes back what o.Entry was called with. What is wrong with the layer itself is
// in the result.
func (l *Layout) ScanLayer(ctx context.Context, d *model.Descriptor, o layer.ScanOptions) (result layer.ScanResult, err error) {
	info, err := l.blobs.Stat(d.Digest)
	if err != nil {
		return result, err
	}
	o.Blob = d.Digest.Algorithm() // which is a digest, as there is a blob
	err = l.blobs.Read(d.Digest, info, func(r io.Reader) (int64, error) {
		var err error
		result, err = layer.Scan(ctx, r, o)
		return result.Blob.Size, err
	})
	if err == nil && (result.Blob.Digest != d.Digest || result.Blob.Size != d.Size) {
		err = fmt.Errorf("%w: %s", ErrMismatch, info.Path)
	}
	return result, err
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
