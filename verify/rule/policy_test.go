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

func TestParseProfile(t *testing.T) {
	for word, want := range map[string]rule.Profile{
		"default": rule.ProfileDefault, "strict": rule.ProfileStrict, "schema": rule.ProfileSchema,
	} {
		if got, err := rule.ParseProfile(word); err != nil || got != want {
			t.Errorf("ParseProfile(%q) = %v, %v", word, got, err)
		}
		if got := want.String(); got != word {
			t.Errorf("the profile %q prints as %q", word, got)
		}
	}
	for _, word := range []string{"", "Strict", "strict ", "none", "error"} {
		if got, err := rule.ParseProfile(word); err == nil || got != rule.ProfileDefault {
			t.Errorf("ParseProfile(%q) = %v, %v, want an error", word, got, err)
		}
	}
}

func TestPolicyOfProfile(t *testing.T) {
	columns := map[rule.Profile]func(rule.Rule) rule.Severity{
		rule.ProfileDefault: func(rule.Rule) rule.Severity { return rule.Unset },
		rule.ProfileStrict:  func(r rule.Rule) rule.Severity { return r.Strict },
		rule.ProfileSchema:  func(r rule.Rule) rule.Severity { return r.Schema },
	}
	for profile, column := range columns {
		p := rule.NewPolicy(profile)
		if got := p.Profile(); got != profile {
			t.Errorf("the policy of %v has the profile %v", profile, got)
		}
		for r := range rule.All() {
			want := r.Severity
			if s := column(r); s != rule.Unset {
				want = s
			}
			if got := p.Severity(r.ID); got != want || r.Under(profile) != want {
				t.Errorf("%s weighs %v under %v, and Under says %v; want %v", r.ID, got, profile, r.Under(profile), want)
			}
		}
	}
	if got := (rule.Policy{}).Profile(); got != rule.ProfileDefault {
		t.Errorf("the zero policy has the profile %v", got)
	}
}

// One rule of each kind, so that the test above cannot pass on empty columns.
func TestProfilesDiffer(t *testing.T) {
	for _, tc := range []struct {
		id                    rule.ID
		plain, strict, schema rule.Severity
	}{
		{rule.BlobMissing, rule.Error, rule.Error, rule.Error},
		{rule.URLScheme, rule.Warning, rule.Error, rule.Warning},
		{rule.DigestEncoding, rule.Error, rule.Error, rule.Warning},
		{rule.ManifestLayersEmpty, rule.Warning, rule.Error, rule.Error},
		{rule.ConfigNull, rule.Ignore, rule.Ignore, rule.Error},
	} {
		for profile, want := range map[rule.Profile]rule.Severity{
			rule.ProfileDefault: tc.plain, rule.ProfileStrict: tc.strict, rule.ProfileSchema: tc.schema,
		} {
			if got := rule.NewPolicy(profile).Severity(tc.id); got != want {
				t.Errorf("%s weighs %v under %v, want %v", tc.id, got, profile, want)
			}
		}
	}
}

func TestPolicySetOverProfile(t *testing.T) {
	for _, profile := range []rule.Profile{rule.ProfileDefault, rule.ProfileStrict, rule.ProfileSchema} {
		for _, severity := range []rule.Severity{rule.Ignore, rule.Info, rule.Warning, rule.Error} {
			p := rule.NewPolicy(profile)
			want := weights(p)
			set(t, &p, "manifest-layers-empty="+severity.String())
			want[rule.ManifestLayersEmpty] = severity
			for id, got := range weights(p) {
				if got != want[id] {
					t.Errorf("%v with manifest-layers-empty=%v: %s weighs %v, want %v", profile, severity, id, got, want[id])
				}
			}
			if got := p.Profile(); got != profile {
				t.Errorf("Set turned the profile %v into %v", profile, got)
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
