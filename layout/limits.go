package layout

import (
	"math"

	"github.com/ocilayout/ocilayout/model"
)

// Limits bound what a walk reads and remembers. A zero field is its default.
type Limits struct {
	Document    int64 // bytes of a manifest, index or configuration; default 8 MiB
	Index       int64 // bytes of index.json; default 32 MiB
	Marker      int64 // bytes of oci-layout; default 64 KiB
	Depth       int   // documents on the way from index.json to a blob; default 32
	Descriptors int   // descriptors altogether; default 250,000
	// Memory is how many bytes the documents may take, roughly, that are held at
	// once: those on the way from index.json to a blob, with what was loaded of
	// them. The default is 96 MiB, or more where Index and Document ask for it.
	Memory int64
}

// WithDefaults returns the limits with the default for each field that is zero.
func (l Limits) WithDefaults() Limits {
	if l.Document == 0 {
		l.Document = 8 << 20
	}
	if l.Index == 0 {
		l.Index = 32 << 20
	}
	if l.Marker == 0 {
		l.Marker = 64 << 10
	}
	if l.Depth == 0 {
		l.Depth = 32
	}
	if l.Descriptors == 0 {
		l.Descriptors = 250_000
	}
	if l.Memory == 0 {
		l.Memory = max(96<<20, 3*l.Index, 5*l.Document)
	}
	return l
}

// OfIndex returns what bounds index.json, which lists what a whole store holds and
// so may be larger than the documents that one image has.
func (l Limits) OfIndex() model.Limits {
	l = l.WithDefaults()
	return model.Limits{Values: 10_000_000, Items: 100_000, Memory: memory(max(64<<20, 2*l.Index))}
}

// OfDocument returns what bounds a document of size bytes.
func (l Limits) OfDocument(size int64) model.Limits {
	l = l.WithDefaults()
	return model.Limits{Memory: memory(min(max(32<<20, 4*l.Document), l.Memory-size))}
}

func memory(n int64) int { return int(min(max(n, 1), math.MaxInt)) }

// Beneath returns what is left for documents that are read while doc, which may be
// nil, is held.
func (l Limits) Beneath(doc model.Document) Limits {
	l = l.WithDefaults()
	l.Memory = max(l.Memory-taken(doc), 1)
	return l
}

// taken is what a document takes of Limits.Memory.
func taken(doc model.Document) int64 {
	if doc == nil {
		return 0
	}
	return int64(len(doc.Raw())) + int64(doc.Memory())
}
