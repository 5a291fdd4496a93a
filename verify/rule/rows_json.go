package rule

// jsonRows judge JSON, whatever the document.
var jsonRows = []Rule{
	{
		ID:       JSONSyntax,
		Severity: Error,
		Title:    "a document is not exactly one JSON value",
		Help: "The file is empty, cut short, no JSON at all, or goes on after the end of the value, which some readers overlook. " +
			"A cut file comes from an interrupted write: copy the layout again. " +
			"In a file written by hand, look for a comma too many, a comment or a second document. " +
			"A file in UTF-16, as Windows PowerShell writes it, is named as such: convert it to UTF-8.",
		Spec:  "RFC 8259 section 2; considerations.md#json",
		Since: "0.1.0",
	},
	{
		ID:       JSONUTF8,
		Severity: Error,
		Schema:   Warning,
		Title:    "a document is not UTF-8",
		Help: "Some readers refuse it, others silently put a replacement character for the bad bytes, so they do not see the same text. " +
			"Often a label or an author was taken over in an older encoding such as Latin-1. " +
			"Convert the text to UTF-8 and write the document anew.",
		Spec:  "RFC 8259 section 8.1 MUST; considerations.md#json MUST (after v1.1.1)",
		Since: "0.1.0",
	},
	{
		ID:       JSONBOM,
		Severity: Error,
		Title:    "a document starts with a byte order mark",
		Help: "Most readers stop at these three bytes and call the document malformed. " +
			"Editors and shells on Windows like to add them when they save as UTF-8. " +
			"Save the file without the mark; for a blob, that makes a new digest.",
		Spec:  "RFC 8259 section 8.1 MUST NOT",
		Since: "0.1.0",
	},
	{
		ID:       JSONSurrogate,
		Severity: Warning,
		Title:    "a string holds half of a surrogate pair",
		Help: "An escape from \\ud800 to \\udfff means something only as one of a pair. " +
			"Alone it is no character, and readers refuse it or put another in its place, so two different strings may become equal. " +
			"Usually a program cut a text in the middle of an emoji: shorten it by whole characters.",
		Spec:  "RFC 8259 section 8.2; RFC 7493 section 2.1 MUST NOT; considerations.md#json MUST (after v1.1.1)",
		Since: "0.1.0",
	},
	{
		ID:       JSONDuplicateName,
		Severity: Error,
		Schema:   Warning,
		Title:    "an object has two members of the same name",
		Help: "Which one counts differs from reader to reader, so a document can show one image to a scanner and another to a runtime. " +
			"Decide which value is right and leave the other out. " +
			"Names are compared as they read after escapes are resolved.",
		Spec:  "RFC 8259 section 4 SHOULD; RFC 7493 section 2.3 MUST NOT; annotations.md#rules MUST (annotations); considerations.md#json MUST NOT (after v1.1.1)",
		Since: "0.1.0",
	},
	{
		ID:       JSONCaseVariant,
		Severity: Warning,
		Title:    "a member name differs from a known one only by letter case",
		Help: "Letter case counts in JSON, so this member is unknown, and if the one it resembles is required, that one is missing. " +
			"Go's encoding/json and readers like it take the one for the other, so tools see different documents. " +
			"Spell the name as the specification does, or choose one that resembles none.",
		Spec:  "derived from RFC 8259 section 8.3",
		Since: "0.1.0",
	},
	{
		ID:       JSONCaseVariantContent,
		Severity: Error,
		Schema:   Warning,
		Title:    "a member that leads to content stands under a name of other letter case",
		Help: "Tools written in Go, which most are, take this member for the one that it resembles, and where both are there, the one that comes last. " +
			"So a scanner and a runtime see different layers, another digest or another platform in the same document. " +
			"Such a name hardly ever comes by accident: find out who wrote the document before you use what it names. " +
			"If it is a slip, spell the name as the specification does, which changes the digest of a blob.",
		Spec:  "derived from RFC 8259 section 8.3; config.md#properties MUST (of a config)",
		Since: "0.1.0",
	},
	{
		ID:       JSONType,
		Severity: Error,
		Title:    "a value has the wrong JSON type",
		Help: "A reader will refuse the document or treat the value as absent. " +
			"Frequent cases are a number written as a string, one object where a list belongs, and null for an empty list or map. " +
			"Only optional members of an image config may be null; elsewhere write [] or {}, or leave an optional member out.",
		Spec:  "derived from the type given with each property; annotations.md#rules MUST; config.md#properties MAY (null)",
		Since: "0.1.0",
	},
	{
		ID:       JSONInteger,
		Severity: Error,
		Title:    "a number is not an integer that fits 64 bits",
		Help: "Sizes and versions are signed 64-bit integers, and strict readers refuse 1.0 and 1e3 although those are whole numbers. " +
			"They come from programs that compute a size in floating point, as a division in Python does. " +
			"Write plain digits without a point or an exponent.",
		Spec:  "derived from descriptor.md#properties (int64); schema/defs.json",
		Since: "0.1.0",
	},
	{
		ID:       JSONNoncharacter,
		Severity: Warning,
		Title:    "a string holds a Unicode noncharacter",
		Help: "Code points such as U+FFFE, U+FFFF and U+FDD0 are kept for the inner use of programs and stand for no character, so readers may drop, replace or refuse them. " +
			"They mostly come from text that was read in the wrong encoding. " +
			"Find where the text comes from, and write it without them.",
		Spec:  "RFC 7493 section 2.1 MUST NOT; considerations.md#json MUST (after v1.1.1)",
		Since: "0.1.0",
	},
	{
		ID:       JSONNumberRange,
		Severity: Warning,
		Strict:   Error,
		Title:    "a number is beyond what a double can hold exactly",
		Help: "JavaScript and many other programs hold numbers as doubles, and read an integer beyond 9007199254740991 as another one close to it. " +
			"A size that large is hardly real, so look for a fault in the program that wrote it. " +
			"Where a member of your own needs such numbers, write them as strings.",
		Spec:  "considerations.md#json SHOULD (after v1.1.1); RFC 7493 section 2.2",
		Since: "0.1.0",
	},
	{
		ID:       JSONNotCanonical,
		Severity: Ignore,
		Title:    "a document is not canonical JSON",
		Help: "Documents that mean the same have the same digest only if all tools write JSON in one form, and hardly any tool does. " +
			"This rule is therefore off unless you ask for it with --rule json-not-canonical=warning. " +
			"Canonical JSON has its members in order and no white space; never rewrite a document that others refer to, as that changes its digest.",
		Spec:  "considerations.md#canonicalization SHOULD; considerations.md#json MAY (RFC 8785, after v1.1.1)",
		Since: "0.1.0",
	},
}
