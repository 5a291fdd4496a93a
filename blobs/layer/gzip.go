//go:build !ocilayout_inflate

package layer

import (
	"bufio"
	"errors"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

var errDeflate = errors.New("deflate: the stream is damaged")

// gunzip unpacks one member of a gzip stream. The tag ocilayout_inflate puts the
// decoder of package inflate in its place, which is to say the same of every stream:
// it becomes the usual one once it has been measured and fuzzed for longer.
type gunzip struct{ gzip.Reader }

// Reset begins with the member that r is at.
func (g *gunzip) Reset(r *bufio.Reader) error {
	if err := g.Reader.Reset(r); err != nil {
		return err
	}
	g.Multistream(false)
	return nil
}

// Read gives one word for all damage: which one the library has for it can depend on
// what the reader was used for before, and a report must not.
func (g *gunzip) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	switch err.(type) {
	case flate.CorruptInputError, flate.InternalError:
		err = errDeflate
	}
	return n, err
}

// Close leaves everything as it is: the zero gzip.Reader cannot be closed.
func (g *gunzip) Close() error { return nil }
