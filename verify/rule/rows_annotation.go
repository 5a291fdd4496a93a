package rule

// annotationRows judge annotations and labels.
var annotationRows = []Rule{
	{
		ID:       AnnotationKeyEmpty,
		Severity: Warning,
		Title:    "the key of an annotation is empty",
		Help: "A key is what tools look an annotation up by, and an empty one says nothing about its value. " +
			"It mostly comes from a script whose variable for the key was not set. " +
			"Give the annotation a key, or leave it out.",
		Spec:  "derived from annotations.md#rules",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationKeyForm,
		Severity: Ignore,
		Strict:   Error,
		Title:    "the key of an annotation is not in reverse domain notation",
		Help: "Keys of one word, such as version, are soon used by two tools for two things. " +
			"A domain that you own, written in reverse, keeps yours apart, as in com.example.version. " +
			"Rename the key where it is set, unless a tool that you use looks for it as it is. " +
			"Labels of one word are so common that the rule is off unless you ask for it, with --rule annotation-key-form=info or --profile strict.",
		Spec:  "annotations.md#rules SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationReserved,
		Severity: Warning,
		Title:    "an annotation uses a reserved key that no OCI specification defines",
		Help: "Keys that begin with org.opencontainers belong to the OCI specifications, and a later one may give this key a meaning that the value does not have. " +
			"Compare it with the list in the specification first, since a misspelt key such as org.opencontainers.image.licence is a frequent find. " +
			"A key of your own goes under a domain of your own.",
		Spec:  "annotations.md#rules MUST NOT",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationTime,
		Severity: Warning,
		Title:    "the annotation for the time of creation is not in the usual form of RFC 3339",
		Help: "Programs that sort or clean up images by age cannot read the value of org.opencontainers.image.created. " +
			"It is a day and a time of day with an offset, as in 2026-01-31T12:00:00Z; a day alone, a Unix time and the plain output of date are the usual slips. " +
			"The command date -u +%Y-%m-%dT%H:%M:%SZ prints the right form.",
		Spec:  "annotations.md#pre-defined-annotation-keys; RFC 3339 section 5.6",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationURL,
		Severity: Warning,
		Title:    "an annotation that is to hold a URL does not",
		Help: "Registries and other user interfaces make links of url, documentation and source, and this one leads nowhere. " +
			"An absolute URL begins with its scheme, as in https://example.com/app. " +
			"Write the whole address, or leave the annotation out if there is none.",
		Spec:  "annotations.md#pre-defined-annotation-keys (url, documentation, source)",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationURLSCP,
		Severity: Info,
		Title:    "an annotation that is to hold a URL holds an address in the form of scp",
		Help: "An address such as git@example.com:team/app.git has no scheme, so programs that expect a URL do not understand it, although git does. " +
			"It is what git remote get-url prints where a repository was cloned over ssh. " +
			"Write https://example.com/team/app or ssh://git@example.com/team/app.git instead.",
		Spec:  "annotations.md#pre-defined-annotation-keys (url, documentation, source)",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationLicenses,
		Severity: Info,
		Title:    "the annotation for licenses is not an SPDX expression",
		Help: "Programs that check licences read org.opencontainers.image.licenses as an SPDX expression, and cannot tell what this one allows. " +
			"Use the short identifiers of the SPDX list, joined by AND, OR and WITH, as in Apache-2.0 OR MIT. " +
			"A list with commas and a full name such as Apache License 2.0 are no expressions; a licence that is not on the list is written LicenseRef-name.",
		Spec:  "annotations.md#pre-defined-annotation-keys",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationBaseDigest,
		Severity: Warning,
		Title:    "the annotation for the base image's digest is not a digest",
		Help: "Tools read org.opencontainers.image.base.digest to see whether the base image has been renewed, and cannot do so with this value. " +
			"It is the whole digest of the base image's manifest, with its algorithm, as in sha256: and 64 digits. " +
			"A tag, a shortened hash or an empty variable are what stands there by mistake.",
		Spec:  "annotations.md#pre-defined-annotation-keys; descriptor.md#digests",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationBaseName,
		Severity: Warning,
		Strict:   Error,
		Title:    "the annotation for the base image's name is not a reference",
		Help: "Tools read org.opencontainers.image.base.name to look the base image up in its registry, and cannot do so with this value. " +
			"A reference is a registry, a path in lower case, and a tag or digest, as in registry.example.com/team/base:1.2. " +
			"A scheme such as https:// in front, upper-case letters in the path and blanks are the usual slips.",
		Spec:  "annotations.md#pre-defined-annotation-keys SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationBaseNameShort,
		Severity: Info,
		Strict:   Error,
		Title:    "the annotation for the base image's name names no registry",
		Help: "Which registry a short name such as alpine:3 means depends on the settings of whoever reads it, so two tools may take different images for the base. " +
			"Write the registry out, as in docker.io/library/alpine:3.",
		Spec:  "annotations.md#pre-defined-annotation-keys SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationBasePair,
		Severity: Info,
		Strict:   Error,
		Title:    "a base image is named without its digest",
		Help: "The image behind a name changes, so org.opencontainers.image.base.name alone does not say which one this image was built upon. " +
			"Add org.opencontainers.image.base.digest with the digest of the base image's manifest.",
		Spec:  "annotations.md#pre-defined-annotation-keys SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationBaseLayers,
		Severity: Info,
		Strict:   Error,
		Title:    "an image does not begin with the layers of the base image that it names",
		Help: "The base image is in this layout, and its diff ids are not the first ones of this image's config. " +
			"Whoever looks for what has changed since the base, or puts the layers upon a newer one, is then misled. " +
			"Mostly the annotations were taken over from another image, or name a stage of the build that gave only some files: name the image of the last FROM, or remove them.",
		Spec:  "annotations.md#pre-defined-annotation-keys SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       AnnotationLabelSchema,
		Severity: Info,
		Title:    "an annotation is of the superseded Label Schema",
		Help: "Keys that begin with org.label-schema have been superseded by those of OCI, and few programs still look for them. " +
			"They often come along with an older base image and do no harm. " +
			"Set the OCI key instead, as org.opencontainers.image.source for org.label-schema.vcs-url.",
		Spec:  "annotations.md#back-compatibility-with-label-schema MAY",
		Since: "0.1.0",
	},
}
