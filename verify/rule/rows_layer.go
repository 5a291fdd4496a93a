package rule

// diffIDRows judge what layers unpack to against what configurations promise.
var diffIDRows = []Rule{
	{
		ID:       DiffIDGrammar,
		Severity: Error,
		Schema:   Warning,
		Title:    "a diff id is not a digest",
		Help: "A diff id is the digest of what a layer unpacks to, so it has the form of every digest: sha256: and 64 of the characters 0-9 and a-f, in lower case. " +
			"With anything else the layer cannot be held against it, and tools that unpack the image fail. " +
			"Build the image again, or correct the tool that writes the config.",
		Spec:  "derived from config.md#properties (diff_ids); config.md#layer-diffid; descriptor.md#digests MUST",
		Since: "0.1.0",
	},
	{
		ID:       DiffIDCount,
		Severity: Error,
		Title:    "a manifest and its image config differ in the number of layers",
		Help: "Each layer has one diff id, at the same place in the config, so here no layer can be held against its own. " +
			"Docker and containerd refuse such an image. " +
			"It comes about when a layer is added to the manifest alone, or when the config of another image is used. " +
			"Add or remove the layer with a tool that writes both, or build the image again.",
		Spec:  "derived from config.md#properties (diff_ids); manifest.md#image-manifest-property-descriptions MUST (stack order)",
		Since: "0.1.0",
	},
	{
		ID:       DiffIDMismatch,
		Severity: Error,
		Title:    "a layer does not unpack to its diff id",
		Help: "The config promises other files than the layer brings, and runtimes that check refuse to unpack it. " +
			"Usual causes are a diff id taken from the compressed bytes, layers in another order than their diff ids, and an archive that was written anew without its config. " +
			"Build the image again. If neither tool nor script explains it, do not use the image.",
		Spec:  "config.md#layer-diffid; config.md#properties (diff_ids)",
		Since: "0.1.0",
	},
	{
		ID:       DiffIDNotChecked,
		Severity: Info,
		Title:    "a layer was not held against its diff id",
		Help: "Its media type is not one of a tar layer, or its blob is absent and may be, so nobody here can tell what it unpacks to. " +
			"Attestations, signatures and model weights often come in this way under an image config. " +
			"If the layer is meant to be unpacked, correct its media type; if it is absent, check the image where the layer is there.",
		Spec:  "manifest.md#image-manifest-property-descriptions MUST NOT (fail on an unknown type); config.md#layer-diffid",
		Since: "0.1.0",
	},
	{
		ID:       HistoryCount,
		Severity: Warning,
		Title:    "the history of an image config tells of another number of layers than it has diff ids",
		Help: "Every entry without empty_layer stands for one layer, so from here on entries and layers are paired wrongly, and docker history and some conversions can fail. " +
			"Nothing is wrong with the files of the image. " +
			"Tools that squash or add layers often forget the history: mark the entries that made no layer, add those that are missing, or leave history out.",
		Spec:  "derived from config.md#properties (history)",
		Since: "0.1.0",
	},
}

