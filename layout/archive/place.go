package archive

import (
	"strings"

	"github.com/ocilayout/ocilayout/model"
)

// deepest is how many names a path in a layout has: blobs, algorithm, encoded.
const deepest = 3

// What lies deeper, or beside the blobs, is no part of a layout. Some of it is kept
// all the same, to say what there is: a layout in a directory of the archive, or blobs
// in directories of their own.
const (
	deepestStrange = 6
	mostStrange    = 50_000 // names
)

// placing says what became of an entry that was put into the index.
type placing uint8

const (
	placed  placing = iota
	ignored         // it has no place in a layout, or is a directory that is known
	taken           // something else bears its name, or that of a directory on the way
	full            // no more fit
)

// put enters what lies at a clean path, and the directories on the way to it. Of
// two entries with one name the first is kept, and they are worth no word where
// they are no part of a layout. It returns the path that was entered, or is taken.
func (x *index) put(path string, what record) (string, placing) {
	dir, end := uint32(root), 0
	for depth := 1; ; depth++ {
		name, _, deeper := strings.Cut(path[end:], "/")
		if len(name) > longestName {
			return "", ignored
		}
		end += len(name)
		id := x.find(dir, name)
		strange := depth > depthOf(path)
		if strange && id == root {
			if x.strange == mostStrange {
				return "", ignored
			}
			x.strange++
		}
		last := !deeper || depth == deepestStrange
		kind := what.kind
		if deeper {
			kind = directory
		}
		switch {
		case id == root:
			if id = x.add(dir, name, kind); id == root {
				return path[:end], full
			}
			if !deeper && kind == regular {
				r := x.record(id)
				r.at, r.size = what.at, what.size
			}
		case x.record(id).kind != directory || kind != directory:
			if strange {
				return "", ignored
			}
			return path[:end], taken
		}
		if last {
			if deeper || strange {
				return "", ignored
			}
			return path[:end], placed
		}
		dir = id
		end++ // past the separator
	}
}

// depthOf is how many names of a path matter in a layout.
func depthOf(path string) int {
	if strings.HasPrefix(path, model.BlobsDir+"/") {
		return deepest
	}
	return 1
}
