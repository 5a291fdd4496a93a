package rule

// whiteoutRows judge whiteouts.
var whiteoutRows = []Rule{
	{
		ID:       WhiteoutBare,
		Severity: Error,
		Title:    "a whiteout names nothing to remove",
		Help: "Its name is .wh. and no more. " +
			"Some tools refuse the layer, some take it for an ordinary file, and some have removed the whole directory around it. " +
			"If the content of the directory is to go, name the file .wh..wh..opq; otherwise add the name that was lost, or remove the file.",
		Spec:  "layer.md#whiteouts; layer.md#whiteouts SHOULD (refuse it, after v1.1.1)",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutDots,
		Severity: Error,
		Title:    "a whiteout names a directory itself or the one above it",
		Help: "After the prefix .wh. stands . or .., which a tool that does not expect it resolves to a whole directory, and then removes that. " +
			"Others refuse the layer or pass over the entry. " +
			"To remove a directory, put a whiteout with its name next to it; to empty it, use .wh..wh..opq in it.",
		Spec:  "derived from layer.md#whiteouts",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutForm,
		Severity: Warning,
		Title:    "a whiteout is not an empty regular file",
		Help: "Most tools go by the name alone, but some look at the type and keep what was to be removed. " +
			"Removals that aufs has stored are hard links of one another and end up in a layer like this. " +
			"Let an empty regular file stand for each removal, also for that of a directory.",
		Spec:  "layer.md#whiteouts",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutDevice,
		Severity: Warning,
		Title:    "an entry is a device by which overlayfs removes a file",
		Help: "A character device 0:0 is how overlayfs notes a removal on disk. " +
			"Where containerd, Docker and Podman use overlayfs, the entry is not there, and what lower layers have of that name is hidden; where they do not, and with umoci, it is a device. " +
			"The layer was made from the upper directory of an overlay as it stands: write an empty file in its place, with the prefix .wh. before the name.",
		Spec:  "derived from layer.md#whiteouts; Documentation/filesystems/overlayfs.rst of Linux",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutReserved,
		Severity: Warning,
		Title:    "a whiteout names a file that cannot exist",
		Help: "No file has a name that begins with .wh., so there is nothing to remove; the one name of this form with a meaning is .wh..wh..opq. " +
			"If it is misspelt, as in .wh..wh.opq with a dot too few, files stay in the image that were to go. " +
			"Correct it. Names such as .wh..wh.plnk are records of aufs, which do not belong in a layer: remove them.",
		Spec:  "derived from layer.md#whiteouts; layer.md#opaque-whiteout",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutDirectory,
		Severity: Warning,
		Title:    "an entry lies in a directory that is named like a whiteout",
		Help: "No image can have a directory whose name begins with .wh., so the entry has no place to go. " +
			"Some tools make the directory, others remove what it would stand for or refuse the layer. " +
			"It happens when internal directories of aufs or of a build tool are packed along: leave them out, or rename a directory of your own.",
		Spec:  "layer.md#whiteouts (not possible)",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutOpaque,
		Severity: Info,
		Strict:   Error,
		Title:    "a layer hides all that lower layers have in a directory",
		Help: "The file .wh..wh..opq is valid and every tool has to heed it. " +
			"Naming each removed file is preferred, since it shows what goes and does not depend on what lies below. " +
			"Builders write it where a directory was removed and made anew; it needs no cure unless a tool in use does not understand it.",
		Spec:  "layer.md#opaque-whiteout SHOULD (use explicit whiteouts), MUST (accept both)",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutOrder,
		Severity: Info,
		Strict:   Error,
		Title:    "a whiteout stands after other entries of its directory",
		Help: "Whiteouts concern only the layers below, so the order must not change the outcome. " +
			"Tools that work through the archive entry by entry may still remove what the layer itself has just brought. " +
			"Put the whiteouts of a directory first. This is told once for each layer.",
		Spec:  "layer.md#whiteouts SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutNoTarget,
		Severity: Info,
		Title:    "no lower layer has what a whiteout removes",
		Help: "It removes nothing and does no harm; most tools make the directory that it is in, if that is missing. " +
			"It is left over when a file is made and removed within one build step, or when layers are put upon another base. " +
			"If something is still there that you meant to remove, compare the spelling of the two paths.",
		Spec:  "derived from layer.md#whiteouts",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutRoot,
		Severity: Warning,
		Title:    "an opaque marker stands in the root of a layer",
		Help: "It hides all that the layers below have, if the layers are unpacked into one directory. " +
			"Where they are put upon one another by overlayfs, as containerd, Docker and podman do by default, the root is never opaque, and everything stays. " +
			"If nothing of the lower layers is wanted, leave those out of the manifest, or name what is to go with a whiteout each.",
		Spec:  "layer.md#opaque-whiteout",
		Since: "0.1.0",
	},
	{
		ID:       WhiteoutOwnEntry,
		Severity: Warning,
		Strict:   Error,
		Title:    "a whiteout stands after what its own layer has there",
		Help: "Whiteouts concern only the layers below, and umoci and ocilayout files keep what the layer itself brings. " +
			"containerd, Docker and podman go through the archive entry by entry: they remove it again, or fail. " +
			"With overlayfs they fail at a whiteout after others below what it removes, such as .wh.a after a/.wh.b, whether or not a lower layer has a: they have made that directory for the first. Leave out those below. " +
			"Put whiteouts before the entries of their directory and of all below, and opaque markers first into theirs.",
		Spec:  "layer.md#whiteouts SHOULD",
		Since: "0.1.0",
	},
}
