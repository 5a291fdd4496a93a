package rule

// blobNameRows judge the names and kinds of what lies under blobs.
var blobNameRows = []Rule{
	{
		ID:       BlobsAlgorithmName,
		Severity: Error,
		Title:    "a directory in blobs is not named like a digest algorithm",
		Help: "No digest can lead into it, so nothing in it can ever be used. " +
			"An algorithm is written in lower-case letters and digits, in parts joined by + . _ or -, thus sha256 and not SHA256. " +
			"Rename the directory if it holds blobs, or move it out of the layout.",
		Spec:  "image-layout.md#blobs MUST; descriptor.md#digests MUST",
		Since: "0.1.0",
	},
	{
		ID:       BlobsStrayFile,
		Severity: Warning,
		Title:    "a file lies directly in blobs",
		Help: "Blobs lie one level deeper, in a directory named after their algorithm, so nothing can refer to this file. " +
			"A placeholder such as .gitkeep, a leftover of an editor or a blob in the wrong place are the usual finds. " +
			"Delete it, or move it to blobs/sha256 if its name is its SHA-256.",
		Spec:  "derived from image-layout.md#blobs",
		Since: "0.1.0",
	},
	{
		ID:       BlobNameGrammar,
		Severity: Error,
		Title:    "an entry among the blobs is not named like a digest",
		Help: "Only letters, digits and the characters = _ - may occur in such a name, so no descriptor can refer to this entry. " +
			"Mostly it is a temporary file, a backup or a blob that was given an extension. " +
			"Delete it once no tool is writing any more, or give the blob back its plain name.",
		Spec:  "image-layout.md#blobs MUST; descriptor.md#digests MUST",
		Since: "0.1.0",
	},
	{
		ID:       BlobNameDotfile,
		Severity: Error,
		Title:    "an entry among the blobs has a name that starts with a dot",
		Help: "Such a name is no digest, so it must not be there. " +
			"File managers, editors and unfinished writes leave them: .DS_Store, names that start with ._ and the like. " +
			"Delete it once no tool is writing any more. " +
			"Where you cannot keep them out, --rule blob-name-dotfile=info lowers this rule alone.",
		Spec:  "image-layout.md#blobs MUST; descriptor.md#digests MUST",
		Since: "0.1.0",
	},
	{
		ID:       BlobNameEncoding,
		Severity: Error,
		Title:    "a blob's name is not the hex number that its algorithm demands",
		Help: "Under sha256 and blake3 a name has 64 digits, under sha384 96 and under sha512 128, all of them from 0-9 and a-f. " +
			"No valid digest leads to a blob named otherwise. " +
			"A name in upper case or cut short comes from an own script, another one from a copy with altered names: hash the file and name it by the result, or delete it.",
		Spec:  "image-layout.md#blobs MUST; descriptor.md#sha-256 MUST; descriptor.md#sha-512 MUST; descriptor.md#blake3 MUST (after v1.1.1); derived for sha384",
		Since: "0.1.0",
	},
	{
		ID:       BlobNameCaseCollision,
		Severity: Info,
		Title:    "two names in one directory differ only by letter case",
		Help: "Both are right where letter case counts. " +
			"On file systems that ignore it, as macOS and Windows have by default, one of the two overwrites the other when the layout is copied there. " +
			"Keep the layout in a tar archive if it has to travel over such a system.",
		Spec:  "derived from descriptor.md#digests",
		Since: "0.1.0",
	},
	{
		ID:       BlobNotRegular,
		Severity: Error,
		Title:    "a blob is not a regular file, or leads out of the layout",
		Help: "There is a directory, pipe, socket or device in its place, or a symbolic link that ends outside the layout or nowhere. " +
			"It was not opened: reading it could hang, or pass off a file from elsewhere as part of the image. " +
			"Put the real content in its place. " +
			"If blobs are shared from another directory, name that with --blob-dir.",
		Spec:  "derived from image-layout.md#blobs",
		Since: "0.1.0",
	},
	{
		ID:       BlobSymlink,
		Severity: Warning,
		Title:    "a blob is a symbolic link to another file in the layout",
		Help: "It was read through the link, like any other blob. " +
			"Some tools refuse linked blobs, and a copy or an archive may leave the target behind. " +
			"Replace the link by the file itself, or by a hard link if space matters.",
		Spec:  "derived from image-layout.md#blobs",
		Since: "0.1.0",
	},
}

