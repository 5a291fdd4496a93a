// Package blobs is bytes by digest: the blobs directory of an OCI image layout
// (image-layout.md, Blobs) over any file system, to be opened, measured, hashed
// and listed.
//
// It judges nothing. What it hands out is unverified: [Store.Open] gives the
// bytes of the file whose path the digest names, and [Store.Sum] tells what
// they hash to. Comparing is the caller's.
package blobs
