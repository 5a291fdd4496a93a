//go:build ocilayout_stdgzip

package layer

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// gunzip unpacks one member of a gzip stream with the standard library, for those who
// want no other decoder. It takes and refuses the same streams as package inflate
// does, and so all of this package says the same with it, but for the messages that say
// in which way a stream is damaged.
type gunzip struct{ member gzip.Reader }

// Reset begins with the member that r is at.
func (g *gunzip) Reset(r *bufio.Reader) error {
	const header, flags, reserved = 10, 3, 0xe0
	start, err := r.Peek(header)
	if err != nil {
		return cutOff(err)
	}
	// RFC 1952, 2.3.1.2 wants an error, and the library gives none.
	if start[flags]&reserved != 0 {
		return errGzipHeader
	}
	if err := g.member.Reset(r); err != nil {
		return sameWords(err)
	}
	g.member.Multistream(false)
	return nil
}

func (g *gunzip) Read(p []byte) (int, error) {
	n, err := g.member.Read(p)
	return n, sameWords(err)
}

// Close leaves everything as it is: the zero gzip.Reader cannot be closed.
func (g *gunzip) Close() error { return nil }

// The errors of package inflate.
var (
	errGzipHeader   = errors.New("gzip: the header is not valid")
	errGzipChecksum = errors.New("gzip: the checksum or the length is wrong")
)

func sameWords(err error) error {
	switch err {
	case gzip.ErrHeader:
		return errGzipHeader
	case gzip.ErrChecksum:
		return errGzipChecksum
	}
	if at, ok := errors.AsType[flate.CorruptInputError](err); ok {
		return fmt.Errorf("deflate: damaged before byte %d", int64(at))
	}
	return err
}

func cutOff(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// lendGunzip makes one for each stream, so that what is said of a stream cannot depend
// on those before it, whatever a version of the library keeps.
func lendGunzip() *gunzip { return new(gunzip) }

func returnGunzip(*gunzip) {}
