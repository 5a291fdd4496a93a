package layouttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// Builder writes a layout, each blob at once and the root files last. The first
// error it meets, Finish returns; after it nothing more is written, but every
// method still returns what it would have. It is not safe for concurrent use.
type Builder struct {
	// Algorithm names the blobs that are written from now on: digest.SHA256,
	// which New sets, or another that is computable.
	Algorithm digest.Algorithm

	fs      afero.Fs
	entries []model.Descriptor
	err     error
}

// New returns a Builder of a layout at the root of fsys. It writes nothing yet.
func New(fsys afero.Fs) *Builder { return &Builder{Algorithm: digest.SHA256, fs: fsys} }

// Blob writes raw as a blob and returns its descriptor. A media type says
// nothing about what raw has to be.
func (b *Builder) Blob(mediaType string, raw []byte) model.Descriptor {
	d := model.Descriptor{MediaType: mediaType, Size: int64(len(raw))}
	var err error
	if d.Digest, err = model.FromBytes(b.Algorithm, raw); err != nil {
		b.fail(fmt.Errorf("layouttest: no digest of algorithm %q can be computed", b.Algorithm))
		return d
	}
	b.File(blobs.Path(d.Digest), raw)
	return d
}

// Document writes doc, a document of package model or any other value that
// encoding/json can write, as a blob and returns its descriptor. For a document
// that is not JSON, use Blob.
func (b *Builder) Document(mediaType string, doc any) model.Descriptor {
	raw, err := encode(doc)
	if err != nil {
		b.fail(fmt.Errorf("layouttest: %w", err))
	}
	return b.Blob(mediaType, raw)
}

func encode(doc any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(doc)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// Image writes an image of the layers, base first: its configuration and its
// manifest. The descriptor is that of the manifest, and carries the platform,
// which is given as "os/architecture" or "os/architecture/variant".
func (b *Builder) Image(platform string, layers ...Layer) model.Descriptor {
	p, err := model.ParsePlatform(platform)
	if err != nil {
		b.fail(fmt.Errorf("layouttest: %w", err))
	}
	image := model.Image{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, RootFS: model.RootFS{Type: "layers"}}
	manifest := model.NewManifest(model.Descriptor{})
	for _, layer := range layers {
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, layer.DiffID)
		manifest.Layers = append(manifest.Layers, layer.Descriptor)
	}
	manifest.Config = b.Document(model.MediaTypeImageConfig, image)
	d := b.Document(model.MediaTypeManifest, manifest)
	d.Platform = &p
	return d
}

// Index writes an index of the entries.
func (b *Builder) Index(entries ...model.Descriptor) model.Descriptor {
	return b.Document(model.MediaTypeIndex, model.NewIndex(entries...))
}

// Entry adds an entry to index.json, under the reference name refName unless
// that is "".
func (b *Builder) Entry(d model.Descriptor, refName string) {
	if refName != "" {
		annotations := maps.Clone(d.Annotations)
		if annotations == nil {
			annotations = make(map[string]string, 1)
		}
		annotations[model.AnnotationRefName] = refName
		d.Annotations = annotations
	}
	b.entries = append(b.entries, d)
}

// File writes a file of any name below the root, and makes the directories that
// lead to it.
func (b *Builder) File(name string, content []byte) {
	if b.err == nil {
		b.err = writeFile(b.fs, name, content)
	}
}

// Finish writes the files oci-layout and index.json and makes the directory
// blobs, if there is none. It returns the first error that any method met.
// Entries that are added later are written by calling it again.
func (b *Builder) Finish() error {
	if b.err == nil {
		b.err = b.fs.MkdirAll(model.BlobsDir, 0o755)
	}
	b.document(model.LayoutFile, model.NewImageLayout())
	b.document(model.IndexFile, model.NewIndex(b.entries...))
	return b.err
}

func (b *Builder) document(name string, doc any) {
	raw, err := encode(doc)
	if err != nil {
		b.fail(fmt.Errorf("layouttest: %w", err))
	}
	b.File(name, raw)
}

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func writeFile(fsys afero.Fs, name string, content []byte) error {
	if err := fsys.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return afero.WriteFile(fsys, name, content, 0o644)
}
