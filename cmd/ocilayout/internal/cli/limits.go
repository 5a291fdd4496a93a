package cli

import (
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
)

// DocumentLimitFlags are the flags that DocumentLimits reads.
func DocumentLimitFlags() []Flag {
	return []Flag{
		&StringFlag{Name: "max-document", Value: "8MiB", Usage: "`BYTES` of the largest manifest, index or config to read"},
		&StringFlag{Name: "max-index", Value: "32MiB", Usage: "`BYTES` of the largest index.json to read"},
	}
}

// MostShown is how many descriptors tree and blobs read by default: all of them are in
// memory until they are shown.
const MostShown = 125_000

// GraphLimitFlags are those that GraphLimits reads besides DocumentLimitFlags, with the
// default of --max-descriptors.
func GraphLimitFlags(descriptors int) []Flag {
	defaults := layout.Limits{}.WithDefaults()
	return []Flag{
		&IntFlag{Name: "max-depth", Value: defaults.Depth, Usage: "`N` documents nested in one another"},
		&IntFlag{Name: "max-descriptors", Value: descriptors, Usage: "`N` descriptors altogether"},
	}
}

// DocumentLimits returns how large documents may be.
func DocumentLimits(c *Context) layout.Limits {
	return layout.Limits{Document: ByteCount(c, "max-document"), Index: ByteCount(c, "max-index")}
}

// GraphLimits returns how large documents may be, and how many there may be.
func GraphLimits(c *Context) layout.Limits {
	l := DocumentLimits(c)
	l.Depth, l.Descriptors = c.Int("max-depth"), c.Int("max-descriptors")
	return l
}

// LayerLimitFlags are the flags that LayerLimits reads.
func LayerLimitFlags() []Flag {
	defaults := layer.Limits{}.WithDefaults()
	return []Flag{
		&StringFlag{Name: "max-layer-bytes", Value: "64GiB", Usage: "`BYTES` that a layer may unpack to"},
		&Int64Flag{Name: "max-layer-ratio", Value: defaults.Ratio, Usage: "`N` times its size that a layer may unpack to, beyond 1 GiB"},
		&IntFlag{Name: "max-layer-entries", Value: defaults.Entries, Usage: "`N` entries that a layer may have"},
		&StringFlag{Name: "max-layer-names", Value: "88MiB", Usage: "`BYTES` of memory for the names and attributes of an image's files"},
	}
}

// LayerLimits returns what unpacking a layer may cost.
func LayerLimits(c *Context) layer.Limits {
	return layer.Limits{Bytes: ByteCount(c, "max-layer-bytes"), Names: ByteCount(c, "max-layer-names"),
		Ratio: c.Int64("max-layer-ratio"), Entries: c.Int("max-layer-entries")}
}
