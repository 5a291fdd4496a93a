package layouttest

import (
	"maps"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Layer is a layer for [Builder.Image]: the descriptor of its blob, and what
// the blob unpacks to. Make one yourself for a layer that Builder.Pack cannot
// write.
type Layer struct {
	model.Descriptor
	DiffID digest.Digest // of the uncompressed tar
}

// Files are the files of a layer: names, without a slash in front, and what is
// in them. A name that ends in a slash is a directory.
type Files map[string]string

// Layer writes a layer of the files, sorted by name, as a gzip-compressed tar.
func (b *Builder) Layer(files Files) Layer {
	var entries []Entry
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, "/") {
			entries = append(entries, Dir(name))
		} else {
			entries = append(entries, File(name, files[name]))
		}
	}
	return b.Pack(model.MediaTypeLayerGzip, b.Archive(entries...))
}
