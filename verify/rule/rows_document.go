package rule

// documentRows judge what documents and descriptors say.
var documentRows = []Rule{
	{
		ID:       DocumentAmbiguous,
		Severity: Error,
		Schema:   Warning,
		Title:    "a document can be taken both for an index and for a manifest",
		Help: "It has members of both kinds, if only in another letter case, and no mediaType of its own that decides. " +
			"One tool may then scan or sign something else than another one runs, although the digest is the same: this is CVE-2021-41190. " +
			"Leave out what is foreign to its kind, add mediaType, and do not use the image before you know who made it so.",
		Spec:  "derived from GHSA-77vh-xpmg-72qh (CVE-2021-41190); media-types.md#media-type-conflicts",
		Since: "0.1.0",
	},
	{
		ID:       DocumentAmbiguousTyped,
		Severity: Warning,
		Title:    "a document of a stated type has members of both an index and a manifest",
		Help: "Tools that heed mediaType agree on what it is. " +
			"Older ones go by the members they find and may take it for the other kind, and some refuse it outright. " +
			"Leave out the members that do not belong to its kind.",
		Spec:  "derived from GHSA-77vh-xpmg-72qh (CVE-2021-41190)",
		Since: "0.1.0",
	},
	{
		ID:       DocumentMediaType,
		Severity: Error,
		Schema:   Warning,
		Title:    "a document's own mediaType is not the type of its kind",
		Help: "An OCI index and an OCI manifest each have one type that may stand in this member, and strict tools refuse any other. " +
			"Do not put the type of an artifact or of a config here: that is what artifactType and config.mediaType are for. " +
			"Correct the value when you write the document anew.",
		Spec:  "image-index.md#image-index-property-descriptions MUST; manifest.md#image-manifest-property-descriptions MUST",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeMismatch,
		Severity: Error,
		Title:    "a descriptor and the document it names disagree on index or manifest",
		Help: "Some tools believe the descriptor and others the document, so they do not see the same image. " +
			"Usually a script copied the wrong type into the descriptor. " +
			"Set the descriptor's mediaType to the one the document itself has; in index.json that needs no other change.",
		Spec:  "derived from media-types.md#media-type-conflicts SHOULD; image-index.md#image-index-property-descriptions MUST; manifest.md#image-manifest-property-descriptions MUST",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeMismatchDocker,
		Severity: Error,
		Schema:   Warning,
		Title:    "a descriptor and its document mix the OCI and the Docker type of one kind",
		Help: "Both mean the same kind of document, and most tools that read a layout cope, but registries refuse a manifest that says it is of another type than it is sent as. " +
			"It happens when a conversion between the formats stops half-way. " +
			"Correct the one that is wrong; the types of the layers show which it is. skopeo copy oci:FROM:REF oci:TO:REF writes a descriptor of the type that the manifest itself has.",
		Spec:  "media-types.md#media-type-conflicts MAY (warn); media-types.md#compatibility-matrix",
		Since: "0.1.0",
	},
	{
		ID:       SchemaVersion,
		Severity: Error,
		Title:    "schemaVersion is not 2",
		Help: "Index and manifest carry this fixed number so that old Docker versions recognise them; it never changes. " +
			"The value 1 marks an old Docker format that is no OCI document. " +
			"Write the number 2, or convert an old image with a current tool.",
		Spec:  "image-index.md#image-index-property-descriptions MUST; manifest.md#image-manifest-property-descriptions MUST",
		Since: "0.1.0",
	},
	{
		ID:       IndexMemberMissing,
		Severity: Error,
		Title:    "an index lacks a required member",
		Help: "Each index, index.json included, has schemaVersion and manifests. " +
			"Without manifests nothing below it can be found, and many tools call the layout empty without a word. " +
			`Add what is missing; an index without entries has "manifests": [].`,
		Spec:  "image-index.md#image-index-property-descriptions REQUIRED",
		Since: "0.1.0",
	},
	{
		ID:       ManifestMemberMissing,
		Severity: Error,
		Title:    "a manifest lacks a required member",
		Help: "Each manifest has schemaVersion, config and layers, and tools crash or refuse without them. " +
			"An artifact that needs no config or no layers puts the empty descriptor there. " +
			"Write the manifest anew with what is missing and refer to its new digest.",
		Spec:  "manifest.md#image-manifest-property-descriptions REQUIRED; schema/image-manifest-schema.json (layers)",
		Since: "0.1.0",
	},
	{
		ID:       ManifestArtifactTypeMissing,
		Severity: Error,
		Schema:   Warning,
		Title:    "a manifest with an empty config has no artifactType",
		Help: "An empty config says nothing about what the artifact is, so nobody can tell without artifactType. " +
			"Name the type when you push, as with oras push --artifact-type, or give the config a media type of your own. " +
			"An artifactType that is an empty string counts as none.",
		Spec:  "manifest.md#image-manifest-property-descriptions MUST; manifest.md#guidelines-for-artifact-usage MUST",
		Since: "0.1.0",
	},
	{
		ID:       ConfigMemberMissing,
		Severity: Error,
		Title:    "an image config lacks a required member",
		Help: "An image config has architecture, os and rootfs, and rootfs has type and diff_ids; they say where the image runs and what its layers unpack to. " +
			"If this is an artifact and no image, its config must not have the type of an image config. " +
			"Otherwise build the image again with a current tool.",
		Spec:  "config.md#properties REQUIRED",
		Since: "0.1.0",
	},
	{
		ID:       ConfigRootFSType,
		Severity: Error,
		Title:    "rootfs.type of an image config is not layers",
		Help: "The specification knows one type and obliges everybody who verifies or unpacks an image to fail on any other. " +
			`Set it to "layers" and write the config and its manifest anew.`,
		Spec:  "config.md#properties MUST",
		Since: "0.1.0",
	},
	{
		ID:       DescriptorMemberMissing,
		Severity: Error,
		Title:    "a descriptor lacks a required member",
		Help: "A descriptor has mediaType, digest and size; without any one of them its content cannot be found, checked or understood. " +
			"Add the missing member in index.json by hand, or have a nested document written anew. " +
			"Letter case counts in these names.",
		Spec:  "descriptor.md#properties REQUIRED",
		Since: "0.1.0",
	},
	{
		ID:       DescriptorSizeNegative,
		Severity: Error,
		Schema:   Warning,
		Title:    "a descriptor's size is negative",
		Help: "No content has a negative length, and in some tools such a number has switched the size check off. " +
			"A program that did not know the size may have put -1 there. " +
			"Write the length of the blob in bytes.",
		Spec:  "derived from descriptor.md#properties; descriptor.md#properties MUST NOT (after v1.1.1)",
		Since: "0.1.0",
	},
	{
		ID:       PlatformMemberMissing,
		Severity: Error,
		Title:    "a platform lacks architecture or os",
		Help: "Clients choose an entry by these two, and one of them alone selects nothing reliably. " +
			"Add the missing one, such as linux and amd64. " +
			"For an entry that runs nowhere, such as an artifact, leave platform out altogether.",
		Spec:  "image-index.md#image-index-property-descriptions REQUIRED",
		Since: "0.1.0",
	},
	{
		ID:       DigestGrammar,
		Severity: Error,
		Title:    "a digest is not of the form algorithm:encoded",
		Help: "A digest is an algorithm in lower-case letters and digits, a colon, and the hash in letters, digits and the characters = _ -. " +
			"Anything else names no blob and was never used as a path, since a crafted digest could lead out of the layout. " +
			"A missing algorithm, an algorithm in upper case and a tag in place of a digest are the usual slips.",
		Spec:  "descriptor.md#digests MUST",
		Since: "0.1.0",
	},
	{
		ID:       MediaTypeGrammar,
		Severity: Error,
		Title:    "a media type is not well formed",
		Help: "A media type is a type, a slash and a subtype, each of at most 127 letters, digits and a few marks such as . + and -, starting with a letter or digit. " +
			"Parameters such as ; charset=utf-8 do not belong here, and neither do blanks or an empty string. " +
			"Correct mediaType or artifactType where it is set.",
		Spec:  "descriptor.md#properties MUST; RFC 6838 section 4.2 MUST",
		Since: "0.1.0",
	},
	{
		ID:       DocumentMediaTypeMissing,
		Severity: Warning,
		Strict:   Error,
		Title:    "an index or manifest does not state its own mediaType",
		Help: "Only the descriptor then says whether this is an index or a manifest, and where a tool has no descriptor it has to guess: that gap was used in CVE-2021-41190. " +
			"Add mediaType when the document is written the next time, or build the image with a current tool.",
		Spec:  "image-index.md#image-index-property-descriptions SHOULD; manifest.md#image-manifest-property-descriptions SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       IndexJSONMediaTypeMissing,
		Severity: Ignore,
		Strict:   Error,
		Title:    "index.json does not state its own mediaType",
		Help: "The name of the file says that it is an image index, and many tools written in Go have long left the member out, so little depends on it. " +
			"It helps once the content is pushed or copied under another name. " +
			"Add the member with the value application/vnd.oci.image.index.v1+json; no digest changes by that. " +
			"As most layouts lack it, the rule is off unless you ask for it, with --rule index-json-media-type-missing=info or --profile strict.",
		Spec:  "image-index.md#image-index-property-descriptions SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       DocumentTooLarge,
		Severity: Warning,
		Title:    "an index or manifest is larger than 4 MiB, where many registries stop",
		Help: "Many registries refuse manifests and indexes of more than 4 MiB, so the image cannot be pushed there. " +
			"Embedded data, very long annotations and indexes with thousands of entries make them so large. " +
			"Move data into blobs, or split the index.",
		Spec:  "distribution-spec spec.md#pushing-manifests SHOULD (support 4 megabytes)",
		Since: "0.1.0",
	},
	{
		ID:       DocumentLarge,
		Severity: Info,
		Title:    "an index or manifest is larger than 4,000,000 bytes",
		Help: "Registries and clients should support at least 4 megabytes, and nobody promises more. " +
			"This document is beyond that, though not above 4 MiB, where many of them stop. " +
			"Move embedded data into blobs, shorten annotations, or split the index.",
		Spec:  "distribution-spec spec.md#pushing-manifests SHOULD (support 4 megabytes)",
		Since: "0.1.0",
	},
	{
		ID:       ManifestLayersEmpty,
		Severity: Warning,
		Strict:   Error,
		Schema:   Error,
		Title:    "a manifest lists no layers",
		Help: "Some registries and clients refuse a manifest without layers, as does the JSON schema of the specification. " +
			"An artifact that needs none puts the empty descriptor there. " +
			"In an image it shows that the build brought no files: see whether that was meant.",
		Spec:  "manifest.md#image-manifest-property-descriptions SHOULD; schema/image-manifest-schema.json (layers)",
		Since: "0.1.0",
	},
}
