package layouttest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Layer is a layer for [Builder.Image]: the descriptor of its blob, and what
// the blob unpacks to. Make one yourself for a layer that Builder.Layer cannot
// write.
type Layer struct {
	model.Descriptor
	DiffID digest.Digest // of the uncompressed tar
}

// Files are the files of a layer: names, without a slash in front, and what is
// in them. A name that ends in a slash is a directory.
type Files map[string]string

// Layer writes a layer of the files, sorted by name, as a gzip-compressed tar.
// The gzip stores its content as it is: what a compressor makes of it may
// change with the version of Go.
func (b *Builder) Layer(files Files) Layer {
	archive, err := archive(files)
	if err != nil {
		b.fail(fmt.Errorf("layouttest: %w", err))
	}
	zipped, err := store(archive)
	if err != nil {
		b.fail(fmt.Errorf("layouttest: %w", err))
	}
	return Layer{b.Blob(model.MediaTypeLayerGzip, zipped), digest.FromBytes(archive)}
}

func archive(files Files) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		header := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
		if strings.HasSuffix(name, "/") {
			header.Typeflag, header.Mode = tar.TypeDir, 0o755
		}
		content := files[name]
		header.Size = int64(len(content))
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(content)); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

func store(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.NoCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