// layerRows judge the compressed stream of a layer.
var layerRows = []Rule{
	{
		ID:       LayerMediaType,
		Severity: Error,
		Title:    "a layer is compressed in another way than its media type says",
		Help: "Some tools believe the media type and fail, others look at the bytes and unpack the layer all the same. " +
			"It happens when a layer is compressed anew, or a download is unpacked on the way, and the manifest stays as it was. " +
			"Write the true type into the manifest and refer to its new digest. " +
			"Only plain tar, gzip and zstd have a type: compress anything else anew.",
		Spec:  "layer.md#gzip-media-types; layer.md#zstd-media-types; derived from layer.md#distributable-format MUST for plain tar",
		Since: "0.1.0",
	},
	{
		ID:       LayerStream,
		Severity: Error,
		Title:    "the compressed stream of a layer is corrupt",
		Help: "It breaks off, fails its checksum or is not what its format demands, so the layer cannot be unpacked as a whole. " +
			"The digest of the blob is right: the bytes were broken before they were hashed, and copying the image once more will not help. " +
			"Build or compress the layer again, and look for an interrupted write or a full disk.",
		Spec:  "layer.md#gzip-media-types; layer.md#zstd-media-types; RFC 1952 section 2.3.1; RFC 8478 section 3",
		Since: "0.1.0",
	},
	{
		ID:       LayerTrailingZeros,
		Severity: Warning,
		Title:    "zeros follow the end of a compressed layer",
		Help: "The gzip program skips such padding, while Go's gzip reader, which many container tools use, takes it for a damaged member and fails. " +
			"It comes from writing in blocks of a fixed size, as to a tape or a disk image. " +
			"Compress the layer again, or cut the zeros off and correct size and digest.",
		Spec:  "derived from layer.md#gzip-media-types; RFC 1952 section 2.2",
		Since: "0.1.0",
	},
	{
		ID:       LayerTrailingData,
		Severity: Error,
		Title:    "bytes that are no gzip member follow the end of a compressed layer",
		Help: "A gzip stream is made of members and nothing else. " +
			"Some tools refuse the layer, others warn or silently drop the rest, so what stands there may be lost or hidden. " +
			"A second stream in another format or the output of a program that failed are likely finds. " +
			"See what the bytes are, then compress the layer again.",
		Spec:  "derived from layer.md#gzip-media-types; RFC 1952 section 2.2",
		Since: "0.1.0",
	},
	{
		ID:       LayerNotToDistribute,
		Severity: Info,
		Strict:   Error,
		Title:    "a layer has a media type that says it is not to be distributed",
		Help: "These types are deprecated; older base images of Windows have them, and they remain usable. " +
			"Many tools do not upload such a layer, so it may be absent where the image is copied to. " +
			"Build upon a newer base image, or, if the licence lets you pass the layer on, give it an ordinary layer type.",
		Spec:  "layer.md#non-distributable-layers SHOULD NOT",
		Since: "0.1.0",
	},
	{
		ID:       LimitLayerBytes,
		Severity: Warning,
		Unproven: true,
		Title:    "a layer unpacks to more bytes than the limit",
		Help: "Unpacking stopped there, so the rest of its entries and its diff id were not checked; the digest of the blob was. " +
			"A small blob can unpack to any length, and a layer that is made to fill disks looks like this. " +
			"If the layer really is that large, raise --max-layer-bytes.",
		Spec:  "derived from layer.md#distributable-format, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitLayerRatio,
		Severity: Warning,
		Unproven: true,
		Title:    "a layer unpacks to a larger multiple of its size than the limit",
		Help: "Unpacking stopped there, so the rest of its entries and its diff id were not checked; the digest of the blob was. " +
			"Programs and texts shrink to a third or a tenth, and only long runs of the same bytes, as in an empty disk image, go far beyond. " +
			"The first gigabyte is exempt. " +
			"If you know why the layer is so, raise --max-layer-ratio.",
		Spec:  "derived from layer.md#distributable-format, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitLayerWindow,
		Severity: Warning,
		Unproven: true,
		Title:    "a layer needs a larger zstd window than 128 MiB",
		Help: "The window has to be held in memory, so the layer was not unpacked, and neither its entries nor its diff id were checked. " +
			"Other tools set such bounds too, some of them much lower. " +
			"zstd goes beyond 128 MiB only when told so, as by --long=28 and more: compress the layer again without that.",
		Spec:  "RFC 8478 section 3.1.1.1.2 (a decoder may set limits, 8 MB is recommended)",
		Since: "0.1.0",
	},
	{
		ID:       LimitLayerEntries,
		Severity: Warning,
		Unproven: true,
		Title:    "a layer has more entries than the limit",
		Help: "The entries after that were not looked at, and neither whiteouts nor hard links of the layer were held against the layers below. " +
			"What the layer unpacks to was still hashed. " +
			"A layer with millions of files is slow everywhere, so see whether they belong in it; if so, raise --max-layer-entries.",
		Spec:  "derived from layer.md#distributable-format, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitLayerTOC,
		Severity: Warning,
		Unproven: true,
		Title:    "a layer's table of contents is larger than the limit",
		Help: "The table was not read, so that nobody knows whether it agrees with the archive; all else about the layer was checked. " +
			"A layer has such a table when it has some hundred thousand files, and runtimes have limits of their own for it. " +
			"Raise --max-layer-toc, which takes memory, or see whether so many files belong in one layer.",
		Spec:  "eStargz docs/estargz.md#toc-and-tocentries and containers/storage pkg/chunked, of which the former sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitLayerNames,
		Severity: Warning,
		Unproven: true,
		Title:    "the names of an image's files take more memory than the limit",
		Help: "Whether its layers fit together was not checked from that layer on: hard links, whiteouts, paths that stand twice, and entries below what is no directory. " +
			"The digests, and each entry by itself, were. " +
			"Four million files of usual names fit into the default, so see whether so many belong into one image; if so, raise --max-layer-names.",
		Spec:  "derived from layer.md#applying-changesets, which sets no bound",
		Since: "0.1.0",
	},
}

