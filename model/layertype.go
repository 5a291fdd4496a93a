package model

// IsLayer says whether the media type is that of a layer: one of the image
// spec's, the deprecated ones included, or one of Docker's.
func IsLayer(mediaType string) bool { return KindOf(mediaType) == KindLayer }

// Compression returns how the media type of a layer says that it is compressed:
// "gzip" or "zstd". It is "" for an uncompressed layer, and for a media type
// that is not a layer's.
func Compression(mediaType string) string {
	switch mediaType {
	case MediaTypeLayerGzip, MediaTypeLayerNonDistributableGzip, MediaTypeDockerLayerGzip, MediaTypeDockerLayerForeignGzip:
		return "gzip"
	case MediaTypeLayerZstd, MediaTypeLayerNonDistributableZstd, MediaTypeDockerLayerZstd:
		return "zstd"
	}
	return ""
}
