package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/render"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/urfave/cli/v2"
)

func rulesCommand() *cli.Command {
	return &cli.Command{
		Name:      "rules",
		Usage:     "list the rules that verify holds a layout against",
		UsageText: "ocilayout rules [--format text|json]\n\nExample: ocilayout rules",
		Flags:     []cli.Flag{formatFlag(textFormat, "json")},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			format, err := formatOf(c, textFormat, "json")
			if err != nil {
				return err
			}
			if format == "json" {
				return render.JSON(c.App.Writer, ruleTable{1, ruleRows()})
			}
			return listRules(c.App.Writer)
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
				return usagef("explain takes one rule id, but got %d arguments", c.NArg())
			}
			r, ok := rule.Lookup(rule.ID(c.Args().First()))
			if !ok {
				return unknownRule(c.Args().First())
			}
			return explain(c.App.Writer, r)
		},
	}
}

func unknownRule(id string) error {
	e := &usageError{message: fmt.Sprintf("no rule %q", id), hint: "'ocilayout rules' lists them"}
	var names []string
	for r := range rule.All() {
		names = append(names, string(r.ID))
	}
	if near := nearest(id, names); near != "" {
		e.hint = "did you mean " + near + "?"
	}
	return e
}

// ruleTable is what --format json has.
type ruleTable struct {
	SchemaVersion int       `json:"schemaVersion"`
	Rules         []ruleRow `json:"rules"`
}

// ruleRow is a rule of it.
type ruleRow struct {
	ID       rule.ID `json:"id"`
	Severity string  `json:"severity"`
	Unproven bool    `json:"unproven"`
	Title    string  `json:"title"`
	Help     string  `json:"help"`
	Spec     string  `json:"spec"`
	Since    string  `json:"since"`
}

func ruleRows() []ruleRow {
	var rows []ruleRow
	for r := range rule.All() {
		rows = append(rows, ruleRow{r.ID, r.Severity.String(), r.Unproven, r.Title, r.Help, r.Spec, r.Since})
	}
	return rows
}

func listRules(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RULE\tSEVERITY\tWHAT IS WRONG")
	for r := range rule.All() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, r.Severity, r.Title)
	}
	return table.Flush()
}

func explain(w io.Writer, r rule.Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n%s\n\n%s\n\n", r.ID, r.Severity, r.Title, render.Wrap(r.Help, 78))
	if r.Unproven {
		b.WriteString("A finding of this rule leaves the layout unproven: the status is never 0.\n\n")
	}
	fmt.Fprintf(&b, "Source:  %s\nSince:   %s\nSilence: --rule %s=ignore\n", r.Spec, r.Since, r.ID)
	_, err := io.WriteString(w, b.String())
	return err
}
