package rule

// rootRows judge the root directory and the file oci-layout.
var rootRows = []Rule{
	{
		ID:       OCILayoutMissing,
		Severity: Error,
		Title:    "the file oci-layout is missing",
		Help: "Tools recognise an image layout by this file, and many refuse a directory without it. " +
			"Make sure that the path leads to the root of the layout and that the copy is complete. " +
			`If only this file is gone, write it anew with the content {"imageLayoutVersion":"1.0.0"}.`,
		Spec:  "image-layout.md#content MUST",
		Since: "0.1.0",
	},
	{
		ID:       IndexJSONMissing,
		Severity: Error,
		Title:    "the file index.json is missing",
		Help: "It is the only way into the layout: without it no image can be found, whatever lies in blobs. " +
			"Copy the layout again, or write it again with the tool that made it. " +
			"As tools tend to write this file last, an interrupted write leaves it out.",
		Spec:  "image-layout.md#content MUST; image-layout.md#indexjson-file REQUIRED",
		Since: "0.1.0",
	},
	{
		ID:       BlobsMissing,
		Severity: Error,
		Title:    "the directory blobs is missing",
		Help: "A layout has this directory even when there is nothing in it. " +
			"Git drops empty directories, some archivers do too, and some writers create it only with the first blob. " +
			"If the layout is meant to be empty, make the directory again after each checkout. " +
			"If index.json lists images, their content did not arrive: copy the layout again.",
		Spec:  "image-layout.md#content MUST",
		Since: "0.1.0",
	},
	{
		ID:       RootFileIrregular,
		Severity: Error,
		Title:    "a root entry is of the wrong kind or leads out of the layout",
		Help: "oci-layout and index.json are regular files and blobs is a directory. " +
			"What stands there is of another kind, or a symbolic link that ends outside the layout or nowhere. " +
			"It was not opened: reading it could hang, or show files that are no part of the layout. " +
			"Put the real file or directory in its place, for instance by copying with links resolved.",
		Spec:  "derived from image-layout.md#content MUST",
		Since: "0.1.0",
	},
	{
		ID:       RootSymlink,
		Severity: Warning,
		Title:    "a root file or a directory of blobs is a symbolic link within the layout",
		Help: "The link was followed, as it stays inside. " +
			"Archives, copies and stricter tools may drop it or refuse it, and then a part of the layout is gone. " +
			"Put the file or directory itself in its place. " +
			"For blobs that are kept elsewhere on purpose, use --blob-dir.",
		Spec:  "derived from image-layout.md#content",
		Since: "0.1.0",
	},
	{
		ID:       RootFileExtra,
		Severity: Info,
		Title:    "the root holds a file or directory that is no part of a layout",
		Help: "That is allowed and other tools pass over it. " +
			"Known examples are the .uploads directory of zot and notes that somebody wrote. What docker save, containerd and BuildKit put beside a layout is not named: manifest.json, repositories, ingest and cache.lock. " +
			"No digest covers such files, so do not rely on what they say. Delete what nobody needs.",
		Spec:  "image-layout.md#content may (note to implementors)",
		Since: "0.1.0",
	},
	{
		ID:       RootMemberUnknown,
		Severity: Info,
		Title:    "oci-layout or index.json has a member that the specification does not know",
		Help: "Extra members are allowed, and other tools leave them alone. " +
			"No digest protects these two files, though, so a damaged or mistyped name looks just like an extra one, and what it held is lost. " +
			"Compare the name with the ones you expect.",
		Spec:  "image-layout.md#content MAY; considerations.md#extensibility SHOULD NOT (fail on it)",
		Since: "0.1.0",
	},
	{
		ID:       DockerManifestMissing,
		Severity: Error,
		Title:    "manifest.json of docker save names a file that is not there",
		Help: "docker load into the classic store, and whatever else reads Docker archives, goes by manifest.json and fails on a file that is missing. " +
			"Save the image again. " +
			"If nobody is to load the layout as a Docker archive, delete manifest.json and repositories: nothing else reads them.",
		Spec:  "derived from image-layout.md#content may (note to implementors)",
		Since: "0.1.0",
	},
	{
		ID:       DockerManifestMismatch,
		Severity: Warning,
		Title:    "manifest.json of docker save lists another image than index.json",
		Help: "docker load into the classic store goes by manifest.json, while containerd, skopeo and other tools go by index.json, so that one layout gives two images. " +
			"Mostly an image was added to or changed in a directory that docker save wrote; it can also be meant to show a scanner another image than is run. " +
			"Save the image again, or delete manifest.json and repositories.",
		Spec:  "derived from image-layout.md#content may (note to implementors)",
		Since: "0.1.0",
	},
	{
		ID:       DockerManifestNames,
		Severity: Info,
		Title:    "manifest.json of docker save and index.json name images differently, or not the same ones",
		Help: "docker load into the classic store takes the images and names of manifest.json, other tools those of index.json. " +
			"BuildKit without a name, and docker save of an image by its ID, leave RepoTags empty, and the image has no name once it is loaded. " +
			"Give it one with docker tag.",
		Spec:  "derived from image-layout.md#content may (note to implementors)",
		Since: "0.1.0",
	},

	{
		ID:       OCILayoutLarge,
		Severity: Warning,
		Title:    "the file oci-layout is larger than 4 KiB",
		Help: "This file needs about thirty bytes for one short version. " +
			"A large one is another file under this name, or carries data that belongs elsewhere, and tools that bound what they read may refuse it. " +
			`Write it anew with the content {"imageLayoutVersion":"1.0.0"}.`,
		Spec:  "derived from image-layout.md#oci-layout-file",
		Since: "0.1.0",
	},
	{
		ID:       OCILayoutVersionMissing,
		Severity: Error,
		Title:    "oci-layout has no imageLayoutVersion",
		Help: "Without the version, no tool can know which format the directory follows, and many stop here. " +
			`Add the member "imageLayoutVersion" with the value "1.0.0". ` +
			"Letter case counts in its name.",
		Spec:  "image-layout.md#content MUST",
		Since: "0.1.0",
	},
	{
		ID:       OCILayoutVersionUnknown,
		Severity: Error,
		Title:    "imageLayoutVersion is not 1.0.0",
		Help: "It is the version of the directory format, not that of the image or of the image specification. " +
			"The 1.1 releases of the specification left the format alone, so 1.1.0 and 1.1.1 are wrong here. " +
			"Write 1.0.0. The rest was checked as if that stood there.",
		Spec:  "derived from image-layout.md#oci-layout-file; schema/image-layout-schema.json",
		Since: "0.1.0",
	},
}
