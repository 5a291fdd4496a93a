package archive

import "fmt"

// Kind is what a Defect is about.
type Kind uint8

// The kinds of defects. The last ones are no faults: a limit was reached, and
// what comes after it in the archive was not looked at.
const (
	Duplicate    Kind = iota // two entries have one name, or a file has that of a directory
	Outside                  // an entry's name leads out of the archive's root
	Sparse                   // an entry is a sparse file; its content is not to be had
	Ambiguous                // tools differ in what the headers of an entry mean
	Unportable               // some tools fail at an entry that others take
	Backslash                // names have backslashes where those of a layout have slashes
	Malformed                // a header is none; nothing after it can be found
	Truncated                // the archive breaks off
	Stream                   // the compressed stream is corrupt; what came before it is there
	Unterminated             // the blocks of zeros at the end are missing
	Trailing                 // something follows the end
	LimitEntries
	LimitHeaders // of one entry
	LimitBytes
	LimitRatio
	LimitWindow // of memory to decompress with
)

// Limit says whether the kind is that of a limit: what is absent from the archive
// may well be in the part that was not looked at.
func (k Kind) Limit() bool { return k >= LimitEntries }

// String returns a word for a fault, and the name of the flag for a limit that has
// one.
func (k Kind) String() string {
	return [...]string{"duplicate", "outside", "sparse", "ambiguous", "unportable", "backslash", "malformed", "truncated", "stream", "unterminated", "trailing",
		"max-archive-entries", "headers of one entry", "max-archive-bytes", "max-archive-ratio", "memory to decompress with"}[k]
}

// Defect is something about the archive that leaves a doubt about what it holds.
type Defect struct {
	Kind   Kind
	Name   string // of the entry, as the archive has it but for its length; "" for the whole archive
	Path   string // in the file system, "" where it has none
	Offset int64  // of the entry's headers, or of the place, in the archive once it is unpacked
	Detail string // what exactly, in a few words
}

// mostDefects is how many are told one by one.
const mostDefects = 1000

// defects gathers defects, and counts those beyond what anybody reads.
type defects struct {
	all  []Defect
	more map[Kind]int
}

func (d *defects) add(one Defect) {
	if len(d.all) < mostDefects || one.Kind.Limit() {
		one.Name = clip(one.Name)
		d.all = append(d.all, one)
		return
	}
	if d.more == nil {
		d.more = make(map[Kind]int)
	}
	d.more[one.Kind]++
}

// list returns the defects in the order of the archive. The last of them stand for
// those that were only counted.
func (d *defects) list() []Defect {
	all := d.all
	for kind := range Kind(LimitEntries) {
		if n := d.more[kind]; n > 0 {
			all = append(all, Defect{Kind: kind, Detail: fmt.Sprintf("%d more of the kind", n)})
		}
	}
	return all
}

// clip bounds a name, which may be a megabyte long.
func clip(name string) string {
	const most = 512
	if len(name) > most {
		return name[:most] + "..."
	}
	return name
}
