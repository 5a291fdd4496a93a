package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// A damage does one thing to an image. It returns the findings that it must
// cause, among others that it may.
type damage struct {
	name   string
	layers bool // needs a layer
	do     func(*testing.T, image) []finding
}

var damages = []damage{
	{"layer-bit", true, func(t *testing.T, i image) []finding {
		i.edit(t, i.layer.path, func(b []byte) []byte {
			b[len(b)/2] ^= 0x10
			return b
		})
		return []finding{i.layer.broken("blob-digest-mismatch")}
	}},
	{"config-bit", false, func(t *testing.T, i image) []finding {
		i.edit(t, i.config.path, func(b []byte) []byte {
			member := []byte(`"architecture":"`)
			b[bytes.Index(b, member)+len(member)] ^= 1
			return b
		})
		return []finding{i.config.broken("blob-digest-mismatch")}
	}},
	{"layer-short", true, func(t *testing.T, i image) []finding {
		i.edit(t, i.layer.path, func(b []byte) []byte { return b[:len(b)-1] })
		return []finding{i.layer.sizeMismatch(), i.layer.broken("blob-digest-mismatch")}
	}},
	{"manifest-long", false, func(t *testing.T, i image) []finding {
		i.edit(t, i.manifest.path, func(b []byte) []byte { return append(b, '\n') })
		return []finding{i.manifest.sizeMismatch(), i.manifest.broken("blob-digest-mismatch")}
	}},
	{"layer-missing", true, func(t *testing.T, i image) []finding {
		i.remove(t, i.layer.path)
		return []finding{i.layer.broken("blob-missing")}
	}},
	{"config-missing", false, func(t *testing.T, i image) []finding {
		i.remove(t, i.config.path)
		return []finding{i.config.broken("blob-missing")}
	}},
	{"index-size", false, func(t *testing.T, i image) []finding {
		i.edit(t, "index.json", func(b []byte) []byte {
			return regexp.MustCompile(`"size":\d+`).ReplaceAll(b, []byte("${0}0"))
		})
		return []finding{i.entry.sizeMismatch()}
	}},
	{"config-layer-swapped", true, func(t *testing.T, i image) []finding {
		i.swap(t, i.config, i.layer)
		if i.size(t, i.config) == i.size(t, i.layer) {
			return []finding{i.config.broken("blob-digest-mismatch"), i.layer.broken("blob-digest-mismatch")}
		}
		// A layer that is too long is known to be wrong without its digest.
		return []finding{i.config.broken("blob-digest-mismatch"), i.layer.sizeMismatch()}
	}},
	{"config-manifest-swapped", false, func(t *testing.T, i image) []finding {
		i.swap(t, i.config, i.manifest)
		return []finding{i.config.broken("blob-digest-mismatch"), i.manifest.broken("blob-digest-mismatch")}
	}},
	{"oci-layout-missing", false, func(t *testing.T, i image) []finding {
		i.remove(t, "oci-layout")
		return []finding{{Rule: "oci-layout-missing", Path: "oci-layout"}}
	}},
	{"oci-layout-version", false, func(t *testing.T, i image) []finding {
		i.replace(t, "oci-layout", `"1.0.0"`, `"1.1.0"`)
		return []finding{{Rule: "oci-layout-version-unknown", Path: "oci-layout", Pointer: "/imageLayoutVersion"}}
	}},
	{"index-half", false, func(t *testing.T, i image) []finding {
		i.edit(t, "index.json", func(b []byte) []byte { return b[:len(b)/2] })
		return []finding{{Rule: "json-syntax", Path: "index.json", Pointer: anywhere}}
	}},
	{"index-duplicate", false, func(t *testing.T, i image) []finding {
		i.replace(t, "index.json", `{"schemaVersion":2,`, `{"schemaVersion":2,"schemaVersion":2,`)
		return []finding{{Rule: "json-duplicate-name", Path: "index.json", Pointer: "/schemaVersion"}}
	}},
	{"layer-directory", true, func(t *testing.T, i image) []finding {
		i.remove(t, i.layer.path)
		if err := os.Mkdir(i.path(i.layer.path), 0o755); err != nil {
			t.Fatal(err)
		}
		return []finding{i.layer.broken("blob-not-regular")}
	}},
	{"config-fifo", false, func(t *testing.T, i image) []finding {
		if runtime.GOOS == "windows" {
			t.Skip("Windows has no FIFOs in directories")
		}
		i.remove(t, i.config.path)
		if out, err := exec.CommandContext(t.Context(), "mkfifo", i.path(i.config.path)).CombinedOutput(); err != nil {
			t.Fatalf("mkfifo: %v\n%s", err, out)
		}
		return []finding{i.config.broken("blob-not-regular")}
	}},
}

