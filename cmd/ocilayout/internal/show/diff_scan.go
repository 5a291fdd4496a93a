package show

import (
	"archive/tar"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// root is what the layers of one image unpack to.
type root struct {
	tree   *layer.Tree
	sums   []contents // of each layer
	doubts layer.Doubts
	failed bool // there were too many names, so that nothing is applied any more
}

// contents are the digests of a layer's regular files, by their place in the
// archive.
type contents map[int][sha256.Size]byte

func newRoot(o DiffOptions) *root {
	limits := o.LayerLimits.WithDefaults()
	limits.Names /= 4 // there are two of them, and as much for the digests of their files
	return &root{tree: layer.NewTree(limits)}
}

// begin begins to apply the next layer.
func (r *root) begin() *layer.Application {
	n := len(r.sums)
	return r.tree.Begin(func(p layer.Problem) { r.doubts.Add(n, p) })
}

// content returns the digest of a regular file's content.
func (r *root) content(n *layer.Node) string {
	if n.Type != tar.TypeReg || n.Layer < 0 {
		return ""
	}
	sum := r.sums[n.Layer][n.Entry]
	return digest.NewDigestFromBytes(digest.SHA256, sum[:]).String()
}

// roots reads the layers of both images, and returns nil unless all could be
// read. It goes on after a failure, so that every problem is reported.
func (c *comparer) roots(a, b *image) (x, y *root) {
	x, y = newRoot(c.options), newRoot(c.options)
	ok := true
	for n := range max(a.count(), b.count()) {
		if n < a.count() && n < b.count() && byDigest(a, n) == byDigest(b, n) && a.isLayer(n) && b.isLayer(n) {
			ok = c.scan(n, []*image{a, b}, x, y) && c.verify(b, n) && ok
			continue
		}
		if n < a.count() {
			ok = c.scan(n, []*image{a}, x) && ok
		}
		if n < b.count() {
			ok = c.scan(n, []*image{b}, y) && ok
		}
	}
	if !ok {
		return nil, nil
	}
	return x, y
}

// verify checks the layer of B that was scanned in A against its digest, unless it
// is the very same blob.
func (c *comparer) verify(b *image, n int) bool {
	return c.a.Layout == c.b.Layout || b.side.verify(c.ctx, b, n)
}

// verify reads a layer for no more than its digest, once for all images of a
// side.
func (s *side) verify(ctx context.Context, img *image, n int) bool {
	d := &img.manifest.Layers[n]
	err, known := s.verified[d.Digest]
	if !known {
		count := &counter{}
		err = s.Layout.Copy(ctx, count, d.Digest)
		if err == nil && count.n != d.Size {
			err = fmt.Errorf("%w: it has %d bytes, and the descriptor says %d", layout.ErrMismatch, count.n, d.Size)
		}
		s.verified[d.Digest] = err
	}
	if err != nil {
		s.problem(d.Digest, err, "layer %d", n)
	}
	return err == nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// scanned is a layer on its way onto one root, or two.
type scanned struct {
	changes []*layer.Application
	sums    contents
	ctx     context.Context
	room    int64 // bytes that sparse files may still unpack to
	err     error // of the contents
	buffer  []byte
}

// scan reads layer n of the first image, applies it to the roots, and checks it
// against the diff ids of all the images, which have the same blob there. It says
// whether it could be read, and reports why not.
func (c *comparer) scan(n int, images []*image, roots ...*root) bool {
	img := images[0]
	d := &img.manifest.Layers[n]
	s := &scanned{sums: make(contents), ctx: c.ctx, room: c.options.LayerLimits.WithDefaults().Bytes, buffer: make([]byte, 64<<10)}
	for _, r := range roots {
		if r.failed {
			s.err = layer.ErrNames
			break
		}
		s.changes = append(s.changes, r.begin())
	}
	result, err := c.read(img.side.Layout, d, layer.ScanOptions{
		DiffIDs: algorithms(n, images), Limits: c.options.LayerLimits, Entry: s.entry,
	})
	err = cmp.Or(err, s.err)
	for i, changes := range s.changes {
		wrong := changes.End()
		if roots[i].failed = wrong != nil; wrong == nil {
			roots[i].sums = append(roots[i].sums, s.sums)
		}
		if err == nil {
			err = wrong
		}
	}
	if err != nil {
		for _, img := range images {
			if img == images[0] || img.side.Layout == images[0].side.Layout {
				img.side.problem(d.Digest, err, "layer %d", n)
			}
		}
		return false
	}
	for _, img := range images {
		img.setDiffID(n, result.DiffIDs)
	}
	return true
}

// read reads a layer, and returns an error unless it is sound.
func (c *comparer) read(l *layout.Layout, d *model.Descriptor, o layer.ScanOptions) (layer.ScanResult, error) {
	if model.KindOf(d.MediaType) != model.KindLayer {
		return layer.ScanResult{}, fmt.Errorf("no layer of a known media type: %q", d.MediaType)
	}
	result, err := l.ScanLayer(c.ctx, d, o)
	return result, cmp.Or(err, result.Err())
}

// algorithms returns those by which the images name what layer n unpacks to, each
// once, and sha256 where there is none that can be computed.
func algorithms(n int, images []*image) []digest.Algorithm {
	var found []digest.Algorithm
	for _, img := range images {
		if d, err := model.ParseDigest(string(img.diffIDs[n])); err == nil && model.Computable(d.Algorithm()) && !slices.Contains(found, d.Algorithm()) {
			found = append(found, d.Algorithm())
		}
	}
	if len(found) == 0 {
		found = append(found, digest.SHA256)
	}
	return found
}

// setDiffID puts what the layer unpacks to in the place of what the configuration
// says, and reports if that is something else.
func (img *image) setDiffID(n int, computed []digest.Digest) {
	claimed := img.diffIDs[n]
	if slices.Contains(computed, claimed) {
		return
	}
	img.diffIDs[n] = computed[0]
	for _, d := range computed {
		if claimed != "" && d.Algorithm() == algorithmOf(claimed) {
			img.diffIDs[n] = d
		}
	}
	if claimed != "" {
		img.side.problem(img.manifest.Layers[n].Digest, fmt.Errorf("%w: it unpacks to %s, and the configuration says %s", layout.ErrMismatch, img.diffIDs[n], claimed), "layer %d", n)
	}
}

func algorithmOf(d digest.Digest) digest.Algorithm {
	if parsed, err := model.ParseDigest(string(d)); err == nil {
		return parsed.Algorithm()
	}
	return ""
}

// entry applies one entry, and hashes its content.
func (s *scanned) entry(e *layer.Entry) {
	if s.err != nil {
		return
	}
	for _, changes := range s.changes {
		if changes.Add(e); changes.Err() != nil {
			s.err, s.sums = changes.Err(), nil
			return
		}
	}
	switch e.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
	default:
		return
	}
	if s.err != nil || s.ctx.Err() != nil {
		return
	}
	if layer.Sparse(e.Header) { // its holes are in no limit that Scan keeps
		if s.room -= e.Size; s.room < 0 || e.Size < 0 {
			s.err = fmt.Errorf("%w, the holes of sparse files included", layer.ErrBytes)
			return
		}
	}
	s.hash(e)
}

func (s *scanned) hash(e *layer.Entry) {
	h := sha256.New()
	for s.ctx.Err() == nil {
		n, err := e.Content.Read(s.buffer)
		h.Write(s.buffer[:n])
		if err == io.EOF {
			s.sums[e.Number] = [sha256.Size]byte(h.Sum(nil))
			return
		}
		if err != nil {
			s.err = err
			return
		}
	}
}
