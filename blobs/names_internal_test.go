package blobs

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// mixed are names of every kind: digests, in upper case and nearly, and what comes
// before, between and after them.
func mixed(n int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	all := []string{"0", "a", "g", "~", ".x", "\xff", "é", strings.Repeat("0", 63), strings.Repeat("0", 64), strings.Repeat("0", 65),
		strings.Repeat("f", 63) + "g", strings.Repeat("F", 64), strings.Repeat("f", 64), strings.Repeat("f", 128)}
	for i := range n {
		name := digest.FromString(fmt.Sprint(random.IntN(n))).Encoded()
		switch i % 8 {
		case 0:
			name = name[:random.IntN(len(name))]
		case 1:
			name = strings.ToUpper(name)
		case 2:
			name = name[:32] + strings.ToUpper(name[32:])
		}
		all = append(all, name)
	}
	return all
}

func TestNames(t *testing.T) {
	all := mixed(2_000)
	n := new(names)
	for _, name := range all {
		n.add(name)
	}
	n.sort()
	want := slices.Compact(slices.Sorted(slices.Values(all)))
	if diff := cmp.Diff(want, slices.Collect(n.all())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range want {
		other := name + "0"
		if _, there := slices.BinarySearch(want, other); !n.has(name) || n.has(other) != there {
			t.Errorf("has(%q) = %v, has(%q) = %v", name, n.has(name), other, n.has(other))
		}
	}
	folds := make(map[string][]string)
	for _, name := range want {
		folds[strings.ToLower(name)] = append(folds[strings.ToLower(name)], name)
	}
	for name, twin := range n.withTwins() {
		if several := len(folds[strings.ToLower(name)]) > 1; several != (twin != "") || twin != "" && twin == name || several && !slices.Contains(folds[strings.ToLower(name)], twin) {
			t.Errorf("the twin of %q is %q, of %q", name, twin, folds[strings.ToLower(name)])
		}
	}
}

// A directory of the operating system is read in parts.
func TestNamesOfManyFiles(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	dir := t.TempDir()
	var want []string
	for i := range 2_500 {
		want = append(want, digest.FromString(fmt.Sprint(i)).Encoded())
		if i%10 == 0 {
			want = append(want, fmt.Sprint(i))
		}
	}
	for _, name := range want {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	got, err := ReadNames(afero.NewOsFs(), dir)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
