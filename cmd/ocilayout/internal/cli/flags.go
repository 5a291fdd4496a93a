package cli

import (
	"strings"
)

// TextFormat is the format for people, the default of most commands.
const TextFormat = "text"

// FormatFlag is --format, which is one of formats. The first is the default.
func FormatFlag(formats ...string) Flag {
	return Choice(&StringFlag{Name: "format", Aliases: []string{"f"}, Value: formats[0], Usage: "`FORMAT` of the output: " + strings.Join(formats, ", ")}, formats...)
}

// Format returns the value of --format.
func Format(c *Context) string { return c.String("format") }

func blobDirFlag() Flag {
	return &StringSliceFlag{Name: "blob-dir", Usage: "look in `DIR`, which holds <algorithm>/<encoded>, for blobs that the layout lacks; repeatable"}
}
