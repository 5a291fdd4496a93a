package cli

import (
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli/manual"
	urfave "github.com/urfave/cli/v2"
)

// Describe describes the command line, for what writes the pages about it.
func Describe(app *App) manual.Program {
	p := manual.Program{Name: app.Name, Summary: app.Usage, Usage: app.UsageText, Description: app.Description, Flags: describeFlags(app.Flags)}
	for _, c := range app.Commands {
		if c.Hidden {
			continue
		}
		usage, examples := manual.Examples(c.UsageText)
		p.Commands = append(p.Commands, manual.Command{Name: c.Name, Summary: c.Usage, Usage: usage, Examples: examples,
			Description: c.Description, Flags: describeFlags(c.Flags)})
	}
	return p
}

// describeFlags describes the flags that --help shows, and --help, which
// urfave/cli adds to a command only when that runs.
func describeFlags(known []Flag) []manual.Flag {
	var flags []manual.Flag
	for _, flag := range append(known[:len(known):len(known)], urfave.HelpFlag) {
		doc, ok := flag.(urfave.DocGenerationFlag)
		if visible, hides := flag.(urfave.VisibleFlag); !ok || hides && !visible.IsVisible() || flag == urfave.HelpFlag && len(flags) > 0 && flags[len(flags)-1].Names[0] == "--help" {
			continue
		}
		f := manual.Flag{Names: hyphened(flag), Value: placeholder(flag), Summary: usageOf(flag), Default: defaultOf(doc), Values: []string{}, Group: groupOf(flag.Names()[0])}
		if c, ok := flag.(*ChoiceFlag); ok {
			f.Values = c.Values
		}
		_, f.Repeated = flag.(urfave.DocGenerationSliceFlag)
		flags = append(flags, f)
	}
	return flags
}

func hyphened(flag Flag) []string {
	var names []string
	for _, name := range flag.Names() {
		if len(name) > 1 {
			name = "-" + name
		}
		names = append(names, "-"+name)
	}
	return names
}

// defaultOf returns what a flag is without being given, "" if nothing is to be
// said of it.
func defaultOf(flag urfave.DocGenerationFlag) string {
	if b, ok := flag.(*BoolFlag); ok && b.DisableDefaultText {
		return ""
	}
	return strings.Trim(flag.GetDefaultText(), `"`)
}

// The groups of flags, as manual.Groups has them.
const (
	lookAt = iota
	counts
	output
	limits
)

// groups say what flags are about, whatever the command.
var groups = map[string]int{
	"level": lookAt, "expect-index": lookAt, "platform": lookAt, "blob-dir": lookAt, "type": lookAt, "unreferenced": lookAt, "missing": lookAt,
	"layer": lookAt, "path": lookAt, "files": lookAt, "quick": lookAt, "times": lookAt,
	"fail-on": counts, "profile": counts, "rule": counts, "config": counts, "baseline": counts, "write-baseline": counts,
	"format": output, "output": output, "report": output, "verbose": output, "all": output, "quiet": output, "color": output, "progress": output,
	"max-findings": output, "max-files": output, "sort": output, "full-digest": output, "depth": output, "version": output, "help": output,
	"jobs": limits,
}

// groupOf returns what a flag is about. Limits are known by their names, and what is not
// known is about what to look at.
func groupOf(name string) string {
	g, ok := groups[name]
	if !ok && strings.HasPrefix(name, "max-") {
		g = limits
	}
	return manual.Groups[g]
}
