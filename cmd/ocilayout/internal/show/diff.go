package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// ErrNothing is what errors.Is finds where neither side has anything that the
// options select.
var ErrNothing = errors.New("nothing is selected on either side")

// Side is one of the two that are compared.
type Side struct {
	Layout   *layout.Layout
	Selector layout.Selector // of entries; the zero value is the layout as a whole
}

// SideError says which side an error of Diff is about.
type SideError struct {
	In  string // "a" or "b"
	Err error
}

// Error is that of Err.
func (e *SideError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *SideError) Unwrap() error { return e.Err }

// DiffOptions say what is compared. The zero value is everything but times.
type DiffOptions struct {
	Platforms []model.Platform // only images for one of them, and no artifacts
	NoFiles   bool             // leave the files out: no layer is read
	// Quick trusts equal diff ids: where all of them are equal, no layer is read.
	Quick       bool
	Times       bool // compare the files' times of modification as well
	MaxFiles    int  // that are listed for a pair; 0 for all
	Limits      layout.Limits
	LayerLimits layer.Limits
}

// Diff says what differs between a and b. Both may be of one Layout, whose
// layers are then read once.
//
// Images are paired by reference name and platform, then by digest, then by
// platform where that leaves no choice; one image and one image are a pair
// whatever they run on. Each layer of a pair is read once and checked against its
// digest and diff id; a stack of layers that is the same on both sides is not
// unpacked. Memory follows the number of files of the largest pair, never their
// size.
//
// What cannot be read is a Problem in the result. The error is a [SideError]
// where index.json cannot be read or the selector fits nothing, ErrNothing, or the
// cause of a cancelled ctx.
func Diff(ctx context.Context, a, b Side, o DiffOptions) (*Comparison, error) {
	c := &comparer{ctx: ctx, options: o, reported: make(map[Problem]bool), result: Comparison{
		Pairs: []Pair{}, OnlyInA: []Item{}, OnlyInB: []Item{}, Problems: []Problem{},
	}}
	c.a = &side{Side: a, in: "a", c: c, verified: make(map[digest.Digest]error)}
	c.b = &side{Side: b, in: "b", c: c, verified: make(map[digest.Digest]error)}
	for _, s := range []*side{c.a, c.b} {
		if err := s.collect(); err != nil {
			return nil, &SideError{s.in, err}
		}
	}
	if err := c.interrupted(); err != nil {
		return nil, err
	}
	c.result.Entries = c.entries()
	if len(c.a.items)+len(c.b.items)+len(c.result.Problems) == 0 && len(o.Platforms) > 0 {
		return nil, ErrNothing
	}
	for _, p := range c.pair() {
		c.result.Pairs = append(c.result.Pairs, c.compare(p[0], p[1]))
		if err := c.interrupted(); err != nil {
			return nil, err
		}
	}
	c.result.Complete = len(c.result.Problems) == 0
	c.result.Differs = c.result.differs()
	return &c.result, nil
}

type comparer struct {
	ctx      context.Context
	options  DiffOptions
	a, b     *side
	reported map[Problem]bool
	result   Comparison
}

// side is one side with what was found on it.
type side struct {
	Side
	c        *comparer
	in       string
	index    *model.Index
	places   []int // of the selected entries
	items    []*item
	byDigest map[digest.Digest]*item
	verified map[digest.Digest]error // blobs that were read to compare nothing but their digest
}

func (c *comparer) interrupted() error {
	if c.ctx.Err() == nil {
		return nil
	}
	return context.Cause(c.ctx)
}

// problem notes that a blob could not be read. Each is noted once.
func (s *side) problem(d digest.Digest, err error, format string, args ...any) {
	state, cause := layout.StateOf(err), err.Error()
	if state == layout.StateMissing {
		cause = "no such blob"
	}
	p := Problem{s.in, state, string(d), fmt.Sprintf(format, args...) + ": " + cause}
	if s.c.ctx.Err() == nil && !s.c.reported[p] {
		s.c.reported[p] = true
		s.c.result.Problems = append(s.c.result.Problems, p)
	}
}

func (r *Comparison) differs() bool {
	e := &r.Entries
	if len(e.Index)+len(e.OnlyInA)+len(e.OnlyInB)+len(e.Changed)+len(r.OnlyInA)+len(r.OnlyInB) > 0 {
		return true
	}
	for i := range r.Pairs {
		if r.Pairs[i].differs() {
			return true
		}
	}
	return false
}

func (p *Pair) differs() bool {
	return !p.Same || !p.SamePlatform || len(p.Descriptor) > 0 || p.Files.Verdict == FilesDifferent
}

// compare compares two images or artifacts.
func (c *comparer) compare(a, b *item) Pair {
	p := Pair{
		A: a.Item, B: b.Item, Same: a.desc.Digest == b.desc.Digest, SamePlatform: samePlatform(a, b),
		Descriptor: []Member{}, Manifest: []Member{}, Config: Config{Members: []Member{}}, Layers: []LayerPair{},
		Files: Files{Verdict: FilesNone, List: []FileChange{}},
	}
	if a.nested && b.nested {
		p.Descriptor = differences(&a.desc, &b.desc, "/digest", "/size")
	}
	x, y := c.a.image(a), c.b.image(b)
	if x.manifest != nil && y.manifest != nil {
		p.Manifest = differences(x.manifest, y.manifest, "/layers", "/config/digest", "/config/size")
		p.Config.A, p.Config.B = string(x.manifest.Config.Digest), string(y.manifest.Config.Digest)
	}
	if x.config != nil && y.config != nil && !p.Same {
		p.Config.Members = configDifferences(x.config, y.config)
	}
	p.Files = c.files(x, y)
	p.Layers = layers(x, y)
	return p
}

// samePlatform takes a platform that is not known for the same: what made it
// unknown is reported otherwise.
func samePlatform(a, b *item) bool {
	return a.Platform == "" || b.Platform == "" || platformKey(a.platform) == platformKey(b.platform) && a.platform.OSVersion == b.platform.OSVersion
}

// image is a manifest with its configuration, each nil where it could not be
// read, and the diff ids of its layers.
type image struct {
	*item
	side     *side
	manifest *model.Manifest
	config   *model.Image
	diffIDs  []digest.Digest // for each layer, "" where nothing says it
}

// image reads an item's documents again: not all of a layout are held at once.
func (s *side) image(it *item) *image {
	img := &image{item: it, side: s}
	img.manifest = read[*model.Manifest](s, &it.desc, "manifest")
	if img.manifest == nil {
		return img
	}
	if model.KindOf(img.manifest.Config.MediaType) == model.KindImage {
		img.config = read[*model.Image](s, &img.manifest.Config, "configuration")
	}
	img.diffIDs = make([]digest.Digest, len(img.manifest.Layers))
	if img.config != nil {
		copy(img.diffIDs, img.config.RootFS.DiffIDs)
	}
	return img
}

// read returns the document that d describes, or the zero value and a Problem.
func read[T model.Document](s *side, d *model.Descriptor, what string) (doc T) {
	found, err := s.Layout.ReadDocument(s.c.ctx, d, s.c.options.Limits)
	doc, ok := found.(T)
	if err != nil || !ok {
		err = cmp.Or(err, errors.New("it is no "+what))
		s.problem(d.Digest, err, "%s", what)
	}
	return doc
}
