package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// archivers write a layout into the tar archive of a name, with the reference
// name 1.0.
var archivers = []struct {
	tool, name string
	make       func(t *testing.T, w workshop, archive string)
}{
	{"skopeo", "copy", func(t *testing.T, w workshop, archive string) {
		w.skopeoCopy(t, "oci:"+w.source("buildah-push")+":1.0", "oci-archive:"+archive+":1.0")
	}},
	{"skopeo", "copy-all", func(t *testing.T, w workshop, archive string) {
		w.skopeoCopy(t, "--all", "oci:"+w.source("buildah-manifest")+":1.0", "oci-archive:"+archive+":1.0")
	}},
	{"buildah", "push", func(t *testing.T, w workshop, archive string) {
		w.buildah(t, "commit", w.container(t, "amd64"), "localhost/image")
		w.buildah(t, "push", "localhost/image", "oci-archive:"+archive+":1.0")
	}},
	{"buildah", "commit", func(t *testing.T, w workshop, archive string) {
		w.buildah(t, "commit", w.container(t, "amd64"), "oci-archive:"+archive+":1.0")
	}},
	{"podman", "save", func(t *testing.T, w workshop, archive string) {
		w.podman(t, "build", "--tag", "localhost/image", w.context(t))
		w.podman(t, "save", "--format", "oci-archive", "--output", archive, "localhost/image")
	}},
	{"tar", "gnu", func(t *testing.T, w workshop, archive string) {
		w.run(t, "tar", "-cf", archive, "-C", w.source("buildah-push"), ".")
	}},
	{"tar", "posix", func(t *testing.T, w workshop, archive string) {
		w.run(t, "tar", "--format=posix", "-cf", archive, "-C", w.source("buildah-push"), "blobs", "index.json", "oci-layout")
	}},
	{"tar", "v7", func(t *testing.T, w workshop, archive string) {
		w.run(t, "tar", "--format=v7", "-cf", archive, "-C", w.source("buildah-push"), "./oci-layout", "./index.json", "./blobs")
	}},
	{"tar", "gzip", func(t *testing.T, w workshop, archive string) {
		w.run(t, "tar", "-czf", archive, "-C", w.source("buildah-push"), ".")
	}},
}

// Archives that other tools write are sound as they are, and no more once a byte of
// them is gone.
func TestInteropArchives(t *testing.T) {
	t.Parallel()
	for _, archiver := range archivers {
		t.Run(archiver.tool+"-"+archiver.name, func(t *testing.T) {
			t.Parallel()
			testrun.Tool(t, archiver.tool)
			w := newWorkshop(t)
			archive := filepath.Join(w.dir, "archive.tar")
			archiver.make(t, w, archive)
			checkSound(t, archive, nil)
			raw, err := os.ReadFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(archive, raw[:len(raw)/2], 0o644); err != nil {
				t.Fatal(err)
			}
			if r, status := verifyAt(t, "digest", archive); status == 0 || r.Valid {
				t.Errorf("half of it: status %d, valid %t", status, r.Valid)
			}
		})
	}
}

// What docker save wrote before Docker 25 is no layout, and converting it as the
// message says gives one.
func TestInteropDockerArchive(t *testing.T) {
	t.Parallel()
	testrun.Tool(t, "skopeo")
	w := newWorkshop(t)
	archive, layout := filepath.Join(w.dir, "docker.tar"), filepath.Join(w.dir, "layout")
	w.skopeoCopy(t, "oci:"+w.source("buildah-push")+":1.0", "docker-archive:"+archive+":small:1.0")
	if r, status := verifyAt(t, "digest", archive); status != 3 || r.Valid {
		t.Errorf("status %d, valid %t", status, r.Valid)
	}
	w.skopeoCopy(t, "docker-archive:"+archive, "oci:"+layout+":1.0")
	checkSound(t, layout, nil)
}
