package layout

import (
	"context"
	"io"
	"slices"

	"github.com/ocilayout/ocilayout/layout/archive"
)

// OpenArchive opens the layout in the tar archive at a path, plain or compressed
// with gzip or zstd, as Open does a directory. Errors are those of [archive.Open].
// The caller calls Close, which also removes what had to be unpacked.
func OpenArchive(ctx context.Context, path string, o archive.Options) (*Layout, error) {
	a, err := archive.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	l := NewArchive(a)
	l.opened = path
	return l, nil
}

// ReadArchive is OpenArchive for an archive that comes through r, as standard
// input. Errors are those of [archive.Read].
func ReadArchive(ctx context.Context, r io.Reader, o archive.Options) (*Layout, error) {
	a, err := archive.Read(ctx, r, o)
	if err != nil {
		return nil, err
	}
	return NewArchive(a), nil
}

// NewArchive returns the layout in an archive that is open already, which Close of
// the layout closes.
func NewArchive(a *archive.Archive) *Layout {
	l := New(a.FS())
	l.archive = a
	l.closers = append(l.closers, a)
	return l
}

// IsArchive says whether the layout lies in an archive.
func (l *Layout) IsArchive() bool { return l.archive != nil }

// ArchiveDefects returns what leaves a doubt about what the layout's archive
// holds, in the order of the archive; nil for a layout that is in none. It is not
// to be changed.
func (l *Layout) ArchiveDefects() []archive.Defect {
	if l.archive == nil {
		return nil
	}
	return l.archive.Defects()
}

// dockerFile lists the images in what docker save writes.
const dockerFile = "manifest.json"

// limits names the limits that were reached.
func (l *Layout) limits() string {
	reached := l.archive.Defects()
	i := slices.IndexFunc(reached, func(d archive.Defect) bool { return d.Kind.Limit() })
	return reached[i].Kind.String()
}
