package e2e

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// A producer makes layouts with one tool. Make writes one of them to the
// directory layout, which does not exist yet and has the reference name 1.0.
type producer struct {
	tool, name string
	make       func(t *testing.T, w workshop, layout string)
}

var producers = []producer{
	{"umoci", "new", func(t *testing.T, w workshop, layout string) {
		w.run(t, "umoci", "init", "--layout", layout)
		w.run(t, "umoci", "new", "--image", layout+":1.0")
	}},
	{"umoci", "insert", umociInsert},
	{"umoci", "gc", func(t *testing.T, w workshop, layout string) {
		umociInsert(t, w, layout)
		w.run(t, "umoci", "gc", "--layout", layout)
	}},
	{"umoci", "repack", func(t *testing.T, w workshop, layout string) {
		umociInsert(t, w, layout)
		bundle := filepath.Join(w.dir, "bundle")
		w.run(t, "umoci", "unpack", "--rootless", "--image", layout+":1.0", bundle)
		w.write(t, filepath.Join(bundle, "rootfs", "app", "more"), "more\n")
		w.run(t, "umoci", "repack", "--image", layout+":1.0", bundle)
	}},
	{"buildah", "commit", func(t *testing.T, w workshop, layout string) {
		w.buildah(t, "commit", w.container(t, "amd64"), "oci:"+layout+":1.0")
	}},
	{"buildah", "push", func(t *testing.T, w workshop, layout string) {
		w.buildah(t, "commit", w.container(t, "amd64"), "localhost/image")
		w.buildah(t, "push", "localhost/image", "oci:"+layout+":1.0")
	}},
	{"buildah", "push-zstd", func(t *testing.T, w workshop, layout string) {
		w.requireOption(t, "--compression-format", "buildah", "push")
		w.buildah(t, "commit", w.container(t, "amd64"), "localhost/image")
		w.buildah(t, "push", "--compression-format", "zstd", "localhost/image", "oci:"+layout+":1.0")
	}},
	{"buildah", "push-unnamed", func(t *testing.T, w workshop, layout string) {
		w.buildah(t, "commit", w.container(t, "amd64"), "localhost/image")
		w.buildah(t, "push", "localhost/image", "oci:"+layout)
	}},
	{"buildah", "bud", func(t *testing.T, w workshop, layout string) {
		w.buildah(t, "bud", "-t", "oci:"+layout+":1.0", w.context(t))
	}},
	{"buildah", "bud-layers", func(t *testing.T, w workshop, layout string) {
		w.buildah(t, "bud", "--layers", "-t", "localhost/image", w.context(t))
		w.buildah(t, "push", "localhost/image", "oci:"+layout+":1.0")
	}},
	{"buildah", "manifest", func(t *testing.T, w workshop, layout string) {
		w.buildah(t, "manifest create", "localhost/multi")
		for _, arch := range []string{"amd64", "arm64"} {
			w.buildah(t, "commit", w.container(t, arch), "localhost/"+arch)
			w.buildah(t, "manifest add", "localhost/multi", "localhost/"+arch)
		}
		w.buildah(t, "manifest push", "--all", "localhost/multi", "oci:"+layout+":1.0")
	}},
	{"podman", "save", func(t *testing.T, w workshop, layout string) {
		w.podman(t, "build", "--tag", "localhost/image", w.context(t))
		w.podman(t, "save", "--format", "oci-dir", "--output", layout, "localhost/image")
	}},
	{"podman", "push", func(t *testing.T, w workshop, layout string) {
		w.podman(t, "build", "--layers", "--tag", "localhost/image", w.context(t))
		w.podman(t, "push", "localhost/image", "oci:"+layout+":1.0")
	}},
	{"podman", "manifest", func(t *testing.T, w workshop, layout string) {
		w.podman(t, "manifest create", "localhost/multi")
		for _, arch := range []string{"amd64", "arm64"} {
			w.podman(t, "build", "--arch", arch, "--tag", "localhost/"+arch, w.context(t))
			w.podman(t, "manifest add", "localhost/multi", "containers-storage:localhost/"+arch)
		}
		w.podman(t, "manifest push", "--all", "localhost/multi", "oci:"+layout+":1.0")
	}},
	{"skopeo", "copy", func(t *testing.T, w workshop, layout string) {
		w.skopeoCopy(t, "oci:"+w.source("umoci-insert")+":1.0", "oci:"+layout+":1.0")
	}},
	{"skopeo", "copy-all", func(t *testing.T, w workshop, layout string) {
		w.skopeoCopy(t, "--all", "oci:"+w.source("buildah-manifest")+":1.0", "oci:"+layout+":1.0")
	}},
	{"skopeo", "copy-twice", func(t *testing.T, w workshop, layout string) {
		w.skopeoCopy(t, "oci:"+w.source("buildah-push")+":1.0", "oci:"+layout+":1.0")
		w.skopeoCopy(t, "oci:"+w.source("umoci-gc")+":1.0", "oci:"+layout+":1.0")
	}},
	{"skopeo", "archive", func(t *testing.T, w workshop, layout string) {
		archive := "oci-archive:" + filepath.Join(w.dir, "archive.tar") + ":1.0"
		w.skopeoCopy(t, "oci:"+w.source("buildah-commit")+":1.0", archive)
		w.skopeoCopy(t, archive, "oci:"+layout+":1.0")
	}},
	{"skopeo", "zstd", func(t *testing.T, w workshop, layout string) {
		w.requireOption(t, "--dest-compress-format", "skopeo", "copy")
		w.skopeoCopy(t, "--dest-compress-format", "zstd", "oci:"+w.source("buildah-commit")+":1.0", "oci:"+layout+":1.0")
	}},
	{"skopeo", "uncompressed", func(t *testing.T, w workshop, layout string) {
		w.requireOption(t, "--dest-oci-accept-uncompressed-layers", "skopeo", "copy")
		w.skopeoCopy(t, "--dest-oci-accept-uncompressed-layers", "oci:"+w.source("buildah-commit")+":1.0", "oci:"+layout+":1.0")
	}},
	{"skopeo", "docker", func(t *testing.T, w workshop, layout string) {
		w.skopeoCopy(t, "--format", "v2s2", "oci:"+w.source("buildah-push")+":1.0", "oci:"+layout+":1.0")
	}},
}

