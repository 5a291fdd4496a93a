package blobs_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// storage is a file system that a test writes to, and a Store that reads it.
type storage struct {
	fs       afero.Fs
	store    *blobs.Store
	dir      string // on disk, or ""
	confined bool   // symlinks are followed
}

// storages runs a test over memory, over a directory as layout.Open holds it,
// and over one that any other file system gives.
func storages(t *testing.T, test func(*testing.T, storage)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		memory := afero.NewMemMapFs()
		test(t, storage{fs: memory, store: blobs.New(memory)})
	})
	onDisk(t, test)
}

func onDisk(t *testing.T, test func(*testing.T, storage)) {
	t.Helper()
	t.Run("root", func(t *testing.T) {
		dir := t.TempDir()
		l, err := layout.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		test(t, storage{fs: afero.NewBasePathFs(afero.NewOsFs(), dir), store: l.Blobs(), dir: dir, confined: true})
	})
	t.Run("os", func(t *testing.T) {
		dir := t.TempDir()
		fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
		test(t, storage{fs: fsys, store: blobs.New(fsys), dir: dir})
	})
}

// put writes a file, and the directories that lead to it.
func (s storage) put(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := s.fs.MkdirAll(path.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := afero.WriteFile(s.fs, name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// blob writes a blob under its own digest.
func (s storage) blob(t *testing.T, a digest.Algorithm, content []byte) digest.Digest {
	t.Helper()
	d := a.FromBytes(content)
	s.put(t, blobs.Path(d), content)
	return d
}

func (s storage) mkdir(t *testing.T, name string) {
	t.Helper()
	if err := s.fs.MkdirAll(name, 0o755); err != nil {
		t.Fatal(err)
	}
}

// symlink makes a link on disk, at a name within the storage.
func (s storage) symlink(t *testing.T, target, name string) {
	t.Helper()
	s.mkdir(t, path.Dir(name))
	if err := os.Symlink(target, filepath.Join(s.dir, name)); err != nil {
		t.Fatal(err)
	}
}

func (s storage) stat(t *testing.T, d digest.Digest) blobs.Info {
	t.Helper()
	info, err := s.store.Stat(d)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// large is more than is read at a time.
func large(seed byte) []byte { return bytes.Repeat([]byte{seed, 1, 2, 3, 4, 5, 6}, 50_000) }

// within fails the test if do takes longer than anything that does not wait for
// something else.
func within(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not return")
	}
}

// faulty is a file system without Lstat on which a plan has operations go wrong.
func faulty(fsys afero.Fs, plan func(faultfs.Op) faultfs.Fault) afero.Fs {
	return (&faultfs.Faults{Plan: plan}).Over(struct{ afero.Fs }{fsys})
}
