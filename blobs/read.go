package blobs

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

var errInvalidRead = errors.New("the reader returned an impossible count")

// Open returns the blob's bytes, unverified. The caller closes. Errors are an
// [Error], as for Stat; a file that became another since it was looked at is
// ErrChanged.
func (s *Store) Open(d digest.Digest) (io.ReadCloser, error) {
	info, err := s.stat(d)
	if err != nil {
		return nil, &Error{"open", d, err}
	}
	f, _, err := s.open(d, info)
	if err != nil {
		return nil, &Error{"open", d, err}
	}
	return f, nil
}

// open opens what stat found, and makes sure that it is what stat found.
func (s *Store) open(d digest.Digest, info Info) (afero.File, status, error) {
	if _, err := model.ParseDigest(string(d)); err != nil {
		return nil, status{}, model.ErrDigest
	}
	p := s.places[info.place]
	return openFile(p.fs, cmp.Or(info.file, p.pathOf(d)), info)
}

// status is what a write to a file changes. It is copied out of a FileInfo,
// because that of a file in memory follows the file.
type status struct {
	size     int64
	modified time.Time
}

func statusOf(info fs.FileInfo) status { return status{info.Size(), info.ModTime()} }

func openFile(fsys afero.Fs, name string, info Info) (afero.File, status, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, status{}, vanished(err)
	}
	sound := false
	defer func() { // also where Stat panics
		if !sound {
			f.Close()
		}
	}()
	opened, err := f.Stat()
	switch {
	case err != nil:
		err = vanished(err)
	case !opened.Mode().IsRegular(), !info.is(opened):
		err = fmt.Errorf("%w: another file took its place", ErrChanged)
	case opened.Size() != info.Size:
		err = fmt.Errorf("%w: %d bytes when it was looked at, %d when it was opened", ErrChanged, info.Size, opened.Size())
	}
	if err != nil {
		return nil, status{}, err
	}
	sound = true
	return f, statusOf(opened), nil
}

// is says whether a later look saw the same file, where the file system can tell
// at all: only what package os returned is the same file as itself.
func (i Info) is(opened fs.FileInfo) bool {
	if i.info == nil {
		return i.number == 0 || identity(opened) == 0 || i.number == identity(opened)
	}
	if !os.SameFile(i.info, i.info) || !os.SameFile(opened, opened) {
		return true
	}
	return os.SameFile(i.info, opened)
}

// Sum reads the blob that Stat described once, to its end, and returns what its
// bytes hash to in the digest's own algorithm. It compares nothing with d. On
// an error, an [Error], Sum.Size is the number of bytes read so far, and there is
// no digest. A file that
// grew, shrank or was written to while it was read is ErrChanged. progress,
// unless nil, is called with the number of bytes of each read.
func (s *Store) Sum(ctx context.Context, d digest.Digest, info Info, progress func(n int)) (Sum, error) {
	var sum Sum
	err := s.Read(d, info, func(r io.Reader) (int64, error) {
		var err error
		sum, err = hash(ctx, r, d.Algorithm(), progress)
		return sum.Size, err
	})
	if err != nil {
		sum.Digest = ""
	}
	return sum, err
}

// ReadAll is Sum for a blob that is wanted in memory: it returns the bytes as
// well, at most limit of them. A longer blob is ErrTooLarge, and nothing is
// read of one whose length says so. Where the algorithm cannot be computed, the
// Sum has no digest, and that is no error.
func (s *Store) ReadAll(ctx context.Context, d digest.Digest, info Info, limit int64) ([]byte, Sum, error) {
	if info.Size > limit {
		return nil, Sum{}, &Error{"read", d, ErrTooLarge}
	}
	var raw []byte
	err := s.Read(d, info, func(r io.Reader) (int64, error) {
		var err error
		raw, err = readAll(ctx, r, info.Size, limit)
		return int64(len(raw)), err
	})
	if err != nil {
		return nil, Sum{Size: int64(len(raw))}, err
	}
	sum := Sum{Size: int64(len(raw))}
	sum.Digest, _ = model.FromBytes(d.Algorithm(), raw) // "" where it cannot be computed
	return raw, sum, nil
}

