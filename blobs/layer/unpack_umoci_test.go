package layer_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// An image that umoci makes in every way it can is what umoci unpacks of it.
func TestUnpackUmoci(t *testing.T) {
	image := umociImage(t)
	source := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		name = filepath.Join(source, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(source, name)); err != nil {
			t.Fatal(err)
		}
	}
	insert := func(args ...string) {
		t.Helper()
		run(t, "umoci", append([]string{"insert", "--rootless", "--image", image}, args...)...)
	}
	write("usr/lib/os-release", "ID=first\n", 0o644)
	write("usr/bin/tool", "#!/bin/sh\n", 0o4755)
	write("usr/share/"+strings.Repeat("long/", 40)+"file", noise(100_000), 0o640)
	write("etc/shadow", "root:*\n", 0o600)
	write("etc/conf.d/one", "1\n", 0o644)
	write("etc/conf.d/two", "2\n", 0o644)
	write("srv/data/a", "a", 0o644)
	link("../usr/lib/os-release", "etc/os-release")
	link("usr/lib", "lib")
	link("/nowhere", "dangling")
	if err := os.Link(filepath.Join(source, "usr/bin/tool"), filepath.Join(source, "usr/bin/same")); err != nil {
		t.Fatal(err)
	}
	insert(source, "/")
	insert("--whiteout", "/etc/shadow")
	insert("--whiteout", "/srv")
	write("etc/conf.d/three", "3\n", 0o644)
	if err := os.Remove(filepath.Join(source, "etc/conf.d/one")); err != nil {
		t.Fatal(err)
	}
	insert("--opaque", filepath.Join(source, "etc/conf.d"), "/etc/conf.d")
	insert(filepath.Join(source, "usr/lib/os-release"), "/srv/data/b")

	bundle := filepath.Join(t.TempDir(), "bundle")
	run(t, "umoci", "unpack", "--rootless", "--image", image, bundle)
	root := filepath.Join(bundle, "rootfs")
	for _, step := range []func() error{
		func() error { return os.RemoveAll(filepath.Join(root, "etc/conf.d")) },
		func() error { return os.Symlink("../usr", filepath.Join(root, "etc/conf.d")) }, // a symlink over a directory
		func() error { return os.Remove(filepath.Join(root, "lib")) },
		func() error { return os.Mkdir(filepath.Join(root, "lib"), 0o711) }, // a directory over a symlink
		func() error { return os.WriteFile(filepath.Join(root, "lib/new"), []byte("new"), 0o604) },
		func() error { return os.Remove(filepath.Join(root, "usr/bin/same")) },
		func() error { return os.Chmod(filepath.Join(root, "usr/bin"), 0o1777) },
		func() error { return os.RemoveAll(filepath.Join(root, "srv")) },
		func() error { return os.WriteFile(filepath.Join(root, "srv"), nil, 0o644) }, // a file over a directory
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "umoci", "repack", "--image", image, bundle)

	bundle = filepath.Join(t.TempDir(), "again")
	run(t, "umoci", "unpack", "--rootless", "--image", image, bundle)
	fsys := umociFS(t, strings.TrimSuffix(image, ":latest"))
	want, got := unpacked(t, filepath.Join(bundle, "rootfs")), merged(t, fsys)
	forget(fsys.Tree, want, got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("tree (-umoci +got):\n%s", d)
	}
	if len(got) < 50 || got["etc/shadow"] != "" || !strings.HasPrefix(got["srv"], "-rw-r--r-- 0") {
		t.Errorf("the image is not what was made: %q", got)
	}
}

// umociFS reads the layers of the image of a layout that has one.
func umociFS(t *testing.T, dir string) layer.FS {
	t.Helper()
	type descriptor struct{ Digest digest.Digest }
	read := func(name string, into any) {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = json.Unmarshal(raw, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var index struct{ Manifests []descriptor }
	read("index.json", &index)
	var manifest struct {
		Layers []descriptor
		Config descriptor
	}
	read(blobs.Path(index.Manifests[0].Digest), &manifest)
	var config struct {
		RootFS struct {
			DiffIDs []digest.Digest `json:"diff_ids"`
		}
	}
	read(blobs.Path(manifest.Config.Digest), &config)
	open := func(n int) (io.ReadCloser, error) {
		return os.Open(filepath.Join(dir, blobs.Path(manifest.Layers[n].Digest)))
	}
	tree := layer.NewTree(layer.Limits{})
	for n, d := range manifest.Layers {
		f, err := open(n)
		if err != nil {
			t.Fatal(err)
		}
		changes := tree.Begin(nil)
		result, err := layer.Scan(t.Context(), f, layer.ScanOptions{Blob: digest.SHA256, DiffIDs: []digest.Algorithm{digest.SHA256}, Entry: changes.Add})
		f.Close()
		if err != nil || result.Stream != nil || result.Tar.Err != nil || result.Blob.Digest != d.Digest || result.DiffIDs[0] != config.RootFS.DiffIDs[n] {
			t.Fatalf("layer %d: %+v, %v", n, result, err)
		}
		changes.End()
	}
	return layer.FS{Tree: tree, Blob: open}
}
