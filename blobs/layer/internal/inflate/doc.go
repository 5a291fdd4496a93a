// Package inflate unpacks gzip (RFC 1952) and the DEFLATE streams in it (RFC 1951).
//
// To inflate is most of the work of verifying a layer, so that this package is
// built for speed. It has no unsafe code and no assembly: in the one loop that
// counts, fast, indexes are below the fixed sizes of the arrays by a mask or a
// comparison that the compiler can follow, so that it needs no other check; and
// everywhere else it checks each index. What is accepted and what is refused, and the
// bytes up to where a stream is refused, are those of the standard library: tests and
// fuzzing hold that, wherever a stream is cut off and in whatever steps it is read.
package inflate
