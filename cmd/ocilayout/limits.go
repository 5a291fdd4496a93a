package main

import (
	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/urfave/cli/v2"
)

func documentLimitFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "max-document", Value: "8MiB", Usage: "`BYTES` of the largest manifest, index or config to read"},
		&cli.StringFlag{Name: "max-index", Value: "32MiB", Usage: "`BYTES` of the largest index.json to read"},
	}
}

// mostShown is how many descriptors tree and blobs take, unless they are told
// otherwise: all of them are held until they are shown.
const mostShown = 125_000

func graphLimitFlags(descriptors int) []cli.Flag {
	defaults := layout.Limits{}.WithDefaults()
	return []cli.Flag{
		&cli.IntFlag{Name: "max-depth", Value: defaults.Depth, Usage: "`N` documents nested in one another"},
		&cli.IntFlag{Name: "max-descriptors", Value: descriptors, Usage: "`N` descriptors altogether"},
	}
}

func documentLimits(c *cli.Context) (l layout.Limits, err error) {
	if l.Document, err = byteCount(c, "max-document"); err == nil {
		l.Index, err = byteCount(c, "max-index")
	}
	return l, err
}

func limits(c *cli.Context) (layout.Limits, error) {
	l, err := documentLimits(c)
	if err != nil {
		return l, err
	}
	l.Depth, l.Descriptors = c.Int("max-depth"), c.Int("max-descriptors")
	for _, name := range []string{"max-depth", "max-descriptors"} {
		if c.Int(name) < 1 {
			return l, usagef("--%s is a number from 1 up, not %d", name, c.Int(name))
		}
	}
	return l, nil
}

// byteCount returns a size such as "8MiB" or "500000" in bytes. What would not
// fit into memory anyway is refused.
func byteCount(c *cli.Context, name string) (int64, error) {
	const most = 1 << 40
	n, err := humanize.ParseBytes(c.String(name))
	if err != nil || n < 1 || n > most {
		return 0, usagef("--%s is a number of bytes from 1 to 1TiB, such as 500000 or 8MiB, not %q", name, c.String(name))
	}
	return int64(n), nil
}

func layerLimitFlags() []cli.Flag {
	defaults := layer.Limits{}.WithDefaults()
	return []cli.Flag{
		&cli.StringFlag{Name: "max-layer-bytes", Value: "64GiB", Usage: "`BYTES` that a layer may unpack to"},
		&cli.Int64Flag{Name: "max-layer-ratio", Value: defaults.Ratio, Usage: "`N` times its size that a layer may unpack to, beyond 1 GiB"},
		&cli.IntFlag{Name: "max-layer-entries", Value: defaults.Entries, Usage: "`N` entries that a layer may have"},
		&cli.StringFlag{Name: "max-layer-names", Value: "88MiB", Usage: "`BYTES` of memory for the names and attributes of an image's files"},
	}
}

func tocLimitFlag() cli.Flag {
	return &cli.StringFlag{Name: "max-layer-toc", Value: "64MiB", Usage: "`BYTES` that a layer's table of contents may have"}
}

func layerLimits(c *cli.Context) (layer.Limits, error) {
	l := layer.Limits{Ratio: c.Int64("max-layer-ratio"), Entries: c.Int("max-layer-entries")}
	var err error
	if l.Bytes, err = byteCount(c, "max-layer-bytes"); err != nil {
		return l, err
	}
	if l.Names, err = byteCount(c, "max-layer-names"); err != nil {
		return l, err
	}
	if l.Ratio < 1 || l.Entries < 1 {
		return l, usagef("--max-layer-ratio and --max-layer-entries are numbers from 1 up")
	}
	return l, nil
}
