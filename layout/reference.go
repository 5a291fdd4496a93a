package layout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// ErrNoEntry is what errors.Is finds where a Selector fits no entry.
var ErrNoEntry = errors.New("no such entry in index.json")

// AmbiguousError says that a Selector fits entries of different digests, or that a short
// digest is the beginning of several.
type AmbiguousError struct {
	Selector Selector
	Digests  []digest.Digest // in the order of index.json, or in that of a listing
	// Platforms are what the entries run on, each of the digest in its place, ""
	// where the entry does not say.
	Platforms []string
	// Names are those that containerd and Docker know the entries by, likewise: each
	// of them is a reference as well.
	Names []string
}

// Error names the entries, each once, with their platforms.
func (e *AmbiguousError) Error() string {
	var names []string
	for i, d := range e.Digests {
		name := Selector{Digest: d}.String()
		if i < len(e.Platforms) && e.Platforms[i] != "" {
			name += " (" + quoted(e.Platforms[i]) + ")"
		}
		if i < len(e.Names) && e.Names[i] != "" {
			name = quoted(e.Names[i]) + " " + name
		}
		names = append(names, name)
	}
	if e.Selector.Short != "" {
		return fmt.Sprintf("%s is the beginning of %d digests: %s", e.Selector, len(e.Digests), list(names))
	}
	return fmt.Sprintf("%s fits %d entries of index.json: %s", e.Selector, len(e.Digests), list(names))
}

// Selector picks entries of index.json. The zero value picks all of them.
type Selector struct {
	// RefName is the literal value of org.opencontainers.image.ref.name, and where no
	// entry has that, of io.containerd.image.name; or "" for any.
	RefName string
	Digest  digest.Digest // or "" for any
	// Short is the beginning of a digest, in place of Digest: six or more digits, with
	// or without the algorithm. [Layout.Expand] finds the digest.
	Short string
}

// All says whether the selector picks every entry.
func (s Selector) All() bool { return s == Selector{} }

// String returns "REF", "@DIGEST" or "REF@DIGEST", short or not, quoted where it holds
// anything but printable ASCII.
func (s Selector) String() string {
	text := s.RefName
	if d := cmp.Or(string(s.Digest), s.Short); d != "" {
		text += "@" + d
	}
	return quoted(text)
}

// quoted returns text, as a Go string where it holds anything but printable ASCII.
func quoted(text string) string {
	if q := strconv.QuoteToASCII(text); q != `"`+text+`"` {
		return q
	}
	return text
}

// Match says whether the selector picks the descriptor, by its reference name.
func (s Selector) Match(d *model.Descriptor) bool { return s.match(d, model.AnnotationRefName) }

// match says whether the selector picks the descriptor by the name in that annotation.
func (s Selector) match(d *model.Descriptor, annotation string) bool {
	return (s.RefName == "" || d.Annotations[annotation] == s.RefName) &&
		(s.Digest == "" || d.Digest == s.Digest) && (s.Short == "" || beginsWith(d.Digest, s.Short))
}

// Index reads index.json, at most Limits.Index bytes of it. Doc is nil and Err
// set where it cannot be read; where it is no object, Doc is nil and Problems
// says so.
func (l *Layout) Index(ctx context.Context, limits Limits) *Document {
	return l.readIndex(ctx, limits.WithDefaults())
}

// Resolve returns the places in index.Manifests, in order, of the entries that the
// selector picks: all of one digest, unless it picks every entry. The error is
// ErrNoEntry, which says what there is, or an [AmbiguousError].
func Resolve(index *model.Index, s Selector) ([]int, error) {
	places, err := resolve(index, s, model.AnnotationRefName)
	if s.RefName != "" && errors.Is(err, ErrNoEntry) {
		if places, other := resolve(index, s, model.AnnotationContainerdName); !errors.Is(other, ErrNoEntry) {
			return places, other
		}
	}
	return places, err
}

// resolve is Resolve by the name in that annotation.
func resolve(index *model.Index, s Selector, annotation string) ([]int, error) {
	var places []int
	var digests []digest.Digest
	var platforms, names []string
	seen := make(map[digest.Digest]bool)
	for i := range index.Manifests {
		d := &index.Manifests[i]
		if !s.match(d, annotation) {
			continue
		}
		places = append(places, i)
		if !seen[d.Digest] {
			seen[d.Digest] = true
			digests = append(digests, d.Digest)
			platforms = append(platforms, platformOf(d))
			names = append(names, d.Annotations[model.AnnotationContainerdName])
		}
	}
	switch {
	case s.All():
	case len(places) == 0:
		return nil, fmt.Errorf("%w: %s; there is %s", ErrNoEntry, s, entries(index))
	case len(digests) > 1:
		return nil, &AmbiguousError{s, digests, platforms, names}
	}
	return places, nil
}

func platformOf(d *model.Descriptor) string {
	if d.Platform == nil {
		return ""
	}
	return d.Platform.String()
}

// entries lists what index.json offers, for a message.
func entries(index *model.Index) string {
	if len(index.Manifests) == 0 {
		return "none"
	}
	var names []string
	for i := range index.Manifests {
		d := &index.Manifests[i]
		if name, ok := d.Annotations[model.AnnotationRefName]; ok {
			name = Selector{RefName: name}.String()
			if whole := d.Annotations[model.AnnotationContainerdName]; whole != "" {
				name += " (" + quoted(whole) + ")"
			}
			names = append(names, name)
		} else {
			names = append(names, Selector{Digest: d.Digest}.String())
		}
	}
	return list(names)
}

// list joins items for a message, not more and not longer ones than are read.
func list(items []string) string {
	const most, length = 20, 256
	var b strings.Builder
	for i, item := range items {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(items)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if len(item) > length {
			item = item[:length] + "..."
		}
		b.WriteString(item)
	}
	return b.String()
}
