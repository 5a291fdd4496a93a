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
)
