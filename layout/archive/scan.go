package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/blobs/layer/tarheader"
	"github.com/ocilayout/ocilayout/model"
)

// scanner makes the index of an archive.
type scanner struct {
	tape    tape
	limits  Limits
	index   *index
	defects defects
	entries int
	headers tarheader.Headers
	windows struct { // entries that would be in the layout if backslashes were slashes
		count int
		first Defect
	}
	cut     bool // the archive is known to break off at its end
	limited bool // because a limit was reached: what is there only in part is not there
}

// run makes the index. The error is that of reading.
func (s *scanner) run() error {
	err := s.every()
	if n := s.windows.count; n > 0 {
		s.windows.first.Kind, s.windows.first.Detail = Backslash, fmt.Sprintf("%d such names", n)
		if n == 1 {
			s.windows.first.Detail = "1 such name"
		}
		s.defects.add(s.windows.first)
	}
	return err
}

// every reads the headers one after the other.
func (s *scanner) every() error {
	for at := int64(0); at >= 0; {
		header, err := s.tape.headers(at)
		switch {
		case s.tape.failed != nil:
			return s.tape.failed
		case err == io.EOF:
			return s.end(at)
		case err != nil:
			s.broken(at, err)
			return nil
		case s.entries == s.limits.Entries:
			s.defects.add(Defect{Kind: LimitEntries, Offset: at, Detail: fmt.Sprintf("%v %d", LimitEntries, s.limits.Entries)})
			return nil
		}
		s.entries++
		at = s.entry(at, header)
	}
	return nil
}

// entry enters one entry, and returns where the next one begins, -1 where the
// archive breaks off before.
func (s *scanner) entry(at int64, header *tar.Header) int64 {
	s.headers.Reset()
	s.headers.Write(s.tape.raw)
	if !s.headers.Whole() {
		s.defects.add(Defect{Kind: Malformed, Name: header.Name, Offset: at, Detail: "its headers cannot be told from one another"})
		return -1
	}
	start, length := s.headers.Content(header)
	rest := max(0, s.tape.size-at-start)
	if length > rest && s.limited {
		return -1
	}
	what := record{kind: kindOf(header), at: at + start, size: min(length, rest)}
	path, fits := s.name(at, header, what)
	s.doubts(Defect{Name: header.Name, Path: path, Offset: at}, header)
	if tarheader.Sparse(header) {
		s.defects.add(Defect{Kind: Sparse, Name: header.Name, Path: path, Offset: at})
	}
	if length > rest {
		s.truncated(Defect{Name: header.Name, Path: path, Offset: at, Detail: "within the content of an entry"})
		return -1
	}
	if !fits {
		return -1
	}
	return at + start + tarheader.Padded(length)
}

// doubts adds in what tools differ about an entry: of those that matter to what is in
// the archive the first, and of those that only some tools fail on.
func (s *scanner) doubts(about Defect, header *tar.Header) {
	var told [Trailing + 1]bool
	for _, doubt := range s.headers.Doubts(header) {
		one := about
		one.Detail = doubt.Detail
		switch doubt.Kind {
		case tarheader.Encoding, tarheader.Time: // which say nothing of what is in the archive
			continue
		case tarheader.Backslash:
			s.backslash(one)
			continue
		case tarheader.Attribute, tarheader.Checksum, tarheader.Long:
			one.Kind = Unportable
		case tarheader.Dots:
			if outside(layer.Clean(header.Name)) {
				continue // which is a defect of its own
			}
			if one.Kind = Ambiguous; about.Path == "" {
				one.Kind = Unportable // no layout has anything there
			}
		default:
			one.Kind = Ambiguous
		}
		if !told[one.Kind] {
			told[one.Kind] = true
			s.defects.add(one)
		}
	}
}

// backslash counts an entry that has backslashes in the name where a part of a layout
// would have slashes.
func (s *scanner) backslash(about Defect) {
	path := layer.Clean(strings.ReplaceAll(about.Name, `\`, "/"))
	switch base := path[strings.LastIndexByte(path, '/')+1:]; {
	case path == model.BlobsDir, strings.HasPrefix(path, model.BlobsDir+"/"), base == model.IndexFile, base == model.LayoutFile:
	default:
		return
	}
	if s.windows.count++; s.windows.count == 1 {
		s.windows.first = about
	}
}

// name enters the entry under its name, and returns the path that it then has,
// and whether there was room for it.
func (s *scanner) name(at int64, header *tar.Header, what record) (path string, fits bool) {
	if header.Typeflag == tar.TypeXGlobalHeader {
		return "", true
	}
	path = layer.Clean(header.Name)
	switch {
	case outside(path):
		s.defects.add(Defect{Kind: Outside, Name: header.Name, Offset: at})
		return "", true
	case path == ".":
		return "", true
	}
	path, how := s.index.put(path, what)
	switch how {
	case taken:
		s.defects.add(Defect{Kind: Duplicate, Name: header.Name, Path: path, Offset: at})
	case full:
		s.defects.add(Defect{Kind: LimitEntries, Offset: at, Detail: "no more names fit into the index"})
	}
	return path, how != full
}

// outside says whether a clean path leads out of the root.
func outside(path string) bool { return path == ".." || strings.HasPrefix(path, "../") }

func kindOf(header *tar.Header) kind {
	switch {
	case header.Typeflag == tar.TypeDir:
		return directory
	case header.Typeflag == tar.TypeReg && !tarheader.Sparse(header):
		return regular
	}
	return irregular
}

// end judges how the archive ends, where archive/tar has found an end at a place.
func (s *scanner) end(at int64) error {
	zeros := len(s.tape.raw)
	if len(bytes.Trim(s.tape.raw, "\x00")) > 0 {
		s.truncated(Defect{Offset: at, Detail: "after a header that speaks of a next entry"})
		return nil
	}
	if zeros < 2*blockSize {
		s.unterminated(at)
		return nil
	}
	where, err := s.tape.zeros()
	if err == nil && where >= 0 {
		s.defects.add(Defect{Kind: Trailing, Offset: where})
	}
	return err
}

// broken judges what archive/tar says of headers.
func (s *scanner) broken(at int64, err error) {
	raw := s.tape.raw
	switch {
	case errors.Is(err, errHeaders), errors.Is(err, tar.ErrFieldTooLong):
		s.defects.add(Defect{Kind: LimitHeaders, Offset: at, Detail: fmt.Sprintf("%d bytes of headers for one entry", maxHeaders)})
	case errors.Is(err, io.ErrUnexpectedEOF) && len(bytes.Trim(raw, "\x00")) == 0:
		s.unterminated(at)
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.truncated(Defect{Offset: at, Detail: "within a header"})
	case len(raw) >= blockSize && len(bytes.Trim(raw[:blockSize], "\x00")) == 0:
		s.defects.add(Defect{Kind: Malformed, Offset: at, Detail: "a single block of zeros stands before it"})
	default:
		detail := strings.TrimPrefix(err.Error(), "archive/tar: ")
		s.headers.Reset()
		s.headers.Write(raw)
		if why := s.headers.Fault(); why != "" {
			detail = why
		}
		s.defects.add(Defect{Kind: Malformed, Offset: at, Detail: detail})
	}
}

// truncated and unterminated tell of an end that is none, unless it is known why.
func (s *scanner) truncated(d Defect) {
	d.Kind = Truncated
	if !s.cut {
		s.defects.add(d)
	}
}

func (s *scanner) unterminated(at int64) {
	if !s.cut {
		s.defects.add(Defect{Kind: Unterminated, Offset: min(at, s.tape.size)})
	}
}
