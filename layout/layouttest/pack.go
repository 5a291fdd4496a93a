package layouttest

import (
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/opencontainers/go-digest"
)

// Pack writes a tar archive as a layer of a media type, in the format of gzip or zstd
// where that says so. Nothing is compressed, as what a compressor makes of it may
// change with its version.
func (b *Builder) Pack(mediaType string, archive []byte) Layer {
	blob := archive
	switch layer.Declared(mediaType) {
	case layer.Gzip:
		blob = rawlayer.Gzip(archive)
	case layer.Zstd:
		blob = rawlayer.Zstd(archive)
	}
	return Layer{b.Blob(mediaType, blob), digest.FromBytes(archive)}
}
