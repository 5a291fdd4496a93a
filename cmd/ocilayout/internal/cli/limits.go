package cli

import (
	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
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

// DocumentLimits returns how large documents may be. The error is a usage error.
func DocumentLimits(c *Context) (l layout.Limits, err error) {
	if l.Document, err = ByteCount(c, "max-document"); err == nil {
		l.Index, err = ByteCount(c, "max-index")
	}
	return l, err
}

// GraphLimits returns how large documents may be, and how many there may be. The error
// is a usage error.
func GraphLimits(c *Context) (layout.Limits, error) {
	l, err := DocumentLimits(c)
	if err != nil {
		return l, err
	}
	l.Depth, l.Descriptors = c.Int("max-depth"), c.Int("max-descriptors")
	for _, name := range []string{"max-depth", "max-descriptors"} {
		if c.Int(name) < 1 {
			return l, exit.Usagef("--%s is a number from 1 up, not %d", name, c.Int(name))
		}
	}
	return l, nil
}

// ByteCount returns the value of a flag, such as "8MiB" or "500000", in bytes. What would
// not fit into memory is a usage error.
func ByteCount(c *Context, name string) (int64, error) {
	const most = 1 << 40
	n, err := humanize.ParseBytes(c.String(name))
	if err != nil || n < 1 || n > most {
		return 0, exit.Usagef("--%s is a number of bytes from 1 to 1TiB, such as 500000 or 8MiB, not %q", name, c.String(name))
	}
	return int64(n), nil
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

// TOCLimitFlag is --max-layer-toc, a ByteCount.
func TOCLimitFlag() Flag {
	return &StringFlag{Name: "max-layer-toc", Value: "64MiB", Usage: "`BYTES` that a layer's table of contents may have"}
}

// LayerLimits returns what unpacking a layer may cost. The error is a usage error.
func LayerLimits(c *Context) (layer.Limits, error) {
	l := layer.Limits{Ratio: c.Int64("max-layer-ratio"), Entries: c.Int("max-layer-entries")}
	var err error
	if l.Bytes, err = ByteCount(c, "max-layer-bytes"); err != nil {
		return l, err
	}
	if l.Names, err = ByteCount(c, "max-layer-names"); err != nil {
		return l, err
	}
	if l.Ratio < 1 || l.Entries < 1 {
		return l, exit.Usagef("--max-layer-ratio and --max-layer-entries are numbers from 1 up")
	}
	return l, nil
}
