package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// rules lists the table under every profile, in both formats.
func TestRules(t *testing.T) {
	for _, profile := range []rule.Profile{rule.ProfileDefault, rule.ProfileStrict, rule.ProfileSchema} {
		text, _ := outcome(t, exit.StatusOK, "rules", "--profile", profile.String())
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")[1:]
		raw, _ := outcome(t, exit.StatusOK, "rules", "-f", "json", "--profile", profile.String())
		var table ruleTable
		decode(t, raw, &table)
		rules := slices.Collect(rule.All())
		if len(rules) == 0 || len(lines) != len(rules) || len(table.Rules) != len(rules) || table.Profile != profile.String() {
			t.Fatalf("%d rules, %d lines, %d in JSON under %s", len(rules), len(lines), len(table.Rules), table.Profile)
		}
		for i, r := range rules {
			severity := r.Under(profile).String()
			if got := strings.Fields(lines[i]); got[0] != string(r.ID) || got[1] != severity || !strings.HasSuffix(lines[i], "  "+r.Title) {
				t.Errorf("%q is not the line of %s under %s", lines[i], r.ID, profile)
			}
			want := ruleRow{ID: r.ID, Severity: severity, Default: r.Severity.String(), Strict: r.Under(rule.ProfileStrict).String(),
				Schema: r.Under(rule.ProfileSchema).String(), Unproven: r.Unproven, Title: r.Title, Help: r.Help, Spec: r.Spec, Since: r.Since}
			if table.Rules[i] != want {
				t.Errorf("%+v, not %+v", table.Rules[i], want)
			}
		}
	}
}

// explain has all of each row, and says how to switch the rule off, or on.
func TestExplain(t *testing.T) {
	for r := range rule.All() {
		page, _ := outcome(t, exit.StatusOK, "explain", string(r.ID))
		for _, want := range []string{string(r.ID), r.Severity.String(), r.Title, r.Help, r.Spec, r.Since} {
			if !strings.Contains(strings.Join(strings.Fields(page), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("explain %s does not say %q", r.ID, want)
			}
		}
		differs := r.Under(rule.ProfileStrict) != r.Severity || r.Under(rule.ProfileSchema) != r.Severity
		for says, should := range map[string]bool{
			"the status is never 0":                           r.Unproven,
			"\nSilence: --rule " + string(r.ID) + "=ignore\n": r.Severity != rule.Ignore,
			"\nEnable:  --rule " + string(r.ID) + "=warning":  r.Severity == rule.Ignore,
			", or --profile strict":                           r.Severity == rule.Ignore && r.Under(rule.ProfileStrict) != rule.Ignore,
			", or --profile schema":                           r.Severity == rule.Ignore && r.Under(rule.ProfileSchema) != rule.Ignore,
			"\nProfile: default " + r.Severity.String() + ", strict " + r.Under(rule.ProfileStrict).String() +
				", schema " + r.Under(rule.ProfileSchema).String() + "\n": differs,
			"\nProfile: ": differs,
		} {
			if strings.Contains(page, says) != should {
				t.Errorf("explain %s is wrong about %q:\n%s", r.ID, says, page)
			}
		}
	}
}
