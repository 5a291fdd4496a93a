package rule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/verify/rule"
)

func TestException(t *testing.T) {
	const untyped, mismatch = rule.DocumentMediaTypeMissing, rule.BlobDigestMismatch
	day := time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		is      rule.Exception
		subject rule.Subject
		now     time.Time
		want    bool
	}{
		"rule":             {rule.Exception{Rule: untyped}, rule.Subject{Rule: untyped}, day, true},
		"other rule":       {rule.Exception{Rule: untyped}, rule.Subject{Rule: rule.JSONBOM}, day, false},
		"digest":           {rule.Exception{Rule: mismatch, Digest: "a:1"}, rule.Subject{Rule: mismatch, Digest: "a:1"}, day, true},
		"other digest":     {rule.Exception{Rule: mismatch, Digest: "a:1"}, rule.Subject{Rule: mismatch, Digest: "a:2"}, day, false},
		"any digest":       {rule.Exception{Rule: untyped}, rule.Subject{Rule: untyped, Digest: "a:1"}, day, true},
		"path":             {rule.Exception{Rule: untyped, Path: "index.json"}, rule.Subject{Rule: untyped, Path: "index.json", Pointer: "/a"}, day, true},
		"other path":       {rule.Exception{Rule: untyped, Path: "index.json"}, rule.Subject{Rule: untyped, Path: "blobs/a/1"}, day, false},
		"pointer":          {rule.Exception{Rule: untyped, Path: "i", Pointer: "/a"}, rule.Subject{Rule: untyped, Path: "i", Pointer: "/a"}, day, true},
		"other pointer":    {rule.Exception{Rule: untyped, Path: "i", Pointer: "/a"}, rule.Subject{Rule: untyped, Path: "i", Pointer: "/a/b"}, day, false},
		"exact":            {rule.Exception{Rule: untyped, Path: "i", Exact: true}, rule.Subject{Rule: untyped, Path: "i"}, day, true},
		"not exact":        {rule.Exception{Rule: untyped, Path: "i", Exact: true}, rule.Subject{Rule: untyped, Path: "i", Pointer: "/a"}, day, false},
		"below":            {rule.Exception{Rule: untyped, Layouts: []string{"testdata/**"}}, rule.Subject{Rule: untyped, Layout: "testdata/a/b"}, day, true},
		"itself":           {rule.Exception{Rule: untyped, Layouts: []string{"testdata/**"}}, rule.Subject{Rule: untyped, Layout: "testdata"}, day, true},
		"not below":        {rule.Exception{Rule: untyped, Layouts: []string{"testdata/**"}}, rule.Subject{Rule: untyped, Layout: "test/a"}, day, false},
		"one element":      {rule.Exception{Rule: untyped, Layouts: []string{"*/app"}}, rule.Subject{Rule: untyped, Layout: "a/app"}, day, true},
		"two elements":     {rule.Exception{Rule: untyped, Layouts: []string{"*/app"}}, rule.Subject{Rule: untyped, Layout: "a/b/app"}, day, false},
		"in between":       {rule.Exception{Rule: untyped, Layouts: []string{"a/**/z", "q"}}, rule.Subject{Rule: untyped, Layout: "a/b/c/z"}, day, true},
		"in between twice": {rule.Exception{Rule: untyped, Layouts: []string{"**/b/**/z"}}, rule.Subject{Rule: untyped, Layout: "b/a/b/y/z"}, day, true},
		"another of them":  {rule.Exception{Rule: untyped, Layouts: []string{"a/**/z", "q"}}, rule.Subject{Rule: untyped, Layout: "./q"}, day, true},
		"last day":         {rule.Exception{Rule: untyped, Until: day}, rule.Subject{Rule: untyped}, day.Add(24*time.Hour - 1), true},
		"expired":          {rule.Exception{Rule: untyped, Until: day}, rule.Subject{Rule: untyped}, day.Add(24 * time.Hour), false},
	} {
		t.Run(name, func(t *testing.T) {
			var p rule.Policy
			test.is.Reason = "accepted"
			if err := p.Except(test.is); err != nil {
				t.Fatal(err)
			}
			got := p.Exception(test.subject, test.now)
			if (got != nil) != test.want {
				t.Errorf("%+v", got)
			}
			if got != nil && got != p.Exception(test.subject, test.now) {
				t.Error("it is another one each time")
			}
			if got := new(rule.Policy).Exception(test.subject, test.now); got != nil {
				t.Errorf("without any: %+v", got)
			}
		})
	}
}

func TestExceptionRefused(t *testing.T) {
	for want, e := range map[string]rule.Exception{
		"no rule \"x\"":   {Rule: "x", Reason: "r"},
		"needs a rule":    {Reason: "r"},
		"needs a reason":  {Rule: rule.JSONBOM, Reason: " "},
		"name its digest": {Rule: rule.LimitDescriptors, Reason: "r", Layouts: []string{"a"}},
		"neither path":    {Rule: rule.JSONBOM, Reason: "r", Pointer: "/a"},
		"not a pattern":   {Rule: rule.JSONBOM, Reason: "r", Layouts: []string{"a["}},
		"\"\" is not a p": {Rule: rule.JSONBOM, Reason: "r", Layouts: []string{""}},
	} {
		var p rule.Policy
		err := p.Except(e)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, not %q", e, err, want)
		}
		if got := p.Exception(rule.Subject{Rule: e.Rule}, time.Time{}); got != nil {
			t.Errorf("%+v was added", got)
		}
	}
}

// What leaves something unchecked, and wrong content, are accepted for one blob alone.
func TestNeedsDigest(t *testing.T) {
	for r := range rule.All() {
		var p rule.Policy
		err := p.Except(rule.Exception{Rule: r.ID, Reason: "accepted"})
		if (err != nil) != r.NeedsDigest() || r.Unproven && err == nil {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
}

// Copies of a policy are independent.
func TestExceptionsOfCopies(t *testing.T) {
	var p rule.Policy
	if err := p.Except(rule.Exception{Rule: rule.JSONBOM, Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	q := p
	if err := q.Except(rule.Exception{Rule: rule.JSONBOM, Path: "b", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	if err := q.Except(rule.Exception{Rule: rule.DocumentMediaTypeMissing, Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	if p.Exception(rule.Subject{Rule: rule.DocumentMediaTypeMissing}, time.Time{}) != nil {
		t.Error("an exception of a copy counts")
	}
}
