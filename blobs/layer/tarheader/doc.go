// Package tarheader reads the raw headers of tar archives, and says in what the tools
// that unpack archives differ about an entry. archive/tar shows what programs in Go
// make of it, but not how they came to that.
//
// What is called a doubt here was settled by unpacking with archive/tar, GNU tar,
// libarchive, Python's tarfile and BusyBox. Where all of them come to one result there
// is none, however odd the header is.
package tarheader
