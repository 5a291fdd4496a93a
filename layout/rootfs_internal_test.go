package layout

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// heldRoot is a directory with one file, beside which there are others.
func heldRoot(t *testing.T) (*rootFs, string) {
	t.Helper()
	parent := t.TempDir()
	dir := filepath.Join(parent, "layout")
	for name, content := range map[string]string{"layout/file": "inside", "layout-secret/file": "outside", "file": "outside"} {
		name = filepath.Join(parent, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &rootFs{root: root}
	t.Cleanup(func() { r.Close() })
	return r, dir
}

func TestRootFsIsReadOnly(t *testing.T) {
	r, dir := heldRoot(t)
	_, create := r.Create("new")
	_, write := r.OpenFile("file", os.O_WRONLY, 0)
	_, both := r.OpenFile("file", os.O_RDWR, 0)
	_, truncate := r.OpenFile("file", os.O_RDONLY|os.O_TRUNC, 0)
	_, add := r.OpenFile("file", os.O_APPEND, 0)
	_, make := r.OpenFile("new", os.O_RDONLY|os.O_CREATE, 0o644)
	for name, err := range map[string]error{
		"Create": create, "OpenFile to write": write, "OpenFile to read and write": both, "OpenFile to truncate": truncate,
		"OpenFile to append": add, "OpenFile to create": make, "Mkdir": r.Mkdir("new", 0o755), "MkdirAll": r.MkdirAll("new/x", 0o755),
		"Remove": r.Remove("file"), "RemoveAll": r.RemoveAll("file"), "Rename": r.Rename("file", "new"), "Chmod": r.Chmod("file", 0),
		"Chown": r.Chown("file", 1, 1), "Chtimes": r.Chtimes("file", time.Time{}, time.Time{}),
	} {
		if e, ok := errors.AsType[*fs.PathError](err); !ok || !errors.Is(err, fs.ErrPermission) || e.Path == "" {
			t.Errorf("%s: %v, want to be refused", name, err)
		}
	}
	f, err := r.OpenFile("file", os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write([]byte("x")); err == nil {
		t.Error("a file that was opened to read can be written")
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "file")); err != nil || string(raw) != "inside" {
		t.Errorf("the file holds %q, %v", raw, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

// No name leads out, not even one that no part of this module would make.
func TestRootFsNames(t *testing.T) {
	r, dir := heldRoot(t)
	for _, name := range []string{
		"..", "../", "../file", "../layout-secret/file", "x/../../file", "./../file", "/", "/etc/passwd", filepath.Join(dir, "file"), filepath.Join(dir, "..", "file"),
	} {
		if f, err := r.Open(name); err == nil {
			raw, _ := io.ReadAll(f)
			f.Close()
			t.Errorf("Open(%q) reads %q", name, raw)
		}
		if info, err := r.Stat(name); err == nil {
			t.Errorf("Stat(%q) = %v", name, info.Name())
		}
		if info, _, err := r.LstatIfPossible(name); err == nil {
			t.Errorf("Lstat(%q) = %v", name, info.Name())
		}
	}
	for _, name := range []string{"file", "./file"} {
		f, err := r.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(f)
		f.Close()
		if err != nil || string(raw) != "inside" {
			t.Errorf("Open(%q) reads %q, %v", name, raw, err)
		}
	}
	if info, really, err := r.LstatIfPossible("file"); err != nil || !really || info.Size() != 6 {
		t.Errorf("Lstat = %v, %t, %v", info, really, err)
	}
}
