package verify_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// What the specification asks of whoever reads a layout, rather than of the
// layout, stands here: one test for each such statement. docs/spec.md says which
// is for which.

// atMost fails the test where a finding weighs more than that.
func (r result) atMost(t *testing.T, most rule.Severity) {
	t.Helper()
	for _, f := range r.findings {
		if f.Severity > most {
			t.Errorf("%s %s %s#%s: %s", f.Severity, f.Rule, f.Path, f.Pointer, f.Message)
		}
	}
}

func (r result) has(id rule.ID) bool {
	return slices.ContainsFunc(r.findings, func(f verify.Finding) bool { return f.Rule == id })
}

func motd(b *layouttest.Builder) layouttest.Layer {
	return b.Layer(layouttest.Files{"etc/motd": "hello\n"})
}

// Image manifests, image configurations, and layers of all the types that have
// to be supported or should be.
func TestObligationMediaTypes(t *testing.T) {
	for _, mediaType := range []string{
		model.MediaTypeLayer, model.MediaTypeLayerGzip, model.MediaTypeLayerZstd,
		model.MediaTypeLayerNonDistributable, model.MediaTypeLayerNonDistributableGzip, model.MediaTypeLayerNonDistributableZstd,
	} {
		t.Run(mediaType, func(t *testing.T) {
			var wrong layouttest.Layer
			fsys := build(t, func(b *layouttest.Builder) {
				archive := b.Archive(layouttest.File("etc/motd", "hello\n"))
				layer := b.Pack(mediaType, archive)
				wrong = layer
				wrong.DiffID = digest.FromString("something else")
				b.Entry(b.Image("linux/amd64", layer), "v1")
				b.Entry(b.Image("linux/amd64", wrong), "v2")
			})
			r := verifyFs(t, fsys, verify.Options{})
			var errors []rule.ID
			for _, f := range r.findings {
				if f.Severity == rule.Error {
					errors = append(errors, f.Rule)
				}
			}
			// The wrong one shows that the layers were unpacked at all.
			if !slices.Equal(errors, []rule.ID{rule.DiffIDMismatch}) || !r.stats.Complete {
				t.Errorf("errors %v, complete %v", errors, r.stats.Complete)
			}
		})
	}
}

// Indexes, also nested ones, are followed to the last image.
func TestObligationIndexes(t *testing.T) {
	var deep layouttest.Layer
	fsys := build(t, func(b *layouttest.Builder) {
		deep = motd(b)
		b.Entry(b.Index(b.Index(b.Image("linux/amd64", deep))), "v1")
	})
	if r := verifyFs(t, fsys, verify.Options{}); len(r.findings) != 0 || r.stats.Layers != 1 {
		t.Fatalf("%d layers, findings:\n%s", r.stats.Layers, describe(r.findings))
	}
	if err := layouttest.Corrupt(fsys, "blobs/sha256/"+deep.Digest.Encoded(), 0); err != nil {
		t.Fatal(err)
	}
	if r := verifyFs(t, fsys, verify.Options{}); !r.has(rule.BlobDigestMismatch) {
		t.Errorf("findings:\n%s", describe(r.findings))
	}
}

// Nothing that is unknown is an error: media types, artifact types, annotation
// keys, members of whatever document, files in the root.
func TestObligationUnknown(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) {
		config := b.Blob("application/vnd.example.config", []byte("x"))
		layer := b.Blob("application/vnd.example.layer", []byte("y"))
		manifest := b.Blob(model.MediaTypeManifest, fmt.Appendf(nil,
			`{"schemaVersion":2,"mediaType":%q,"artifactType":"application/vnd.example.thing","new":{"a":[1]},"annotations":{"com.example.unknown":""},
			"config":{"mediaType":%q,"digest":%q,"size":1,"new":true},"layers":[{"mediaType":%q,"digest":%q,"size":1,"new":null}]}`,
			model.MediaTypeManifest, config.MediaType, config.Digest, layer.MediaType, layer.Digest))
		b.Entry(manifest, "v1")
		b.Entry(b.Blob("application/xml", []byte("<x/>")), "xml")
		known := motd(b)
		image := b.Blob(model.MediaTypeImageConfig, fmt.Appendf(nil,
			`{"architecture":"amd64","os":"linux","docker_version":"1","config":{"OnBuild":null},"rootfs":{"type":"layers","diff_ids":[%q],"new":1}}`, known.DiffID))
		b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(image, known.Descriptor)), "v2")
		b.File("repositories", []byte("{}"))
		b.File("manifest.json", []byte("[]"))
	})
	r := verifyFs(t, fsys, verify.Options{})
	if r.atMost(t, rule.Info); !r.stats.Complete {
		t.Error("not complete")
	}
}

