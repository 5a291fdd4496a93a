package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// The files of an image are what umoci unpacks of it, path by path: type,
// permissions, size, link target and content. umoci without root gives no owner
// and makes no devices, which is left out.
func testFiles(t *testing.T) {
	testrun.Tool(t, "umoci")
	testrun.Tool(t, "buildah")
	w := newWorkshop(t)
	layout := filepath.Join(w.dir, "layout")
	deletions(t, w, layout)
	want := unpacked(t, w, layout)
	if len(want) < 8 {
		t.Fatalf("an image of %d files shows nothing: %v", len(want), want)
	}
	if got := listed(t, layout); !maps.Equal(got, want) {
		t.Errorf("buildah:\n%v, and umoci unpacks\n%v", got, want)
	}
	t.Run("zstd", func(t *testing.T) {
		testrun.Tool(t, "skopeo")
		w.requireOption(t, "--dest-compress-format", "skopeo", "copy")
		zstd := filepath.Join(w.dir, "zstd")
		// umoci of Debian cannot unpack zstd: the files are those of before.
		w.skopeoCopy(t, "--dest-compress-format", "zstd", "oci:"+layout+":1.0", "oci:"+zstd+":1.0")
		checkSound(t, zstd, nil)
		if got := listed(t, zstd); !maps.Equal(got, want) {
			t.Errorf("zstd:\n%v, and before it was\n%v", got, want)
		}
	})
}

// deletions makes an image of three commits: files, then some of them deleted
// and replaced, then a directory in place of a file.
func deletions(t *testing.T, w workshop, layout string) {
	t.Helper()
	first := w.buildah(t, "from", "scratch")
	w.buildah(t, "copy", "--chown", "0:0", first, w.files(t), "/app")
	w.buildah(t, "copy", "--chown", "0:0", first, w.files(t), "/gone/deep")
	w.buildah(t, "commit", first, "localhost/one")

	second := w.buildah(t, "from", "localhost/one")
	root := w.buildah(t, "mount", second)
	for _, name := range []string{"gone", "app/etc/motd"} {
		if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	w.write(t, filepath.Join(root, "app", "new"), "new\n")
	if err := os.Symlink("../app/hello", filepath.Join(root, "app", "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(root, "app", "new"), filepath.Join(root, "app", "same")); err != nil {
		t.Fatal(err)
	}
	w.buildah(t, "commit", second, "localhost/two")

	third := w.buildah(t, "from", "localhost/two")
	root = w.buildah(t, "mount", third)
	if err := os.Remove(filepath.Join(root, "app", "hello")); err != nil {
		t.Fatal(err)
	}
	w.write(t, filepath.Join(root, "app", "hello", "inside"), "inside\n")
	w.write(t, filepath.Join(root, "gone", "again"), "again\n")
	w.buildah(t, "commit", third, "localhost/three")
	w.buildah(t, "push", "localhost/three", "oci:"+layout+":1.0")
}

// unpacked describes every file that umoci unpacks, by its path.
func unpacked(t *testing.T, w workshop, layout string) map[string]string {
	t.Helper()
	bundle := filepath.Join(w.dir, "bundle")
	w.run(t, "umoci", "unpack", "--rootless", "--image", layout+":1.0", bundle)
	root := filepath.Join(bundle, "rootfs")
	files := make(map[string]string)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		switch {
		case info.IsDir():
			files[name] = fmt.Sprintf("directory %04o", info.Mode().Perm())
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			files[name] = "symlink " + target
			return err
		default:
			content, err := os.ReadFile(path)
			files[name] = fmt.Sprintf("file %04o %d %q", info.Mode().Perm(), info.Size(), content)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// listed describes every file that the program lists, in the same words.
func listed(t *testing.T, layout string) map[string]string {
	t.Helper()
	output := func(args ...string) []byte {
		out, err := exec.CommandContext(t.Context(), programPath("ocilayout"), args...).Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
	var list struct {
		Files []struct {
			Path, Type, Mode, Link string
			Size                   int64
		}
	}
	if err := json.Unmarshal(output("files", layout+":1.0", "--format", "json"), &list); err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, f := range list.Files {
		switch f.Type {
		case "symlink":
			files[f.Path] = "symlink " + f.Link
		case "file":
			content := output("cat", layout+":1.0", "--path", f.Path)
			files[f.Path] = fmt.Sprintf("file %s %d %q", f.Mode, f.Size, content)
		default:
			files[f.Path] = f.Type + " " + f.Mode
		}
	}
	delete(files, ".")
	return files
}