// blobRows judge blobs against the descriptors that name them.
var blobRows = []Rule{
	{
		ID:       BlobMissing,
		Severity: Error,
		Title:    "a blob that is referred to is not in the layout",
		Help: "Whoever uses this part of the image will fail, unless the blob comes from somewhere else. " +
			"Where the report says that it lies elsewhere in the layout, move it to blobs/sha256, under its digits in lower case alone, and tell the makers of the tool that wrote it there; it was checked all the same. " +
			"Else copy the image again with all its platforms, or name the directory that shares its blobs with --blob-dir. " +
			"If the layout leaves things out on purpose, narrow the check with --platform or lower this rule with --rule blob-missing=info.",
		Spec:  "image-layout.md#blobs MAY (be missing), SHOULD (come from an external store)",
		Since: "0.1.0",
	},
	{
		ID:       BlobMissingExcused,
		Severity: Info,
		Title:    "a blob that is referred to is not in the layout, and need not be",
		Help: "Its bytes are embedded in the descriptor and right, or it is the well-known empty JSON object, a subject that may live elsewhere, a non-distributable layer, or one with download addresses. " +
			"Nothing is broken. " +
			"Where there is no network, make sure that what has to be fetched can be.",
		Spec:  "image-layout.md#blobs MAY; descriptor.md#embedded-content MAY; manifest.md#guidance-for-an-empty-descriptor; layer.md#non-distributable-layers",
		Since: "0.1.0",
	},
	{
		ID:       BlobUnreferenced,
		Severity: Info,
		Title:    "no descriptor refers to a blob",
		Help: "It does no harm, but takes up space. " +
			"Layouts that are edited in place gather such blobs. A fresh copy of the images leaves them behind, and umoci gc deletes them. " +
			"A manifest among them is reported with what hangs on it: its entry may have been lost from index.json, where two programs wrote at the same time, or there never was one, as for the signatures and attestations that cosign save leaves, which are found by their subject alone; umoci gc would delete these as well. " +
			"To have it back, add an entry with its mediaType, digest and size to manifests in index.json.",
		Spec:  "image-layout.md#blobs MAY",
		Since: "0.1.0",
	},
	{
		ID:       BlobDigestMismatch,
		Severity: Error,
		Title:    "a blob's bytes do not hash to its digest",
		Help: "These are not the bytes that were meant: the file was damaged, cut short or tampered with, or a script stored it under a wrong name. " +
			"The report says what became of the bytes, where that can be seen. " +
			"Where the digest is that of the bytes before they were compressed, or after, the tool that wrote the descriptor is wrong: build the image again with one that is not. " +
			"Where line ends were converted or Git LFS left a pointer, fetch the files anew, with a line '* -text' in the layout's .gitattributes, or with git lfs pull. " +
			"Else do not use the image, delete the blob and copy the image again from where it came; many tools skip a blob that is already there, so overwriting may not help.",
		Spec:  "image-layout.md#blobs MUST; descriptor.md#verification SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       BlobAlgorithmUnsupported,
		Severity: Info,
		Title:    "an unreferenced blob is named by an algorithm that cannot be computed here",
		Help: "Whether its bytes are right is unknown, but nothing in this layout depends on them. " +
			"What is computed are sha256, sha384, sha512 and blake3: delete the blob, or check it with a tool that knows its algorithm.",
		Spec:  "descriptor.md#digests SHOULD (accept it)",
		Since: "0.1.0",
	},
	{
		ID:       DigestAlgorithmUnsupported,
		Severity: Warning,
		Unproven: true,
		Title:    "a blob that is referred to has a digest that cannot be computed here",
		Help: "The algorithm is well formed, but not one of sha256, sha384, sha512 and blake3, so the blob was measured and not verified. " +
			"The layout therefore counts as incompletely checked, never as good. " +
			"Store the content under sha256, which every tool has to know, or check this blob with a tool that knows the algorithm.",
		Spec:  "descriptor.md#digests SHOULD (accept it); descriptor.md#registered-algorithms SHOULD (use SHA-256)",
		Since: "0.1.0",
	},
	{
		ID:       DescriptorSizeMismatch,
		Severity: Error,
		Title:    "a blob's length is not the size in its descriptor",
		Help: "Many clients look at the size before they hash, and reject or cut off a blob that differs. " +
			"A blob that is too short was not written to its end: delete it and copy the image again. " +
			"If its digest is right, the descriptor has the wrong number, and the document around it must be written anew.",
		Spec:  "descriptor.md#properties SHOULD NOT (trust it); descriptor.md#verification SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       DataBase64,
		Severity: Error,
		Schema:   Warning,
		Title:    "a member that holds bytes is not standard base64",
		Help: "Decoders disagree about such text: some refuse it, some skip what they do not like. " +
			"Use the alphabet with + and /, pad with = to a multiple of four, and put no line breaks in. " +
			"The URL-safe alphabet and the wrapped output of base64 tools are the usual slips.",
		Spec:  "descriptor.md#properties MUST; RFC 4648 section 4; RFC 4648 section 3.1 MUST NOT (line feeds)",
		Since: "0.1.0",
	},
	{
		ID:       DataMismatch,
		Severity: Error,
		Schema:   Warning,
		Title:    "embedded data does not have the size or digest of its descriptor",
		Help: "One descriptor then stands for two contents: some tools use the embedded bytes, others the blob. " +
			"Encode exactly the bytes of the blob, without a line end added by a shell, or leave data out. " +
			"Either changes the document around it, which gets a new digest.",
		Spec:  "descriptor.md#properties MUST; descriptor.md#embedded-content",
		Since: "0.1.0",
	},
}
