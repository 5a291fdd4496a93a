package rule

import "slices"

// table holds every row in the order of the constants in ids.go.
//
// How a row is written: Title says what is wrong, starts in lower case and has
// no full stop. Help says why it matters and then how to get rid of it. Spec
// names sections of the OCI image specification v1.1.1, each with the word that
// stands there; any other document is named in full, "(after v1.1.1)" marks
// what the specification says in later revisions, and "derived from" what
// follows from a section without standing in it.
var table = slices.Concat(
	rootRows,
	archiveRows,
	indexRows,
	blobNameRows,
	blobRows,
	readingRows,
	jsonRows,
	documentRows,
	descriptorRows,
	platformRows,
	mediaTypeRows,
	configRows,
	annotationRows,
	artifactRows,
	diffIDRows,
	layerRows,
	tarRows,
	entryRows,
	headerRows,
	whiteoutRows,
	tocRows,
)
