package verify_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
)

// refusals are the errors that any operation can end in.
var refusals = []string{"EIO", "EACCES", "ENOENT", "ESTALE", "EINTR", "EMFILE", "ENOSPC"}

// lengths are lies about the length of a file.
var lengths = []string{"a byte more", "a byte less", "a terabyte more", "less than nothing"}

// always are the faults at one operation, and at all that follow it.
func always(faults ...string) []string {
	for _, fault := range faults {
		faults = append(faults, fault+", always")
	}
	return faults
}

// An excuse says which faults may leave a layout valid, and why.
type excuse struct {
	faults   []string
	ops      []faultfs.OpKind
	files    []string // nil: all
	from, to int      // turns
	hides    bool     // the findings may be others than without the fault
	why      string
}

const last = 1 << 30

var (
	reads       = []faultfs.OpKind{faultfs.OpRead}
	looks       = []faultfs.OpKind{faultfs.OpStat, faultfs.OpLstat}
	listings    = []faultfs.OpKind{faultfs.OpList}
	directories = []string{"root", "blobs", "blobs/sha256", "shared/sha256"}
)

// unnoticed are all the faults after which a layout may be called valid. The table
// is to shrink, and not to grow: what is in it and does not happen is a mistake.
var unnoticed = []excuse{
	{append([]string{"EIO, always"}, refusals...), []faultfs.OpKind{faultfs.OpClose}, nil, 0, last, false, "all was read before"},
	{always("one byte", "a hundred bytes", "bytes and EOF"), reads, nil, 0, last, false, "a reader may do so"},
	{[]string{"nothing"}, reads, nil, 0, last, false, "a reader may do so now and then"},
	{always("early EOF", "first bit flipped", "bit flipped"), reads, nil, 1, 1, false, "the read that ends a file has no bytes"},
	{always("names twice", "another order"), listings, nil, 0, last, false, "the names are sorted, and each counts once"},
	{always("no names"), listings, []string{"root"}, 0, last, false, "there is nothing in it but what is looked for by name"},
	{always("no names"), listings, []string{"blobs", "blobs/sha256"}, 0, last, true, "nobody can know of a file that is in no listing and that nothing names"},
	{always("another kind"), looks, []string{"blobs/sha256"}, 0, last, true, "it is told as a file that does not belong there"},
	{always("another kind"), []faultfs.OpKind{faultfs.OpLstat}, []string{"root", "shared/sha256"}, 0, last, false, "it is looked whether it is a symlink"},
	{always("another kind"), []faultfs.OpKind{faultfs.OpLstat}, []string{"blobs"}, 1, last, false, "it is looked whether it is a symlink"},
	{always("another kind"), []faultfs.OpKind{faultfs.OpFstat}, nil, 1, 1, false, "a file that was opened stays one"},
	{always(lengths...), looks, directories, 0, last, false, "a directory has no length"},
	{always(lengths...), looks, []string{"loose blob"}, 0, 0, false, "nobody claims a length of it, and at level structure it is not read"},
	{always(lengths...), looks, []string{model.IndexFile}, 1, 1, false, "the look at the root does not ask for the length"},
	{lengths, looks, []string{model.LayoutFile}, 0, 1, false, "the look at the root does not ask for the length, nor whether there is a layout"},
	{append([]string{"another kind"}, refusals...), looks, []string{model.LayoutFile}, 0, 0, false, "whether there is a layout at all; the root is looked at once more"},
	{append(always(append([]string{"another kind"}, lengths...)...), "ENOENT"), looks, []string{"absent shared layer"}, 0, 0, false, "it is not there"},
}

func (e *excuse) covers(i injection, name string) bool {
	return slices.Contains(e.faults, i.fault) && slices.Contains(e.ops, i.op.Kind) && (e.files == nil || slices.Contains(e.files, name)) &&
		e.from <= i.op.Turn && i.op.Turn <= e.to
}

// excuseFor returns why the fault may go unnoticed, nil if it may not, and notes
// that the excuse is needed.
func excuseFor(i injection, name string, used map[string]bool) *excuse {
	for n := range unnoticed {
		e := &unnoticed[n]
		if e.covers(i, name) {
			used[fmt.Sprint(n, i.fault)], used[fmt.Sprint(n, i.op.Kind)], used[fmt.Sprint(n, name)] = true, true, true
			return e
		}
	}
	return nil
}

// checkUsed makes sure that the table does not say more than what happens.
func checkUsed(t *testing.T, used map[string]bool) {
	t.Helper()
	for n, e := range unnoticed {
		words := slices.Concat(e.faults, e.files)
		for _, op := range e.ops {
			words = append(words, string(op))
		}
		for _, word := range words {
			if !used[fmt.Sprint(n, word)] {
				t.Errorf("excuse %d (%s) is not needed for %q", n, e.why, word)
			}
		}
	}
}
