package rule

// linkRows judge symlinks and hard links of a layer's archive.
var linkRows = []Rule{
	{
		ID:       LinkTargetEmpty,
		Severity: Error,
		Title:    "a link has no target",
		Help: "Neither a symlink nor a hard link to nothing can be made, so tools fail here or leave the entry out. " +
			"A program that set the type of the entry and forgot the name is the usual cause. " +
			"Give the link its target, or remove it from the layer.",
		Spec:  "layer.md#file-attributes MUST (linkname)",
		Since: "0.1.0",
	},
	{
		ID:       HardLinkEscape,
		Severity: Error,
		Title:    "the target of a hard link leads out of the root",
		Help: "A careless tool links a file of the host into the image, where it can be read and changed. " +
			"Others refuse the layer or look for the target within the root. " +
			"Targets of hard links are relative to the root of the image, not to the directory of the link: if somebody mixed that up, correct it, else find out who made the layer.",
		Spec:  "derived from layer.md#hardlinks; layer.md#applying-changesets",
		Since: "0.1.0",
	},
	{
		ID:       HardLinkSelf,
		Severity: Error,
		Title:    "a hard link is its own target",
		Help: "What stands at the path is removed to make room for the link, and then there is nothing left to link to: tools fail, or lose the file. " +
			"A directory that the target lies in is removed as well. " +
			"GNU tar writes this when it is given a file with several links twice. " +
			"Name each file once when you write the archive.",
		Spec:  "derived from layer.md#hardlinks",
		Since: "0.1.0",
	},
	{
		ID:       HardLinkDirectory,
		Severity: Error,
		Title:    "the target of a hard link is a directory",
		Help: "File systems do not allow such links, so the layer cannot be unpacked. " +
			"Where a path was a file once and is a directory now, a link to it may have been left over. " +
			"Use a symlink, or link to the file that is meant.",
		Spec:  "layer.md#hardlinks (all file types except directories)",
		Since: "0.1.0",
	},
	{
		ID:       HardLinkForward,
		Severity: Error,
		Title:    "a hard link stands before its target, which no lower layer has",
		Help: "Layers are unpacked in the order of the archive, and all tools fail as there is nothing to link to yet. " +
			"It happens when entries are sorted after packing. " +
			"Let the first name of a file be the entry with the content, and all others the links.",
		Spec:  "derived from layer.md#hardlinks",
		Since: "0.1.0",
	},
	{
		ID:       HardLinkLower,
		Severity: Warning,
		Title:    "a hard link is to a file of a lower layer",
		Help: "Tools that unpack each layer by itself cannot reach it, and others copy the file, so that the two names are no longer one file. " +
			"That is so too where the layer has an entry for the target, but only after the link. " +
			"Builders that compare link counts only within the new layer write such links. " +
			"Put the file itself into the layer, or use a symlink.",
		Spec:  "layer.md#hardlinks may (fail)",
		Since: "0.1.0",
	},
	{
		ID:       HardLinkMissing,
		Severity: Error,
		Title:    "the target of a hard link is neither in its layer nor in a lower one",
		Help: "There is nothing to link to, so the image cannot be unpacked, or the file is missing from it. " +
			"Either the archive was made from a part of the files, or a layer was left out, or the target has another name since a prefix was cut off. " +
			"Pack the file itself along with its links.",
		Spec:  "layer.md#hardlinks may (fail)",
		Since: "0.1.0",
	},
	{
		ID:       HardLinkAttributes,
		Severity: Warning,
		Title:    "a hard link has another mode, owner or extended attributes than its target",
		Help: "Both are one file, so only one of the two can hold. " +
			"containerd, Docker and podman set what the link says, umoci keeps what the target says: a file may be setuid for one and not for the other. " +
			"Archivers write the same for both; if you write archives with a program of your own, copy the header of the target.",
		Spec:  "layer.md#hardlinks; layer.md#file-attributes",
		Since: "0.1.0",
	},
}
