package model

// Annotation keys that the image spec defines (annotations.md).
const (
	AnnotationCreated       = "org.opencontainers.image.created"
	AnnotationAuthors       = "org.opencontainers.image.authors"
	AnnotationURL           = "org.opencontainers.image.url"
	AnnotationDocumentation = "org.opencontainers.image.documentation"
	AnnotationSource        = "org.opencontainers.image.source"
	AnnotationVersion       = "org.opencontainers.image.version"
	AnnotationRevision      = "org.opencontainers.image.revision"
	AnnotationVendor        = "org.opencontainers.image.vendor"
	AnnotationLicenses      = "org.opencontainers.image.licenses"
	AnnotationRefName       = "org.opencontainers.image.ref.name"
	AnnotationTitle         = "org.opencontainers.image.title"
	AnnotationDescription   = "org.opencontainers.image.description"
	AnnotationBaseDigest    = "org.opencontainers.image.base.digest"
	AnnotationBaseName      = "org.opencontainers.image.base.name"

	// AnnotationContainerdName is not the specification's: containerd and Docker write
	// the whole name of an image there, and its tag alone as the reference name.
	AnnotationContainerdName = "io.containerd.image.name"

	// By these two BuildKit says of the entry of an index that it is an attestation, and
	// by its digest which entry it is about.
	AnnotationBuildKitType   = "vnd.docker.reference.type"
	AnnotationBuildKitDigest = "vnd.docker.reference.digest"
)
