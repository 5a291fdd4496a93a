package cli

import (
	"context"
	"strconv"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// valueKind is what values of one kind have in common.
type valueKind struct {
	// check returns a usage error for a value that the flag --name does not take; nil
	// takes all.
	check func(name, value string) error
	// complete completes the value that follows the first bytes of word, as many as
	// prefix; nil where nobody can guess one.
	complete func(ctx context.Context, l commandLine, word string, prefix int) Completion
}

// valueKinds are the kinds of values by the placeholder in the usage of a flag: for all
// flags but a ChoiceFlag, which has its own words.
var valueKinds = map[string]valueKind{
	"BYTES":  {check: checkBytes},
	"DIGEST": {check: checkDigest},
	"N":      {check: checkNumber},
	"PATH":   {}, // in an image, which would have to be unpacked
	"FILE": {checkNotEmpty, func(_ context.Context, _ commandLine, _ string, prefix int) Completion {
		return Completion{Prefix: prefix, Files: AnyFiles}
	}},
	"DIR": {checkNotEmpty, func(_ context.Context, _ commandLine, _ string, prefix int) Completion {
		return Completion{Prefix: prefix, Files: OnlyDirs}
	}},
	"FORMAT:FILE": {checkNotEmpty, func(_ context.Context, l commandLine, word string, prefix int) Completion {
		return l.reportFile(word, prefix)
	}},
	"ID=SEVERITY": {nil, func(_ context.Context, _ commandLine, word string, prefix int) Completion {
		return severities(word, prefix)
	}},
	"OS/ARCH[/VARIANT]": {checkPlatform, func(ctx context.Context, l commandLine, word string, prefix int) Completion {
		return matching(prefix, word, platformsOf(ctx, l.arguments)...)
	}},
}

// checkValue returns a usage error for a value that the flag does not take.
func checkValue(flag Flag, value string) error {
	if choice, ok := flag.(*ChoiceFlag); ok {
		return choice.check(value)
	}
	if check := valueKinds[placeholder(flag)].check; check != nil {
		return check(flag.Names()[0], value)
	}
	return nil
}

// checkNotEmpty refuses an empty value, as from a variable of a script that was never
// set: what the flag asks for must not be left out in silence.
func checkNotEmpty(name, value string) error {
	if value == "" {
		return exit.Usagef("--%s is given, but empty", name)
	}
	return nil
}

// checkBytes refuses what is no size, and what would not fit into memory anyway.
func checkBytes(name, value string) error {
	const most = 1 << 40
	if n, err := humanize.ParseBytes(value); err != nil || n < 1 || n > most {
		return exit.Usagef("--%s is a number of bytes from 1 to 1TiB, such as 500000 or 8MiB, not %q", name, value)
	}
	return nil
}

func checkNumber(name, value string) error {
	least := int64(1)
	switch name {
	case "layer": // counted from the base, which is 0
		return nil
	case "max-findings": // 0 for all
		least = 0
	}
	if n, err := strconv.ParseInt(value, 0, 64); err == nil && n < least {
		return exit.Usagef("--%s is a number from %d up, not %d", name, least, n)
	}
	return nil // urfave/cli says what is no number
}

func checkDigest(name, value string) error {
	if value == "" {
		return checkNotEmpty(name, value)
	}
	d, err := model.ParseDigest(value)
	if err != nil {
		return exit.Usagef("--%s %q: %v", name, value, err)
	}
	if !model.Computable(d.Algorithm()) {
		return exit.Usagef("--%s: digests by %s cannot be computed here", name, d.Algorithm())
	}
	return nil
}

// ByteCount returns the value of a flag, such as "8MiB" or "500000", in bytes.
func ByteCount(c *Context, name string) int64 {
	n, _ := humanize.ParseBytes(c.String(name)) // checked
	return int64(n)
}

// Digest returns the digest that is the value of a flag, "" if it is not given.
func Digest(c *Context, name string) digest.Digest { return digest.Digest(c.String(name)) }
