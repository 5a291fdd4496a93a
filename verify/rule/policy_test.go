package rule_test

import (
	"testing"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// weights returns what every rule weighs under p.
func weights(p rule.Policy) map[rule.ID]rule.Severity {
	m := make(map[rule.ID]rule.Severity)
	for r := range rule.All() {
		m[r.ID] = p.Severity(r.ID)
	}
	return m
}

func set(t *testing.T, p *rule.Policy, spec string) {
	t.Helper()
	if err := p.Set(spec); err != nil {
		t.Fatalf("Set(%q): %v", spec, err)
	}
}

func TestPolicyZeroValue(t *testing.T) {
	var p rule.Policy
	for r := range rule.All() {
		if got := p.Severity(r.ID); got != r.Severity {
			t.Errorf("%s weighs %v, the table says %v", r.ID, got, r.Severity)
		}
	}
}

func TestPolicySet(t *testing.T) {
	for _, tc := range []struct {
		spec string
		want rule.Severity
	}{
		{"blob-unreferenced=error", rule.Error},
		{"blob-unreferenced=warning", rule.Warning},
		{"blob-unreferenced=info", rule.Info},
		{"blob-unreferenced=ignore", rule.Ignore},
	} {
		var p rule.Policy
		set(t, &p, tc.spec)
		want := weights(rule.Policy{})
		want[rule.BlobUnreferenced] = tc.want
		for id, got := range weights(p) {
			if got != want[id] {
				t.Errorf("after %s, %s weighs %v, want %v", tc.spec, id, got, want[id])
			}
		}
	}
}

func TestPolicyLastSettingStands(t *testing.T) {
	var p rule.Policy
	set(t, &p, "blob-missing=ignore")
	set(t, &p, "json-bom=info")
	set(t, &p, "blob-missing=warning")
	if got := p.Severity(rule.BlobMissing); got != rule.Warning {
		t.Errorf("blob-missing weighs %v, want warning", got)
	}
	if got := p.Severity(rule.JSONBOM); got != rule.Info {
		t.Errorf("json-bom weighs %v, want info", got)
	}
}

func TestPolicySetRefuses(t *testing.T) {
	var changed rule.Policy
	set(t, &changed, "blob-missing=info")
	for name, p := range map[string]rule.Policy{"zero": {}, "changed": changed} {
		want := weights(p)
		for _, spec := range []string{
			"",
			"=",
			"=error",
			"blob-missing",
			"blob-missing=",
			"blob-missing=unset",
			"blob-missing=fatal",
			"blob-missing=Error",
			"blob-missing=error ",
			"blob-missing =error",
			"blob-missing=error=error",
			"blob-missing:error",
			"BLOB-MISSING=error",
			"no-such-rule=error",
		} {
			if err := p.Set(spec); err == nil {
				t.Errorf("%s policy: Set(%q) gives no error", name, spec)
			}
			for id, got := range weights(p) {
				if got != want[id] {
					t.Errorf("%s policy: failed Set(%q) changed %s to %v", name, spec, id, got)
				}
			}
		}
	}
}

func TestPolicyCopies(t *testing.T) {
	var first rule.Policy
	set(t, &first, "blob-missing=info")
	second := first
	set(t, &second, "blob-missing=ignore")
	set(t, &first, "blob-unreferenced=error")

	for _, tc := range []struct {
		name   string
		policy rule.Policy
		id     rule.ID
		want   rule.Severity
	}{
		{"first", first, rule.BlobMissing, rule.Info},
		{"first", first, rule.BlobUnreferenced, rule.Error},
		{"second", second, rule.BlobMissing, rule.Ignore},
		{"second", second, rule.BlobUnreferenced, rule.Info},
	} {
		if got := tc.policy.Severity(tc.id); got != tc.want {
			t.Errorf("%s policy: %s weighs %v, want %v", tc.name, tc.id, got, tc.want)
		}
	}
}

func TestPolicySeverityPanicsOnUnknownID(t *testing.T) {
	for _, id := range []rule.ID{"", "no-such-rule"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Severity(%q) does not panic", id)
				}
			}()
			rule.Policy{}.Severity(id)
		}()
	}
}
