package archive

import "github.com/ocilayout/ocilayout/blobs/layer"

// Limits bound what opening an archive may cost. A zero field is its default.
type Limits struct {
	Entries int   // of the archive; default 1,000,000
	Bytes   int64 // that an archive which cannot be read in place may take on disk; default 64 GiB
	Ratio   int64 // of bytes unpacked to bytes of the compressed archive; default 200
	Floor   int64 // bytes that any archive may unpack to, whatever the ratio; default 1 GiB
}

// WithDefaults returns the limits with the default for each field that is zero.
func (l Limits) WithDefaults() Limits {
	stream := l.stream()
	l.Bytes, l.Ratio, l.Floor = stream.Bytes, stream.Ratio, stream.Floor
	if l.Entries == 0 {
		l.Entries = 1_000_000
	}
	return l
}

// stream are the limits on unpacking a compressed archive, which are the same as
// for a layer.
func (l Limits) stream() layer.Limits {
	return layer.Limits{Bytes: l.Bytes, Ratio: l.Ratio, Floor: l.Floor}.WithDefaults()
}

// maxHeaders bounds the headers of one entry together. Each can have a name of a
// megabyte, and any number may stand before an entry; real ones take some
// kilobytes.
const maxHeaders = 1 << 20

// longestName is that of a file in any usual file system, in bytes. A longer one
// can be no part of a layout.
const longestName = 255
