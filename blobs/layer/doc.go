// Package layer reads layer blobs: it decompresses them by streaming, reads the
// tar archive within, and applies the changesets of an image onto one another
// (layer.md).
//
// A layer is read once, from its first byte to its last. [Scan] tells in that
// one pass how long the blob is, what it hashes to, what it unpacks to hashes
// to, and what is in it. The memory that takes is bounded, and does not grow
// with the blob.
//
// Nothing here judges: what is wrong with a stream or an entry is handed on as
// it was met.
package layer