// A configuration of an unknown type is not parsed, nor is a blob whose bytes
// only look like a document: a meaning comes from the descriptor alone.
func TestObligationOpaque(t *testing.T) {
	broken := []byte(`{"schemaVersion":1,"schemaVersion":"x","manifests":[{"digest":"../../etc/passwd"}],"layers":null`)
	fsys := build(t, func(b *layouttest.Builder) {
		config := b.Blob("application/vnd.example.config+json", broken)
		layer := b.Blob("application/json", broken)
		manifest := model.NewManifest(config, layer)
		manifest.ArtifactType = "application/vnd.example.thing"
		b.Entry(b.Document(model.MediaTypeManifest, manifest), "v1")
	})
	r := verifyFs(t, fsys, verify.Options{})
	if r.atMost(t, rule.Info); r.stats.BytesRead == 0 || !r.stats.Complete {
		t.Errorf("complete %v, %d bytes read", r.stats.Complete, r.stats.BytesRead)
	}
}

// An unknown type of rootfs is an error.
func TestObligationRootFS(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) {
		layer := motd(b)
		config := b.Document(model.MediaTypeImageConfig, model.Image{Architecture: "amd64", OS: "linux",
			RootFS: model.RootFS{Type: "snapshots", DiffIDs: []digest.Digest{layer.DiffID}}})
		b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(config, layer.Descriptor)), "v1")
	})
	if r := verifyFs(t, fsys, verify.Options{Level: verify.LevelStructure}); !r.has(rule.ConfigRootFSType) || r.stats.Errors != 1 {
		t.Errorf("findings:\n%s", describe(r.findings))
	}
}

// A digest by an algorithm that nobody registered passes validation, and is never
// taken for verified.
func TestObligationUnregistered(t *testing.T) {
	const odd = digest.Digest("multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8")
	fsys := build(t, func(b *layouttest.Builder) {
		b.File("blobs/multihash+base58/"+strings.TrimPrefix(string(odd), "multihash+base58:"), []byte("x"))
		manifest := model.NewManifest(b.Blob(model.MediaTypeEmptyJSON, []byte("{}")), model.Descriptor{MediaType: "text/plain", Digest: odd, Size: 1})
		manifest.ArtifactType = "application/vnd.example.thing"
		b.Entry(b.Document(model.MediaTypeManifest, manifest), "v1")
	})
	r := verifyFs(t, fsys, verify.Options{})
	if r.stats.Errors != 0 || r.stats.Complete || !r.has(rule.DigestAlgorithmUnregistered) {
		t.Errorf("complete %v, findings:\n%s", r.stats.Complete, describe(r.findings))
	}
}

// Descriptors of one document may differ in their algorithms, a digest may occur
// several times among layers and diff ids, a layer with URLs is no other layer,
// annotations may be empty, and reference names need be neither tags nor unique
// to a kind of thing.
func TestObligationAllowed(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) {
		layer := motd(b)
		layer.URLs = []string{"https://example.com/layer"}
		layer.Annotations = map[string]string{"com.example.empty": ""}
		image := b.Image("linux/amd64", layer, layer, layer)
		b.Entry(image, "registry.example/team/app@sha256:0123")
		b.Entry(b.Index(image), "v1.0--rc+build")
		b.Entry(image, "")
	})
	verifyFs(t, fsys, verify.Options{}).atMost(t, rule.Ignore)
	fsys = build(t, func(b *layouttest.Builder) {
		one := motd(b)
		b.Algorithm = digest.SHA512
		b.Entry(b.Image("linux/amd64", one, motd(b)), "v1")
	})
	verifyFs(t, fsys, verify.Options{}).atMost(t, rule.Info)
}