func umociInsert(t *testing.T, w workshop, layout string) {
	t.Helper()
	tag := layout + ":1.0"
	w.run(t, "umoci", "init", "--layout", layout)
	w.run(t, "umoci", "new", "--image", tag)
	w.run(t, "umoci", "insert", "--rootless", "--image", tag, w.files(t), "/app")
	w.run(t, "umoci", "config", "--image", tag, "--config.cmd", "/app/hello", "--architecture", "arm64")
}

func testProducers(t *testing.T) {
	for i, maker := range producers {
		t.Run(maker.tool+"-"+maker.name, func(t *testing.T) {
			t.Parallel()
			testrun.Tool(t, maker.tool)
			w := newWorkshop(t)
			layout := filepath.Join(w.dir, "layout")
			maker.make(t, w, layout)
			checkSound(t, layout, nil)
			checkDamage(t, layout, i, 3)
		})
	}
}

// Some versions of umoci init write "manifests":null, which no index may hold.
func testUmociInit(t *testing.T) {
	testrun.Tool(t, "umoci")
	w := newWorkshop(t)
	layout := filepath.Join(w.dir, "layout")
	w.run(t, "umoci", "init", "--layout", layout)
	b, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), `"manifests":null`) {
		checkSound(t, layout, nil)
		return
	}
	for _, level := range []string{"structure", "digest"} {
		checkErrors(t, level, layout, []finding{{Rule: "json-type", Path: "index.json", Pointer: "/manifests"}})
	}
}

// A workshop is a directory to run a tool in, with its own home, configuration
// and image store, so that nothing outside has a say or keeps a trace.
type workshop struct {
	dir     string
	layouts string // where the layouts to copy from are
	runroot string // podman takes no path of more than 50 characters for it
	env     []string
}

