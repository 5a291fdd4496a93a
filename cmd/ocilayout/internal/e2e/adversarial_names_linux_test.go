package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// hostileTrees are what lies below blobs that no descriptor leads to, and too much of it.
func hostileTrees() []adversary {
	return []adversary{
		{name: "names of blobs that no digest has", make: besides(func(t *testing.T, dir string) {
			for _, name := range oddNames {
				write(t, filepath.Join(dir, "blobs", "sha256", name), "")
			}
		}), show: true, attempts: []attempt{{status: statusFindings, memory: light, want: []string{
			"blob-name-grammar blobs/sha256/*", "blob-name-dotfile blobs/sha256/.tmp", "blob-name-encoding blobs/sha256/CON",
			"blob-name-encoding blobs/sha256/" + strings.Repeat("A", 64), "blob-name-encoding blobs/sha256/" + strings.Repeat("a", 63),
		}, check: func(t *testing.T, _, stdout, _ string) {
			n := strings.Count(stdout, `"blob-name-`)
			if n != len(oddNames) && !strings.Contains(stdout, fmt.Sprintf(": INVALID - %d errors", len(oddNames))) {
				t.Errorf("%d findings about %d names: %s", n, len(oddNames), beginning(stdout))
			}
		}}}},
		{name: "directories of algorithms that are none", make: besides(func(t *testing.T, dir string) {
			for _, name := range []string{"SHA256", "sha256:aa", "sha256+x", "blake3", "md5"} {
				write(t, filepath.Join(dir, "blobs", name, "0123"), "")
			}
		}), show: true, attempts: []attempt{{status: statusFindings, memory: light, want: []string{
			"blobs-algorithm-name blobs/SHA256", "blob-name-case-collision blobs/*", "blobs-algorithm-name blobs/sha256:aa", "blob-name-encoding blobs/blake3/0123",
			"blob-algorithm-unsupported blobs/md5/0123", "blob-algorithm-unsupported blobs/sha256+x/0123",
		}}}},
		{name: "a blob whose name has upper case", make: besides(func(t *testing.T, dir string) {
			file := filepath.Join(dir, soundLayer)
			must(t, os.Rename(file, filepath.Join(filepath.Dir(file), strings.ToUpper(filepath.Base(file)))))
		}), attempts: []attempt{{status: statusFindings, memory: light, want: []string{"blob-missing " + soundLayer}}}},
		{name: "directories nested deeper than a path may be long", make: besides(func(t *testing.T, dir string) {
			nest(t, filepath.Join(dir, "blobs", "sha256"), size(2500, 10_000))
		}), show: true, attempts: []attempt{{status: statusFindings, want: []string{"blob-name-encoding blobs/sha256/d"}, memory: light}}},
		{name: "ten links to the directory that they are in", make: besides(func(t *testing.T, dir string) {
			for i := range 10 {
				must(t, os.Symlink(".", filepath.Join(dir, "blobs", fmt.Sprintf("s%d", i))))
			}
		}), show: true, attempts: []attempt{{status: statusFindings, memory: light, infos: true, want: []string{
			"root-symlink blobs/s*", "blob-not-regular blobs/s*/*"}}}},
		{name: "thousands of images of three blobs each", make: manyImages, attempts: []attempt{{args: asJSON, memory: size(64, mostMemory), infos: true}}},
		{name: "a long chain of indexes, nearly all of them unreferenced", make: chain, show: true, large: true, attempts: []attempt{
			{args: asJSON, status: statusFailed, want: []string{"limit-depth"}},
			{args: []string{"verify", "LAYOUT", "--max-depth", "20000", "-f", "json"}, status: statusFailed, want: []string{"limit-depth"}},
		}},
	}
}

// oddNames are names of files that no blob can have.
var oddNames = []string{
	"a\nb", "\x1b[31mred", "a\xff\xfeb", "a\u202eb", "a\u009b31mb", strings.Repeat("~", 255), strings.Repeat("A", 64), strings.Repeat("a", 63),
	".tmp", "CON", "::error::x", "##[error]x", "<script>alert(1)", "a\rb", "\u3164",
}

// nest makes directories in one another. Their path is too long for any system call, and
// so is taken apart again step by step.
func nest(t *testing.T, dir string, deep int) {
	t.Helper()
	at, err := syscall.Open(dir, syscall.O_DIRECTORY|syscall.O_RDONLY, 0)
	must(t, err)
	for range deep {
		must(t, syscall.Mkdirat(at, "d", 0o755))
		next, err := syscall.Openat(at, "d", syscall.O_DIRECTORY|syscall.O_RDONLY, 0)
		must(t, err)
		must(t, syscall.Close(at))
		at = next
	}
	must(t, syscall.Close(at))
	top, below, spare := filepath.Join(dir, "d"), filepath.Join(dir, "d", "d"), filepath.Join(dir, "e")
	t.Cleanup(func() {
		for os.Rename(below, spare) == nil && os.Remove(top) == nil && os.Rename(spare, top) == nil {
		}
	})
}

// forManyFiles returns a directory in memory, where there is room: a disk takes long for as
// many.
func forManyFiles(t *testing.T) string {
	t.Helper()
	var memory syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &memory); err != nil || memory.Bavail*uint64(memory.Bsize) < 2<<30 || memory.Ffree < 1_000_000 {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "layout")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// manyImages are images of a configuration and a layer each.
func manyImages(t *testing.T) string {
	return built(t, func(b *layouttest.Builder) {
		for n := range 20 {
			var images []model.Descriptor
			for i := range size(60, 500) {
				archive := b.Archive(layouttest.File("file", fmt.Sprint(n, i)))
				images = append(images, b.Image("linux/amd64", b.Pack(model.MediaTypeLayer, archive)))
			}
			b.Entry(b.Index(images...), fmt.Sprintf("v%d", n))
		}
	})
}

// chain is indexes that each list the next one, and nothing else.
func chain(t *testing.T) string {
	dir := forManyFiles(t)
	write(t, filepath.Join(dir, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`)
	blobs := filepath.Join(dir, "blobs", "sha256")
	must(t, os.MkdirAll(blobs, 0o755))
	var entries []string
	for range size(22_000, 100_000) {
		content := indexListing(entries...)
		d := digest.FromString(content)
		must(t, os.WriteFile(filepath.Join(blobs, d.Encoded()), []byte(content), 0o644))
		entries = []string{fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, model.MediaTypeIndex, d, len(content))}
	}
	indexed(t, dir, entries...)
	return dir
}
