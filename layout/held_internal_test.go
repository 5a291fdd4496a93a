package layout

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// write writes a file of the directory, and the directories that it lies in.
func write(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// read returns what a file holds, after it was looked at in the other ways.
func read(r *rootFs, name string) (string, error) {
	info, _, err := r.LstatIfPossible(name)
	if err != nil {
		return "", err
	}
	if info.Name() != path.Base(name) {
		return "", fmt.Errorf("Lstat of %s names it %s", name, info.Name())
	}
	if _, err := r.Stat(name); err != nil {
		return "", err
	}
	f, err := r.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	return string(raw), err
}

func wantRead(t *testing.T, r *rootFs, name, want string) {
	t.Helper()
	if got, err := read(r, name); got != want || err != nil {
		t.Errorf("%s holds %q, %v, want %q", name, got, err, want)
	}
}

// Directories within are held, and each answer is that of the root all the same.
func TestHeld(t *testing.T) {
	r, dir := heldRoot(t)
	write(t, dir, "blobs/sha256/a", "a")
	write(t, dir, "blobs/sha512/b", "b")
	write(t, dir, "elsewhere/c", "c")
	for name, target := range map[string]string{
		"blobs/linked": "../elsewhere", "blobs/sha256/up": "../../elsewhere/c", "blobs/sha256/beside": "a", "blobs/sha256/out": "../../../file",
	} {
		if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skipf("no symlinks here: %v", err)
		}
	}
	for range 2 {
		wantRead(t, r, "blobs/sha256/a", "a")
		wantRead(t, r, "blobs/sha512/b", "b")
		wantRead(t, r, "blobs/linked/c", "c")
		wantRead(t, r, "blobs/sha256/up", "c") // which the directory by itself would refuse
		wantRead(t, r, "blobs/sha256/beside", "a")
		for _, name := range []string{"blobs/sha256/none", "blobs/none/a", "blobs/sha256/a/b"} {
			_, _, err := r.LstatIfPossible(name)
			if e, ok := errors.AsType[*fs.PathError](err); !ok || e.Path != name && path.Clean(filepath.ToSlash(e.Path)) != path.Dir(name) {
				t.Errorf("Lstat of %s: %v", name, err)
			}
		}
		for _, name := range []string{"blobs/sha256/out", "blobs/sha256/../../../file", "blobs/../../file", "../file"} {
			if f, err := r.Open(name); err == nil {
				f.Close()
				t.Errorf("%s was opened", name)
			}
		}
	}
	if r.held.dirs["blobs/sha256/"] == nil {
		t.Error("the directory of the blobs is not held")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(r, "blobs/sha256/a"); err == nil || len(r.held.dirs) > 0 {
		t.Errorf("after Close %d are held, and reading gives %v", len(r.held.dirs), err)
	}
}

// However many directories there are, few are held.
func TestHeldFew(t *testing.T) {
	r, dir := heldRoot(t)
	for range 2 {
		for i := range 3 * maxHeld {
			name := fmt.Sprintf("blobs/a%d/blob", i)
			write(t, dir, name, name)
			wantRead(t, r, name, name)
		}
	}
	if len(r.held.dirs) != maxHeld {
		t.Errorf("%d are held", len(r.held.dirs))
	}
}

// A directory that takes the place of a held one is found once it is renewed, and
// what it alone has at once.
func TestHeldExchanged(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not move away a directory that is open")
	}
	r, dir := heldRoot(t)
	write(t, dir, "blobs/sha256/a", "old")
	wantRead(t, r, "blobs/sha256/a", "old")
	if err := os.Rename(filepath.Join(dir, "blobs"), filepath.Join(dir, "away")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "blobs/sha256/a", "new")
	write(t, dir, "blobs/sha256/b", "new")
	wantRead(t, r, "blobs/sha256/b", "new")
	wantRead(t, r, "blobs/sha256/a", "old")
	r.Renew()
	wantRead(t, r, "blobs/sha256/a", "new")
}

func TestHeldRenewedMeanwhile(t *testing.T) {
	r, dir := heldRoot(t)
	write(t, dir, "blobs/sha256/a", "a")
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 200 {
				wantRead(t, r, "blobs/sha256/a", "a")
			}
		})
	}
	for range 200 {
		r.Renew()
	}
	readers.Wait()
}