func newWorkshop(t *testing.T) workshop {
	t.Helper()
	layouts, err := filepath.Abs(filepath.Join("..", "..", "..", "..", "testdata", "layouts", "real"))
	if err != nil {
		t.Fatal(err)
	}
	w := workshop{dir: t.TempDir(), layouts: layouts}
	t.Cleanup(func() { w.unlock(t) })
	if w.runroot, err = os.MkdirTemp("", "run"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(w.runroot) })
	for _, name := range []string{"home", "tmp", "run"} {
		if err := os.Mkdir(filepath.Join(w.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(w.dir, name) }
	w.write(t, in("policy.json"), `{"default": [{"type": "insecureAcceptAnything"}]}`)
	w.write(t, in("storage.conf"), "[storage]\ndriver = \"vfs\"\ngraphroot = \""+in("store")+"\"\nrunroot = \""+w.runroot+"\"\n")
	w.write(t, in("registries.conf"), "")
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C",
		"HOME=" + in("home"), "TMPDIR=" + in("tmp"), "XDG_RUNTIME_DIR=" + in("run"),
		"CONTAINERS_CONF=/dev/null", "CONTAINERS_STORAGE_CONF=" + in("storage.conf"),
		"CONTAINERS_REGISTRIES_CONF=" + in("registries.conf"),
		"BUILDAH_ISOLATION=chroot",
		// Run by root, buildah and skopeo would keep a cache under /var/lib.
		"_CONTAINERS_ROOTLESS_UID=1",
	}
	return w
}

// unlock gives write permission to directories that buildah made without, so
// that whoever runs the test can remove them.
func (w workshop) unlock(t *testing.T) {
	err := filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return os.Chmod(path, 0o700)
	})
	if err != nil {
		t.Error(err)
	}
}

// run runs a tool and returns what it printed on standard output, without the
// end of the line. It fails t when the tool fails.
func (w workshop) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// buildah runs a command of buildah, of one word or two, on the workshop's own
// image store.
func (w workshop) buildah(t *testing.T, command string, args ...string) string {
	t.Helper()
	all := []string{"--root", filepath.Join(w.dir, "store"), "--runroot", w.runroot, "--storage-driver", "vfs"}
	all = append(all, strings.Fields(command)...)
	switch command {
	case "from", "commit", "push", "bud", "manifest push":
		all = append(all, "--quiet", "--signature-policy", filepath.Join(w.dir, "policy.json"))
	}
	return w.run(t, "buildah", append(all, args...)...)
}

// podman runs a command of podman, of one word or two, on the workshop's own image
// store.
func (w workshop) podman(t *testing.T, command string, args ...string) string {
	t.Helper()
	all := []string{"--root", filepath.Join(w.dir, "store"), "--runroot", w.runroot, "--storage-driver", "vfs",
		"--cgroup-manager", "cgroupfs", "--events-backend", "none"}
	all = append(all, strings.Fields(command)...)
	switch command {
	case "build":
		all = append(all, "--quiet", "--signature-policy", filepath.Join(w.dir, "policy.json"))
	case "push", "save", "manifest push":
		all = append(all, "--quiet")
	}
	return w.run(t, "podman", append(all, args...)...)
}

// container returns the name of a new working container that holds the files.
func (w workshop) container(t *testing.T, arch string) string {
	t.Helper()
	name := w.buildah(t, "from", "scratch")
	w.buildah(t, "copy", "--chown", "0:0", name, w.files(t), "/app")
	w.buildah(t, "config", "--os", "linux", "--arch", arch, "--cmd", "/app/hello", "--label", "kind=small", name)
	return name
}

func (w workshop) skopeoCopy(t *testing.T, args ...string) {
	t.Helper()
	w.run(t, "skopeo", append([]string{"--policy", filepath.Join(w.dir, "policy.json"),
		"--tmpdir", filepath.Join(w.dir, "tmp"), "copy", "--quiet"}, args...)...)
}

// requireOption skips t where the tool's command has no such option.
func (w workshop) requireOption(t *testing.T, option, name, command string) {
	t.Helper()
	if !strings.Contains(w.run(t, name, command, "--help"), option+" ") {
		testrun.Need(t, name+" "+command+" "+option, errors.ErrUnsupported)
	}
}

// source returns the path of a layout kept under testdata.
func (w workshop) source(name string) string { return filepath.Join(w.layouts, name) }

// files returns a directory with what goes into an image.
func (w workshop) files(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(w.dir, "context", "files")
	w.write(t, filepath.Join(dir, "hello"), "#!/bin/sh\necho hello\n")
	w.write(t, filepath.Join(dir, "etc", "motd"), "a small image\n")
	return dir
}

// context returns a directory with a Containerfile and what it copies.
func (w workshop) context(t *testing.T) string {
	t.Helper()
	dir := filepath.Dir(w.files(t))
	w.write(t, filepath.Join(dir, "Containerfile"), "FROM scratch\nCOPY files /app\nLABEL kind=small\nCOPY files/hello /bin/\n")
	return dir
}

func (w workshop) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
