// Package archive reads a tar archive as if it were unpacked: as a read-only
// file system of the names that an image layout can have.
//
// One pass over the headers makes an index of where each file's bytes lie. The
// bytes themselves are passed over, and read from their place when somebody opens
// the file, so that many files can be read at once. Memory is a few dozen bytes
// for each file, whatever the archive says of itself.
//
// Tools differ in how they read an archive that is not quite sound, and may then
// see other files in it. Nothing here is refused for that. Whatever leaves a
// doubt about what the archive holds is a [Defect], and judging it is the
// business of package verify.
package archive
