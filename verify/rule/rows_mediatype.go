package rule

// mediaTypeRows judge media types: their form, their place, and Docker's.
var mediaTypeRows = []Rule{
	{
		ID:       MediaTypeLong,
		Severity: Info,
		Strict:   Error,
		Title:    "the type or subtype in a media type is longer than 64 characters",
		Help: "A type and a subtype may each have 127 characters, but not all programs take more than 64. " +
			"Use a shorter name, if you are free to choose it.",
		Spec:  "RFC 6838 section 4.2 SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeCase,
		Severity: Warning,
		Title:    "a media type differs from a known one only by letter case",
		Help: "Media types are the same in either case by their own standard, yet most tools compare them letter by letter and take this one for an unknown type. " +
			"They then leave the content alone instead of reading it. " +
			"Write the type as the specification does, in lower case.",
		Spec:  "derived from RFC 6838 section 4.2",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeRole,
		Severity: Warning,
		Title:    "a descriptor has a media type that does not belong in its place",
		Help: "The type is a known one, but stands where contents of that kind are not used, as the type of a layer on a config or that of a config in an index. " +
			"Tools fail there, or treat the content as something it is not. " +
			"Usually two descriptors were mixed up, or the wrong type was copied: correct mediaType, or move the descriptor to where it belongs.",
		Spec:  "derived from media-types.md#relations",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeConflictKind,
		Severity: Error,
		Title:    "one blob is called an index in one place and a manifest in another",
		Help: "Two descriptors name the same bytes, and who comes by the one reads an index where the other sees a manifest. " +
			"That is how a harmless image is shown to a scanner and another one is run. " +
			"Only one of them is right: correct the other, and do not use the image before you know who made it so.",
		Spec:  "derived from media-types.md#media-type-conflicts; GHSA-77vh-xpmg-72qh",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeConflictRole,
		Severity: Warning,
		Title:    "one blob is given media types of different kinds",
		Help: "The same bytes are, for instance, a layer in one place and a config in another. " +
			"Hardly any content is both, and tools that keep one type for each blob go wrong in one of the places. " +
			"Look for a digest that was copied into the wrong descriptor.",
		Spec:  "derived from media-types.md#media-type-conflicts",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeConflict,
		Severity: Info,
		Title:    "one blob is given several media types",
		Help: "The types are of one kind or not known here, so most tools cope; some keep only one type for each blob and lose the other. " +
			"The empty JSON and layers of images that were converted from Docker's format often come in this way. " +
			"It needs no cure unless one of the types is a mistake.",
		Spec:  "derived from media-types.md#media-type-conflicts",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeMixed,
		Severity: Warning,
		Title:    "a manifest mixes OCI and Docker media types",
		Help: "Many tools know both families and cope, but some registries, as Quay, check that all parts of a manifest are of one, and refuse the image; skopeo, buildah and umoci fail to convert or unpack it. " +
			"It happens when layers are put upon a base image of the other format, or a conversion stops half-way. " +
			"Build the image upon a base of one format, or have regctl convert it: regctl image mod --to-oci --create NEWREF ocidir://LAYOUT:REF. " +
			"skopeo copy --format leaves such a manifest as it is.",
		Spec:  "derived from media-types.md#compatibility-matrix",
		Since: "0.1.0",
	},
	{
		ID:       DockerDocument,
		Severity: Warning,
		Title:    "a document is in Docker's format and not in that of OCI",
		Help: "It is much like the OCI document of its kind and was checked by the same rules, but whoever reads OCI images only need not understand it. " +
			"Convert it with regctl image mod --to-oci --create NEWREF ocidir://LAYOUT:REF, or copy it again from where it came with skopeo copy --format oci; from a layout, skopeo does not read such a document.",
		Spec:  "media-types.md#compatibility-matrix",
		Since: "0.1.0",
	},
	{
		ID:       DockerMember,
		Severity: Info,
		Title:    "a Docker document has a member that only OCI documents have",
		Help: "Docker's format does not have this member, so tools for that format pass over it, and what it says is lost on them. " +
			"Convert the document to the OCI type of its kind if the member matters.",
		Spec:  "media-types.md#compatibility-matrix; derived for subject and artifactType",
		Since: "0.1.0",
	},
	{
		ID:       DockerSchema1,
		Severity: Warning,
		Title:    "a descriptor names a Docker manifest of schema 1",
		Help: "This old format keeps its layers and history in another way, and current tools no longer read it; and only the layers that it names were looked for. " +
			"Pull the image with a tool that still converts it, or better build it again.",
		Spec:  "derived from media-types.md#compatibility-matrix",
		Since: "0.1.0",
	},
	{
		ID:       ConfigTypeUnknown,
		Severity: Info,
		Title:    "the config of a manifest has a media type that is not known here",
		Help: "Nothing is wrong: artifacts have configs of their own types. " +
			"As demanded, this one was not read, only its size and digest were checked. " +
			"If this is meant to be an image that runs anywhere, its config needs the type application/vnd.oci.image.config.v1+json.",
		Spec:  "manifest.md#image-manifest-property-descriptions MUST NOT (fail on it, or parse it), SHOULD (for portability)",
		Since: "0.1.0",
	},
	{
		ID:       LayerTypeUnknown,
		Severity: Info,
		Title:    "a layer has a media type that is not known here",
		Help: "Nothing is wrong: artifacts have layers of their own types. " +
			"This one was not unpacked, only its size and digest were checked. " +
			"If it is meant to be a layer of an image, correct the spelling of its mediaType.",
		Spec:  "manifest.md#image-manifest-property-descriptions MUST NOT (fail on it), SHOULD (for portability)",
		Since: "0.1.0",
	},
	{
		ID:       LayerTypeInImage,
		Severity: Warning,
		Title:    "an image has a layer of an unknown type, which nobody can unpack",
		Help: "The config and other layers are those of an image, so a runtime will try to unpack the layer and fail, or leave its files out. " +
			"Usually the type is misspelt, or something that is no file system was added to an image. " +
			"Give the layer the type that its bytes have, or make an artifact of what it holds.",
		Spec:  "derived from manifest.md#image-manifest-property-descriptions",
		Since: "0.1.0",
	},
}
