//go:build !ocilayout_inflate

package layer

import (
	"bufio"

	"github.com/klauspost/compress/gzip"
)

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

// Close leaves everything as it is: the zero gzip.Reader cannot be closed.
func (g *gunzip) Close() error { return nil }

// lendGunzip makes one for each stream. The library keeps the tables of a reader that
// is used again, and then what it says of a stream that breaks off can depend on what
// was read before; a report must not.
func lendGunzip() *gunzip { return new(gunzip) }

func returnGunzip(*gunzip) {}
