// Package layout opens an OCI image layout (image-layout.md), reads its root
// files, resolves references and walks its graph.
//
// Opening judges nothing, and walking fails at nothing: whatever is wrong with a
// layout is handed on with the place where it was met. What to make of it is
// the business of package verify.
package layout
