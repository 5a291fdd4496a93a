//go:build unix

package layout_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// secret is a document outside of the layout, with a layer that a walk would
// visit.
const secret = `{"schemaVersion":2,"manifests":[{"mediaType":"text/plain","digest":"sha256:` +
	`0000000000000000000000000000000000000000000000000000000000000000","size":1}]}`

// disk is a layout on disk with one entry, and a directory with what no walk may
// read: the same names, with other content.
func disk(t *testing.T) (s site, dir, outside string, d model.Descriptor) {
	t.Helper()
	dir, outside = t.TempDir(), t.TempDir()
	fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
	s = site{layouttest.New(fsys), fsys}
	d = s.Index()
	s.Entry(d, "")
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.json", "oci-layout", blobs.Path(d.Digest), "sha256/" + d.Digest.Encoded(), d.Digest.Encoded()} {
		writeFile(t, filepath.Join(outside, name), secret)
	}
	return s, dir, outside, d
}

func TestRootSymlinks(t *testing.T) {
	_, dir, outside, _ := disk(t)
	writeFile(t, filepath.Join(dir, "sub", "file"), "x")
	for name, target := range map[string]string{
		"inside": "sub/file", "directory": "sub", "out": filepath.Join(outside, "index.json"), "up": "../" + filepath.Base(outside),
		"nothing": "nothing-there", "itself": "itself", "through": "inside",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	l := openDir(t, dir)
	leadsOut := layout.RootFile{Exists: true, Symlink: true}
	for name, want := range map[string]layout.RootFile{
		"inside":    {Exists: true, Symlink: true, Resolved: true, Regular: true},
		"through":   {Exists: true, Symlink: true, Resolved: true, Regular: true},
		"directory": {Exists: true, Symlink: true, Resolved: true, Dir: true},
		"out":       leadsOut, "up": leadsOut, "nothing": leadsOut, "itself": leadsOut,
		"fifo": {Exists: true, Resolved: true},
	} {
		want.Name = name
		if got := l.Root(name); got != want {
			t.Errorf("Root = %+v, want %+v", got, want)
		}
		raw, err := l.ReadFile(t.Context(), name, 1<<20)
		if want.Regular && (err != nil || string(raw) != "x") || !want.Regular && !errors.Is(err, blobs.ErrNotRegular) {
			t.Errorf("ReadFile of %s = %q, %v", name, raw, err)
		}
	}
	// Where nobody keeps links inside, none is followed.
	l = layout.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	for _, name := range []string{"inside", "directory", "out", "up", "nothing", "itself"} {
		if got := l.Root(name); got != (layout.RootFile{Name: name, Exists: true, Symlink: true}) {
			t.Errorf("Root = %+v", got)
		}
		if raw, err := l.ReadFile(t.Context(), name, 1<<20); !errors.Is(err, blobs.ErrNotRegular) {
			t.Errorf("ReadFile of %s = %q, %v", name, raw, err)
		}
	}
}

// Whatever part of a layout is a symlink that leads out, nothing is read there.
func TestWalkEscapes(t *testing.T) {
	for _, part := range []string{"index.json", "blobs", "blobs/sha256", "blob"} {
		for _, relative := range []bool{false, true} {
			t.Run(part, func(t *testing.T) {
				_, dir, outside, d := disk(t)
				name, target := part, filepath.Join(outside, strings.TrimPrefix(part, "blobs/"))
				switch part {
				case "blob":
					name, target = blobs.Path(d.Digest), filepath.Join(outside, d.Digest.Encoded())
				case "blobs":
					target = filepath.Join(outside, "blobs")
				}
				name = filepath.Join(dir, name)
				if err := os.RemoveAll(name); err != nil {
					t.Fatal(err)
				}
				if relative {
					var err error
					if target, err = filepath.Rel(filepath.Dir(name), target); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.Symlink(target, name); err != nil {
					t.Fatal(err)
				}
				if raw, err := os.ReadFile(filepath.Join(dir, blobs.Path(d.Digest))); part != "index.json" && (err != nil || string(raw) != secret) {
					t.Fatalf("the link leads nowhere: %q, %v", raw, err)
				}
				wantNoSecret(t, openDir(t, dir), d)
			})
		}
	}
}

func wantNoSecret(t *testing.T, l *layout.Layout, d model.Descriptor) {
	t.Helper()
	ctx := t.Context()
	for v := range l.Walk(ctx, layout.WalkOptions{}) {
		if v.Document != nil && string(v.Document.Raw) == secret || v.Blob != nil && v.Blob.Info.Size == int64(len(secret)) {
			t.Errorf("%s: read outside", line(v))
		}
		if v.Edge.Descriptor != nil && v.Edge.Descriptor.MediaType == "text/plain" {
			t.Errorf("%s: followed what stands outside", line(v))
		}
	}
	for _, name := range []string{"index.json", "oci-layout", blobs.Path(d.Digest)} {
		if raw, err := l.ReadFile(ctx, name, 1<<20); err == nil && string(raw) == secret {
			t.Errorf("%s: read outside", name)
		}
	}
	if r, err := l.Blobs().Open(d.Digest); err == nil {
		raw, _ := io.ReadAll(r)
		r.Close()
		if string(raw) == secret {
			t.Error("opened outside")
		}
	}
}

// While a blob, or the directory that it lies in, is exchanged for a symlink
// that leads out, in a loop, nothing is ever read outside.
func TestExchange(t *testing.T) {
	for _, part := range []string{"blob", "directory"} {
		t.Run(part, func(t *testing.T) {
			_, dir, outside, d := disk(t)
			name, target := filepath.Join(dir, blobs.Path(d.Digest)), filepath.Join(outside, d.Digest.Encoded())
			if part == "directory" {
				name, target = filepath.Dir(name), filepath.Join(outside, "sha256")
			}
			inside := name + ".inside"
			link := name + ".link"
			if err := os.Symlink(target, link); err != nil {
				t.Fatal(err)
			}
			// Of the blob's length, so that only where it stands tells it from the blob.
			other := strings.Repeat("!", int(d.Size))
			writeFile(t, filepath.Join(outside, d.Digest.Encoded()), other)
			writeFile(t, filepath.Join(outside, "sha256", d.Digest.Encoded()), other)
			l := openDir(t, dir)
			ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
			defer cancel()
			exchanged := make(chan int)
			go func() {
				n := 0
				for ; ctx.Err() == nil; n++ {
					// In its place is the link, then the blob again, and now and then nothing.
					_ = os.Rename(name, inside)
					_ = os.Rename(link, name)
					_ = os.Rename(name, link)
					_ = os.Rename(inside, name)
				}
				exchanged <- n
			}()
			var reads, faults int
			for ctx.Err() == nil {
				l.Blobs().Renew() // else a directory is held, and its exchange is not met
				raw, sum, err := readOnce(ctx, l, d.Digest)
				if err != nil {
					faults++
					continue
				}
				reads++
				if string(raw) == other || sum.Digest != d.Digest {
					t.Fatalf("read %q, which is not the blob", raw)
				}
			}
			if n := <-exchanged; n < 100 || reads == 0 || faults == 0 {
				t.Errorf("%d exchanges, %d reads, %d faults: they did not meet", n, reads, faults)
			}
		})
	}
}

// readOnce looks, opens and reads, as a walk does.
func readOnce(ctx context.Context, l *layout.Layout, d digest.Digest) ([]byte, blobs.Sum, error) {
	info, err := l.Blobs().Stat(d)
	if err != nil {
		return nil, blobs.Sum{}, err
	}
	return l.Blobs().ReadAll(ctx, d, info, 1<<20)
}
