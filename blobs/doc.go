// Package blobs opens, measures, hashes and lists blobs: the blobs directory of an
// OCI image layout (image-layout.md, Blobs) in any file system.
//
// It verifies nothing: [Store.Open] returns the bytes of the file whose path the
// digest names, and [Store.Sum] returns what they hash to. The caller compares.
package blobs
