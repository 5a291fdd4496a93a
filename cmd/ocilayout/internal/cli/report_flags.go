package cli

import (
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/config"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// SeverityFlags are the flags of verify and validate that say what counts.
func SeverityFlags() []Flag {
	return append([]Flag{
		Choice(&StringFlag{Name: "fail-on", Value: rule.Error.String(), Usage: "lowest `SEVERITY` that makes the status 1: error, warning, info or never"},
			"error", "warning", "info", "never"),
		ProfileFlag(),
		&StringSliceFlag{Name: "rule", Usage: "`ID=SEVERITY` sets a rule to error, warning, info or ignore, whatever the profile says; repeatable"},
	}, configFlags()...)
}

// ReportFlags are the flags of verify and validate that say how to report; what is the
// word for one of the things that are checked.
func ReportFlags(what string) []Flag {
	most := strconv.Itoa(report.DefaultMaxFindings)
	return []Flag{
		FormatFlag(report.Formats...),
		&StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `FILE`, which may not be part of what is checked"},
		&StringSliceFlag{Name: "report", Usage: "`FORMAT:FILE` is a further report of the same run; repeatable"},
		&BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "print notes too, and where each finding is in full", DisableDefaultText: true},
		&BoolFlag{Name: "all", Usage: "print every finding of a rule, not the first few", DisableDefaultText: true},
		&BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print nothing but findings at or above --fail-on", DisableDefaultText: true},
		ColorFlag(),
		&IntFlag{Name: "max-findings", Value: report.DefaultMaxFindings, Usage: "`N` findings of one severity a " + what + " to report, then only counted; 0 for all",
			DefaultText: most + ", and the worst for sarif, junit, github and codequality"},
	}
}

// NewRun returns what SeverityFlags and ReportFlags ask for, on the command line and in
// the configuration: the run that reports, the severities of the rules, and what else is
// settled. The error is a usage error.
func NewRun(c *Context) (*report.Run, rule.Policy, *Settings, error) {
	settings, policy, err := loadSettings(c, func(from *config.Config) (rule.Policy, error) { return policyOf(c, from.Rules) })
	if err != nil {
		return nil, policy, nil, err
	}
	r := &report.Run{Quiet: c.Bool("quiet"), Verbose: c.Bool("verbose"), All: c.Bool("all"), MaxFindings: -1, Tool: report.Tool{Name: "ocilayout", Version: Version()}, Stdout: c.App.Writer, Stderr: c.App.ErrWriter}
	if r.Quiet && r.Verbose {
		return nil, policy, nil, exit.Usagef("--quiet and --verbose do not go together")
	}
	if c.IsSet("max-findings") {
		r.MaxFindings = int64(c.Int("max-findings"))
	}
	if failOn := c.String("fail-on"); failOn != "never" {
		r.FailOn, _ = rule.ParseSeverity(failOn) // one of the choices
	}
	if r.Reports, err = destinations(c); err != nil {
		return nil, policy, nil, err
	}
	if file := c.String("write-baseline"); file != "" {
		if file == "-" {
			return nil, policy, nil, exit.Usagef("--write-baseline needs a FILE: standard output has the report")
		}
		r.Reports = append(r.Reports, report.Destination{Flag: "--write-baseline", Format: report.BaselineFormat, File: file})
	}
	return r, policy, settings, nil
}

// ProfileFlag is the flag that Profile reads.
func ProfileFlag() Flag {
	return Choice(&StringFlag{Name: "profile", Value: rule.ProfileDefault.String(), Usage: "`PROFILE` of severities: default, strict (a broken SHOULD is an error) " +
		"or schema (a document is wrong where the JSON schema of image-spec refuses it)"},
		rule.ProfileDefault.String(), rule.ProfileStrict.String(), rule.ProfileSchema.String())
}

// Profile returns the profile of severities.
func Profile(c *Context) rule.Profile {
	profile, _ := rule.ParseProfile(c.String("profile")) // one of the choices
	return profile
}

// policyOf returns what --profile, the configuration and --rule make of the severities:
// what comes later counts.
func policyOf(c *Context, rules []string) (rule.Policy, error) {
	policy := rule.NewPolicy(Profile(c))
	for _, setting := range rules {
		if err := policy.Set(setting); err != nil {
			return policy, exit.Usagef("%v", err) // which reading the configuration has seen to
		}
	}
	for _, setting := range c.StringSlice("rule") {
		if err := policy.Set(setting); err != nil {
			id, _, ok := strings.Cut(setting, "=")
			if _, known := rule.Lookup(rule.ID(id)); ok && !known {
				return policy, UnknownRule(id)
			}
			return policy, exit.Usagef("--rule: %v", err)
		}
	}
	return policy, nil
}

// UnknownRule returns the usage error about a rule that is not there.
func UnknownRule(id string) error {
	var names []string
	for r := range rule.All() {
		names = append(names, string(r.ID))
	}
	return Misspelt("no rule "+strconv.Quote(id), "'ocilayout rules' lists them", id, names)
}

// destinations returns the reports that are asked for, each made to fit the place that
// it goes to.
func destinations(c *Context) ([]report.Destination, error) {
	if err := checkNotFormat(report.Formats, c.String("output")); err != nil {
		return nil, err
	}
	all, err := report.Destinations(Format(c), c.String("output"), c.StringSlice("report"))
	if err != nil {
		return nil, err
	}
	for i := range all {
		d := &all[i]
		d.Style = styleFor(c, d.ToStdout())
		if d.ToStdout() {
			d.Width = term.Width(c.App.Writer)
		}
	}
	return all, nil
}
