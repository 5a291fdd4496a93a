package archive

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
)

// Archive is an open archive. It is safe for concurrent use.
type Archive struct {
	r       io.ReaderAt
	index   *index
	defects []Defect
	entries int
	file    statter // what the archive lies in; nil if that is no file
	before  status
	closers []io.Closer
}

type statter interface {
	Stat() (fs.FileInfo, error)
}

// status is what a write to a file changes.
type status struct {
	size     int64
	modified time.Time
}

// New reads the headers of the plain tar archive of size bytes in r, and nothing
// else of it: time follows the number of entries. If r has a method Stat, as
// *os.File has, the files in the archive are as new as that says, and none can be
// opened any more once it says something else: that is blobs.ErrChanged.
//
// The error is that of reading r, the cause of a cancelled ctx, or wraps
// ErrNotTar. r is to be open as long as the archive is used.
func New(ctx context.Context, r io.ReaderAt, size int64, limits Limits) (*Archive, error) {
	start, err := first(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	if err := isTar(start); err != nil {
		return nil, err
	}
	return open(ctx, r, size, limits.WithDefaults(), nil)
}

// open makes the index. broken is why the archive ends before its end.
func open(ctx context.Context, r io.ReaderAt, size int64, limits Limits, broken *Defect) (*Archive, error) {
	a := &Archive{r: r}
	a.file, _ = r.(statter)
	var err error
	if a.before, err = a.now(); err != nil {
		return nil, err
	}
	s := &scanner{tape: tape{ctx: ctx, r: r, size: size}, limits: limits, index: newIndex()}
	s.cut, s.limited = broken != nil && broken.Kind != Trailing, broken != nil && broken.Kind.Limit()
	if err := s.run(); err != nil {
		return nil, err
	}
	if broken != nil {
		s.defects.add(*broken)
	}
	if err := a.unchanged(); err != nil {
		return nil, err
	}
	a.index, a.defects, a.entries = s.index, s.defects.list(), s.entries
	return a, nil
}

// Defects returns what leaves a doubt about what the archive holds, in the order
// of the archive. It belongs to the Archive: it is not to be changed.
func (a *Archive) Defects() []Defect { return a.defects }

// Cut says whether a limit kept a part of the archive from being looked at, so
// that what is absent may well be there.
func (a *Archive) Cut() bool {
	for _, d := range a.defects {
		if d.Kind.Limit() {
			return true
		}
	}
	return false
}

// Close lets go of the files that Open and Read hold, and removes what they wrote.
func (a *Archive) Close() error {
	var first error
	for _, c := range a.closers {
		if err := c.Close(); err != nil && first == nil {
			first = err
		}
	}
	a.closers = nil
	return first
}

// now returns what the file is at present.
func (a *Archive) now() (status, error) {
	if a.file == nil {
		return status{}, nil
	}
	info, err := a.file.Stat()
	if err != nil {
		return status{}, err
	}
	return status{info.Size(), info.ModTime()}, nil
}

// unchanged says whether the file is what it was when its headers were read.
func (a *Archive) unchanged() error {
	now, err := a.now()
	if err == nil && (now.size != a.before.size || !now.modified.Equal(a.before.modified)) {
		err = fmt.Errorf("%w: the archive", blobs.ErrChanged)
	}
	return err
}
