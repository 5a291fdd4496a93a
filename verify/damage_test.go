package verify_test

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/spf13/afero"
)

// A way to damage content yields every version that it makes of it. The name of
// a version begins with the place of the damage.
type way func(content []byte) iter.Seq2[string, []byte]

// flips yields content with each single bit of it flipped.
func flips(content []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := range content {
			for bit := range 8 {
				changed := slices.Clone(content)
				changed[i] ^= 1 << bit
				if !yield(fmt.Sprintf("%d: bit %d flipped", i, bit), changed) {
					return
				}
			}
		}
	}
}

// cuts yields content cut off at each length.
func cuts(content []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for n := range content {
			if !yield(fmt.Sprintf("%d: cut off", n), content[:n]) {
				return
			}
		}
	}
}

// growths yields content with a blank put in at each place, and at the end.
func growths(content []byte) iter.Seq2[string, []byte] { return inserted(content, " ") }

// substitutions yields content with each byte of it replaced by each other one.
func substitutions(content []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := range content {
			for c := range 256 {
				if byte(c) == content[i] {
					continue
				}
				changed := slices.Clone(content)
				changed[i] = byte(c)
				if !yield(fmt.Sprintf("%d: %q replaced by %q", i, content[i], byte(c)), changed) {
					return
				}
			}
		}
	}
}

// deletions yields content without each of its bytes.
func deletions(content []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := range content {
			if !yield(fmt.Sprintf("%d: %q taken out", i, content[i]), slices.Delete(slices.Clone(content), i, i+1)) {
				return
			}
		}
	}
}

// insertions yields content with each byte put in at each place, and at the end.
func insertions(content []byte) iter.Seq2[string, []byte] {
	all := make([]byte, 256)
	for c := range all {
		all[c] = byte(c)
	}
	return inserted(content, string(all))
}

func inserted(content []byte, bytes string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := 0; i <= len(content); i++ {
			for _, c := range []byte(bytes) {
				if !yield(fmt.Sprintf("%d: %q put in", i, c), slices.Insert(slices.Clone(content), i, c)) {
					return
				}
			}
		}
	}
}

// every yields each n-th version.
func every(n int, versions iter.Seq2[string, []byte]) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		i := 0
		for version, content := range versions {
			if i++; i%n == 0 && !yield(version, content) {
				return
			}
		}
	}
}

// placeOf returns where a version is damaged.
func placeOf(t *testing.T, version string) int {
	t.Helper()
	text, _, _ := strings.Cut(version, ":")
	at, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// read returns the content of a file.
func read(t *testing.T, fsys afero.Fs, name string) []byte {
	t.Helper()
	content, err := afero.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// damage verifies the layout once for each version of one file, or for one of many of
// them, and leaves the last version there.
func damage(t *testing.T, fsys afero.Fs, name string, o verify.Options, versions iter.Seq2[string, []byte], judge func(version string, content []byte, r result)) {
	t.Helper()
	n, all := 0, 0
	for version, content := range versions {
		if all++; (all-1)%step() > 0 {
			continue
		}
		n++
		if err := afero.WriteFile(fsys, name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		judge(version, content, verifyFs(t, fsys, o))
	}
	t.Logf("%s: %d versions of %d", name, n, all)
	if n == 0 {
		t.Fatalf("%s was not damaged", name)
	}
}

// step is of how many damaged versions of a file tests look at one.
func step() int { return testrun.OneOf(11, 101) }

// isError judges versions each of which is to be an error.
func isError(t *testing.T) func(string, []byte, result) {
	return func(version string, _ []byte, r result) {
		if r.stats.Errors == 0 {
			t.Errorf("%s: no error, %+v", version, r.stats)
		}
	}
}
