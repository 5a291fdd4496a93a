package blobs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

var (
	errNotDirectory error = syscall.ENOTDIR
	errLongName     error = syscall.ENAMETOOLONG
)

// Confined marks a file system out of whose root no path and no symlink leads.
// Only in such a one does a Store follow a symlink; in any other a symlink is
// ErrNotRegular.
type Confined interface{ Confined() }

// renewer is a file system that keeps directories open between calls, for speed,
// and lets go of them when Renew is called. Otherwise what took the place of a
// directory would not be seen for as long as the Store is in use.
type renewer interface{ Renew() }

// Store finds blobs by digest. It asks of its file systems no more than Open,
// Stat and the files' Read, Stat and Readdirnames; where one is an
// afero.Lstater, symlinks can be distinguished from what they lead to. It is safe for
// concurrent use if its file systems are.
type Store struct{ places []place }

// place is one directory that holds directories of algorithms.
type place struct {
	fs    afero.Fs
	dir   string // within fs
	label string // how its files are named in reports
	odd   *misplaced
}

// New returns a Store of the directory blobs within fsys, which is rooted at
// the layout. It reads nothing.
func New(fsys afero.Fs) *Store {
	return &Store{places: []place{{fsys, model.BlobsDir, model.BlobsDir, new(misplaced)}}}
}

// Add makes fsys, which holds <algorithm>/<encoded> at its root, another place
// to look for blobs that the layout itself lacks. Its files are named under
// label in reports. Not safe beside other calls.
func (s *Store) Add(fsys afero.Fs, label string) {
	s.places = append(s.places, place{fsys, ".", path.Clean(label), new(misplaced)})
}

// Renew has file systems that keep directories open look for them again. It may be called
// at any time, and All calls it.
func (s *Store) Renew() {
	for _, p := range s.places {
		if r, ok := p.fs.(renewer); ok {
			r.Renew()
		}
	}
}

// Path returns the place of a blob within the layout. d must have passed
// [model.ParseDigest].
func Path(d digest.Digest) string {
	return within(model.BlobsDir, d)
}

// Info is what a file is, before it is read.
type Info struct {
	Path    string // as reports name it: "blobs/sha256/…"
	Size    int64  // bytes
	Symlink bool   // it is reached through a symlink that stays inside
	info    fs.FileInfo
	number  uint64 // identity of info, where there is no info
	place   int
	file    string // within the place, where the blob is misplaced
}

// Kept is an Info in little memory, for many blobs.
type Kept struct {
	size      int64
	number    uint64
	place     uint16
	symlink   bool
	misplaced bool
}

// Keep returns the Info in little memory; [Store.Info] returns it again.
func (i Info) Keep() Kept {
	k := Kept{size: i.Size, number: i.number, place: uint16(i.place), symlink: i.Symlink, misplaced: i.Misplaced()}
	if i.info != nil {
		k.number = identity(i.info)
	}
	return k
}

// Size returns the blob's bytes.
func (k Kept) Size() int64 { return k.size }

// Info returns the Info of a blob again, of which k was kept. Where the file system
// numbers no files, another file in the blob's place cannot be distinguished from the one that
// Stat found any more, if it is of the same size.
func (s *Store) Info(d digest.Digest, k Kept) Info {
	p := s.places[k.place]
	info := Info{Path: p.labelOf(d), Size: k.size, Symlink: k.symlink, number: k.number, place: int(k.place)}
	if k.misplaced {
		info.file = p.misplaced(d)
		info.Path = p.labelled(info.file)
	}
	return info
}

// Stat returns what lies at the digest's path, in the first place that has
// anything there. A place whose directory of the algorithm is a symlink that leads out
// of it has nothing, if there is another. It opens nothing. Errors are an [Error]; what is there and is
// not a regular file is ErrNotRegular, with the Info's Path set.
func (s *Store) Stat(d digest.Digest) (Info, error) {
	info, err := s.stat(d)
	if err != nil {
		return info, &Error{"stat", d, err}
	}
	return info, nil
}

