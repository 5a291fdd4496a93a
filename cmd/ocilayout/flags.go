package main

import (
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/urfave/cli/v2"
)

const textFormat = "text"

func formatFlag(formats ...string) cli.Flag {
	return choice(&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: formats[0], Usage: "`FORMAT` of the output: " + strings.Join(formats, ", ")}, formats...)
}

func formatOf(c *cli.Context) (string, error) { return oneOf(c, "format") }

func platformFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "platform", Usage: "only images for `OS/ARCH[/VARIANT]`; repeatable"}
}

func platforms(c *cli.Context) ([]model.Platform, error) {
	var platforms []model.Platform
	for _, value := range c.StringSlice("platform") {
		p, err := model.ParsePlatform(value)
		if err != nil {
			return nil, usagef("--platform: %v", err)
		}
		platforms = append(platforms, p)
	}
	return platforms, nil
}

func blobDirFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "blob-dir", Usage: "look in `DIR`, which holds <algorithm>/<encoded>, for blobs that the layout lacks; repeatable"}
}

// noEmptyValue refuses flags that are given an empty value, as by a variable of
// a script that was never set: what they ask for must not be left out in silence.
func noEmptyValue(c *cli.Context, names ...string) error {
	for _, name := range names {
		if !c.IsSet(name) {
			continue
		}
		if values := c.StringSlice(name); c.String(name) == "" && len(values) == 0 || slices.Contains(values, "") {
			return usagef("--%s is given, but empty", name)
		}
	}
	return nil
}

func digestFlag(c *cli.Context, name string) (digest.Digest, error) {
	value := c.String(name)
	if value == "" {
		return "", nil
	}
	d, err := model.ParseDigest(value)
	if err != nil {
		return "", usagef("--%s %q: %v", name, value, err)
	}
	if !model.Computable(d.Algorithm()) {
		return "", usagef("--%s: digests by %s cannot be computed here", name, d.Algorithm())
	}
	return d, nil
}
