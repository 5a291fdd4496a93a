package layout_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/spf13/afero"
)

// What lies where no layout is, is named, be it in a directory or in an archive.
func TestWhatIsNoLayout(t *testing.T) {
	const (
		marker = `{"imageLayoutVersion":"1.0.0"}`
		index  = `{"schemaVersion":2,"manifests":[]}`
		docker = `[{"Config":"c.json","RepoTags":null,"Layers":["l.tar"]}]`
		image  = `{"schemaVersion":2,"config":{},"layers":[]}`
	)
	hex := strings.Repeat("ab", 32)
	for _, c := range []struct {
		name              string
		files             map[string]string
		directory, packed string // what is said
	}{
		{"empty", map[string]string{}, "it is empty", "it is empty"},
		{"docker archive", map[string]string{"manifest.json": docker, "c.json": "{}", "l.tar": ""}, "'tar -C DIR -cf FILE .'", "'skopeo copy docker-archive:FILE.tar oci:LAYOUT'"},
		{"docker archive with a byte order mark", map[string]string{"manifest.json": "\xef\xbb\xbf" + docker}, "a Docker archive", "a Docker archive"},
		{"dir", map[string]string{"manifest.json": image, "version": "Directory Transport Version: 1.1\n", hex: ""}, "'skopeo copy dir:DIR oci:LAYOUT'", "'skopeo copy dir:DIR oci:LAYOUT'"},
		{"manifest alone", map[string]string{"manifest.json": image}, "its manifest.json is the manifest of an image", "its manifest.json is the manifest of an image"},
		{"web app", map[string]string{"manifest.json": `{"name":"app","icons":[]}`, "index.html": ""}, "", ""},
		{"not JSON", map[string]string{"manifest.json": `[{"Config"`}, "", ""},
		{"empty list", map[string]string{"manifest.json": `[]`}, "", ""},
		{"legacy docker", map[string]string{"repositories": "{}", hex + "/layer.tar": "", hex + "/json": "{}"}, "before Docker 1.10", "before Docker 1.10"},
		{"one below", map[string]string{"img/oci-layout": marker, "img/index.json": index}, "'ocilayout verify DIR/img'", "directory img of the archive"},
		{"deeper", map[string]string{"a/b/img/oci-layout": marker}, "'ocilayout verify DIR/a/b/img'", "directory a/b/img"},
		{"with a space", map[string]string{"my img/oci-layout": marker}, `'ocilayout verify "DIR/my img"'`, "directory my img"},
		{"two below", map[string]string{"b/oci-layout": marker, "a/oci-layout": marker}, "2 layouts lie below: 'ocilayout verify DIR/a DIR/b'", "2 layouts lie below, in a, b"},
		{"without marker", map[string]string{"img/index.json": index, "img/blobs/sha256/" + hex: ""}, "DIR/img", "img"},
		{"too deep", map[string]string{"a/b/c/d/e/f/oci-layout": marker}, "", ""},
		{"archives", map[string]string{"a.tar": "", "b.tar.gz": "", "c": ""}, "2 archives", ""},
		{"one archive", map[string]string{"a.tar": ""}, "'ocilayout verify DIR/a.tar'", ""},
		{"blobs alone", map[string]string{"blobs/sha256/" + hex: ""}, "the copy is not whole", "the copy is not whole"},
		{"the directory blobs", map[string]string{"sha256/" + hex: ""}, "the directory blobs of a layout", "the directory blobs of a layout"},
		{"the directory of sha256", map[string]string{hex: ""}, "two levels further up", "two levels further up"},
		{"containerd", map[string]string{"io.containerd.content.v1.content/blobs/sha256/" + hex: ""}, "containerd's store", "containerd's store"},
		{"containerd, within", map[string]string{"blobs/sha256/" + hex: "", "ingest/x": ""}, "containerd's store", "containerd's store"},
		{"registry", map[string]string{"docker/registry/v2/blobs/x": ""}, "storage of a registry", "storage of a registry"},
		{"podman", map[string]string{"overlay-images/images.json": "[]", "overlay-layers/layers.json": "[]"}, "storage of podman", "storage of podman"},
		{"docker", map[string]string{"image/overlay2/repositories.json": "{}"}, "docker save -o", "docker save -o"},
		{"bundle", map[string]string{"config.json": "{}", "rootfs/etc/passwd": ""}, "a bundle for a runtime", "a bundle for a runtime"},
		{"root file system", map[string]string{"bin/sh": "", "etc/passwd": "", "usr/x": "", "var/x": ""}, "a root file system", "a root file system"},
		{"anything", map[string]string{"README": "", "src/main.go": ""}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "DIR")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
			for name, content := range c.files {
				if err := errors.Join(fsys.MkdirAll(filepath.Dir(name), 0o755), afero.WriteFile(fsys, name, []byte(content), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			l, err := layout.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			sayNoLayout(t, l, filepath.Dir(dir)+"/", c.directory)

			entries, err := layouttest.Entries(fsys)
			if err != nil {
				t.Fatal(err)
			}
			packed := filepath.Join(filepath.Dir(dir), "FILE.tar")
			raw := layouttest.New(afero.NewMemMapFs()).Archive(entries...)
			if err := os.WriteFile(packed, raw, 0o644); err != nil {
				t.Fatal(err)
			}
			a, err := layout.OpenArchive(context.Background(), packed, archive.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			sayNoLayout(t, a, filepath.Dir(dir)+"/", c.packed)
		})
	}
}

// sayNoLayout checks what is said, without the directory that everything lies in.
func sayNoLayout(t *testing.T, l *layout.Layout, above, want string) {
	t.Helper()
	err := l.Check()
	if !errors.Is(err, layout.ErrNotLayout) {
		t.Fatalf("Check() = %v", err)
	}
	said := strings.TrimPrefix(strings.ReplaceAll(err.Error(), above, ""), layout.ErrNotLayout.Error())
	if want == "" && said != "" || !strings.Contains(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}