func (s *Store) stat(d digest.Digest) (Info, error) {
	if _, err := model.ParseDigest(string(d)); err != nil {
		return Info{}, model.ErrDigest
	}
	var info Info
	var err error
	for i, p := range s.places {
		name := p.pathOf(d)
		info, err = statFile(p.fs, name)
		if err == nil {
			if err = p.behindLink(path.Dir(name)); err != nil {
				info = Info{}
			}
		}
		if info.Path, info.place = name, i; p.label != p.dir {
			info.Path = p.labelOf(d)
		}
		if !Absent(err) && !(err != nil && i+1 < len(s.places) && p.leadsOut(path.Dir(name))) {
			return info, err
		}
	}
	info.Path, info.place = Path(d), 0
	return info, err
}

// pathOf returns the path of a blob within the place's file system, and labelOf its
// path in reports. Both elements of a digest are clean elements of a path.
func (p place) pathOf(d digest.Digest) string { return within(p.dir, d) }

func (p place) labelOf(d digest.Digest) string { return within(p.label, d) }

// within is path.Join for a clean directory, without cleaning what is clean.
func within(dir string, d digest.Digest) string {
	separator := "/"
	switch dir {
	case ".":
		dir, separator = "", ""
	case "/":
		separator = ""
	}
	algorithm, encoded, _ := strings.Cut(string(d), ":")
	return dir + separator + algorithm + "/" + encoded
}

// behindLink returns an error for what lies in a directory to which a symlink
// leads.
func (p place) behindLink(dir string) error {
	for _, dir := range []string{p.dir, dir} {
		linked, err := p.linked(dir)
		switch {
		case Absent(err):
			return fmt.Errorf("%w: a directory on the way vanished", ErrChanged)
		case err != nil:
			return err
		case linked:
			return fmt.Errorf("%w: behind a symlink", ErrNotRegular)
		}
	}
	return nil
}

// LeadsOut says whether the layout's own directory of an algorithm is a symlink that is
// not followed, as it leads out of the layout or to nothing, and whether no other place
// has the directory.
func (s *Store) LeadsOut(a digest.Algorithm) bool {
	p := s.places[0]
	return model.ValidAlgorithm(string(a)) && p.leadsOut(path.Join(p.dir, string(a))) && !s.elsewhere(string(a))
}

// leadsOut says whether a directory is a symlink to where nothing is read from.
func (p place) leadsOut(dir string) bool {
	info, err := lstat(p.fs, dir)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return false
	}
	_, confined := p.fs.(Confined)
	if confined {
		_, err = p.fs.Stat(dir)
	}
	return !confined || err != nil
}

// linked says whether a directory is a symlink that the file system may follow
// anywhere.
func (p place) linked(dir string) (bool, error) {
	_, confined := p.fs.(Confined)
	l, tells := p.fs.(afero.Lstater)
	if confined || !tells {
		return false, nil
	}
	info, _, err := l.LstatIfPossible(dir)
	return err == nil && info.Mode()&fs.ModeSymlink != 0, err
}

// Absent says of an error that nothing is there. A path through something that
// is no directory has nothing at its end either, nor has one that is longer than
// the file system allows.
func Absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDirectory) || errors.Is(err, errLongName)
}

// statFile tells a regular file from everything else without opening it.
func statFile(fsys afero.Fs, name string) (Info, error) {
	info, err := lstat(fsys, name)
	if err != nil {
		return Info{}, err
	}
	found := Info{info: info, Size: info.Size()}
	if info.Mode()&fs.ModeSymlink != 0 {
		if _, confined := fsys.(Confined); !confined {
			return found, fmt.Errorf("%w: a symlink", ErrNotRegular)
		}
		target, err := fsys.Stat(name)
		if err != nil {
			return found, fmt.Errorf("%w: a symlink that leads to nothing within the layout", ErrNotRegular)
		}
		found = Info{info: target, Size: target.Size(), Symlink: true}
	}
	if !found.info.Mode().IsRegular() {
		return found, fmt.Errorf("%w: %s", ErrNotRegular, kindOf(found.info.Mode()))
	}
	return found, nil
}

func lstat(fsys afero.Fs, name string) (fs.FileInfo, error) {
	if l, ok := fsys.(afero.Lstater); ok {
		info, _, err := l.LstatIfPossible(name)
		return info, err
	}
	return fsys.Stat(name)
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "neither a file nor a directory"
}
