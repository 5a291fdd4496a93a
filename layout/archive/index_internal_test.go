package archive

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The index holds what was put into it, however much that is.
func TestIndexGrows(t *testing.T) {
	const n = 20_000
	x := newIndex()
	for i := range n {
		path, how := x.put(fmt.Sprintf("blobs/sha256/%064x", i), record{kind: regular, at: int64(i), size: int64(2 * i)})
		if how != placed || len(path) != 77 {
			t.Fatalf("%d: %s, %d", i, path, how)
		}
	}
	for i := range n {
		id, ok := x.lookup(fmt.Sprintf("blobs/sha256/%064x", i))
		if !ok || x.record(id).at != int64(i) || x.record(id).size != int64(2*i) {
			t.Fatalf("%d: found %t, %+v", i, ok, x.record(id))
		}
	}
	dir, _ := x.lookup("blobs/sha256")
	if got := len(slices.Collect(x.children(dir))); got != n {
		t.Errorf("%d children, not %d", got, n)
	}
	// A name is not mistaken for the bytes that another stands for.
	packed := "abababababababababababababababab"
	bytes := strings.Repeat("\xab", 16)
	x.put(packed, record{kind: regular, at: 1})
	x.put(bytes, record{kind: regular, at: 2})
	for name, want := range map[string]int64{packed: 1, bytes: 2} {
		if id, ok := x.lookup(name); !ok || x.record(id).at != want || x.name(id) != name {
			t.Errorf("%q: found %t at %d", name, ok, x.record(id).at)
		}
	}
}
