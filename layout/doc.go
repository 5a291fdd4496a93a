// Package layout opens an OCI image layout (image-layout.md), reads its root files,
// resolves references and walks its graph. [Layout.Walk] hands on one descriptor after
// the other, and [Layout.Graph] all of them at once.
//
// Opening judges nothing, and walking fails at nothing: whatever is wrong with a
// layout is handed on with its place. What to make of it is the business of package
// verify.
package layout