// Read has the blob that Stat described read by a function, which returns the
// number of bytes it read, once to the end. It looks whether it was one and the
// same file throughout. Errors are an [Error], as for Sum.
func (s *Store) Read(d digest.Digest, info Info, read func(io.Reader) (int64, error)) error {
	f, before, err := s.open(d, info)
	if err != nil {
		return &Error{"open", d, err}
	}
	defer f.Close()
	n, err := read(&measured{f, before.size})
	if err == nil {
		err = unchanged(f, before, n)
	}
	if err != nil {
		return &Error{"read", d, vanished(err)}
	}
	return nil
}

// ReadFrom has the blob that Stat described read by a function from an offset on, as
// far as that likes: for those who read a part of a blob that was read as a whole
// before. It looks whether it was one and the same file throughout. Errors are an
// [Error], as for Sum.
func (s *Store) ReadFrom(ctx context.Context, d digest.Digest, info Info, offset int64, read func(io.Reader) error) error {
	f, before, err := s.open(d, info)
	if err != nil {
		return &Error{"open", d, err}
	}
	defer f.Close()
	r := &measured{f, before.size}
	switch at, seek := f.Seek(offset, io.SeekStart); {
	case seek != nil: // then it is still at its beginning
		err = each(ctx, io.LimitReader(r, offset), func([]byte) error { return nil })
	case at != offset:
		err = errInvalidRead
	default:
		r.left -= offset
	}
	if err == nil {
		err = read(r)
	}
	if err == nil {
		err = unchanged(f, before, before.size)
	}
	if err != nil {
		return &Error{"read", d, vanished(err)}
	}
	return nil
}

// measured reads a file that has a length, and takes nothing else on trust that
// the file says: one that grows as fast as it is read would have no end.
type measured struct {
	r    io.Reader
	left int64
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if n < 0 || n > len(p) {
		return 0, errInvalidRead
	}
	if m.left -= int64(n); m.left < 0 && (err == nil || err == io.EOF) {
		err = fmt.Errorf("%w: it has more bytes than when it was opened", ErrChanged)
	}
	return n, err
}

// unchanged compares the file after reading n bytes with what it was before.
func unchanged(f afero.File, before status, n int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	after := statusOf(info)
	if n != before.size || after.size != before.size || !after.modified.Equal(before.modified) {
		return fmt.Errorf("%w: %d bytes before, %d read, %d after", ErrChanged, before.size, n, after.size)
	}
	return nil
}

// readAll reads at most limit bytes. The size that the file system gave sets
// the first allocation only as far as the limit allows.
func readAll(ctx context.Context, r io.Reader, size, limit int64) ([]byte, error) {
	var raw bytes.Buffer
	raw.Grow(int(max(min(size, limit), 0)))
	err := each(ctx, r, func(p []byte) error {
		if int64(raw.Len()+len(p)) > limit {
			return ErrTooLarge
		}
		raw.Write(p)
		return nil
	})
	return raw.Bytes(), err
}

// ReadFile reads a file of the layout's root, at most limit bytes, with the
// same checks as a blob.
func ReadFile(ctx context.Context, fsys afero.Fs, name string, limit int64) ([]byte, Info, error) {
	info, err := statFile(fsys, name)
	info.Path = name
	if err != nil {
		return nil, info, err
	}
	if info.Size > limit {
		return nil, info, ErrTooLarge
	}
	f, before, err := openFile(fsys, name, info)
	if err != nil {
		return nil, info, err
	}
	defer f.Close()
	raw, err := readAll(ctx, &measured{f, before.size}, info.Size, limit)
	if err == nil {
		err = unchanged(f, before, int64(len(raw)))
	}
	return raw, info, vanished(err)
}
