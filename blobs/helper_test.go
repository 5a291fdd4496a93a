package blobs_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
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

// hooked is a file system with what a test puts in the place of its calls.
type hooked struct {
	afero.Fs
	stat func(name string) (fs.FileInfo, error)
	open func(name string) (afero.File, error)
}

func (h hooked) Stat(name string) (fs.FileInfo, error) {
	if h.stat != nil {
		return h.stat(name)
	}
	return h.Fs.Stat(name)
}

func (h hooked) Open(name string) (afero.File, error) {
	if h.open != nil {
		return h.open(name)
	}
	return h.Fs.Open(name)
}

// hookedFile is a file with what a test puts in the place of its calls.
type hookedFile struct {
	afero.File
	read  func([]byte) (int, error)
	stat  func() (fs.FileInfo, error)
	names func(n int) ([]string, error)
	close func() error
}

func (f hookedFile) Read(p []byte) (int, error) {
	if f.read != nil {
		return f.read(p)
	}
	return f.File.Read(p)
}

func (f hookedFile) Stat() (fs.FileInfo, error) {
	if f.stat != nil {
		return f.stat()
	}
	return f.File.Stat()
}

func (f hookedFile) Readdirnames(n int) ([]string, error) {
	if f.names != nil {
		return f.names(n)
	}
	return f.File.Readdirnames(n)
}

func (f hookedFile) Close() error {
	if f.close != nil {
		f.File.Close()
		return f.close()
	}
	return f.File.Close()
}
