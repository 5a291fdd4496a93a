//go:build ocilayout_stdgzip

package layer

import (
	"bufio"
	"compress/gzip"
)

// gunzip unpacks one member of a gzip stream.
type gunzip struct{ gzip.Reader }

// Reset begins with the member that r is at. The standard library lets pass the
// bits of the header that are reserved, and RFC 1952 (2.3.1.2) wants an error.
func (g *gunzip) Reset(r *bufio.Reader) error {
	start, _ := r.Peek(4)
	if len(start) == 4 && start[3]&0xe0 != 0 {
		return gzip.ErrHeader
	}
	if err := g.Reader.Reset(r); err != nil {
		return err
	}
	g.Multistream(false)
	return nil
}

// Close leaves everything as it is: the zero gzip.Reader cannot be closed.
func (g *gunzip) Close() error { return nil }
