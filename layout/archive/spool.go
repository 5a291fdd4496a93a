package archive

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/ocilayout/ocilayout/blobs/layer"
)

// unpack writes what r unpacks to into a temporary file, and opens that.
func unpack(ctx context.Context, r io.Reader, o Options) (*Archive, error) {
	limits := o.Limits.WithDefaults()
	unpacked, err := looked(ctx, &patient{ctx, r}, limits)
	if err != nil {
		return nil, err
	}
	defer unpacked.Close()
	s, err := newSpool(o.TempDir)
	if err != nil {
		return nil, err
	}
	broken, err := s.fill(unpacked, limits)
	var a *Archive
	if err == nil {
		a, err = open(ctx, s.file, s.size, limits, broken)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	a.closers = append(a.closers, s)
	return a, nil
}

// unpacking is what an archive unpacks to, from its start. The first block of it
// was read already, and what kept more from being read.
type unpacking struct {
	*layer.Reader
	start []byte
	err   error
}

// looked returns what unpacks r, if that begins as a tar archive does: of anything
// else nothing is written.
func looked(ctx context.Context, r io.Reader, limits Limits) (*unpacking, error) {
	source := bufio.NewReaderSize(r, spoolChunk)
	start, err := source.Peek(blockSize)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch layer.Sniff(start) {
	case layer.None, layer.Gzip, layer.Zstd:
	default:
		return nil, isTar(start)
	}
	u := new(unpacking)
	if u.Reader, err = layer.NewReader(ctx, source, limits.stream()); err != nil {
		return nil, noTar(err)
	}
	if u.start, u.err = first(u.Reader); isTar(u.start) != nil {
		u.Close()
		return nil, cmp.Or(noTar(u.err), isTar(u.start))
	}
	return u, nil
}

// noTar says of a stream that is corrupt from its start that it is no archive.
func noTar(err error) error {
	switch {
	case errors.Is(err, layer.ErrCorrupt):
		return fmt.Errorf("%w: %w", ErrNotTar, err)
	case errors.Is(err, layer.ErrWindow):
		return errWindow
	}
	return err
}

var errWindow = errors.New("it needs a larger zstd window than 128 MiB")

func (u *unpacking) Read(p []byte) (int, error) {
	if len(u.start) > 0 {
		n := copy(p, u.start)
		u.start = u.start[n:]
		return n, nil
	}
	if u.err != nil {
		return 0, u.err
	}
	return u.Reader.Read(p)
}

// patient ends reading with ctx.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	if pump, ok := p.r.(*pump); ok {
		return pump.read(p.ctx, b)
	}
	return p.r.Read(b)
}

// spool is a temporary file.
type spool struct {
	file *os.File
	dir  string
	size int64
}

func newSpool(tempDir func() (string, error)) (*spool, error) {
	dir := os.TempDir()
	if tempDir != nil {
		var err error
		if dir, err = tempDir(); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(dir, "ocilayout-*")
	s := &spool{file: f, dir: dir}
	if err == nil && removeEarly {
		if err = os.Remove(f.Name()); err != nil {
			f.Close()
		}
	}
	if err != nil {
		return nil, s.failed(err)
	}
	return s, nil
}

// Close removes the file, if that is not done yet.
func (s *spool) Close() error {
	err := s.file.Close()
	if !removeEarly {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

// failed leaves the name of the file out, which means nothing to anyone.
func (s *spool) failed(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return fmt.Errorf("unpack into %s: %w", s.dir, err)
}

// spoolChunk is written at a time, and hole is what is left out if it is zero.
const (
	spoolChunk = 128 << 10
	hole       = 4 << 10
)

// fill writes what r holds. broken is why that is not all there should be; the
// error is that of reading the archive, or of writing.
func (s *spool) fill(r io.Reader, limits Limits) (broken *Defect, err error) {
	buffer := make([]byte, spoolChunk)
	for {
		n, err := readFull(r, buffer)
		if wrong := s.write(buffer[:n]); wrong != nil {
			return nil, s.failed(wrong)
		}
		if err == nil {
			continue
		}
		broken, err := s.ended(err, limits)
		if err == nil {
			if err = s.file.Truncate(s.size); err != nil { // it may end with a hole
				err = s.failed(err)
			}
		}
		return broken, err
	}
}

// write appends to the file, with a hole for what is zero.
func (s *spool) write(p []byte) error {
	for len(p) > 0 {
		n := 0
		for n < len(p) && !zero(p[n:min(n+hole, len(p))]) {
			n = min(n+hole, len(p))
		}
		if n > 0 {
			if _, err := s.file.WriteAt(p[:n], s.size); err != nil {
				return err
			}
		} else {
			n = min(hole, len(p))
		}
		s.size += int64(n)
		p = p[n:]
	}
	return nil
}

func zero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}

// ended tells how the stream ended.
func (s *spool) ended(err error, limits Limits) (*Defect, error) {
	d := &Defect{Offset: s.size}
	switch {
	case err == io.EOF, errors.Is(err, layer.ErrTrailingZeros):
		return nil, nil
	case errors.Is(err, layer.ErrTrailingData):
		d.Kind, d.Detail = Trailing, layer.ErrTrailingData.Error()
	case errors.Is(err, layer.ErrCorrupt):
		d.Kind, d.Detail = Stream, err.Error()
	case errors.Is(err, layer.ErrBytes):
		s.size = min(s.size, limits.Bytes)
		d.Kind, d.Detail = LimitBytes, fmt.Sprintf("%v %d", LimitBytes, limits.Bytes)
	case errors.Is(err, layer.ErrRatio):
		d.Kind, d.Detail = LimitRatio, fmt.Sprintf("%v %d", LimitRatio, limits.Ratio)
	case errors.Is(err, layer.ErrWindow):
		d.Kind, d.Detail = LimitWindow, "a zstd window of 128 MiB"
	default:
		return nil, err
	}
	return d, nil
}
