package main

import (
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/urfave/cli/v2"
)

const textFormat = "text"

// choiceFlag is a flag whose value is one of a set. The check of the value and
// the completion of it read the same list.
type choiceFlag struct {
	*cli.StringFlag
	// values are the words allowed. One that ends in "=" or ":" is followed by
	// what the user makes up.
	values []string
}

// choice makes a flag of f that takes only values, which f.Usage has to name.
func choice(f *cli.StringFlag, values ...string) cli.Flag { return &choiceFlag{f, values} }

// allows says whether value is one of the set.
func (f *choiceFlag) allows(value string) bool {
	return slices.ContainsFunc(f.values, func(allowed string) bool {
		return value == allowed || isOpen(allowed) && strings.HasPrefix(value, allowed)
	})
}

// isOpen says whether there is more to come after the word.
func isOpen(word string) bool { return strings.HasSuffix(word, "=") || strings.HasSuffix(word, ":") }

func formatFlag(formats ...string) cli.Flag {
	return choice(&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: formats[0], Usage: "`FORMAT` of the output: " + strings.Join(formats, ", ")}, formats...)
}

func formatOf(c *cli.Context) (string, error) { return oneOf(c, "format") }

// oneOf returns the value of a choiceFlag of the command.
func oneOf(c *cli.Context, name string) (string, error) {
	value := c.String(name)
	for _, f := range c.Command.Flags {
		f, ok := f.(*choiceFlag)
		if ok && f.Name == name && !f.allows(value) {
			return "", usagef("--%s cannot be %q: it is one of %s", name, value, strings.Join(f.values, ", "))
		}
	}
	return value, nil
}

func profileFlag() cli.Flag {
	return choice(&cli.StringFlag{Name: "profile", Value: rule.ProfileDefault.String(), Usage: "`PROFILE` of severities: default, strict (a broken SHOULD is an error) " +
		"or schema (a document is wrong where the JSON schema of image-spec refuses it)"},
		rule.ProfileDefault.String(), rule.ProfileStrict.String(), rule.ProfileSchema.String())
}

func profileOf(c *cli.Context) (rule.Profile, error) {
	word, err := oneOf(c, "profile")
	if err != nil {
		return rule.ProfileDefault, err
	}
	return rule.ParseProfile(word)
}

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
