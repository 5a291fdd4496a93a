package layer

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
)

// Footers say at the end of a blob where its table of contents is, for readers that
// begin there: eStargz has a gzip member of nothing with a field in its header, and
// zstd:chunked a frame to skip.
const (
	stargzFooter         = 51
	stargzLegacyFooter   = 47
	stargzExternalFooter = 46
	chunkedOldFooter     = 40
	chunkedFooter        = 64

	mostFooter = chunkedFooter + skippableHeaderLength
)

const (
	stargzMark         = "STARGZ"
	stargzExternalMark = "STARGZEXTERNALTOC"
	stargzOffsetLength = 16 // of hexadecimal digits, before the mark
)

// The two ways in which tools write the word that ends a footer of zstd:chunked.
var chunkedMarks = []string{"GNUlInUx", "GnUlInUx"}

// footer is what the end of a blob says about a table.
type footer struct {
	external bool   // the table is in another blob
	chunked  bool   // it is one of zstd:chunked
	stargz   bool   // of those, it is the one that readers of eStargz know
	table    region // without lengths for eStargz
	split    region
	size     int64 // of the footer itself, with its frame
}

// parseFooter reads the footer that the end of a blob is, nil for none.
func parseFooter(end []byte) *footer {
	for _, n := range []int{stargzFooter, stargzLegacyFooter, stargzExternalFooter} {
		extra, ok := emptyMember(end, n)
		if !ok {
			continue
		}
		if n != stargzLegacyFooter {
			if extra, ok = subfield(extra); !ok {
				continue
			}
		}
		if n == stargzExternalFooter && string(extra) == stargzExternalMark {
			return &footer{external: true, size: int64(n)}
		}
		digits, ok := bytes.CutSuffix(extra, []byte(stargzMark))
		if at, err := strconv.ParseUint(string(digits), 16, 63); ok && err == nil && len(digits) == stargzOffsetLength {
			return &footer{table: region{offset: int64(at)}, size: int64(n)}
		}
	}
	for _, n := range []int{chunkedFooter, chunkedOldFooter} {
		if f := parseChunkedFooter(end, n); f != nil {
			return f
		}
	}
	return nil
}

// emptyMember returns the extra field of the gzip member that the last n bytes are,
// whose header has nothing else.
func emptyMember(end []byte, n int) (extra []byte, ok bool) {
	const header, hasExtra, rest = 12, 4, 5 + 8 // the rest is an empty block, checksum and length
	if len(end) < n {
		return nil, false
	}
	p := end[len(end)-n:]
	if p[0] != 0x1f || p[1] != 0x8b || p[2] != 8 || p[3] != hasExtra || int(binary.LittleEndian.Uint16(p[10:])) != n-header-rest {
		return nil, false
	}
	return p[header : n-rest], true
}

// subfield returns what is in an extra field that has one subfield, SG.
func subfield(extra []byte) ([]byte, bool) {
	const header = 4
	if len(extra) < header || extra[0] != 'S' || extra[1] != 'G' || int(binary.LittleEndian.Uint16(extra[2:])) != len(extra)-header {
		return nil, false
	}
	return extra[header:], true
}

func parseChunkedFooter(end []byte, n int) *footer {
	if len(end) < n+skippableHeaderLength {
		return nil
	}
	frame, p := end[len(end)-n-skippableHeaderLength:], end[len(end)-n:]
	mark := string(p[n-len(chunkedMarks[0]):])
	if !isZstd(frame) || bytes.HasPrefix(frame, frameMagic) || binary.LittleEndian.Uint32(frame[4:]) != uint32(n) || mark != chunkedMarks[0] && mark != chunkedMarks[1] {
		return nil
	}
	number := func(i int) int64 {
		return int64(min(binary.LittleEndian.Uint64(p[8*i:]), math.MaxInt64))
	}
	f := &footer{chunked: true, stargz: n == chunkedOldFooter && mark == chunkedMarks[1], table: region{number(0), number(1), number(2)}, size: int64(n) + skippableHeaderLength}
	if n == chunkedFooter {
		f.split = region{number(4), number(5), number(6)}
	}
	return f
}
