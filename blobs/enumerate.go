package blobs

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// EntryKind says what the name of a directory entry under blobs can be.
type EntryKind uint8

// The kinds of entries. Only an EntryBlob has a digest.
const (
	EntryBlob               EntryKind = iota // named as a digest; what the file is, Stat tells
	EntryStrayFile                           // directly in blobs, and no directory
	EntryAlgorithmName                       // directly in blobs, a directory whose name is no algorithm; not listed
	EntryAlgorithmSymlink                    // an algorithm's directory, reached by a symlink that stays inside
	EntryAlgorithmIrregular                  // directly in blobs, a symlink that leads out or nowhere
	EntryAlgorithmElsewhere                  // such a symlink, but another place has a directory of the name
	EntryDotfile                             // among the blobs, and no name of one: it begins with a dot
	EntryGrammar                             // among the blobs, and no name of one by its characters
	EntryEncoding                            // among the blobs, and not of the form its algorithm demands
)

// Entry is one name found under blobs.
type Entry struct {
	Kind   EntryKind
	Path   string // "blobs/sha256/…", as listed: it may hold any bytes but a separator
	Digest digest.Digest
	Twin   string // another entry of the directory whose name differs by letter case alone
}

// All lists the layout's own blobs directory, sorted by path: first what lies
// directly in it, then each algorithm's directory. It goes no deeper. An error
// tells of a directory that could not be listed to its end, or of a name in
// blobs that could not be looked at, with the Entry's Path naming it; the
// listing goes on with the next. A directory blobs that is absent is such an error;
// one behind a symlink that Stat would not follow has no entries. Memory follows
// the number of names in one directory.
func (s *Store) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s.Renew()
		p := s.places[0]
		linked, err := p.linked(p.dir)
		if linked {
			return
		}
		found := new(names)
		if err == nil {
			found, err = readNames(p.fs, p.dir)
		}
		if err != nil && !yield(Entry{Path: p.dir}, err) {
			return
		}
		var directories []string
		for name, twin := range found.withTwins() {
			entry, list, err := p.algorithm(name)
			entry.Twin = twin
			if entry.Kind == EntryAlgorithmIrregular && s.elsewhere(name) {
				entry.Kind = EntryAlgorithmElsewhere
			}
			if list {
				directories = append(directories, name)
			}
			if (entry.Kind != EntryBlob || err != nil || twin != "") && !yield(entry, err) {
				return
			}
		}
		for _, name := range directories {
			if !p.list(name, yield) {
				return
			}
		}
	}
}

// elsewhere says whether another place has a directory of the name.
func (s *Store) elsewhere(name string) bool {
	for _, p := range s.places[1:] {
		if info, err := p.fs.Stat(path.Join(p.dir, name)); err == nil && info.IsDir() {
			return true
		}
	}
	return false
}

// algorithm tells what an entry directly in blobs is, and whether it is to be
// listed. A sound directory has the zero kind.
func (p place) algorithm(name string) (Entry, bool, error) {
	full := path.Join(p.dir, name)
	entry := Entry{Path: full}
	info, err := lstat(p.fs, full)
	if err != nil {
		return entry, false, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		_, confined := p.fs.(Confined)
		target, err := p.fs.Stat(full)
		if !confined || err != nil {
			entry.Kind = EntryAlgorithmIrregular
			return entry, false, nil
		}
		info, entry.Kind = target, EntryAlgorithmSymlink
	}
	switch {
	case !info.IsDir():
		entry.Kind = EntryStrayFile
		return entry, false, nil
	case !model.ValidAlgorithm(name):
		entry.Kind = EntryAlgorithmName
		return entry, false, nil
	}
	return entry, true, nil
}

// list yields the entries of one algorithm's directory.
func (p place) list(algorithm string, yield func(Entry, error) bool) bool {
	dir := path.Join(p.dir, algorithm)
	found, err := readNames(p.fs, dir)
	if err != nil && !yield(Entry{Path: dir}, err) {
		return false
	}
	for name, twin := range found.withTwins() {
		entry := Entry{Path: dir + "/" + name, Twin: twin}
		d, err := model.ParseDigest(algorithm + ":" + name)
		switch {
		case err == nil:
			entry.Digest = d
		case strings.HasPrefix(name, "."):
			entry.Kind = EntryDotfile
		case !model.ValidEncoded(name):
			entry.Kind = EntryGrammar
		default:
			entry.Kind = EntryEncoding
		}
		if !yield(entry, nil) {
			return false
		}
	}
	return true
}

// errListedName is about a directory that lists what cannot lie in one.
var errListedName = errors.New("the directory lists a name that no file can have")

// vanished tells what is gone by now from what never was there.
func vanished(err error) error {
	if Absent(err) {
		return fmt.Errorf("%w: it vanished", ErrChanged)
	}
	return err
}
