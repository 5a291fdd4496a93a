package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/verify/rule"
)

func rulesCommand() *cli.Command {
	return &cli.Command{
		Name:        "rules",
		Usage:       "list the rules that layouts and documents are held against",
		UsageText:   "ocilayout rules [WORD...] [FLAGS]\n\nExample: ocilayout rules --profile strict\nExample: ocilayout rules whiteout",
		ArgsUsage:   "[WORD...]",
		Description: "With a WORD, only those rules that have it in their id, in what they say is wrong, or in what explain says of them; with several, those that have all of them.",
		Flags:       []cli.Flag{cli.ProfileFlag(), cli.FormatFlag(cli.TextFormat, "json"), cli.ColorFlag()},
		Action: func(c *cli.Context) error {
			rules, err := rulesAbout(c.Args().Slice())
			if err != nil {
				return err
			}
			profile := cli.Profile(c)
			if cli.Format(c) == "json" {
				return report.JSON(c.App.Writer, ruleTable{1, profile.String(), ruleRows(rules, profile)})
			}
			return listRules(c.App.Writer, term.Width(c.App.Writer), cli.Style(c), rules, profile)
		},
	}
}

// rulesAbout returns the rules that have each of the words in what is said of them.
func rulesAbout(words []string) ([]rule.Rule, error) {
	var found []rule.Rule
	for r := range rule.All() {
		about := strings.ToLower(strings.Join(strings.Fields(string(r.ID)+" "+r.Title+" "+r.Help), " "))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(about, strings.ToLower(w)) }) {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return nil, &exit.UsageError{Message: fmt.Sprintf("no rule has %q in its id, title or help", strings.Join(words, " ")), Hint: "'ocilayout rules' lists all"}
	}
	return found, nil
}

func explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "say what a rule asks for, why, and what to do",
		UsageText: "ocilayout explain ID... [FLAGS]\n\nExample: ocilayout explain blob-digest-mismatch",
		ArgsUsage: "ID...",
		Flags:     []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "explain every rule", DisableDefaultText: true}},
		Action: func(c *cli.Context) error {
			rules, err := rulesToExplain(c)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(c.App.Writer)
			for i, r := range rules {
				if i > 0 {
					out.WriteString("\n")
				}
				if err := explain(out, r); err != nil {
					return err
				}
			}
			return out.Flush()
		},
	}
}

// rulesToExplain returns the rules that the arguments name, each once, or all.
func rulesToExplain(c *cli.Context) ([]rule.Rule, error) {
	switch {
	case c.Bool("all") && c.NArg() > 0:
		return nil, exit.Usagef("explain takes rule ids or --all, but got both")
	case c.Bool("all"):
		return slices.Collect(rule.All()), nil
	case c.NArg() == 0:
		return nil, &exit.UsageError{Message: "explain needs at least one rule id", Hint: "'ocilayout rules' lists them, 'ocilayout explain --all' explains all"}
	}
	var rules []rule.Rule
	seen := make(map[string]bool)
	for _, id := range c.Args().Slice() {
		r, ok := rule.Lookup(rule.ID(id))
		if !ok {
			return nil, cli.UnknownRule(id)
		}
		if !seen[id] {
			rules = append(rules, r)
		}
		seen[id] = true
	}
	return rules, nil
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

func ruleRows(rules []rule.Rule, profile rule.Profile) []ruleRow {
	var rows []ruleRow
	for _, r := range rules {
		rows = append(rows, ruleRow{ID: r.ID, Severity: r.Under(profile).String(), Default: r.Under(rule.ProfileDefault).String(),
			Strict: r.Under(rule.ProfileStrict).String(), Schema: r.Under(rule.ProfileSchema).String(),
			Unproven: r.Unproven, Title: r.Title, Help: r.Help, Spec: r.Spec, Since: r.Since})
	}
	return rows
}

func listRules(w io.Writer, width int, style report.Style, rules []rule.Rule, profile rule.Profile) error {
	table := report.NewTable(w, width, report.Column{Header: "RULE"},
		report.Column{Header: "SEVERITY", Paint: func(cell string) string {
			severity, _ := rule.ParseSeverity(cell)
			return style.Severity(severity, cell)
		}},
		report.Column{Header: "WHAT IS WRONG", Flexible: true})
	for _, r := range rules {
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