// tarRows judge the tar archive of a layer as a whole.
var tarRows = []Rule{
	{
		ID:       TarInvalid,
		Severity: Error,
		Title:    "a layer is not a sound tar archive",
		Help: "A header is malformed, the archive breaks off within an entry, or the bytes are no archive at all. " +
			"Tools fail there or drop what comes after, and the entries after it were not checked. " +
			"Content that is no file system changeset needs a media type of its own; otherwise build the layer again.",
		Spec:  "layer.md#distributable-format MUST",
		Since: "0.1.0",
	},
	{
		ID:       TarEmpty,
		Severity: Warning,
		Title:    "a layer unpacks to zero bytes",
		Help: "Even an archive without entries has an end, which is 1,024 bytes of zeros. " +
			"Some tools take the lack of it for an empty layer, while GNU tar and Python's tarfile, among others, refuse it. " +
			"Write a proper empty archive, or leave the layer and its diff id out.",
		Spec:  "derived from layer.md#distributable-format MUST; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       TarUnterminated,
		Severity: Warning,
		Title:    "the archive of a layer lacks the two blocks of zeros at its end",
		Help: "Go's reader does not mind, but others, some security scanners among them, report an unexpected end of file. " +
			"An archive that was cut off between two entries looks the same, so make sure that none is missing. " +
			"Programs that forget to close their tar writer make such archives, as umoci insert did before 0.5.0: build the layer again.",
		Spec:  "derived from layer.md#distributable-format MUST; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       TarTrailing,
		Severity: Info,
		Title:    "bytes other than zeros follow the end of a layer's archive",
		Help: "Tools stop at the end of the archive and do not unpack them, yet they count for the diff id. " +
			"Two archives joined with cat look like this, and then the files of the second one are lost. " +
			"If you expected files that are not there, join the archives with tar --concatenate and build the layer again.",
		Spec:  "derived from config.md#layer-diffid; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
}

// tocRows judge tables of contents, by which some runtimes read a layer.
var tocRows = []Rule{
	{
		ID:       TOCAnnotation,
		Severity: Error,
		Title:    "an annotation about a layer's table of contents cannot be understood",
		Help: "The annotation is to hold the table's digest, or its place in the blob, and does not do so in a way that can be used. " +
			"So the table was not checked, and a runtime that needs it fails or unpacks the whole layer instead. " +
			"Convert the layer again with a current tool, or take the annotations off its descriptor: without them it is an ordinary layer.",
		Spec:  "eStargz docs/estargz.md#content-verification-in-estargz MUST; containers/storage pkg/chunked (zstd:chunked)",
		Since: "0.1.0",
	},
	{
		ID:       TOCMismatch,
		Severity: Error,
		Title:    "a layer's table of contents is not the promised one or disagrees with its archive",
		Help: "A runtime that reads the layer by the table sees other files than one that unpacks it, so what was scanned need not be what runs. " +
			"Mostly the layer was compressed or changed anew and kept the annotations of the old one. " +
			"Convert it again or take the annotations off its descriptor, and do not use the image before you know who made it so.",
		Spec:  "eStargz docs/estargz.md#toc-and-tocentries MUST; eStargz docs/estargz.md#content-verification-in-estargz; containers/storage pkg/chunked (zstd:chunked)",
		Since: "0.1.0",
	},
	{
		ID:       TOCDigestMissing,
		Severity: Warning,
		Title:    "a layer's table of contents lacks one of the two digests of a file",
		Help: "Readers verify a file by the digest of its chunks, or by that of the whole file, and some know the one alone: they refuse the file or give it out as it is. " +
			"What the table does say agrees with the archive. " +
			"Convert the layer again with a current tool, which writes both.",
		Spec:  "eStargz docs/estargz.md#toc-and-tocentries MUST (chunkDigest); containers/storage pkg/chunked (digest)",
		Since: "0.1.0",
	},
	{
		ID:       TOCNotChecked,
		Severity: Info,
		Title:    "a table of contents lies in an image that is not in the layout, or a tar-split was not compared",
		Help: "Mostly the layer ends with the mark of eStargz for a table that is kept elsewhere, in an image of its own, whose name mostly ends with -esgztoc. " +
			"So it could not be seen whether the table agrees with the layer; all else about the layer was checked. " +
			"Copy that image into the layout too, and its tables are checked against these layers. " +
			"Where it is said of a tar-split, compress the layer at a lower level.",
		Spec:  "eStargz docs/estargz.md#estargz-image-with-an-external-toc-optional",
		Since: "0.1.0",
	},
}
