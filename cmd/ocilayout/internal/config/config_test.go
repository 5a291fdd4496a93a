package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/config"
	"github.com/ocilayout/ocilayout/verify/rule"
)

func TestParse(t *testing.T) {
	got, err := config.Parse("c", []byte(`# what we accept
fail-on: warning
profile: strict
level: digest
rules: {tar-unterminated: ignore, blob-unreferenced: error}
exceptions:
  - rule: document-media-type-missing
    layouts: ["testdata/**"]
    reason: written by umoci 0.4, cannot be rebuilt
    until: 2027-06-30
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Config{Path: "c", FailOn: "warning", Profile: "strict", Level: "digest", Rules: []string{"tar-unterminated=ignore", "blob-unreferenced=error"},
		Exceptions: []config.Exception{{Line: 7, Exception: rule.Exception{Rule: "document-media-type-missing", Layouts: []string{"testdata/**"},
			Reason: "written by umoci 0.4, cannot be rebuilt", Until: time.Date(2027, 6, 30, 0, 0, 0, 0, time.Local)}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "~"} {
		if got, err := config.Parse("c", []byte(empty)); err != nil || len(got.Rules)+len(got.Exceptions) > 0 {
			t.Errorf("%q: %+v, %v", empty, got, err)
		}
	}
}

// A mistake is named by line and column, with what is allowed.
func TestParseMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"fail-on: bad":                   "c:1:10: fail-on is one of error, warning, info, never",
		"profile: x":                     "c:1:10: profile is one of default, strict, schema",
		"level: all":                     "c:1:8: level is one of structure, digest, content",
		"a: 1":                           `c:1:1: unknown key "a": a configuration has fail-on, profile, level, rules, exceptions`,
		"fail-on: error\nfail-on: error": `c:2:1: the key "fail-on" stands twice`,
		"- a":                            "c:1:1: a configuration is a mapping",
		"rules: [a]":                     "c:1:8: rules is a mapping of rules to severities",
		"rules:\n  no-such: error":       `c:2:3: there is no rule "no-such": ocilayout rules lists them`,
		"rules: {json-bom: loud}":        "c:1:19: the severity of a rule is one of error, warning, info, ignore",
		"rules: {json-bom: error, json-bom: info}": `c:1:26: the key "json-bom" stands twice`,
		"exceptions: 5":                                          "c:1:13: exceptions is a list",
		"exceptions: [a]":                                        "c:1:14: an exception is a mapping",
		"exceptions: [{rule: a}]":                                `c:1:21: there is no rule "a": ocilayout rules lists them`,
		"exceptions:\n- rule: json-bom\n  resaon: x":             `c:3:3: unknown key "resaon": an exception has rule, layouts, digest, path, pointer, reason, until`,
		"exceptions:\n- rule: json-bom":                          "c:2:3: the exception for json-bom needs a reason",
		"exceptions:\n- rule: json-bom\n  reason: ' '":           "c:2:3: the exception for json-bom needs a reason",
		"exceptions:\n- {reason: x}":                             "c:2:3: an exception needs a rule",
		"exceptions:\n- {rule: limit-depth, reason: x}":          "c:2:3: limit-depth can be excepted for one blob alone: name its digest",
		"exceptions:\n- {rule: json-bom, until: tomorrow}":       "c:2:27: until is a day, as 2027-06-30",
		"exceptions:\n- {rule: json-bom, digest: abc}":           `c:2:28: "abc" is not a digest`,
		"exceptions:\n- {rule: json-bom, layouts: []}":           "c:2:29: layouts lists at least one pattern; without it, all layouts fit",
		"exceptions:\n- {rule: json-bom, reason: 5, layouts: a}": "c:2:28: reason is a text",
		"exceptions: &a\n- *a":                                   "c:2:3: an exception is a mapping",
		"rules: &a {json-bom: error}\nexceptions: *a":            "c:2:13: aliases are not allowed",
		`exceptions: [{rule: json-bom, path: i, pointer: ""}]`:   "c:1:49: pointer is a text",
		"fail-on: error\n---\nfail-on: error":                    "c:2:1: there is a second document: a configuration is one",
		"a: [":                                                   "c:1: not YAML: did not find expected node content",
		"a: \x01":                                                "c: not YAML: control characters are not allowed",
	} {
		_, err := config.Parse("c", []byte(text))
		if _, ok := errors.AsType[*config.Error](err); !ok || err.Error() != want {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
}

// The nearest configuration counts, and never that of a layout.
func TestFind(t *testing.T) {
	top := t.TempDir()
	deep := filepath.Join(top, "a", "layout", "blobs")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(path string) {
		if err := os.WriteFile(filepath.Join(top, path), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := func(want string) {
		t.Helper()
		if got, err := config.Find(deep); err != nil || want != "" && got != filepath.Join(top, want) || want == "" && strings.HasPrefix(got, top) {
			t.Errorf("%q, %v, not %q", got, err, want)
		}
	}
	found("")
	write(config.FileName)
	found(config.FileName)
	write("a/" + config.FileName)
	found("a/" + config.FileName)
	write("a/layout/" + config.FileName)
	found("a/layout/" + config.FileName)
	write("a/layout/index.json")
	found("a/" + config.FileName)
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c")
	if _, err := config.Load(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	if err := os.WriteFile(file, bytes.Repeat([]byte("#"), 256<<10+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(file); err == nil || !strings.Contains(err.Error(), "larger than 262144 bytes") {
		t.Errorf("large: %v", err)
	}
}

func TestBaseline(t *testing.T) {
	blob := "sha256:" + strings.Repeat("1", 64)
	var findings []config.Accepted
	for _, s := range []rule.Subject{
		{Rule: rule.JSONBOM, Digest: blob, Path: "blobs/x", Pointer: "/a"},
		{Rule: rule.JSONBOM, Path: "index.json"},
		{Rule: rule.BlobDigestMismatch, Digest: blob, Path: "blobs/x"},
		{Rule: rule.JSONBOM, Digest: blob, Path: "blobs/y", Pointer: "/a"}, // once more
	} {
		a, ok := config.Accept(s)
		if !ok {
			t.Errorf("%+v cannot be accepted", s)
		}
		findings = append(findings, a)
	}
	if _, ok := config.Accept(rule.Subject{Rule: rule.LimitDescriptors}); ok {
		t.Error("what leaves a layout unchecked is accepted without a digest")
	}
	var out bytes.Buffer
	if err := config.WriteBaseline(&out, findings); err != nil {
		t.Fatal(err)
	}
	accepted, err := config.ParseBaseline("b", out.Bytes())
	if err != nil || len(accepted) != 3 {
		t.Fatalf("%v, %+v", err, accepted)
	}
	var p rule.Policy
	for _, e := range accepted {
		if err := p.Except(e); err != nil {
			t.Fatal(err)
		}
	}
	for want, s := range map[bool]rule.Subject{
		true:  {Rule: rule.JSONBOM, Digest: blob, Path: "elsewhere", Pointer: "/a"},
		false: {Rule: rule.JSONBOM, Path: "index.json", Pointer: "/new"},
	} {
		if got := p.Exception(s, time.Now()); (got != nil) != want {
			t.Errorf("%+v: %v", s, got)
		}
	}
	var empty bytes.Buffer
	if err := config.WriteBaseline(&empty, nil); err != nil || !strings.Contains(empty.String(), `"findings": []`) {
		t.Errorf("%v, %s", err, empty.String())
	}
}

func TestBaselineMistakes(t *testing.T) {
	one := `{"schemaVersion":1,"findings":[%s]}`
	for text, want := range map[string]string{
		"":                        "b:1:1: not a baseline: EOF",
		"{\n\"a\": 1}":            `b:2:8: not a baseline: json: unknown field "a"`,
		"{\n  \"findings\": 5\n}": "b:2:16: not a baseline: json: cannot unmarshal number into Go struct field baseline.findings of type []config.Accepted",
		"{}":                      "b: a baseline of schemaVersion 0: this program reads 1",
		`{"schemaVersion":2}`:     "b: a baseline of schemaVersion 2: this program reads 1",
		`{"schemaVersion":1} {}`:  "b:1:22: not a baseline: there is more after it",
		fmt.Sprintf(one, `{"rule":"x","path":"a","pointer":""}`):                          `b: finding 0: no rule "x"`,
		fmt.Sprintf(one, `{"rule":"json-bom","pointer":""}`):                              "b: finding 0: neither digest nor path",
		fmt.Sprintf(one, `{"rule":"json-bom","digest":"x","pointer":""}`):                 `b: finding 0: "x" is not a digest`,
		fmt.Sprintf(one, `{"rule":"blob-digest-mismatch","path":"blobs/a","pointer":""}`): "b: finding 0: blob-digest-mismatch can be excepted for one blob alone: name its digest",
	} {
		_, err := config.ParseBaseline("b", []byte(text))
		if _, ok := errors.AsType[*config.Error](err); !ok || err.Error() != want {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
}

// Whatever stands in a configuration or a baseline, it is read or refused.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("fail-on: warning\nrules: {json-bom: error}\nexceptions:\n- {rule: json-bom, reason: x, until: 2027-06-30}\n"))
	f.Add([]byte(`{"schemaVersion":1,"findings":[{"rule":"json-bom","path":"index.json","pointer":""}]}`))
	f.Add([]byte("rules: &a {json-bom: *a}"))
	f.Add([]byte("[[[[[[[[[[{{{{{{{- - - ? ? ? |\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p rule.Policy
		if c, err := config.Parse("c", raw); err == nil {
			for _, spec := range c.Rules {
				if err := p.Set(spec); err != nil {
					t.Error(err)
				}
			}
			for _, e := range c.Exceptions {
				if err := p.Except(e.Exception); err != nil {
					t.Error(err)
				}
			}
		}
		if accepted, err := config.ParseBaseline("b", raw); err == nil {
			for _, e := range accepted {
				if err := p.Except(e); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
