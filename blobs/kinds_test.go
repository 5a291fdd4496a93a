//go:build unix

package blobs_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
)

// secret stands outside of the layout, and must never be read.
const secret = "what no test may ever see"

// What lies in a blob's place and is no regular file is told, and not opened.
func TestNotRegular(t *testing.T) {
	d := digest.FromString(secret) // so that a store that follows finds what it looks for
	file := blobs.Path(d)
	tests := []struct {
		name       string
		make       func(t *testing.T, s storage, outside string)
		kind       string // what the error calls it
		unfollowed string // the same, where symlinks are not followed
	}{
		{"directory", func(t *testing.T, s storage, _ string) { s.mkdir(t, file) }, "a directory", "a directory"},
		{"FIFO", func(t *testing.T, s storage, _ string) {
			if err := syscall.Mkfifo(filepath.Join(s.dir, file), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "a FIFO", "a FIFO"},
		{"socket", func(t *testing.T, s storage, _ string) { socket(t, filepath.Join(s.dir, file)) }, "a socket", "a socket"},
		{"device", func(t *testing.T, s storage, _ string) {
			testrun.Permitted(t, "a device", syscall.Mknod(filepath.Join(s.dir, file), syscall.S_IFCHR|0o644, 1<<8|5)) // that of /dev/zero
		}, "a device", "a device"},
		{"symlink outside", func(t *testing.T, s storage, outside string) { s.symlink(t, outside, file) }, "a symlink", "a symlink"},
		{"symlink outside, by dots", func(t *testing.T, s storage, outside string) {
			up, err := filepath.Rel(filepath.Join(s.dir, filepath.Dir(file)), outside)
			if err != nil {
				t.Fatal(err)
			}
			s.symlink(t, up, file)
		}, "a symlink", "a symlink"},
		{"symlink to nothing", func(t *testing.T, s storage, _ string) { s.symlink(t, "nothing", file) }, "a symlink", "a symlink"},
		{"symlink to itself", func(t *testing.T, s storage, _ string) { s.symlink(t, d.Encoded(), file) }, "a symlink", "a symlink"},
		{"symlinks to one another", func(t *testing.T, s storage, _ string) {
			s.symlink(t, "other", file)
			s.symlink(t, d.Encoded(), filepath.Dir(file)+"/other")
		}, "a symlink", "a symlink"},
		{"symlink to a directory", func(t *testing.T, s storage, _ string) { s.symlink(t, ".", file) }, "a directory", "a symlink"},
		{"symlink to a FIFO", func(t *testing.T, s storage, _ string) {
			if err := syscall.Mkfifo(filepath.Join(s.dir, "fifo"), 0o644); err != nil {
				t.Fatal(err)
			}
			s.symlink(t, "../../fifo", file)
		}, "a FIFO", "a symlink"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onDisk(t, func(t *testing.T, s storage) {
				outside := filepath.Join(t.TempDir(), "secret")
				if err := os.WriteFile(outside, []byte(secret), 0o644); err != nil {
					t.Fatal(err)
				}
				s.mkdir(t, filepath.Dir(file))
				test.make(t, s, outside)
				kind := test.kind
				if !s.confined {
					kind = test.unfollowed
				}
				within(t, func() { wantNotRegular(t, s, d, kind) })
			})
		})
	}
}

func wantNotRegular(t *testing.T, s storage, d digest.Digest, kind string) {
	info, err := s.store.Stat(d)
	wantError(t, err, "stat", d, blobs.ErrNotRegular)
	if info.Path != blobs.Path(d) || err == nil || !strings.Contains(err.Error(), kind) {
		t.Errorf("Stat = %+v, %v, want the path and %q", info, err, kind)
	}
	r, err := s.store.Open(d)
	wantError(t, err, "open", d, blobs.ErrNotRegular)
	if r != nil {
		t.Error("it was opened")
	}
}

func socket(t *testing.T, name string) {
	t.Helper()
	t.Chdir(filepath.Dir(name)) // a socket's path must be short
	listener, err := net.Listen("unix", filepath.Base(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
}

// A symlink that stays inside is followed where nothing can lead out.
func TestSymlinkInside(t *testing.T) {
	content := []byte("content")
	d := digest.FromBytes(content)
	for name, make := range map[string]func(*testing.T, storage){
		"to a file of the root": func(t *testing.T, s storage) { s.symlink(t, "../../elsewhere", blobs.Path(d)) },
		"through a link to the file": func(t *testing.T, s storage) {
			s.symlink(t, "a", blobs.Path(d))
			s.symlink(t, "../../elsewhere", "blobs/sha256/a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDisk(t, func(t *testing.T, s storage) {
				s.put(t, "elsewhere", content)
				make(t, s)
				if !s.confined {
					wantNotRegular(t, s, d, "a symlink")
					return
				}
				info := s.stat(t, d)
				if !info.Symlink || info.Size != int64(len(content)) {
					t.Errorf("Stat = %+v, want the size of what the link leads to", info)
				}
				sum, err := s.store.Sum(t.Context(), d, info, nil)
				if err != nil || sum.Digest != d {
					t.Errorf("Sum = %v, %v", sum, err)
				}
			})
		})
	}
}

// No symlink on the way leads out of what layout.Open holds, nor out of another
// file system that tells symlinks from what they lead to.
func TestDirectorySymlinkOutside(t *testing.T) {
	d := digest.FromString(secret)
	for _, link := range []string{"blobs", "blobs/sha256"} {
		t.Run(link, func(t *testing.T) {
			onDisk(t, func(t *testing.T, s storage) {
				outside := t.TempDir()
				content := filepath.Join(outside, strings.TrimPrefix(blobs.Path(d), link))
				if err := os.MkdirAll(filepath.Dir(content), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(content, []byte(secret), 0o644); err != nil {
					t.Fatal(err)
				}
				s.symlink(t, outside, link)
				if info, err := s.store.Stat(d); err == nil || info.Size > 0 || !s.confined && !errors.Is(err, blobs.ErrNotRegular) {
					t.Errorf("Stat = %+v, %v, want an error", info, err)
				}
				if r, err := s.store.Open(d); err == nil {
					r.Close()
					t.Error("it was opened")
				}
				for entry, err := range s.store.All() {
					if err == nil && entry.Kind != blobs.EntryAlgorithmIrregular {
						t.Errorf("listed %+v from outside", entry)
					}
				}
			})
		})
	}
}

// What was a file when it was looked at may be anything when it is opened.
func TestReplaced(t *testing.T) {
	content := []byte("content")
	d := digest.FromBytes(content)
	file := blobs.Path(d)
	type replacement struct {
		name    string
		replace func(t *testing.T, s storage)
		changed bool // the error is ErrChanged, not that of the system
	}
	for _, test := range []replacement{
		{"by nothing", func(*testing.T, storage) {}, true},
		{"by a file of another length", func(t *testing.T, s storage) { s.put(t, file, []byte("longer content")) }, true},
		{"by a shorter file", func(t *testing.T, s storage) { s.put(t, file, nil) }, true},
		{"by a directory", func(t *testing.T, s storage) { s.mkdir(t, file) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			storages(t, func(t *testing.T, s storage) { wantReplaced(t, s, d, test.replace, test.changed) })
		})
	}
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, content, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []replacement{
		{"by an equal file", func(t *testing.T, s storage) {
			s.put(t, "new", content) // while the old one is there: its number is not given again
			if err := s.fs.Rename("new", file); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"by a FIFO", func(t *testing.T, s storage) {
			if !s.confined {
				t.Skip("afero.OsFs waits in opening a FIFO until somebody writes; the file system of layout.Open, which the other half of this test has, does not")
			}
			if err := syscall.Mkfifo(filepath.Join(s.dir, file), 0o644); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"by a symlink to an equal file", func(t *testing.T, s storage) { s.put(t, "equal", content); s.symlink(t, "../../equal", file) }, true},
		{"by a symlink outside", func(t *testing.T, s storage) { s.symlink(t, outside, file) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			onDisk(t, func(t *testing.T, s storage) { wantReplaced(t, s, d, test.replace, test.changed) })
		})
	}
}

func wantReplaced(t *testing.T, s storage, d digest.Digest, replace func(*testing.T, storage), changed bool) {
	s.put(t, blobs.Path(d), []byte("content"))
	info := s.stat(t, d)
	old := blobs.Path(d) + ".old" // kept, so that nothing new gets its number
	if err := s.fs.Rename(blobs.Path(d), old); err != nil {
		t.Fatal(err)
	}
	replace(t, s)
	within(t, func() {
		sum, err := s.store.Sum(t.Context(), d, info, nil)
		if err == nil || sum.Digest != "" || changed && !errors.Is(err, blobs.ErrChanged) {
			t.Errorf("Sum = %v, %v, want an error", sum, err)
		}
		raw, _, err := s.store.ReadAll(t.Context(), d, info, 100)
		if err == nil || raw != nil || changed && !errors.Is(err, blobs.ErrChanged) {
			t.Errorf("ReadAll = %q, %v, want an error", raw, err)
		}
	})
}

func TestAllSymlinks(t *testing.T) {
	onDisk(t, func(t *testing.T, s storage) {
		outside := t.TempDir()
		s.put(t, "blobs/sha256/"+low, nil)
		s.put(t, "file", nil)
		for name, target := range map[string]string{
			"inside": "sha256", "out": outside, "up": "../..", "nothing": "nothing-there", "itself": "itself", "dot": ".", "file": "../file", "Bad": "sha256",
		} {
			s.symlink(t, target, "blobs/"+name)
		}
		s.symlink(t, low, "blobs/sha256/"+high) // what an entry is, Stat tells
		if !s.confined {
			wantListing(t, s.store, `irregular "blobs/Bad"`, `irregular "blobs/dot"`, `irregular "blobs/file"`, `irregular "blobs/inside"`, `irregular "blobs/itself"`,
				`irregular "blobs/nothing"`, `irregular "blobs/out"`, `irregular "blobs/up"`,
				`encoding "blobs/sha256/`+high+`" twin `+low, `blob "blobs/sha256/`+low+`" sha256:`+low+` twin `+high)
			return
		}
		wantListing(t, s.store, `algorithm "blobs/Bad"`, `symlink "blobs/dot"`, `stray "blobs/file"`, `symlink "blobs/inside"`, `irregular "blobs/itself"`,
			`irregular "blobs/nothing"`, `irregular "blobs/out"`, `irregular "blobs/up"`,
			// A link to the directory itself is looked into once, as any other.
			`blob "blobs/dot/Bad" dot:Bad`, `blob "blobs/dot/dot" dot:dot`, `blob "blobs/dot/file" dot:file`, `blob "blobs/dot/inside" dot:inside`,
			`blob "blobs/dot/itself" dot:itself`, `blob "blobs/dot/nothing" dot:nothing`, `blob "blobs/dot/out" dot:out`, `blob "blobs/dot/sha256" dot:sha256`, `blob "blobs/dot/up" dot:up`,
			`blob "blobs/inside/`+high+`" inside:`+high+` twin `+low, `blob "blobs/inside/`+low+`" inside:`+low+` twin `+high,
			`encoding "blobs/sha256/`+high+`" twin `+low, `blob "blobs/sha256/`+low+`" sha256:`+low+` twin `+high)
	})
}

// A FIFO in the place of the directory blobs is not waited for.
func TestAllOfFIFO(t *testing.T) {
	onDisk(t, func(t *testing.T, s storage) {
		if err := syscall.Mkfifo(filepath.Join(s.dir, "blobs"), 0o644); err != nil {
			t.Fatal(err)
		}
		within(t, func() { wantListing(t, s.store, `error "blobs"`) })
	})
}
