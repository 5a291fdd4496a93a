package rule

// The rules, grouped by what they judge. Their rows, in rows_*.go, stand in the
// same order; a test holds the two together.
const (
	// The root directory.
	OCILayoutMissing  ID = "oci-layout-missing"
	IndexJSONMissing  ID = "index-json-missing"
	BlobsMissing      ID = "blobs-missing"
	RootFileIrregular ID = "root-file-irregular"
	RootSymlink       ID = "root-symlink"
	RootFileExtra     ID = "root-file-extra"
	RootMemberUnknown ID = "root-member-unknown"

	// The file oci-layout.
	OCILayoutLarge          ID = "oci-layout-large"
	OCILayoutVersionMissing ID = "oci-layout-version-missing"
	OCILayoutVersionUnknown ID = "oci-layout-version-unknown"

	// The file index.json and the reference names in it.
	IndexJSONDigestMismatch ID = "index-json-digest-mismatch"
	IndexEmpty              ID = "index-empty"
	IndexEntryTypeUnknown   ID = "index-entry-type-unknown"
	RefNameGrammar          ID = "ref-name-grammar"
	RefNameDuplicate        ID = "ref-name-duplicate"
	RefNameAmbiguous        ID = "ref-name-ambiguous"
	RefNameMisplaced        ID = "ref-name-misplaced"
	RefNameInLabels         ID = "ref-name-in-labels"
	ReferrersTagNotIndex    ID = "referrers-tag-not-index"

	// The names and kinds of what lies under blobs.
	BlobsAlgorithmName    ID = "blobs-algorithm-name"
	BlobsStrayFile        ID = "blobs-stray-file"
	BlobNameGrammar       ID = "blob-name-grammar"
	BlobNameDotfile       ID = "blob-name-dotfile"
	BlobNameEncoding      ID = "blob-name-encoding"
	BlobNameCaseCollision ID = "blob-name-case-collision"
	BlobNotRegular        ID = "blob-not-regular"
	BlobSymlink           ID = "blob-symlink"

	// Blobs against the descriptors that name them.
	BlobMissing                ID = "blob-missing"
	BlobMissingExcused         ID = "blob-missing-excused"
	BlobUnreferenced           ID = "blob-unreferenced"
	BlobDigestMismatch         ID = "blob-digest-mismatch"
	BlobAlgorithmUnsupported   ID = "blob-algorithm-unsupported"
	DigestAlgorithmUnsupported ID = "digest-algorithm-unsupported"
	DescriptorSizeMismatch     ID = "descriptor-size-mismatch"
	DataBase64                 ID = "data-base64"
	DataMismatch               ID = "data-mismatch"

	// Reading and walking.
	FileUnreadable   ID = "file-unreadable"
	FileChanged      ID = "file-changed"
	ReferenceCycle   ID = "reference-cycle"
	LimitDocument    ID = "limit-document"
	LimitDepth       ID = "limit-depth"
	LimitDescriptors ID = "limit-descriptors"
	LimitJSON        ID = "limit-json"

	// JSON in general.
	JSONSyntax        ID = "json-syntax"
	JSONUTF8          ID = "json-utf8"
	JSONBOM           ID = "json-bom"
	JSONSurrogate     ID = "json-surrogate"
	JSONDuplicateName ID = "json-duplicate-name"
	JSONCaseVariant   ID = "json-case-variant"
	JSONType          ID = "json-type"
	JSONInteger       ID = "json-integer"

	// What the documents say.
	DocumentAmbiguous           ID = "document-ambiguous"
	DocumentAmbiguousTyped      ID = "document-ambiguous-typed"
	DocumentMediaType           ID = "document-media-type"
	MediaTypeMismatch           ID = "media-type-mismatch"
	MediaTypeMismatchDocker     ID = "media-type-mismatch-docker"
	SchemaVersion               ID = "schema-version"
	IndexMemberMissing          ID = "index-member-missing"
	ManifestMemberMissing       ID = "manifest-member-missing"
	ManifestArtifactTypeMissing ID = "manifest-artifact-type-missing"
	ConfigMemberMissing         ID = "config-member-missing"
	ConfigRootFSType            ID = "config-rootfs-type"
	DescriptorMemberMissing     ID = "descriptor-member-missing"
	DescriptorSizeNegative      ID = "descriptor-size-negative"
	PlatformMemberMissing       ID = "platform-member-missing"
	DigestGrammar               ID = "digest-grammar"
	MediaTypeGrammar            ID = "media-type-grammar"

	// What layers unpack to, against what configurations promise.
	DiffIDCount      ID = "diff-id-count"
	DiffIDMismatch   ID = "diff-id-mismatch"
	DiffIDNotChecked ID = "diff-id-not-checked"
	HistoryCount     ID = "history-count"

	// The compressed stream of a layer.
	LayerMediaType       ID = "layer-media-type"
	LayerStream          ID = "layer-stream"
	LayerTrailingZeros   ID = "layer-trailing-zeros"
	LayerTrailingData    ID = "layer-trailing-data"
	LayerNotToDistribute ID = "layer-not-to-distribute"
	LimitLayerBytes      ID = "limit-layer-bytes"
	LimitLayerRatio      ID = "limit-layer-ratio"
	LimitLayerWindow     ID = "limit-layer-window"
	LimitLayerEntries    ID = "limit-layer-entries"
	LimitLayerFindings   ID = "limit-layer-findings"

	// The tar archive of a layer.
	TarInvalid      ID = "tar-invalid"
	TarEmpty        ID = "tar-empty"
	TarUnterminated ID = "tar-unterminated"
	TarTrailing     ID = "tar-trailing"

	// Its entries.
	EntryDuplicate          ID = "entry-duplicate"
	EntryDuplicateDirectory ID = "entry-duplicate-directory"
	EntryPathEscape         ID = "entry-path-escape"
	EntryPathAbsolute       ID = "entry-path-absolute"
	EntryPathEmpty          ID = "entry-path-empty"
	EntryPathLong           ID = "entry-path-long"
	EntryThroughSymlink     ID = "entry-through-symlink"
	EntryType               ID = "entry-type"
	EntrySize               ID = "entry-size"
	EntrySparse             ID = "entry-sparse"
	EntryDevice             ID = "entry-device"
	EntryXattr              ID = "entry-xattr"
	EntryWindows            ID = "entry-windows"
	LinkTargetEmpty         ID = "link-target-empty"
	HardLinkEscape          ID = "hard-link-escape"
	HardLinkSelf            ID = "hard-link-self"
	HardLinkDirectory       ID = "hard-link-directory"
	HardLinkForward         ID = "hard-link-forward"
	HardLinkLower           ID = "hard-link-lower"
	HardLinkMissing         ID = "hard-link-missing"

	// Whiteouts.
	WhiteoutBare      ID = "whiteout-bare"
	WhiteoutDots      ID = "whiteout-dots"
	WhiteoutForm      ID = "whiteout-form"
	WhiteoutReserved  ID = "whiteout-reserved"
	WhiteoutDirectory ID = "whiteout-directory"
	WhiteoutOpaque    ID = "whiteout-opaque"
	WhiteoutOrder     ID = "whiteout-order"
	WhiteoutNoTarget  ID = "whiteout-no-target"

	// Tables of contents, by which some runtimes read a layer.
	TOCAnnotation ID = "toc-annotation"
	TOCMismatch   ID = "toc-mismatch"
)