// anywhere stands for any pointer in a finding that is looked for.
const anywhere = "*"

// checkDamage does each damage to a copy of dir, or one of so many, from the first on. Each time
// level digest must find what the damage says, as errors.
func checkDamage(t *testing.T, dir string, first, of int) {
	t.Helper()
	for i, d := range damages {
		if i%of != first%of && !testrun.Exhaustive() {
			continue
		}
		if d.layers && firstImage(t, dir).layer.path == "" {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			copied := filepath.Join(t.TempDir(), "layout")
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			want := d.do(t, firstImage(t, copied))
			checkErrors(t, "digest", copied, want)
		})
	}
}

// checkErrors verifies dir, which must be found invalid, with the wanted errors
// among what is found.
func checkErrors(t *testing.T, level, dir string, want []finding) {
	t.Helper()
	r, status := verifyAt(t, level, dir)
	if status != 1 || r.Valid {
		t.Errorf("level %s: exit status %d, valid %t, want 1 and false", level, status, r.Valid)
	}
	found := r.Layouts[0].Findings
	for _, w := range want {
		w.Severity = "error"
		if !slices.ContainsFunc(found, func(f finding) bool {
			if w.Pointer == anywhere {
				f.Pointer = anywhere
			}
			return f == w
		}) {
			t.Errorf("level %s: no %+v among %+v", level, w, found)
		}
	}
}

// An image is the first image of the layout in dir: its blobs, and the first
// entry of index.json, which is the manifest or an index above it.
type image struct {
	dir                            string
	entry, manifest, config, layer blob
}

// A blob is a file of a layout with a descriptor that names it. The zero blob
// stands for none.
type blob struct {
	path, digest  string
	from, pointer string // where the descriptor is: a file, and a place in it
}

// broken returns a finding about the blob itself.
func (b blob) broken(rule string) finding {
	return finding{Rule: rule, Path: b.path, Digest: b.digest}
}

// sizeMismatch returns the finding that the blob's descriptor has a wrong size.
func (b blob) sizeMismatch() finding {
	return finding{Rule: "descriptor-size-mismatch", Path: b.from, Pointer: b.pointer + "/size", Digest: b.digest}
}

// firstImage follows the first descriptor of index.json, and of each index below
// it, down to a manifest.
func firstImage(t *testing.T, dir string) image {
	t.Helper()
	index := readDocument(t, dir, "index.json")
	i := image{dir: dir, entry: index.Manifests[0].blob("index.json", "/manifests/0")}
	i.manifest = i.entry
	d := readDocument(t, dir, i.manifest.path)
	for len(d.Manifests) > 0 {
		i.manifest = d.Manifests[0].blob(i.manifest.path, "/manifests/0")
		d = readDocument(t, dir, i.manifest.path)
	}
	i.config = d.Config.blob(i.manifest.path, "/config")
	if len(d.Layers) > 0 {
		i.layer = d.Layers[0].blob(i.manifest.path, "/layers/0")
	}
	return i
}

// A document is an index or a manifest.
type document struct {
	Manifests, Layers []descriptor
	Config            descriptor
}

type descriptor struct{ Digest string }

func readDocument(t *testing.T, dir, name string) document {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

func (d descriptor) blob(from, pointer string) blob {
	path := "blobs/" + strings.Replace(d.Digest, ":", "/", 1)
	return blob{path: path, digest: d.Digest, from: from, pointer: pointer}
}

func (i image) path(name string) string { return filepath.Join(i.dir, filepath.FromSlash(name)) }

func (i image) size(t *testing.T, b blob) int64 {
	t.Helper()
	info, err := os.Stat(i.path(b.path))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func (i image) remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(i.path(name)); err != nil {
		t.Fatal(err)
	}
}

// edit replaces the bytes of a file by what change makes of them, and fails t
// when that is nothing new: a damage that does none proves nothing.
func (i image) edit(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(i.path(name))
	if err != nil {
		t.Fatal(err)
	}
	changed := change(bytes.Clone(b))
	if bytes.Equal(b, changed) {
		t.Fatalf("%s: left as it was", name)
	}
	if err := os.WriteFile(i.path(name), changed, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (i image) replace(t *testing.T, name, from, to string) {
	t.Helper()
	i.edit(t, name, func(b []byte) []byte {
		return bytes.Replace(b, []byte(from), []byte(to), 1)
	})
}

// swap gives each of two blobs the bytes of the other.
func (i image) swap(t *testing.T, a, b blob) {
	t.Helper()
	spare := filepath.Join(i.dir, "spare")
	for _, names := range [][2]string{{i.path(a.path), spare}, {i.path(b.path), i.path(a.path)}, {spare, i.path(b.path)}} {
		if err := os.Rename(names[0], names[1]); err != nil {
			t.Fatal(err)
		}
	}
}
