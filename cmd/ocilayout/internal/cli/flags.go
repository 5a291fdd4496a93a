package cli

import (
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// TextFormat is the format for people, the default of most commands.
const TextFormat = "text"

// FormatFlag is --format, which is one of formats. The first is the default.
func FormatFlag(formats ...string) Flag {
	return Choice(&StringFlag{Name: "format", Aliases: []string{"f"}, Value: formats[0], Usage: "`FORMAT` of the output: " + strings.Join(formats, ", ")}, formats...)
}

// Format returns the value of --format.
func Format(c *Context) string { return c.String("format") }

// PlatformFlag is the flag that Platforms reads.
func PlatformFlag() Flag {
	return &StringSliceFlag{Name: "platform", Usage: "only images for `OS/ARCH[/VARIANT]`; repeatable"}
}

// Platforms returns the platforms that are asked for, none for all. The error is a usage
// error.
func Platforms(c *Context) ([]model.Platform, error) {
	var platforms []model.Platform
	for _, value := range c.StringSlice("platform") {
		p, err := model.ParsePlatform(value)
		if err != nil {
			return nil, exit.Usagef("--platform: %v", err)
		}
		platforms = append(platforms, p)
	}
	return platforms, nil
}

func blobDirFlag() Flag {
	return &StringSliceFlag{Name: "blob-dir", Usage: "look in `DIR`, which holds <algorithm>/<encoded>, for blobs that the layout lacks; repeatable"}
}

// NoEmptyValue returns a usage error for a flag with an empty value, as from a variable
// of a script that was never set: what it asks for must not be left out in silence.
func NoEmptyValue(c *Context, names ...string) error {
	for _, name := range names {
		if !c.IsSet(name) {
			continue
		}
		if values := c.StringSlice(name); c.String(name) == "" && len(values) == 0 || slices.Contains(values, "") {
			return exit.Usagef("--%s is given, but empty", name)
		}
	}
	return nil
}

// DigestFlag returns the digest that is the value of a flag, "" if that is not given. One
// that cannot be computed here is a usage error.
func DigestFlag(c *Context, name string) (digest.Digest, error) {
	value := c.String(name)
	if value == "" {
		return "", nil
	}
	d, err := model.ParseDigest(value)
	if err != nil {
		return "", exit.Usagef("--%s %q: %v", name, value, err)
	}
	if !model.Computable(d.Algorithm()) {
		return "", exit.Usagef("--%s: digests by %s cannot be computed here", name, d.Algorithm())
	}
	return d, nil
}
