package rule

// readingRows judge how reading the files and walking the graph went.
var readingRows = []Rule{
	{
		ID:       FileUnreadable,
		Severity: Warning,
		Unproven: true,
		Title:    "a file or directory could not be read",
		Help: "What it holds is neither right nor wrong: it was not seen, and the layout counts as incompletely checked. " +
			"Look at the permissions first, since some tools write blobs that only their own user may read. " +
			"An input/output error points at the disk or the network share instead.",
		Spec:  "derived from descriptor.md#verification SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       FileChanged,
		Severity: Warning,
		Unproven: true,
		Title:    "a file changed while it was read",
		Help: "It grew, shrank, was replaced or vanished meanwhile, so the bytes seen may never have existed together. " +
			"Something is still writing to the layout. " +
			"Wait until it has finished, or check a copy or a snapshot, and run again.",
		Spec:  "derived from descriptor.md#verification SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       InternalError,
		Severity: Warning,
		Unproven: true,
		Title:    "a defect ended the check of something",
		Help: "Either ocilayout itself, or the file system that a program handed it, panicked. " +
			"That says nothing about the layout: what was being looked at counts as not checked, and all else was checked. " +
			"Please report it, with the finding and, if you may share it, the layout.",
		Spec:  "derived from descriptor.md#verification SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       ReferenceCycle,
		Severity: Error,
		Title:    "a document refers to itself, directly or through others",
		Help: "To do so honestly it would have to contain its own hash, which cannot be made: some blob on the way is not what its name says. " +
			"Several tools run for ever or out of memory on such a layout. " +
			"Here the walk stopped at the repetition. Get the layout again from a source you trust.",
		Spec:  "derived from descriptor.md#digests",
		Since: "0.1.0",
	},
	{
		ID:       LimitDocument,
		Severity: Warning,
		Unproven: true,
		Title:    "a document is larger than the limit and was not read",
		Help: "Documents are held in memory, so their size is bounded; what this one refers to stays unknown. " +
			"Real ones seldom exceed a few hundred kilobytes, and registries need not take more than four megabytes, so first make sure that this is a document at all. " +
			"If it is, raise --max-document, or --max-index for index.json: the memory for all that are held at once grows with them.",
		Spec:  "derived from distribution-spec spec.md#pushing-manifests SHOULD",
		Since: "0.1.0",
	},
	{
		ID:       LimitDepth,
		Severity: Warning,
		Unproven: true,
		Title:    "documents are nested more deeply than the limit",
		Help: "What lies below was not looked at, and its blobs may be called unreferenced. " +
			"Images need two or three levels, an index of indexes a few more; a long chain is either a mistake in a script or meant to wear tools out. " +
			"If it is right, raise --max-depth.",
		Spec:  "derived from image-index.md#image-index-property-descriptions, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitDescriptors,
		Severity: Warning,
		Unproven: true,
		Title:    "there are more descriptors than the limit",
		Help: "The walk ended there, so that a few documents that fan out cannot keep it busy for ever. " +
			"What came after was not looked at, and its blobs may be called unreferenced. " +
			"If the layout really is that large, raise --max-descriptors.",
		Spec:  "derived from image-index.md#image-index-property-descriptions, which sets no bound",
		Since: "0.1.0",
	},
	{
		ID:       LimitJSON,
		Severity: Warning,
		Unproven: true,
		Title:    "a document's JSON goes beyond a limit on nesting, values, memory or string length",
		Help: "A small file can need a great deal of memory, so the shape of each document is bounded, and the rest of this one was not read. " +
			"No image tool is known to write anything near these limits. " +
			"The finding names the limit that was met; look at the document there for a loop in the program that wrote it. " +
			"If it is memory, and the document is right, raise --max-document, or --max-index for index.json: it grows with them.",
		Spec:  "RFC 8259 section 9 (a parser may set limits)",
		Since: "0.1.0",
	},
}
