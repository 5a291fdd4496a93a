package rule

// indexRows judge the file index.json and reference names.
var indexRows = []Rule{
	{
		ID:       IndexJSONDigestMismatch,
		Severity: Error,
		Title:    "index.json does not hash to the digest expected of it",
		Help: "Nothing in a layout protects index.json, so --expect-index pins it from outside. " +
			"Either somebody or something changed the file, if only by adding a name, or the digest belongs to another state of the layout. " +
			"Get the layout again from its source, or give the new digest once you trust the change.",
		Spec:  "derived from descriptor.md#verification SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       IndexEmpty,
		Severity: Info,
		Title:    "index.json lists nothing",
		Help: "This is allowed, and normal for a layout that was only just initialised. " +
			"No image can be found in it, though, and all blobs in it count as unreferenced. " +
			"If you expected images here, the step that adds them failed or wrote somewhere else.",
		Spec:  "image-index.md#image-index-property-descriptions MAY",
		Since: "0.1.0",
	},
	{
		ID:       IndexEntryTypeUnknown,
		Severity: Info,
		Title:    "an index entry has a media type that is not known here",
		Help: "Nothing beyond the size and the digest of its blob is checked. " +
			"Anything that blob refers to was not followed and may show up as unreferenced. " +
			"If the entry is meant to be an image manifest or an image index, correct the spelling of its mediaType; otherwise nothing is wrong.",
		Spec:  "image-layout.md#indexjson-file MUST NOT (fail on it); image-index.md#image-index-property-descriptions MUST NOT (fail on it)",
		Since: "0.1.0",
	},
	{
		ID:       RefNameGrammar,
		Severity: Warning,
		Strict:   Error,
		Title:    "a reference name does not follow the grammar",
		Help: "Other tools may be unable to find the entry by this name. " +
			"A name consists of runs of ASCII letters and digits; between two runs stands one of - . _ : @ + / or a double hyphen, never at either end. " +
			"Change the value of org.opencontainers.image.ref.name in index.json; no descriptor depends on it.",
		Spec:  "annotations.md#pre-defined-annotation-keys SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       RefNameDuplicate,
		Severity: Info,
		Title:    "entries of index.json share a reference name without being ambiguous",
		Help: "They have one digest, or each has a platform of its own, so no tool can pick a wrong one. " +
			"Pulling or copying the same image twice often leaves such a pair. " +
			"Remove the repetition, or list the platforms in an image index of their own, if other tools stumble over it.",
		Spec:  "derived from image-layout.md#indexjson-file",
		Since: "0.1.0",
	},
	{
		ID:       RefNameAmbiguous,
		Severity: Warning,
		Title:    "one reference name stands for several different entries of index.json",
		Help: "Which of them a tool takes is its own affair: some use the first, some the last, some refuse. " +
			"Keep the name on the entry you mean and take it off the others, or give those names of their own. " +
			"Entries for different platforms can share a name once each of them carries its platform.",
		Spec:  "derived from image-layout.md#indexjson-file",
		Since: "0.1.0",
	},
	{
		ID:       RefNameMisplaced,
		Severity: Warning,
		Strict:   Error,
		Title:    "a reference name stands outside the entries of index.json",
		Help: "The annotation org.opencontainers.image.ref.name has a meaning only on the descriptors in index.json; elsewhere it names nothing. " +
			"It often gets there when a tool copies the annotations of an entry into a document. " +
			"Leave it out when you write the document the next time; the image itself is not damaged.",
		Spec:  "annotations.md#pre-defined-annotation-keys SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       RefNameInLabels,
		Severity: Info,
		Title:    "the labels of an image config carry a reference name",
		Help: "As a label it names nothing. " +
			"It usually comes from the base image, and every build upon that inherits it, so it tells more about the base than about this image. " +
			"Set the label anew or drop it in your build if it misleads anyone.",
		Spec:  "annotations.md#pre-defined-annotation-keys SHOULD; config.md#properties (Labels)",
		Since: "0.1.0",
	},
	{
		ID:       ReferrersTagNotIndex,
		Severity: Warning,
		Strict:   Error,
		Title:    "a referrers tag names something other than an image index",
		Help: "Under a name such as sha256-<hex>, the digest of a manifest with a hyphen for its colon, clients look for signatures, SBOMs and other referrers of that manifest. " +
			"They expect a list of them, as an image index, and find none here. " +
			"Let the tool that attached the referrers write the list again, or choose another name for this entry.",
		Spec:  "distribution-spec spec.md#referrers-tag-schema should",
		Since: "0.1.0",
	},
}
