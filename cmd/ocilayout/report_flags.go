package main

import (
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/urfave/cli/v2"
)

// severityFlags are the flags of verify and validate that say what counts.
func severityFlags() []cli.Flag {
	return []cli.Flag{
		choice(&cli.StringFlag{Name: "fail-on", Value: rule.Error.String(), Usage: "lowest `SEVERITY` that makes the status 1: error, warning, info or never"},
			"error", "warning", "info", "never"),
		profileFlag(),
		&cli.StringSliceFlag{Name: "rule", Usage: "`ID=SEVERITY` sets a rule to error, warning, info or ignore, whatever the profile says; repeatable"},
	}
}

// reportFlags are the flags of verify and validate that say how to report; what is the
// word for one of the things that are checked.
func reportFlags(what string) []cli.Flag {
	most := strconv.Itoa(DefaultMaxFindings)
	return []cli.Flag{
		formatFlag(report.Formats...),
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `FILE`, which may not be part of what is checked"},
		&cli.StringSliceFlag{Name: "report", Usage: "`FORMAT:FILE` is a further report of the same run; repeatable"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print nothing but findings at or above --fail-on", DisableDefaultText: true},
		colorFlag(),
		&cli.IntFlag{Name: "max-findings", Value: DefaultMaxFindings, Usage: "`N` findings of one severity a " + what + " to report, then only counted; 0 for all",
			DefaultText: most + ", and the worst for sarif, junit and github"},
	}
}

// newRun returns what severityFlags and reportFlags ask for: the run that reports, and
// the severities of the rules.
func newRun(c *cli.Context) (*Run, rule.Policy, error) {
	r := &Run{Quiet: c.Bool("quiet"), MaxFindings: -1, Tool: report.Tool{Name: "ocilayout", Version: version()}, Stdout: c.App.Writer, Stderr: c.App.ErrWriter}
	if err := noEmptyValue(c, "output", "report"); err != nil {
		return nil, rule.Policy{}, err
	}
	failOn, err := oneOf(c, "fail-on")
	if err != nil {
		return nil, rule.Policy{}, err
	}
	if failOn != "never" {
		r.FailOn, _ = rule.ParseSeverity(failOn) // one of the choices
	}
	policy, err := policyOf(c)
	if err != nil {
		return nil, policy, err
	}
	if r.Reports, err = destinations(c); err != nil {
		return nil, policy, err
	}
	if c.IsSet("max-findings") {
		if r.MaxFindings = int64(c.Int("max-findings")); r.MaxFindings < 0 {
			return nil, policy, usagef("--max-findings is a number from 0 up, not %d", r.MaxFindings)
		}
	}
	return r, policy, nil
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

// policyOf returns what --profile and --rule make of the severities.
func policyOf(c *cli.Context) (rule.Policy, error) {
	profile, err := profileOf(c)
	if err != nil {
		return rule.Policy{}, err
	}
	policy := rule.NewPolicy(profile)
	for _, setting := range c.StringSlice("rule") {
		if err := policy.Set(setting); err != nil {
			if id, _, ok := strings.Cut(setting, "="); ok && !knownRule(id) {
				return policy, unknownRule(id)
			}
			return policy, usagef("--rule: %v", err)
		}
	}
	return policy, nil
}

func knownRule(id string) bool {
	_, ok := rule.Lookup(rule.ID(id))
	return ok
}

// unknownRule returns the usage error about a rule that is not there.
func unknownRule(id string) error {
	var names []string
	for r := range rule.All() {
		names = append(names, string(r.ID))
	}
	return misspelt("no rule "+strconv.Quote(id), "'ocilayout rules' lists them", id, names)
}

// destinations returns the reports that are asked for, each made to fit the place that
// it goes to.
func destinations(c *cli.Context) ([]Destination, error) {
	format, err := formatOf(c)
	if err != nil {
		return nil, err
	}
	all, err := Destinations(format, c.String("output"), c.StringSlice("report"))
	if err != nil {
		return nil, err
	}
	for i := range all {
		d := &all[i]
		if d.Style, err = styleFor(c, d.ToStdout()); err != nil {
			return nil, err
		}
		if d.ToStdout() {
			d.Width = widthOf(c.App.Writer)
		}
	}
	return all, nil
}
