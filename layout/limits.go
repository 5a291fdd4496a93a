package layout

import "github.com/ocilayout/ocilayout/model"

// Limits bound what a walk reads and remembers. A zero field is its default.
type Limits struct {
	Document    int64 // bytes of a manifest, index or configuration; default 8 MiB
	Index       int64 // bytes of index.json; default 64 MiB
	Marker      int64 // bytes of oci-layout; default 64 KiB
	Depth       int   // documents on the way from index.json to a blob; default 32
	Descriptors int   // descriptors altogether; default 10,000,000
}

// WithDefaults returns the limits with the default for each field that is zero.
func (l Limits) WithDefaults() Limits {
	if l.Document == 0 {
		l.Document = 8 << 20
	}
	if l.Index == 0 {
		l.Index = 64 << 20
	}
	if l.Marker == 0 {
		l.Marker = 64 << 10
	}
	if l.Depth == 0 {
		l.Depth = 32
	}
	if l.Descriptors == 0 {
		l.Descriptors = 10_000_000
	}
	return l
}

// IndexLimits returns what bounds index.json, which lists what a whole store holds and so may
// be larger than the documents that one image has.
func IndexLimits() model.Limits { return model.Limits{Values: 10_000_000, Items: 250_000} }
