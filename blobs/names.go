package blobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/afero"
)

// names are those in one directory, in order and each once. Of those that are digests
// by sha256, of which there can be millions, no more than the bytes are kept that they
// stand for.
type names struct {
	sums   [256][][sha256.Size]byte // by the first byte, so that none is copied often as they grow
	others []string
}

func (n *names) add(name string) {
	if sum, ok := sumNamed(name); ok {
		n.sums[sum[0]] = append(n.sums[sum[0]], sum)
		return
	}
	n.others = append(n.others, name)
}

// sumNamed returns what the name stands for, if it can be made again from that.
func sumNamed(name string) (sum [sha256.Size]byte, ok bool) {
	if len(name) != hex.EncodedLen(len(sum)) || strings.ContainsAny(name, "ABCDEF") {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(name))
	return sum, err == nil
}

func compareSums(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) }

// sort has the names in order, once all are there.
func (n *names) sort() {
	for i, sums := range n.sums {
		slices.SortFunc(sums, compareSums)
		n.sums[i] = slices.Compact(sums)
	}
	slices.Sort(n.others)
	n.others = slices.Compact(n.others)
}

// all yields the names in order.
func (n *names) all() iter.Seq[string] {
	return func(yield func(string) bool) {
		others := n.others
		for i := range n.sums {
			for _, sum := range n.sums[i] {
				name := hex.EncodeToString(sum[:])
				for len(others) > 0 && others[0] < name {
					if !yield(others[0]) {
						return
					}
					others = others[1:]
				}
				if !yield(name) {
					return
				}
			}
		}
		for _, name := range others {
			if !yield(name) {
				return
			}
		}
	}
}

func (n *names) has(name string) bool {
	if sum, ok := sumNamed(name); ok {
		_, found := slices.BinarySearchFunc(n.sums[sum[0]], sum, compareSums)
		return found
	}
	_, found := slices.BinarySearch(n.others, name)
	return found
}

// ReadNames returns the names in a directory of fsys, sorted and each once, and on
// an error those that it got before. What is no directory is not opened; one that
// vanishes once it was looked at is ErrChanged. A name with a slash in it, or that
// leads elsewhere, is left out, and an error.
func ReadNames(fsys afero.Fs, dir string) ([]string, error) {
	n, err := readNames(fsys, dir)
	return slices.Collect(n.all()), err
}

// SomeNames is ReadNames for at most most names, sorted. Where there are more, the file
// system decides which.
func SomeNames(fsys afero.Fs, dir string, most int) ([]string, error) {
	info, err := fsys.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "readdirnames", Path: dir, Err: errNotDirectory}
	}
	f, err := fsys.Open(dir)
	if err != nil {
		return nil, vanished(err)
	}
	defer f.Close()
	names, err := f.Readdirnames(most)
	if err == io.EOF {
		err = nil
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return name == "" || name == "." || name == ".." || strings.Contains(name, "/")
	})
	slices.Sort(names)
	return slices.Compact(names), vanished(err)
}

// readNames is ReadNames for a directory that may hold millions.
func readNames(fsys afero.Fs, dir string) (*names, error) {
	n := new(names)
	info, err := fsys.Stat(dir)
	if err != nil {
		return n, err
	}
	if !info.IsDir() {
		return n, &fs.PathError{Op: "readdirnames", Path: dir, Err: errNotDirectory}
	}
	f, err := fsys.Open(dir)
	if err != nil {
		return n, vanished(err)
	}
	defer f.Close()
	impossible := false
	err = eachName(f, func(name string) {
		if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
			impossible = true
			return
		}
		n.add(name)
	})
	if err == nil && impossible {
		err = &fs.PathError{Op: "readdirnames", Path: dir, Err: errListedName}
	}
	n.sort()
	return n, vanished(err)
}

// eachName calls do with each name in a directory. It asks for names alone: for more,
// every file would be looked at once more. And for all at once, but of the operating
// system: not every other one says when it has come to the end.
func eachName(f afero.File, do func(string)) error {
	const some = 1024
	most := -1
	if _, ok := f.(*os.File); ok {
		most = some
	}
	for {
		found, err := f.Readdirnames(most)
		for _, name := range found {
			do(name)
		}
		switch {
		case most > 0 && err == io.EOF:
			return nil
		case most < 0 || err != nil:
			return err
		}
	}
}

// withTwins yields each name with another one that equals it but for letter
// case. Names without upper-case letters, which is nearly all, cost no memory.
func (n *names) withTwins() iter.Seq2[string, string] {
	byFold := make(map[string][]string)
	for _, name := range n.others {
		if lower := strings.ToLower(name); lower != name && utf8.ValidString(name) {
			byFold[lower] = append(byFold[lower], name)
		}
	}
	return func(yield func(string, string) bool) {
		for name := range n.all() {
			twin := ""
			if len(byFold) > 0 {
				twin = n.twinOf(name, byFold)
			}
			if !yield(name, twin) {
				return
			}
		}
	}
}

func (n *names) twinOf(name string, byFold map[string][]string) string {
	lower := strings.ToLower(name)
	group := byFold[lower]
	if lower != name && len(group) > 0 && n.has(lower) {
		return lower
	}
	for _, other := range group {
		if other != name {
			return other
		}
	}
	return ""
}
