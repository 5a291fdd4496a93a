package rule

// headerRows judge the headers of a layer's entries, where tools differ in how they read
// them.
var headerRows = []Rule{
	{
		ID:       EntryAmbiguous,
		Severity: Warning,
		Title:    "tools differ in how they read an entry of a layer",
		Help: "Its headers contradict one another, or mean something only to some tools, so that one layer becomes different files: a scanner may look at another one than runs. " +
			"Container runtimes are mostly written in Go and agree among each other; GNU tar, bsdtar, Python and BusyBox do not agree with them. " +
			"The finding says what differs. " +
			"Unpack the layer with the tool that reads it as you mean it, and pack it again: tar --format=pax writes no such headers.",
		Spec:  "derived from layer.md#distributable-format MUST; POSIX.1-2017 pax, pax Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       EntryAttribute,
		Severity: Warning,
		Title:    "an entry has an owner, a mode or a time that not every tool takes",
		Help: "The number of an owner is negative or has more than 32 bits, the mode has bits that no file has, or a global header sets them for all entries after it. " +
			"Some tools fail at the entry; with others it ends up with the owner who unpacks, often root. " +
			"Set the owner when you write the layer, as with tar --owner=0 --group=0 --numeric-owner, and look for the overflow in the program that wrote it.",
		Spec:  "derived from layer.md#file-attributes",
		Since: "0.1.0",
	},
	{
		ID:       EntryTime,
		Severity: Info,
		Title:    "the time of an entry is one that not every tool sets",
		Help: "It lies before 1970 or after the year 2262. containerd, Docker and Podman set 1970 in its place, while umoci and tar set the time as it is. " +
			"A time that was never set is a likely cause: give the program that writes the layer one, such as SOURCE_DATE_EPOCH.",
		Spec:  "derived from layer.md#file-attributes",
		Since: "0.1.0",
	},
	{
		ID:       EntryPathDots,
		Severity: Warning,
		Title:    "the path of an entry has .. in it",
		Help: "It does not lead out of the root, and container runtimes resolve it, but GNU tar and bsdtar refuse such an entry, so that whoever unpacks the layer with them lacks the file. " +
			"Where a directory on the way is a symlink, it can also mean two places. " +
			"Write the entry under the path that is meant.",
		Spec:  "derived from layer.md#populate-initial-filesystem (relative path)",
		Since: "0.1.0",
	},
	{
		ID:       EntryNameLong,
		Severity: Warning,
		Title:    "a name in a layer, or a link's target, is longer than file systems take",
		Help: "A name has at most 255 bytes, a path at most 4095: nearly no file system takes more, and whoever unpacks the layer fails there. " +
			"255 bytes can be as few as 63 characters, and a file system with names in UTF-16 takes names that no other does. " +
			"Find out what makes such names, a cache that names files by their URLs for example, and leave it out of the image.",
		Spec:  "derived from layer.md#applying-changesets; NAME_MAX and PATH_MAX of Linux",
		Since: "0.1.0",
	},
	{
		ID:       EntryBackslash,
		Severity: Warning,
		Title:    "names in a layer have backslashes",
		Help: "A program on Windows that writes its own separators into the archive makes such names. " +
			"In a container of Linux, ko-app\\server is the name of one file in the root directory, and /ko-app/server is not there. " +
			"Build the image with a version of the program that writes slashes, or on another system. If these files are called so on purpose, set the rule to ignore.",
		Spec:  "derived from layer.md#populate-initial-filesystem; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       EntryEncoding,
		Severity: Warning,
		Title:    "names in a layer are not UTF-8",
		Help: "Linux takes them as the bytes that they are. Other systems refuse them or change them, and what is written in JSON about the files, as a list of packages or a table of contents, cannot name them. " +
			"They come from an archive or a file system of an old encoding: convmv renames such files.",
		Spec:  "derived from layer.md#populate-initial-filesystem; POSIX.1-2017 pax, pax Header Block (UTF-8)",
		Since: "0.1.0",
	},
}
