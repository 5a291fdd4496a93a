package rule

// entryRows judge the entries of a layer's archive.
var entryRows = []Rule{
	{
		ID:       EntryDuplicate,
		Severity: Error,
		Title:    "a path stands twice in a layer",
		Help: "Whoever unpacks the layer ends up with the last entry, while a tool that looks a file up in it may take the first, so a scanner can see another file than the one that runs. " +
			"Names such as a, ./a and /a are the same path. " +
			"Appending to an archive with tar -r leaves the old entry in: write the archive anew.",
		Spec:  "layer.md#distributable-format MUST NOT",
		Since: "0.1.0",
	},
	{
		ID:       EntryDuplicateDirectory,
		Severity: Warning,
		Title:    "a directory stands twice in a layer, each time the same",
		Help: "Mode, owner and time are equal, so the outcome does not depend on which entry is taken. " +
			"It is forbidden all the same, and strict tools may refuse it. " +
			"Programs that write the parent directories before each file are the usual cause: let them remember which ones they have written.",
		Spec:  "layer.md#distributable-format MUST NOT",
		Since: "0.1.0",
	},
	{
		ID:       EntryPathEscape,
		Severity: Error,
		Title:    "the path of an entry leads out of the root",
		Help: "Unpacked carelessly, it overwrites files of the host. " +
			"Some tools refuse the layer, others leave the entry out or keep it within the root, so they do not make the same image of it. " +
			"Image builders do not write such names by themselves: find out who made the layer before you use it.",
		Spec:  "derived from layer.md#applying-changesets",
		Since: "0.1.0",
	},
	{
		ID:       EntryPathAbsolute,
		Severity: Warning,
		Title:    "the path of an entry is absolute",
		Help: "It was taken as relative to the root, as most tools do. " +
			"Some refuse the layer, and others do not find the file under the name they look for. " +
			"Leave out -P when you write the archive with tar, and enter the root with -C, so that names are relative to it.",
		Spec:  "derived from layer.md#populate-initial-filesystem (relative path)",
		Since: "0.1.0",
	},
	{
		ID:       EntryPathEmpty,
		Severity: Error,
		Title:    "an entry has no name",
		Help: "Nothing can be made under an empty name: some tools fail, some skip the entry, and some take it for the root directory and change that. " +
			"A script that cut a prefix off all names, and with it the whole name of the top directory, is a likely cause. " +
			"Name the root ./ or leave its entry out.",
		Spec:  "derived from layer.md#applying-changesets",
		Since: "0.1.0",
	},
	{
		ID:       EntryPathLong,
		Severity: Warning,
		Title:    "the path of an entry is longer than 4096 bytes",
		Help: "No system call of Linux takes a path of that length, and other systems allow less, so most tools cannot unpack the entry. " +
			"A directory that was copied into itself over and over, or a damaged header, makes such names. " +
			"Look at where the path begins to repeat, and build the layer without it.",
		Spec:  "derived from layer.md#applying-changesets; PATH_MAX of Linux",
		Since: "0.1.0",
	},
	{
		ID:       EntryThroughSymlink,
		Severity: Warning,
		Title:    "the path of an entry, or of a hard link's target, goes through a symlink",
		Help: "Some tools follow the link, some put a directory in its place and some refuse, so the file ends up in different places. " +
			"Where the symlink is in a lower layer, overlayfs shows a directory in its place that has no more than this entry, so that a base whose /lib leads to usr/lib loses its libraries. " +
			"Put the entry under the directory that the link means, or leave the link out.",
		Spec:  "derived from layer.md#changeset-over-existing-files, which leaves it open",
		Since: "0.1.0",
	},
	{
		ID:       EntryBelowFile,
		Severity: Error,
		Title:    "an entry lies below what is no directory",
		Help: "On the way to it is a file, a device, or a symlink to one of these or to itself, in its own layer or in a lower one. " +
			"containerd, Docker and podman fail at such a layer, and others lose one of the entries: ocilayout files leaves out what cannot be put anywhere. " +
			"If a file became a directory, let the layer have an entry for the directory before those in it.",
		Spec:  "derived from layer.md#changeset-over-existing-files",
		Since: "0.1.0",
	},
	{
		ID:       EntryBelowWhiteout,
		Severity: Warning,
		Title:    "an entry lies below a path that a whiteout of its own layer removes",
		Help: "Where each layer is unpacked by itself and the layers are put upon one another by overlayfs, as containerd, Docker and podman do, the removal is a file of its own: " +
			"they fail at what lies below it, or, where the layer has an entry for the directory, show what lower layers have in it all the same. " +
			"Leave the whiteout out, let the directory be an entry, and put .wh..wh..opq into it.",
		Spec:  "layer.md#whiteouts; layer.md#opaque-whiteout",
		Since: "0.1.0",
	},
	{
		ID:       EntryReplacesDirectory,
		Severity: Warning,
		Title:    "an entry takes the place of a directory after entries in that",
		Help: "What the layer has brought there is lost again, at whoever unpacks the layer with containerd, Docker, podman or umoci; GNU tar and bsdtar refuse to replace the directory. " +
			"Where the directory has an entry of its own, that is a path that stands twice. " +
			"Two sources were packed into one layer that do not fit together: leave out one of the two.",
		Spec:  "derived from layer.md#changeset-over-existing-files",
		Since: "0.1.0",
	},
	{
		ID:       EntryParentMissing,
		Severity: Info,
		Title:    "a layer has no entry for a directory of special owner, mode or attributes",
		Help: "The directory is in a lower layer, and its owner is not 0:0, or its mode not 0755, or it has extended attributes. " +
			"Where each layer is unpacked by itself, Docker and podman make it anew with owner 0:0 and mode 0755, so that /tmp is no longer for everybody. " +
			"Pack the directory along, as it is in the lower layer.",
		Spec:  "derived from layer.md#creating-image-layers",
		Since: "0.1.0",
	},
	{
		ID:       EntryParentReplaced,
		Severity: Warning,
		Title:    "a layer has no entry for a directory below one that was no directory in a lower layer",
		Help: "containerd looks for the missing directory in each lower layer by itself, comes upon what is no directory there, and fails, if it puts layers upon one another by overlayfs. " +
			"Others make the directory. " +
			"Pack all directories along that lead to an entry.",
		Spec:  "derived from layer.md#creating-image-layers",
		Since: "0.1.0",
	},
	{
		ID:       EntryXattrLower,
		Severity: Info,
		Title:    "a directory comes again without the extended attributes that it has in a lower layer",
		Help: "If the layers are unpacked into one directory, containerd, Docker and podman leave attributes that the new entry does not speak of; umoci and overlayfs have only those of the entry. " +
			"The archiver may have been told to leave attributes out, or run on a file system that has none. " +
			"Pack the directory with its attributes, or without them in all layers.",
		Spec:  "layer.md#file-attributes; layer.md#changeset-over-existing-files",
		Since: "0.1.0",
	},
	{
		ID:       EntryRoot,
		Severity: Error,
		Title:    "an entry makes the root something else than a directory",
		Help: "podman, buildah and umoci refuse the layer, since a symlink in the place of the root would lead them out of it; containerd and Docker pass over the entry. " +
			"Nobody needs such an entry: find out who made the layer. " +
			"If the root is to have an owner or a mode, let ./ be a directory.",
		Spec:  "derived from layer.md#populate-initial-filesystem",
		Since: "0.1.0",
	},
	{
		ID:       EntryType,
		Severity: Error,
		Title:    "an entry is of a type that layers do not have",
		Help: "containerd, Docker, Podman and umoci refuse the whole layer, where tar takes the entry for a file, passes over it, or fails. " +
			"Volume labels (V), files that go on in another archive (M) and the directories of incremental backups (D) come from options of GNU tar, and so do sparse files of its old format (S). " +
			"Write the archive without those options, or unpack it and pack it again.",
		Spec:  "layer.md#file-types",
		Since: "0.1.0",
	},
	{
		ID:       EntryGlobalHeader,
		Severity: Warning,
		Title:    "a layer has a global header",
		Help: "It says something about all entries after it. containerd, Docker and Podman pass over it, umoci refuses the layer, and tar heeds it. " +
			"git archive writes one with the commit in it. " +
			"Unpack the archive and pack it again.",
		Spec:  "layer.md#file-types",
		Since: "0.1.0",
	},
	{
		ID:       EntrySize,
		Severity: Error,
		Title:    "an entry that can have no content claims to have some",
		Help: "Links, devices and FIFOs have none. " +
			"Some readers skip the bytes that are claimed, others read them as the next entries, so one layer can show a scanner other files than a runtime. " +
			"Archivers that repeat the size of a file in its hard links, or its content, write such entries: pack the layer with another one.",
		Spec:  "derived from layer.md#distributable-format MUST; POSIX.1-2017 pax, ustar Interchange Format",
		Since: "0.1.0",
	},
	{
		ID:       EntrySparse,
		Severity: Warning,
		Strict:   Error,
		Title:    "an entry is a sparse file",
		Help: "Tools differ in which of the sparse formats they know: some refuse the layer, and some unpack a file with the wrong content. " +
			"A few kilobytes can also stand for a file of any size. " +
			"Leave out -S when you write the archive with GNU tar; compression makes up for nearly all of what that saves.",
		Spec:  "layer.md#file-attributes SHOULD NOT",
		Since: "0.1.0",
	},
	{
		ID:       EntryDevice,
		Severity: Info,
		Title:    "an entry is a device",
		Help: "That is allowed, but whoever unpacks without privileges cannot make it and fails or leaves it out. " +
			"Runtimes fill /dev themselves, so an image seldom needs one: leave it out if nothing in the image does.",
		Spec:  "layer.md#file-types",
		Since: "0.1.0",
	},
	{
		ID:       EntryXattr,
		Severity: Error,
		Title:    "an extended attribute of an entry is one that cannot be set",
		Help: "It has no name, a name of more than 255 bytes, or a value of more than 64 KiB. Linux takes none of them, and containerd, Docker, Podman and umoci fail at the entry. " +
			"A program that cut a prefix off the name is a likely cause of one without. " +
			"Take the attribute off the file, and write the layer anew.",
		Spec:  "layer.md#file-attributes; xattr(7) of Linux",
		Since: "0.1.0",
	},
	{
		ID:       EntryXattrNamespace,
		Severity: Warning,
		Title:    "an extended attribute of an entry is in no namespace of Linux",
		Help: "The name of an attribute begins with user., security., system. or trusted. on Linux, and in system. there are access lists only. Docker fails at any other, and containerd, Podman and umoci leave it out. " +
			"Attributes of macOS, such as com.apple.provenance, get into layers that were packed there. " +
			"Pack the layer without them: tar --no-xattrs on macOS, or unpack it and pack it again on Linux.",
		Spec:  "layer.md#file-attributes; xattr(7) of Linux",
		Since: "0.1.0",
	},
	{
		ID:       EntryXattrPlace,
		Severity: Warning,
		Title:    "an extended attribute stands at an entry that cannot have it",
		Help: "Symlinks, FIFOs and devices can have no attribute of users. containerd passes over it, Podman and umoci fail, and Docker sets what stands at a symlink on the file that it leads to, or fails if there is none. " +
			"Leave the attribute out of the layer.",
		Spec:  "layer.md#file-attributes; xattr(7) of Linux",
		Since: "0.1.0",
	},
	{
		ID:       EntryXattrOverlay,
		Severity: Warning,
		Title:    "an entry has an extended attribute of overlayfs",
		Help: "With trusted.overlay.opaque and the like, overlayfs marks removals and moves in the directories that it is mounted from. In a layer they say something only to tools that set them where they unpack: " +
			"Docker and Podman do so, and hide files of lower layers, where containerd leaves them out. " +
			"The layer was packed from the upper directory of a mount: pack it with a tool that makes whiteouts of them, or set removals as files with the prefix .wh. yourself.",
		Spec:  "derived from layer.md#whiteouts; layer.md#file-attributes",
		Since: "0.1.0",
	},
	{
		ID:       EntryXattrEmpty,
		Severity: Info,
		Title:    "an extended attribute of an entry has an empty value",
		Help: "umoci and other programs in Go that read it from the older of two places do not see it, and containerd, Docker and Podman set it. " +
			"If it matters that it is there, give it a value.",
		Spec:  "layer.md#file-attributes",
		Since: "0.1.0",
	},
	{
		ID:       EntryXattrTrusted,
		Severity: Info,
		Title:    "an extended attribute of an entry is for administrators",
		Help: "containerd never takes an attribute in trusted. from a layer, and Docker, Podman and umoci do where they run as root. " +
			"Only processes with CAP_SYS_ADMIN see it. " +
			"If something in the image reads it, use a name in user.; otherwise leave it out.",
		Spec:  "layer.md#file-attributes; xattr(7) of Linux",
		Since: "0.1.0",
	},
	{
		ID:       EntryWindows,
		Severity: Warning,
		Title:    "an attribute for Windows is not well formed",
		Help: "Security descriptors are base64, file attributes and creation times are numbers, and only a symlink to a directory can be a mount point. " +
			"On Windows the layer may fail to unpack, or the file gets other permissions than intended; elsewhere nobody looks at these records. " +
			"Export the layer again on Windows, or leave out what cannot be put right.",
		Spec:  "layer.md#platform-specific-attributes MUST (support them); derived for the form of numbers",
		Since: "0.1.0",
	},
}
