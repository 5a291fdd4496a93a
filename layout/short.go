package layout

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// LeastShort is the least number of digits that a short digest has.
const LeastShort = 6

// hexadecimal are the digits of the encoded part of a digest.
const hexadecimal = "0123456789abcdef"

// mostCandidates is how many digests an ambiguous short one is told of.
const mostCandidates = 100

// isShort says whether s may be the beginning of a digest: six or more of its
// hexadecimal digits, in lower case, with or without the algorithm, behind which there
// are to be fewer than it has.
func isShort(s string) bool {
	digits, most := s, 128
	if algorithm, rest, ok := strings.Cut(s, ":"); ok {
		h, err := model.NewHash(digest.Algorithm(algorithm))
		if err != nil {
			return false
		}
		digits, most = rest, 2*h.Size()-1
	}
	return len(digits) >= LeastShort && len(digits) <= most && strings.Trim(digits, hexadecimal) == ""
}

// beginsWith says whether a short digest is the beginning of d.
func beginsWith(d digest.Digest, short string) bool {
	if strings.Contains(short, ":") {
		return strings.HasPrefix(string(d), short)
	}
	_, digits, ok := strings.Cut(string(d), ":")
	return ok && strings.HasPrefix(digits, short)
}

// Expand returns the selector with a whole digest in place of a short one, and any
// other selector as it is. The short one is looked for among the entries of
// index.json, then among the blobs that are there, then among all that a document
// names, be it missing. The first of these that has one digest beginning like that
// settles it; one that has several is an [AmbiguousError] which lists them. Behind a
// reference name only its entries are looked at. Where nothing begins like that, the
// error is ErrNoEntry. The cost is that of reading index.json, of listing the blobs, and
// at last of a walk through the layout.
func (l *Layout) Expand(ctx context.Context, s Selector) (Selector, error) {
	if s.Short == "" {
		return s, nil
	}
	if err := l.Check(); err != nil {
		return s, err
	}
	index, _ := l.Index(ctx, Limits{}).Doc.(*model.Index)
	if index == nil {
		index = model.NewIndex()
	}
	// A name that holds an @ is a name.
	if literal := (Selector{RefName: s.RefName + "@" + s.Short}); s.RefName != "" {
		if _, err := resolve(index, literal, model.AnnotationRefName); err == nil {
			return literal, nil
		}
	}
	places, err := Resolve(index, s)
	if err == nil {
		return Selector{RefName: s.RefName, Digest: index.Manifests[places[0]].Digest}, nil
	}
	if _, ambiguous := err.(*AmbiguousError); ambiguous || s.RefName != "" {
		return s, err
	}
	for _, look := range []func(context.Context, func(digest.Digest)){l.eachBlob, l.eachNamed} {
		found := candidates{short: s.Short}
		look(ctx, found.add)
		if ctx.Err() != nil {
			return s, context.Cause(ctx)
		}
		switch len(found.digests) {
		case 0:
		case 1:
			return Selector{Digest: found.digests[0]}, nil
		default:
			return s, &AmbiguousError{Selector: s, Digests: found.digests}
		}
	}
	return s, err
}

// WithBelow returns index.json as it would be if the manifest or index that a selector
// picks by its digest alone were one of its entries: root where it is one already, or
// where there is none in the layout. It walks through the layout until it meets it.
func (l *Layout) WithBelow(ctx context.Context, root *Document, s Selector) *Document {
	index, ok := root.Doc.(*model.Index)
	if !ok || s.Digest == "" || s.RefName != "" {
		return root
	}
	if _, err := Resolve(index, s); !errors.Is(err, ErrNoEntry) {
		return root
	}
	whole := *root // which a walk forgets
	for v := range l.Walk(ctx, WalkOptions{Index: &whole, DocumentsOnly: true}) {
		if v.From == nil || v.Edge.Descriptor.Digest != s.Digest || v.Edge.Role != model.RoleManifest {
			continue
		}
		more, extended := *index, *root
		more.Manifests = append(slices.Clip(more.Manifests), *v.Edge.Descriptor)
		extended.Doc = &more
		return &extended
	}
	return root
}

// candidates are the digests that begin with a short one, each once.
type candidates struct {
	short   string
	digests []digest.Digest
	seen    map[digest.Digest]bool
}

func (c *candidates) add(d digest.Digest) {
	if !beginsWith(d, c.short) || c.seen[d] || len(c.digests) == mostCandidates {
		return
	}
	if c.seen == nil {
		c.seen = make(map[digest.Digest]bool)
	}
	c.seen[d] = true
	c.digests = append(c.digests, d)
}

// eachBlob passes on the digests of the blobs that are listed. What cannot be listed is
// passed over: a command that needs it says so.
func (l *Layout) eachBlob(ctx context.Context, do func(digest.Digest)) {
	for entry, err := range l.blobs.All() {
		if ctx.Err() != nil {
			return
		}
		if err == nil && entry.Digest != "" {
			do(entry.Digest)
		}
	}
}

// eachNamed passes on the digests that documents name.
func (l *Layout) eachNamed(ctx context.Context, do func(digest.Digest)) {
	for v := range l.Walk(ctx, WalkOptions{}) {
		if v.From != nil && v.Edge.Descriptor.Digest.Validate() == nil {
			do(v.Edge.Descriptor.Digest)
		}
	}
}
