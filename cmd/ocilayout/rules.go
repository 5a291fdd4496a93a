package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/verify/rule"
)

func rulesCommand() *cli.Command {
	return &cli.Command{
		Name:      "rules",
		Usage:     "list the rules that layouts and documents are held against",
		UsageText: "ocilayout rules [--profile default|strict|schema] [--format text|json] [--color auto|always|never]\n\nExample: ocilayout rules --profile strict",
		Flags:     []cli.Flag{cli.ProfileFlag(), cli.FormatFlag(cli.TextFormat, "json"), cli.ColorFlag()},
		Action: func(c *cli.Context) error {
			if err := cli.NoArguments(c); err != nil {
				return err
			}
			profile := cli.Profile(c)
			if cli.Format(c) == "json" {
				return report.JSON(c.App.Writer, ruleTable{1, profile.String(), ruleRows(profile)})
			}
			return listRules(c.App.Writer, term.Width(c.App.Writer), cli.Style(c), profile)
		},
	}
}

func explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "say what a rule asks for, why, and what to do",
		UsageText: "ocilayout explain ID\n\nExample: ocilayout explain blob-digest-mismatch",
		ArgsUsage: "ID",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return exit.Usagef("explain takes one rule id, but got %d arguments", c.NArg())
			}
			r, ok := rule.Lookup(rule.ID(c.Args().First()))
			if !ok {
				return cli.UnknownRule(c.Args().First())
			}
			return explain(c.App.Writer, r)
		},
	}
}

// ruleTable is what --format json has.
type ruleTable struct {
	SchemaVersion int       `json:"schemaVersion"`
	Profile       string    `json:"profile"`
	Rules         []ruleRow `json:"rules"`
}

// ruleRow is a rule of it.
type ruleRow struct {
	ID       rule.ID `json:"id"`
	Severity string  `json:"severity"` // under the table's profile
	Default  string  `json:"default"`
	Strict   string  `json:"strict"`
	Schema   string  `json:"schema"`
	Unproven bool    `json:"unproven"`
	Title    string  `json:"title"`
	Help     string  `json:"help"`
	Spec     string  `json:"spec"`
	Since    string  `json:"since"`
}

func ruleRows(profile rule.Profile) []ruleRow {
	var rows []ruleRow
	for r := range rule.All() {
		rows = append(rows, ruleRow{ID: r.ID, Severity: r.Under(profile).String(), Default: r.Under(rule.ProfileDefault).String(),
			Strict: r.Under(rule.ProfileStrict).String(), Schema: r.Under(rule.ProfileSchema).String(),
			Unproven: r.Unproven, Title: r.Title, Help: r.Help, Spec: r.Spec, Since: r.Since})
	}
	return rows
}

func listRules(w io.Writer, width int, style report.Style, profile rule.Profile) error {
	table := report.NewTable(w, width, report.Column{Header: "RULE"},
		report.Column{Header: "SEVERITY", Paint: func(cell string) string {
			severity, _ := rule.ParseSeverity(cell)
			return style.Severity(severity, cell)
		}},
		report.Column{Header: "WHAT IS WRONG", Flexible: true})
	for r := range rule.All() {
		table.Row(string(r.ID), r.Under(profile).String(), r.Title)
	}
	return table.Flush()
}

func explain(w io.Writer, r rule.Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n%s\n\n%s\n\n", r.ID, r.Severity, r.Title, report.Wrap(r.Help, 78))
	if r.Unproven {
		b.WriteString("A finding of this rule leaves the layout unproven: the status is never 0.\n\n")
	}
	fmt.Fprintf(&b, "Source:  %s\nSince:   %s\n", r.Spec, r.Since)
	if severities := underProfiles(r); severities != "" {
		fmt.Fprintf(&b, "Profile: %s\n", severities)
	}
	b.WriteString(switching(r))
	_, err := io.WriteString(w, b.String())
	return err
}

// switching says how to silence a rule, or how to have one that is off.
func switching(r rule.Rule) string {
	if r.Severity != rule.Ignore {
		return fmt.Sprintf("Silence: --rule %s=ignore\n", r.ID)
	}
	ways := fmt.Sprintf("Enable:  --rule %s=warning", r.ID)
	for _, p := range []rule.Profile{rule.ProfileStrict, rule.ProfileSchema} {
		if r.Under(p) != rule.Ignore {
			ways += fmt.Sprintf(", or --profile %s", p)
		}
	}
	return ways + "\n"
}

// underProfiles returns the severity of a rule under each profile, "" where that is the
// same.
func underProfiles(r rule.Rule) string {
	var severities []string
	differ := false
	for _, p := range []rule.Profile{rule.ProfileDefault, rule.ProfileStrict, rule.ProfileSchema} {
		severities = append(severities, fmt.Sprintf("%s %s", p, r.Under(p)))
		differ = differ || r.Under(p) != r.Severity
	}
	if !differ {
		return ""
	}
	return strings.Join(severities, ", ")
}
