// Package layer reads layer blobs: it decompresses them by streaming, reads the
// tar archive within, and applies the changesets of an image onto one another
// (layer.md).
//
// A layer is read once, from its first byte to its last. [Scan] finds out in
// that one pass how long the blob is, what it hashes to, what it unpacks to hashes
// to, and what is in it. The memory that takes is bounded, and does not grow
// with the blob.
//
// What is wrong with a stream or an entry is reported as it is, without a
// severity.
package layer
