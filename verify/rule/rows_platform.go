package rule

// platformRows judge platforms, and the choice between entries of an index by platform.
var platformRows = []Rule{
	{
		ID:       PlatformMissing,
		Severity: Info,
		Strict:   Error,
		Title:    "an image that shares an index with others has no platform",
		Help: "Clients choose from an index by platform: they pass over this entry, or take it on any machine, where the programs in it may not run. " +
			"Add platform to the entry, with the architecture and os of the image config.",
		Spec:  "image-index.md#image-index-property-descriptions SHOULD; descriptor.md#properties SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       PlatformMemberEmpty,
		Severity: Warning,
		Title:    "an architecture or os is an empty string",
		Help: "No machine has an empty architecture or os, so no client can choose by it. " +
			"Some tools write empty strings for artifacts that run nowhere. " +
			"In an index leave platform out for those; for an image put in the values, such as amd64 and linux.",
		Spec:  "image-index.md#image-index-property-descriptions REQUIRED; config.md#properties REQUIRED",
		Since: "0.1.0",
	},
	{
		ID:       PlatformValueUnlisted,
		Severity: Warning,
		Strict:   Error,
		Title:    "an architecture or os is not one that Go lists",
		Help: "Clients compare these values with their own, in the words that Go uses, so they will not find the image for any machine. " +
			"It is amd64 and not x86_64, arm64 and not aarch64, and darwin and not macos. " +
			"Correct the value in the entry and in the image config.",
		Spec:  "image-index.md#image-index-property-descriptions SHOULD; config.md#properties SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       PlatformUnknown,
		Severity: Ignore,
		Title:    "a platform is given as unknown",
		Help: "BuildKit marks its attestations so, to keep clients from running them, and then nothing is wrong. " +
			"An image that is meant to run needs a real architecture and os: set them in the build. " +
			"The rule is off unless you ask for it with --rule platform-unknown=info.",
		Spec:  "derived from image-index.md#image-index-property-descriptions SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       PlatformPair,
		Severity: Info,
		Title:    "an os and an architecture form a pair that Go does not list",
		Help: "Each value is known by itself, but Go supports no such combination, so there is hardly a machine for it. " +
			"Check whether one of the two is a slip, such as the os of the computer on which the image was built.",
		Spec:  "derived from image-index.md#image-index-property-descriptions SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       PlatformVariant,
		Severity: Warning,
		Strict:   Error,
		Title:    "a variant is not one that its architecture has",
		Help: "Clients choose between images of one architecture by the variant, and will not find one that is spelt in another way. " +
			"arm has v6, v7 and v8, arm64 has v8 and later such as v8.1, amd64 has v1, v2 and so on. " +
			"Correct the value, or leave it out if the image runs on all variants.",
		Spec:  "image-index.md#platform-variants SHOULD; config.md#properties SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       PlatformOSVersion,
		Severity: Info,
		Title:    "an os.version for windows is not numbers joined by dots",
		Help: "Windows hosts compare this version with their own, number by number, and may refuse the image or choose another one. " +
			"Write it as Windows does, as in 10.0.20348.2113.",
		Spec:  "derived from image-index.md#image-index-property-descriptions",
		Since: "0.1.0",
	},
	{
		ID:       PlatformOSFeature,
		Severity: Warning,
		Strict:   Error,
		Title:    "a value of os.features for windows is not win32k",
		Help: "For Windows only win32k is defined, and a client that does not know a feature may take the image for one it cannot run. " +
			"Correct the spelling, or leave the value out.",
		Spec:  "image-index.md#image-index-property-descriptions SHOULD; config.md#properties SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       PlatformFeatures,
		Severity: Info,
		Title:    "a platform uses the reserved member features",
		Help: "The member is kept free for a later specification, which may give it a meaning that this value does not have. " +
			"Docker's manifest lists used it for features of the processor. " +
			"Leave it out, and use variant for what the processor has to offer.",
		Spec:  "image-index.md#image-index-property-descriptions RESERVED",
		Since: "0.1.0",
	},
	{
		ID:       PlatformShadowed,
		Severity: Info,
		Title:    "an index entry has the same platform as an earlier one",
		Help: "Clients should take the first entry that fits, so this one is never chosen by platform and can only be fetched by its digest. " +
			"If it is the one that is meant, remove the earlier entry or change their order; if the two differ in something, say so in variant or os.version.",
		Spec:  "image-index.md#image-index-property-descriptions SHOULD (use the first)",
		Since: "0.1.0",
	},
	{
		ID:       PlatformMismatch,
		Severity: Warning,
		Title:    "an index entry and its image config disagree on the platform",
		Help: "Clients choose by the entry and run by the config, so a machine may be given an image whose programs it cannot run. " +
			"An image built on one architecture and labelled as another is the usual cause. " +
			"See which of the two is true, and correct the entry or build the image again.",
		Spec:  "derived from config.md#properties; image-index.md#image-index-property-descriptions",
		Since: "0.1.0",
	},
	{
		ID:       IndexEntryDuplicate,
		Severity: Info,
		Title:    "an index lists one digest twice for the same platform",
		Help: "It does no harm, as both entries lead to the same content for the same platform. " +
			"Tools that add to an index without looking leave such pairs. " +
			"Remove one of them when the index is written the next time.",
		Spec:  "derived from image-index.md#image-index-property-descriptions",
		Since: "0.1.0",
	},
}
