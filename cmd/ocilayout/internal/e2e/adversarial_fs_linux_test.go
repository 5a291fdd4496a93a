package e2e

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
)

// secretWords stand in files outside of the layout, and must never be seen.
const secretWords = `{"schemaVersion":2,"what":"no test may ever see"}`

// secretly makes a link to a file outside that holds secretWords, or to a directory of
// such files, named as the blobs of the layout are.
func secretly(relative, directory bool) func(t *testing.T, file string) {
	return func(t *testing.T, file string) {
		outside := t.TempDir()
		for _, name := range []string{soundLayer, soundConfig, soundManifest} {
			write(t, filepath.Join(outside, "sha256", filepath.Base(name)), secretWords)
		}
		target := outside
		if filepath.Base(file) == "sha256" {
			target = filepath.Join(outside, "sha256")
		} else if !directory {
			target = filepath.Join(outside, "sha256", filepath.Base(soundLayer))
		}
		if relative {
			var err error
			target, err = filepath.Rel(filepath.Dir(file), target)
			must(t, err)
		}
		must(t, os.Symlink(target, file))
	}
}

// unseen fails where what stands outside is shown, or what it hashes to.
func unseen(t *testing.T, _, stdout, stderr string) {
	for _, secret := range []string{"no test may ever see", digest.FromString(secretWords).Encoded()} {
		if strings.Contains(stdout+stderr, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
}

func link(target string) func(t *testing.T, file string) {
	return func(t *testing.T, file string) { must(t, os.Symlink(target, file)) }
}

func fifo(t *testing.T, file string) { must(t, syscall.Mkfifo(file, 0o644)) }

func directory(t *testing.T, file string) { must(t, os.Mkdir(file, 0o755)) }

func plainFile(t *testing.T, file string) { write(t, file, "a file") }

// socketFile makes a socket that somebody listens at. Its name would be too long, so it
// is made elsewhere.
func socketFile(t *testing.T, file string) {
	dir, err := os.MkdirTemp("", "s")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	must(t, err)
	t.Cleanup(func() { l.Close() })
	must(t, os.Rename(filepath.Join(dir, "s"), file))
}

// device makes what root alone can make: /dev/zero, or the first disk.
func device(mode uint32, number int) func(t *testing.T, file string) {
	return func(t *testing.T, file string) {
		testrun.Permitted(t, "a device", syscall.Mknod(file, mode|0o644, number))
	}
}

var (
	zeroDevice = device(syscall.S_IFCHR, 1<<8|5)
	diskDevice = device(syscall.S_IFBLK, 7<<8)
)

const light = 64 // MiB, for what needs next to nothing

// irregular is something in the place of a blob, which has to be told and not opened.
func irregular(name string, put func(t *testing.T, file string), more ...string) adversary {
	return adversary{name: name, make: instead(soundLayer, put), show: true,
		attempts: []attempt{{status: statusFindings, want: append(more, "blob-not-regular "+soundLayer), memory: light, check: unseen}}}
}

func hostileFiles() []adversary {
	lists := func(rule, name string) []attempt {
		return []attempt{{status: statusFindings, want: []string{rule + " " + name}, memory: light, check: unseen, infos: true}}
	}
	leadsOut := func(name string) []attempt {
		want := []string{"root-file-irregular " + name}
		if name == "blobs" {
			want = append(want, "file-unreadable "+soundManifest)
		}
		return []attempt{{status: statusFindings, want: want, memory: light, check: unseen}}
	}
	return []adversary{
		{name: "no such path", make: func(t *testing.T) string { return filepath.Join(t.TempDir(), "nothing") },
			attempts: []attempt{{status: statusFailed, memory: light}}, show: true},
		{name: "a file of text in the place of a layout", make: func(t *testing.T) string {
			file := filepath.Join(t.TempDir(), "file")
			write(t, file, "no layout\n")
			return file
		}, attempts: []attempt{{status: statusFailed, memory: light}}, show: true},
		{name: "an empty directory", make: func(t *testing.T) string { return t.TempDir() },
			attempts: []attempt{{status: statusFailed, memory: light}}, show: true},

		{name: "oci-layout missing", make: instead("oci-layout", func(*testing.T, string) {}), attempts: lists("oci-layout-missing", "oci-layout")},
		{name: "oci-layout empty", make: instead("oci-layout", func(t *testing.T, f string) { write(t, f, "") }), attempts: lists("json-syntax", "oci-layout")},
		{name: "oci-layout without version", make: instead("oci-layout", func(t *testing.T, f string) { write(t, f, "{}") }),
			attempts: lists("oci-layout-version-missing", "oci-layout")},
		{name: "oci-layout of another version", make: instead("oci-layout", func(t *testing.T, f string) { write(t, f, `{"imageLayoutVersion":"1.0.1"}`) }),
			attempts: lists("oci-layout-version-unknown", "oci-layout")},
		{name: "oci-layout of a gigabyte", make: instead("oci-layout", func(t *testing.T, f string) { sparse(t, f, 1<<30) }), show: true,
			attempts: []attempt{{status: statusFailed, want: []string{"limit-document oci-layout"}, memory: light}}},
		{name: "oci-layout with more members", make: instead("oci-layout", func(t *testing.T, f string) { write(t, f, `{"imageLayoutVersion":"1.0.0","x":[1]}`) }),
			attempts: []attempt{{want: []string{"root-member-unknown oci-layout#/x"}, memory: light}}},

		{name: "index.json missing", make: instead("index.json", func(*testing.T, string) {}), attempts: lists("index-json-missing", "index.json"), show: true},
		{name: "index.json a directory", make: instead("index.json", directory), attempts: lists("root-file-irregular", "index.json"), show: true},
		{name: "index.json a link to a file outside", make: instead("index.json", secretly(false, false)), attempts: lists("root-file-irregular", "index.json"), show: true},
		{name: "index.json a FIFO", make: instead("index.json", fifo), attempts: lists("root-file-irregular", "index.json"), show: true},
		{name: "index.json a socket", make: instead("index.json", socketFile), attempts: lists("root-file-irregular", "index.json")},
		{name: "index.json a device without end", make: instead("index.json", zeroDevice), attempts: lists("root-file-irregular", "index.json"), show: true},
		{name: "index.json of ten gigabytes", make: instead("index.json", func(t *testing.T, f string) { sparse(t, f, 10<<30) }), show: true,
			attempts: []attempt{{status: statusFailed, want: []string{"limit-document index.json"}, memory: light}}},
		{name: "blobs a FIFO", make: instead("blobs", fifo), attempts: lists("root-file-irregular", "blobs"), show: true},
		{name: "oci-layout a FIFO", make: instead("oci-layout", fifo), attempts: lists("root-file-irregular", "oci-layout"), show: true},

		irregular("blob a link to a file outside", secretly(false, false)),
		irregular("blob a link upwards to a file outside", secretly(true, false)),
		irregular("blob a chain of links to a file outside", func(t *testing.T, file string) {
			secretly(true, false)(t, file+".last")
			must(t, os.Symlink(filepath.Base(file)+".last", file+".first"))
			must(t, os.Symlink(filepath.Base(file)+".first", file))
		}, "blob-name-grammar "+soundLayer+".*"),
		{name: "blobs/sha256 a link to a directory outside", make: instead("blobs/sha256", secretly(false, true)), attempts: leadsOut("blobs/sha256"), show: true},
		{name: "blobs a link upwards", make: instead("blobs", link("..")), attempts: leadsOut("blobs"), show: true},
		{name: "blobs a link to a directory outside", make: instead("blobs", secretly(false, true)), attempts: leadsOut("blobs"), show: true},
		{name: "blob a link to another inside", make: besides(func(t *testing.T, dir string) {
			file := filepath.Join(dir, soundLayer)
			must(t, os.Rename(file, filepath.Join(dir, "elsewhere")))
			must(t, os.Symlink("../../elsewhere", file))
		}), attempts: []attempt{{want: []string{"blob-symlink " + soundLayer}, memory: light}}},
		{name: "blobs shared by a link, and the directory named", make: sharedBlobs, attempts: []attempt{
			leadsOut("blobs/sha256")[0],
			{args: []string{"verify", "--blob-dir", "LAYOUT/../shared", "LAYOUT"}, memory: light, want: []string{"root-symlink blobs/sha256"}},
		}},
		irregular("blob a link to itself", func(t *testing.T, file string) { must(t, os.Symlink(filepath.Base(file), file)) }),
		irregular("blob a link in a circle", func(t *testing.T, file string) {
			must(t, os.Symlink(filepath.Base(file), file+".other"))
			must(t, os.Symlink(filepath.Base(file)+".other", file))
		}, "blob-name-grammar "+soundLayer+".other"),
		irregular("blob a FIFO", fifo),
		irregular("blob a socket", socketFile),
		irregular("blob a device without end", zeroDevice),
		irregular("blob a disk", diskDevice),
		irregular("blob a directory", directory),
		{name: "blobs a file", make: instead("blobs", plainFile), attempts: lists("root-file-irregular", "blobs"), show: true},
		{name: "blobs/sha256 a file", make: instead("blobs/sha256", plainFile), show: true,
			attempts: []attempt{{status: statusFindings, want: []string{"blobs-stray-file blobs/sha256", "blob-missing " + soundManifest}, memory: light}}},
		{name: "two names of one file, by two algorithms", make: func(t *testing.T) string {
			return built(t, func(b *layouttest.Builder) {
				b.Entry(soundImage(b), "v1")
				b.Algorithm = digest.SHA512
				b.Entry(b.Blob("text/plain", []byte("hello")), "")
			})
		}, attempts: []attempt{{infos: true, memory: light}}},
	}
}

// sharedBlobs is a layout whose blobs lie beside it, in a directory that blobs/sha256 is a
// link to.
func sharedBlobs(t *testing.T) string {
	dir := soundLayout(t)
	shared := filepath.Join(dir, "..", "shared")
	must(t, os.Mkdir(shared, 0o755))
	must(t, os.Rename(filepath.Join(dir, "blobs", "sha256"), filepath.Join(shared, "sha256")))
	must(t, os.Symlink(filepath.Join(shared, "sha256"), filepath.Join(dir, "blobs", "sha256")))
	return dir
}
