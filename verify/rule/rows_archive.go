package rule

// archiveRows judge the tar archive that a layout comes in.
var archiveRows = []Rule{
	{
		ID:       ArchiveDuplicate,
		Severity: Error,
		Title:    "two entries of the layout's archive have one name",
		Help: "Whoever unpacks the archive ends up with the last of them, while tools that look a file up in it may take the first, so two tools can see two images. " +
			"Names such as index.json, ./index.json and /index.json are one, and a file cannot have the name of a directory that others lie in. " +
			"Here the first was taken. " +
			"Appending with tar -r leaves the old entry in: write the archive anew.",
		Spec:  "derived from image-layout.md#content MUST; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveOutside,
		Severity: Error,
		Title:    "an entry of the layout's archive has a name that leads out of it",
		Help: "Unpacked without care, the file is written beside the layout or over something else. " +
			"No tool that writes layouts makes such an entry, and it was passed over here. " +
			"Find out where the archive comes from before you unpack it.",
		Spec:  "derived from image-layout.md#content",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveSparse,
		Severity: Error,
		Title:    "an entry of the layout's archive is a sparse file",
		Help: "Tools differ in which of the sparse formats they know, and some take the map of the holes for content. " +
			"A few kilobytes can also stand for a file of any size, so it was not read. " +
			"Leave out -S when you write the archive with GNU tar.",
		Spec:  "derived from image-layout.md#content; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveAmbiguous,
		Severity: Error,
		Title:    "tools differ in how they read an entry of the layout's archive",
		Help: "Its headers contradict one another, mean something only to some tools, or give it a name that some refuse. " +
			"Where they differ in where an entry ends, each sees another list of files, and what is checked need not be what is used. " +
			"The finding says what differs. " +
			"Unpack the archive with a tool you trust, check the directory, and write the archive anew.",
		Spec:  "derived from image-layout.md#content; POSIX.1-2017 pax, pax Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveUnportable,
		Severity: Warning,
		Title:    "some tools fail at an entry of the layout's archive",
		Help: "Its name is longer than file systems take or has \"..\" in it, its owner has a number that no user can have, or its checksum is added up in an old way. " +
			"Some tools pass over that, and others stop there, so that what comes after it is missing. " +
			"Write the archive anew with a common tool, such as tar --format=pax --numeric-owner --owner=0 --group=0.",
		Spec:  "derived from image-layout.md#content; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveBackslash,
		Severity: Error,
		Title:    "names in the layout's archive have backslashes in the place of slashes",
		Help: "A program on Windows wrote its own separators into the archive, where the format demands slashes. " +
			"On other systems blobs\\sha256\\... is the name of a file, and no tool finds a blob there. " +
			"Have the program that wrote it mended. Until then, tar -x --transform='s,\\\\,/,g' -f FILE (of GNU tar) unpacks the archive as it was meant.",
		Spec:  "image-layout.md#content MUST; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveMalformed,
		Severity: Error,
		Title:    "the layout's archive has a header that is none",
		Help: "Nothing after it can be found, and what was before it was checked as if that were all. " +
			"Such an archive is damaged, or another kind of file is joined to it. " +
			"Copy it again, or write it again with the tool that made it.",
		Spec:  "derived from image-layout.md#content MUST; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveTruncated,
		Severity: Error,
		Title:    "the layout's archive breaks off",
		Help: "It ends within a file or a header, as a copy or download that was interrupted does, or a disk that was full. " +
			"What came before was checked as if that were all. " +
			"Copy the archive again, and compare its size with that of the original.",
		Spec:  "derived from image-layout.md#content MUST; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveStream,
		Severity: Error,
		Title:    "the compressed stream of the layout's archive is corrupt",
		Help: "It breaks off, fails its checksum or is not what its format demands. " +
			"What it unpacks to until there was checked as if that were all. " +
			"Copy the archive again. If that does not help, write it again, and look for an interrupted write or a full disk.",
		Spec:  "derived from image-layout.md#content MUST; RFC 1952 section 2.3.1; RFC 8478 section 3",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveUnterminated,
		Severity: Warning,
		Title:    "the layout's archive lacks the two blocks of zeros at its end",
		Help: "Some tools do not mind, and others report an unexpected end of file. " +
			"An archive that was cut off between two entries looks the same, so make sure that none is missing. " +
			"Write the archive again, or copy it again if the original has its end.",
		Spec:  "derived from image-layout.md#content; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       ArchiveTrailing,
		Severity: Warning,
		Title:    "something follows the end of the layout's archive",
		Help: "Tools stop at the end of an archive, and do not see what comes after it; those that are told to go on see another list of files. " +
			"Two archives joined with cat look like this. " +
			"If it is meant to be there, join the archives with tar --concatenate; otherwise write the archive anew.",
		Spec:  "derived from image-layout.md#content; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       LimitArchiveEntries,
		Severity: Warning,
		Unproven: true,
		Title:    "the layout's archive has more entries than the limit",
		Help: "The index of the archive is held in memory, so the number of entries is bounded, and those after it were not looked at. " +
			"What is missing may be among them, and is not reported. " +
			"If the layout really is that large, raise --max-archive-entries.",
		Spec:  "derived from image-layout.md#content, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitArchiveHeaders,
		Severity: Warning,
		Unproven: true,
		Title:    "an entry of the layout's archive has more headers than a megabyte",
		Help: "Before an entry may stand any number of headers that say more about it. Real ones are a few kilobytes, so these are damaged, or made to wear tools out. " +
			"The rest of the archive was not looked at. " +
			"Write the archive again with a common tool.",
		Spec:  "derived from POSIX.1-2017 pax, pax Interchange Format, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitArchiveBytes,
		Severity: Warning,
		Unproven: true,
		Title:    "the layout's archive unpacks to more bytes than the limit",
		Help: "An archive that is compressed or comes through a pipe is unpacked into a temporary file first, and that was ended here, so that it cannot fill the disk. " +
			"What is missing may be in the rest, and is not reported. " +
			"If the layout really is that large, raise --max-archive-bytes, or unpack the archive and name the directory.",
		Spec:  "derived from image-layout.md#content, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitArchiveRatio,
		Severity: Warning,
		Unproven: true,
		Title:    "the layout's archive unpacks to more than the limit's multiple of its size",
		Help: "A small file can unpack to any number of bytes, so unpacking was ended here. Layers are mostly compressed already, so that an archive of them hardly shrinks. " +
			"What is missing may be in the rest, and is not reported. " +
			"If you know why this one does, raise --max-archive-ratio.",
		Spec:  "derived from image-layout.md#content, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitArchiveWindow,
		Severity: Warning,
		Unproven: true,
		Title:    "the layout's archive needs a larger zstd window than 128 MiB",
		Help: "So much memory is not given to a stream that asks for it, and the rest of the archive was not looked at. " +
			"zstd makes such windows only with --ultra --long=28 and above. " +
			"Compress the archive again without, or unpack it yourself.",
		Spec:  "RFC 8478 section 3.1.1.1.2 (a decoder may set limits, 8 MB is recommended)",
		Since: "0.1.0",
	},
}
