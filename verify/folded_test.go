package verify_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A layout as fuzzing has it is text: each file begins with a line "-- NAME --",
// and the line break before the next one is not part of it. The name sha256 or
// sha512 is that of a blob, which lies where its bytes say. In every file <0>,
// <1> and so on are the digests of the blobs that come before it, and <#0>, <#1>
// their sizes: so what is changed at random may still be whole.
var (
	fileLine = regexp.MustCompile(`(?m)^-- (.*) --\n`)
	blobMark = regexp.MustCompile(`<#?\d{1,2}>`)
)

const mostFiles = 30

// unfolded returns the files of such a text.
func unfolded(text []byte) map[string][]byte {
	files := make(map[string][]byte)
	var digests []digest.Digest
	lines := fileLine.FindAllSubmatchIndex(text, mostFiles)
	for i, line := range lines {
		end := len(text)
		if i+1 < len(lines) {
			end = max(line[1], lines[i+1][0]-1)
		}
		content := blobMark.ReplaceAllFunc(text[line[1]:end], func(mark []byte) []byte {
			n, _ := strconv.Atoi(strings.Trim(string(mark), "<#>"))
			switch {
			case n >= len(digests):
				return mark
			case mark[1] == '#':
				return strconv.AppendInt(nil, int64(len(files[blobs.Path(digests[n])])), 10)
			}
			return []byte(digests[n])
		})
		name := string(text[line[2]:line[3]])
		if a := digest.Algorithm(name); a == digest.SHA256 || a == digest.SHA512 {
			d := a.FromBytes(content)
			digests = append(digests, d)
			name = blobs.Path(d)
		}
		files[name] = content
	}
	return files
}

// folded is the way back: the text of a layout, in which blobs that others name
// come before them.
func folded(files map[string][]byte) []byte {
	var names []string
	var digests []digest.Digest
	for _, name := range slices.Sorted(maps.Keys(files)) {
		algorithm, encoded, _ := strings.Cut(strings.TrimPrefix(name, "blobs/"), "/")
		if d := digest.NewDigestFromEncoded(digest.Algorithm(algorithm), encoded); d.Validate() == nil && d.Algorithm().FromBytes(files[name]) == d {
			digests = append(digests, d)
		} else {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(digests, func(a, b digest.Digest) int { return depth(files, digests, a, 0) - depth(files, digests, b, 0) })
	var out bytes.Buffer
	write := func(name string, content []byte, before int) {
		for i, d := range digests[:before] {
			of := regexp.MustCompile(fmt.Sprintf(`%s"(,"size":)%d\b`, d, len(files[blobs.Path(d)])))
			content = of.ReplaceAll(content, fmt.Appendf(nil, `<%d>"$1<#%d>`, i, i))
			content = bytes.ReplaceAll(content, []byte(d), fmt.Appendf(nil, "<%d>", i))
		}
		fmt.Fprintf(&out, "-- %s --\n%s\n", name, content)
	}
	for i, d := range digests {
		write(string(d.Algorithm()), files[blobs.Path(d)], i)
	}
	for _, name := range names {
		write(name, files[name], len(digests))
	}
	return out.Bytes()[:max(0, out.Len()-1)]
}

// depth is how many blobs lie below a blob, on the longest way.
func depth(files map[string][]byte, all []digest.Digest, d digest.Digest, above int) int {
	deepest := 0
	for _, other := range all {
		if other != d && above < len(all) && bytes.Contains(files[blobs.Path(d)], []byte(other)) {
			deepest = max(deepest, 1+depth(files, all, other, above+1))
		}
	}
	return deepest
}

// filesOf returns the files of a file system.
func filesOf(t testing.TB, fsys afero.Fs) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	if err := afero.Walk(fsys, "", func(name string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := afero.ReadFile(fsys, name)
		files[filepath.ToSlash(name)] = content
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

// memory writes files to memory. Names that lead nowhere are left out.
func memory(t testing.TB, files map[string][]byte) (afero.Fs, map[string][]byte) {
	t.Helper()
	fsys := afero.NewMemMapFs()
	written := make(map[string][]byte)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !fs.ValidPath(name) || name == "." || slices.ContainsFunc(slices.Collect(maps.Keys(written)), func(other string) bool { return strings.HasPrefix(name, other+"/") }) {
			continue
		}
		if err := fsys.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := afero.WriteFile(fsys, name, files[name], 0o644); err != nil {
			t.Fatal(err)
		}
		written[name] = files[name]
	}
	return fsys, written
}

// addSmall gives fuzzing the fixtures that are small enough, and fails without
// them.
func addSmall(f *testing.F, most int, add func(files map[string][]byte)) {
	f.Helper()
	n := 0
	for _, x := range allFixtures() {
		files, err := x.Files()
		if err != nil {
			f.Fatal(err)
		}
		total := 0
		for _, content := range files {
			total += len(content)
		}
		if x.Archive == nil && x.TestOnly == "" && total <= most {
			n++
			add(files)
		}
	}
	if n < 100 {
		f.Fatalf("only %d layouts to begin with", n)
	}
}

// Text that folds a layout unfolds to the same files.
func TestFolded(t *testing.T) {
	for which, s := range samples {
		fsys, _ := fresh(t, s)
		files := filesOf(t, fsys)
		text := folded(files)
		if got := unfolded(text); !reflect.DeepEqual(got, files) {
			t.Errorf("%s: %q unfolds to %q", which, text, got)
		}
		if bytes.Count(text, []byte("<#")) < len(files)-2 {
			t.Errorf("%s: what names blobs is not folded: %q", which, text)
		}
	}
}