// Digests are of the bytes as they lie there: order of members and white space
// are the writer's.
func TestObligationRawBytes(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) {
		layer := motd(b)
		config := b.Blob(model.MediaTypeImageConfig, fmt.Appendf(nil,
			"\n{ \"rootfs\":{\"diff_ids\":[ %q ],\"type\":\"layers\"},\t\"os\":\"lin\\u0075x\",\"architecture\" :\"amd64\"}\r\n", layer.DiffID))
		b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(config, layer.Descriptor)), "v1")
	})
	if r := verifyFs(t, fsys, verify.Options{}); len(r.findings) != 0 || !r.stats.Complete {
		t.Errorf("findings:\n%s", describe(r.findings))
	}
}

// Explicit and opaque whiteouts are both taken, and the bare one is an error.
func TestObligationWhiteouts(t *testing.T) {
	pack := func(names ...string) result {
		return verifyFs(t, build(t, func(b *layouttest.Builder) {
			base := b.Layer(layouttest.Files{"etc/": "", "etc/motd": "hello\n"})
			var entries []layouttest.Entry
			for _, name := range names {
				entries = append(entries, layouttest.File(name, ""))
			}
			b.Entry(b.Image("linux/amd64", base, b.Pack(model.MediaTypeLayerGzip, b.Archive(entries...))), "v1")
		}), verify.Options{})
	}
	pack("etc/.wh.motd").atMost(t, rule.Info)
	pack("etc/.wh..wh..opq").atMost(t, rule.Info)
	if r := pack("etc/.wh."); !r.has(rule.WhiteoutBare) || r.stats.Errors == 0 {
		t.Errorf("findings:\n%s", describe(r.findings))
	}
}

// Verifying alters nothing, and asks for nothing that would.
func TestObligationReadOnly(t *testing.T) {
	for _, f := range allFixtures() {
		if f.OnDisk != nil || f.Wrap != nil || f.Archive != nil {
			continue
		}
		fsys := afero.NewMemMapFs()
		if err := f.Build(fsys); err != nil {
			t.Fatal(err)
		}
		w := &writes{Fs: fsys}
		run(t, layout.New(w), f.Options)
		if len(w.calls) > 0 {
			t.Errorf("%s: %v", f.Name, w.calls)
		}
	}
}

// writes notes every call that would change the file system.
type writes struct {
	afero.Fs
	calls []string
}

func (w *writes) note(call, name string) error {
	w.calls = append(w.calls, call+" "+name)
	return afero.ErrFileClosed
}

func (w *writes) Create(name string) (afero.File, error)    { return nil, w.note("create", name) }
func (w *writes) Mkdir(name string, _ fs.FileMode) error    { return w.note("mkdir", name) }
func (w *writes) MkdirAll(name string, _ fs.FileMode) error { return w.note("mkdirall", name) }
func (w *writes) Remove(name string) error                  { return w.note("remove", name) }
func (w *writes) RemoveAll(name string) error               { return w.note("removeall", name) }
func (w *writes) Rename(name, _ string) error               { return w.note("rename", name) }
func (w *writes) Chmod(name string, _ fs.FileMode) error    { return w.note("chmod", name) }
func (w *writes) Chown(name string, _, _ int) error         { return w.note("chown", name) }
func (w *writes) Chtimes(name string, _, _ time.Time) error { return w.note("chtimes", name) }
func (w *writes) OpenFile(name string, flag int, mode fs.FileMode) (afero.File, error) {
	if flag != 0 {
		return nil, w.note("openfile", name)
	}
	return w.Fs.OpenFile(name, flag, mode)
}
