package layer

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/zstd"
)

// A tar-split is what an archive is without its contents: objects of JSON, each of which
// has either bytes of the archive or the length and checksum of a content. Readers build
// the archive again from it and from the files, and it has to be the archive then.

// splitWindow is the largest window for which a tar-split is unpacked, while the layer
// takes one too: what tools ask for, unless they compress as well as they can. It is
// counted with the table.
const splitWindow = 8 << 20

// splitCheck compares an archive with its tar-split, as it goes by.
type splitCheck struct {
	dec    *jsontext.Decoder
	bytes  []byte // of the archive that come next
	left   int64  // of a content
	crc    uint64 // of that content
	want   []byte
	wrong  string // what is wrong first, "" for nothing
	large  bool   // it needs too large a window
	failed error  // of reading the blob
}

var splitTable = crc64.MakeTable(crc64.ISO)

// rebuild runs compare with the tar-split that r begins with at hand, and says whether
// the archive is what it says.
func (c *tocCheck) rebuild(r io.Reader, compare func(see func([]byte)) error) error {
	source := failing{&tap{ctx: c.ctx, r: io.LimitReader(r, c.claim.split.length), see: func([]byte) {}}}
	decoder, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(splitWindow), zstd.WithDecoderMaxMemory(splitWindow))
	if err != nil {
		return c.unreadable(err)
	}
	defer decoder.Close()
	guard := &tokenGuard{r: decoder}
	s := &splitCheck{dec: jsontext.NewDecoder(guard)}
	guard.dec = s.dec
	if err := compare(s.see); err != nil {
		return err
	}
	if s.end(); s.failed != nil {
		return s.failed
	}
	if c.report.SplitWindow = s.large; s.wrong != "" && !s.large {
		c.add("", "the archive that is built again from the tar-split is another one", "", s.wrong)
	}
	return nil
}

// see takes the next bytes of the archive.
func (s *splitCheck) see(p []byte) {
	for len(p) > 0 && s.wrong == "" && s.failed == nil {
		switch n := min(len(p), len(s.bytes)); {
		case n > 0:
			if !bytes.Equal(p[:n], s.bytes[:n]) {
				s.wrong = "other bytes beside the contents"
			}
			p, s.bytes = p[n:], s.bytes[n:]
		case s.left > 0:
			n := int(min(int64(len(p)), s.left))
			s.crc = crc64.Update(s.crc, splitTable, p[:n])
			p = p[n:]
			s.left -= int64(n)
			s.sum()
		default:
			if !s.next() && s.wrong == "" {
				s.wrong = "it ends before the archive"
			}
		}
	}
}

// sum compares the checksum of a content that is over.
func (s *splitCheck) sum() {
	if s.left == 0 && !bytes.Equal(s.want, binary.BigEndian.AppendUint64(nil, s.crc)) {
		s.wrong = "another checksum of a content"
	}
}

// end is called after the archive's last byte.
func (s *splitCheck) end() {
	for s.wrong == "" && s.failed == nil {
		if len(s.bytes) > 0 || s.left > 0 {
			s.wrong = "it goes on after the archive"
		} else if !s.next() {
			return
		}
	}
}

// next reads the next object, and says whether there is one.
func (s *splitCheck) next() bool {
	err := s.object()
	var blob *readError
	switch {
	case err == nil:
		return true
	case errors.As(err, &blob):
		s.failed = blob.err
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		s.large, s.wrong = true, err.Error()
	case err != io.EOF:
		s.wrong = err.Error()
	}
	return false
}

// The types of objects.
const (
	splitFile  = 1
	splitBytes = 2
)

func (s *splitCheck) object() error {
	if kind := s.dec.PeekKind(); kind != '{' {
		_, err := s.dec.ReadToken()
		if err == nil {
			err = errors.New("something else than an object")
		}
		return err
	}
	l := tocLoader{dec: s.dec}
	var kind, size int64
	var payload []byte
	err := l.object([]string{"type", "name", "name_raw", "size", "payload", "position"}, mostTOCMembers, func(name string) (err error) {
		switch name {
		case "type":
			kind, err = l.number(name)
		case "size":
			size, err = l.number(name)
		case "payload":
			if s.dec.PeekKind() == 'n' {
				return l.skip() // of an empty file
			}
			var text string
			if text, err = l.text(name); err == nil {
				payload, err = base64.StdEncoding.DecodeString(text)
			}
		default:
			err = l.skip()
		}
		return err
	})
	switch {
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case kind == splitBytes:
		s.bytes = payload
	case kind == splitFile && size >= 0:
		s.left, s.crc, s.want = size, 0, payload
	default:
		return fmt.Errorf("an object of type %d and size %d", kind, size)
	}
	return nil
}
