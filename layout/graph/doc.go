// Package graph reads what the descriptors of a layout make: which blobs there
// are, what names them, and what refers to what. It is for programs that show a
// layout. Nothing here judges: what is wrong is in the state of a blob.
package graph
