package model

import "strings"

// Media types of the image spec (media-types.md), and what Docker calls the
// same things.
const (
	MediaTypeDescriptor  = "application/vnd.oci.descriptor.v1+json"
	MediaTypeLayout      = "application/vnd.oci.layout.header.v1+json"
	MediaTypeIndex       = "application/vnd.oci.image.index.v1+json"
	MediaTypeManifest    = "application/vnd.oci.image.manifest.v1+json"
	MediaTypeImageConfig = "application/vnd.oci.image.config.v1+json"
	MediaTypeEmptyJSON   = "application/vnd.oci.empty.v1+json"

	MediaTypeLayer     = "application/vnd.oci.image.layer.v1.tar"
	MediaTypeLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
	MediaTypeLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"

	// The non-distributable layers are deprecated since v1.1.
	MediaTypeLayerNonDistributable     = "application/vnd.oci.image.layer.nondistributable.v1.tar"
	MediaTypeLayerNonDistributableGzip = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
	MediaTypeLayerNonDistributableZstd = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"

	MediaTypeDockerManifestList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	MediaTypeDockerManifest         = "application/vnd.docker.distribution.manifest.v2+json"
	MediaTypeDockerImageConfig      = "application/vnd.docker.container.image.v1+json"
	MediaTypeDockerLayer            = "application/vnd.docker.image.rootfs.diff.tar"
	MediaTypeDockerLayerGzip        = "application/vnd.docker.image.rootfs.diff.tar.gzip"
	MediaTypeDockerLayerZstd        = "application/vnd.docker.image.rootfs.diff.tar.zstd"
	MediaTypeDockerLayerForeign     = "application/vnd.docker.image.rootfs.foreign.diff.tar"
	MediaTypeDockerLayerForeignGzip = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"

	// Artifact manifests were in the release candidates of image-spec 1.1, and before
	// in ORAS.
	MediaTypeArtifactManifest     = "application/vnd.oci.artifact.manifest.v1+json"
	MediaTypeORASArtifactManifest = "application/vnd.cncf.oras.artifact.manifest.v1+json"

	// Schema 1 is what Docker had before. Only the layers that it names are looked for.
	MediaTypeDockerSchema1       = "application/vnd.docker.distribution.manifest.v1+json"
	MediaTypeDockerSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws"
)

// Kind is what a media type says a blob is. The zero value, KindOpaque, is
// bytes that can be checked only by digest and size.
type Kind uint8

// The kinds of documents and blobs.
const (
	KindOpaque Kind = iota
	KindLayout
	KindIndex
	KindManifest
	KindImage // an image configuration
	KindLayer // a tar layer of a known media type
	KindDescriptor
	KindArtifact // a manifest of artifacts alone, of before image-spec 1.1
	KindSchema1  // a manifest of Docker's schema 1
)

// String returns the field's word for the kind: "index", "manifest", "config",
// "layer", "layout", "descriptor", "artifact", or "blob" where it is opaque. Schema 1
// has no word of its own: it is an "image".
func (k Kind) String() string {
	return [...]string{"blob", "layout", "index", "manifest", "config", "layer", "descriptor", "artifact", "image"}[k]
}

// Document says whether blobs of the kind are JSON that this package loads.
func (k Kind) Document() bool { return k == KindImage || k.Graph() }

// Graph says whether blobs of the kind are documents that name others.
func (k Kind) Graph() bool {
	return k == KindIndex || k == KindManifest || k == KindArtifact || k == KindSchema1
}

var kinds = map[string]Kind{
	MediaTypeDescriptor:                KindDescriptor,
	MediaTypeLayout:                    KindLayout,
	MediaTypeIndex:                     KindIndex,
	MediaTypeManifest:                  KindManifest,
	MediaTypeImageConfig:               KindImage,
	MediaTypeLayer:                     KindLayer,
	MediaTypeLayerGzip:                 KindLayer,
	MediaTypeLayerZstd:                 KindLayer,
	MediaTypeLayerNonDistributable:     KindLayer,
	MediaTypeLayerNonDistributableGzip: KindLayer,
	MediaTypeLayerNonDistributableZstd: KindLayer,
	MediaTypeDockerManifestList:        KindIndex,
	MediaTypeDockerManifest:            KindManifest,
	MediaTypeArtifactManifest:          KindArtifact,
	MediaTypeORASArtifactManifest:      KindArtifact,
	MediaTypeDockerSchema1:             KindSchema1,
	MediaTypeDockerSchema1Signed:       KindSchema1,
	MediaTypeDockerImageConfig:         KindImage,
	MediaTypeDockerLayer:               KindLayer,
	MediaTypeDockerLayerGzip:           KindLayer,
	MediaTypeDockerLayerZstd:           KindLayer,
	MediaTypeDockerLayerForeign:        KindLayer,
	MediaTypeDockerLayerForeignGzip:    KindLayer,
}

// KindOf returns the kind that a media type names. Types are compared byte by
// byte; one that is unknown, and that of the empty JSON, is KindOpaque.
func KindOf(mediaType string) Kind { return kinds[mediaType] }

// NonDistributable says whether the media type is that of a layer whose blob
// may be absent by design.
func NonDistributable(mediaType string) bool {
	switch mediaType {
	case MediaTypeLayerNonDistributable, MediaTypeLayerNonDistributableGzip, MediaTypeLayerNonDistributableZstd,
		MediaTypeDockerLayerForeign, MediaTypeDockerLayerForeignGzip:
		return true
	}
	return false
}

// ValidMediaType says whether s is a media type as descriptors hold it:
// "type/subtype" after RFC 6838 section 4.2, without parameters.
func ValidMediaType(s string) bool {
	if kinds[s] != KindOpaque {
		return true
	}
	main, sub, ok := strings.Cut(s, "/")
	return ok && restrictedName(main) && restrictedName(sub)
}

// restrictedName says whether s is one of the two names of a media type. A layout
// has as many as descriptors, for which a regular expression is slow.
func restrictedName(s string) bool {
	if len(s) == 0 || len(s) > 127 || inName[s[0]] != alphanumeric {
		return false
	}
	for i := range len(s) {
		if inName[s[i]] == 0 {
			return false
		}
	}
	return true
}

const (
	alphanumeric = 1 // which a name may begin with
	punctuation  = 2
)

// inName are the characters of a name.
var inName = func() (class [256]uint8) {
	for c := range class {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			class[c] = alphanumeric
		case c < 0x80 && strings.IndexByte("!#$&^_.+-", byte(c)) >= 0:
			class[c] = punctuation
		}
	}
	return class
}()

// caseVariant returns the known media type that this one differs from by letter
// case alone, and "".
func caseVariant(mediaType string) string {
	if kinds[mediaType] != KindOpaque {
		return ""
	}
	lower := strings.ToLower(mediaType)
	if lower == mediaType {
		return ""
	}
	if _, known := kinds[lower]; known || lower == MediaTypeEmptyJSON {
		return lower
	}
	return ""
}

// docker says whether the media type is one of Docker's for what OCI has, too.
func docker(mediaType string) bool {
	return KindOf(mediaType) != KindOpaque && strings.HasPrefix(mediaType, "application/vnd.docker.")
}
