package rule

// artifactRows judge artifacts, the empty descriptor, and referrers.
var artifactRows = []Rule{
	{
		ID:       EmptyDescriptor,
		Severity: Warning,
		Title:    "a descriptor of the empty media type describes something other than {}",
		Help: "The media type application/vnd.oci.empty.v1+json stands for the two bytes {} and nothing else, and tools use it without looking at the blob. " +
			"Here the size or the digest is that of something else. " +
			"Set size 2 and the digest of {}, which in sha256 begins with 44136fa355b3, or give the content a media type of its own.",
		Spec:  "manifest.md#guidance-for-an-empty-descriptor",
		Since: "0.1.0",
	},
	{
		ID:       EmptyAsOther,
		Severity: Info,
		Title:    "the empty JSON object {} stands under another media type than the empty one",
		Help: "Artifacts without a config often do this to say what they are, and it works. " +
			"Under the type of an image config it does not, since an image config has required members. " +
			"New artifacts do better with application/vnd.oci.empty.v1+json for the config and an artifactType.",
		Spec:  "derived from manifest.md#guidelines-for-artifact-usage",
		Since: "0.1.0",
	},
	{
		ID:       ArtifactConfigType,
		Severity: Warning,
		Title:    "an artifact's config has the media type of an image config",
		Help: "A tool that goes by the type of the config takes this for an image and tries to unpack and run it. " +
			"Some tools have made artifacts in this way because registries once took nothing else. " +
			"Push it again with a current tool, with a media type of its own for the config, or with the empty config and an artifactType.",
		Spec:  "manifest.md#guidelines-for-artifact-usage MUST; artifacts-guidance.md should not",
		Since: "0.1.0",
	},
	{
		ID:       ArtifactManifestDropped,
		Severity: Warning,
		Title:    "a manifest is of a kind that was dropped before image-spec 1.1",
		Help: "Release candidates of image-spec 1.1, and ORAS before 1.0, had a manifest for artifacts alone, which the specification gave up. " +
			"Registries of today may refuse it, and tools pass over it, so that signatures or SBOMs in it are not found. " +
			"What it names was checked like any other content. " +
			"Push the files again with a current tool, which writes an image manifest with an artifactType.",
		Spec:  "derived from manifest.md#guidelines-for-artifact-usage",
		Since: "0.1.0",
	},
	{
		ID:       ArtifactLayerNotTar,
		Severity: Ignore,
		Title:    "a file of an artifact has the media type of a tar layer, and is not a tar archive",
		Help: "ORAS gives this type to files for which nobody named one, so it is common and does no harm to those who know the artifact. " +
			"Tools that go by the type try to unpack the file and fail. " +
			"Name the type when you push it, as in oras push REFERENCE FILE:text/plain. " +
			"The rule is off unless you ask for it with --rule artifact-layer-not-tar=warning.",
		Spec:  "derived from layer.md#distributable-format MUST; manifest.md#guidelines-for-artifact-usage",
		Since: "0.1.0",
	},
	{
		ID:       ArtifactLayersEmpty,
		Severity: Info,
		Strict:   Error,
		Title:    "all layers of a manifest are empty blobs",
		Help: "Some registries and clients cannot store or fetch a blob of zero bytes, so this manifest cannot be copied everywhere. " +
			"For an artifact that needs no layers, put the empty descriptor there: it has two bytes and every tool can handle it.",
		Spec:  "manifest.md#guidelines-for-artifact-usage SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       ConfigZeroSize,
		Severity: Info,
		Title:    "a config is a blob of no bytes",
		Help: "It is allowed, but some registries and clients cannot store or fetch a blob of zero bytes. " +
			"Artifacts that need no config are made like this by some tools. " +
			"Use the empty descriptor for the config, which has the two bytes {}, together with an artifactType.",
		Spec:  "derived from manifest.md#guidance-for-an-empty-descriptor",
		Since: "0.1.0",
	},
	{
		ID:       SubjectType,
		Severity: Warning,
		Title:    "a subject does not have the media type of a manifest or index",
		Help: "A referrer such as a signature refers to a manifest or an index, and clients look for it by the digest of one. " +
			"With this type no registry will list it for the image that is meant. " +
			"Usually the descriptor of a layer or config was put there: set subject to the descriptor of the manifest.",
		Spec:  "derived from manifest.md#image-manifest-property-descriptions",
		Since: "0.1.0",
	},
	{
		ID:       ReferrersTag,
		Severity: Info,
		Title:    "an entry of index.json is a list of referrers by its name",
		Help: "Its reference name is the digest of a manifest with a hyphen for the colon, under which clients look for signatures, SBOMs and the like where a registry has no referrers API. " +
			"Nothing is wrong. " +
			"Copy this entry along with the image if its referrers are to be found in the new place.",
		Spec:  "distribution-spec spec.md#referrers-tag-schema MUST",
		Since: "0.1.0",
	},
	{
		ID:       ReferrersSubject,
		Severity: Warning,
		Title:    "a list of referrers names a manifest that does not refer to its subject",
		Help: "Whoever asks for the referrers of the one manifest is given a signature or SBOM of another, or of none. " +
			"Lists get like this when they are edited by hand, or copied along with an image that was rebuilt. " +
			"Take the entry out of the list, or let the tool that attached the referrer attach it again.",
		Spec:  "distribution-spec spec.md#listing-referrers MUST",
		Since: "0.1.0",
	},
	{
		ID:       ReferrersArtifactType,
		Severity: Warning,
		Title:    "a list of referrers gives another artifact type than its referrer has",
		Help: "Clients filter such a list by artifact type without fetching the referrers, so this one is overlooked or taken for something else. " +
			"The type in the list is the artifactType of the referrer; a manifest without one counts by the media type of its config, and an index without one has no type in the list. " +
			"Let the tool that wrote the list write it again.",
		Spec:  "distribution-spec spec.md#listing-referrers MUST",
		Since: "0.1.0",
	},
	{
		ID:       ReferrersAnnotations,
		Severity: Warning,
		Title:    "a list of referrers lacks annotations that its referrer has",
		Help: "Clients choose from such a list by annotations, for instance the newest by its date, and do not see here what the referrer itself says. " +
			"Each entry carries all annotations of the referrer, with the same values. " +
			"Let the tool that wrote the list write it again.",
		Spec:  "distribution-spec spec.md#listing-referrers MUST",
		Since: "0.1.0",
	},
	{
		ID:       ReferrersIncomplete,
		Severity: Info,
		Title:    "a list of referrers lacks a referrer that the layout has",
		Help: "The layout has a manifest with this subject, and clients that rely on the list do not find it. " +
			"Two tools that attached something at the same time may have overwritten each other's list, or one of them writes no lists. " +
			"Attach the referrer again, or add its descriptor to the list.",
		Spec:  "derived from distribution-spec spec.md#pushing-manifests-with-subject",
		Since: "0.1.0",
	},
}
