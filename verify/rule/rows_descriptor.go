package rule

// descriptorRows judge descriptors, and the digests and URLs in them.
var descriptorRows = []Rule{
	{
		ID:       DigestEncoding,
		Severity: Error,
		Schema:   Warning,
		Title:    "the encoded part of a digest does not have the form that its algorithm demands",
		Help: "After sha256: and blake3: stand exactly 64, after sha384: 96 and after sha512: 128 of the characters 0-9 and a-f. " +
			"Anything else can never be the hash of a content, so no blob can be found or checked by it. " +
			"Upper-case digits, a shortened hash and a hash of another algorithm are the usual slips.",
		Spec:  "descriptor.md#sha-256 MUST; descriptor.md#sha-512 MUST; descriptor.md#blake3 MUST (after v1.1.1); derived for sha384",
		Since: "0.1.0",
	},
	{
		ID:       DigestAlgorithmUnregistered,
		Severity: Info,
		Title:    "a digest uses an algorithm that the specification does not register",
		Help: "The digest keeps the grammar and so is valid, but the specification does not say how this algorithm is computed, and few tools know it. " +
			"Use sha256 wherever the content has to be checked by others.",
		Spec:  "descriptor.md#digests SHOULD (accept it); descriptor.md#registered-algorithms",
		Since: "0.1.0",
	},
	{
		ID:       DigestNotSHA256,
		Severity: Info,
		Strict:   Error,
		Title:    "a digest uses a registered algorithm other than sha256",
		Help: "Every tool has to know sha256, while the others are optional, so some tools cannot check or even find this content. " +
			"Use sha256 unless all who read the image know the other algorithm.",
		Spec:  "descriptor.md#registered-algorithms SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       DescriptorSizeConflict,
		Severity: Warning,
		Title:    "descriptors give different sizes for one blob that is missing",
		Help: "At most one of the sizes can be right, and the blob is not in the layout to tell which. " +
			"Clients that compare the size reject the blob by one of the descriptors once they have fetched it. " +
			"Fetch the blob, correct the wrong size, and write the documents around it anew.",
		Spec:  "derived from descriptor.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       DescriptorEmptyBlob,
		Severity: Error,
		Schema:   Warning,
		Title:    "size and digest of a descriptor contradict each other about whether the blob is empty",
		Help: "The size is 0 and the digest is not that of no bytes, or the digest is and the size is not 0: no content can ever have both. " +
			"A program that hashed before it had written, or that never set the size, is the usual cause. " +
			"Write the size and the digest of the blob that is meant. The sha256 of no bytes begins with e3b0c442.",
		Spec:  "derived from descriptor.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       URLGrammar,
		Severity: Error,
		Title:    "a URL of a descriptor is not a URI",
		Help: "The content cannot be fetched from there, and some tools refuse the whole document. " +
			"A URI begins with a scheme and a colon, and a percent sign in it is followed by two hexadecimal digits; an address of IPv6 stands between brackets, and a port is a number. " +
			"A host name or path alone is no URI: write it out, as in https://example.com/layer.tar.gz, or leave urls out.",
		Spec:  "descriptor.md#properties MUST; RFC 3986 section 3",
		Since: "0.1.0",
	},
	{
		ID:       URLCharacters,
		Severity: Warning,
		Schema:   Error,
		Title:    "a URL of a descriptor holds characters that a URI cannot hold",
		Help: "Blanks, quotes and letters beyond ASCII are not allowed in a URI, and tools refuse them or escape them each in its own way. " +
			"Write them as percent signs with the hexadecimal digits of their UTF-8 bytes, a blank as %20.",
		Spec:  "descriptor.md#properties MUST; RFC 3986 section 2",
		Since: "0.1.0",
	},
	{
		ID:       URLScheme,
		Severity: Warning,
		Strict:   Error,
		Title:    "a URL of a descriptor is neither http nor https",
		Help: "Clients fetch from http and https, and hardly any of them knows another scheme. " +
			"An address on the machine where the image was built is of no use elsewhere. " +
			"Put the content on a web server and name that, or leave urls out.",
		Spec:  "descriptor.md#properties SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       DataLarge,
		Severity: Info,
		Title:    "a descriptor embeds more than 64 KiB of data",
		Help: "Embedded data is meant for small contents: it adds four thirds of its size to the document around it, and some registries refuse large manifests. " +
			"Leave data out and let the content be a blob of its own.",
		Spec:  "descriptor.md#embedded-content SHOULD (consider portability)",
		Since: "0.1.0",
	},
	{
		ID:       ArtifactTypeMismatch,
		Severity: Warning,
		Title:    "a descriptor and its manifest disagree on the artifact type",
		Help: "Clients that go by the descriptor take the artifact for something else than the manifest says it is, and a filter by type may miss it. " +
			"The descriptor's artifactType is that of the manifest, or the media type of its config if the manifest has none. " +
			"Correct the descriptor, which in index.json needs no other change, or leave its artifactType out.",
		Spec:  "derived from descriptor.md#properties; distribution-spec spec.md#listing-referrers MUST (lists of referrers)",
		Since: "0.1.0",
	},
	{
		ID:       PlatformMisplaced,
		Severity: Info,
		Title:    "a descriptor of a config or layer has a platform",
		Help: "Only the entries of an index are chosen by platform, so nobody looks at this one. " +
			"If it differs from what the image config says, it misleads whoever reads it. " +
			"Leave it out when the manifest is written the next time.",
		Spec:  "derived from descriptor.md#properties; image-index.md#image-index-property-descriptions",
		Since: "0.1.0",
	},
}
