package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Every layout, sound or broken, gives reports that keep the schema, and the lines
// of ndjson say the same as the one object of JSON.
func TestReportSchema(t *testing.T) {
	var layouts []string
	for _, pattern := range []string{"*", filepath.Join("real", "*")} {
		found, err := filepath.Glob(filepath.Join(everyLayout(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && info.IsDir() && filepath.Base(path) != "real" {
				layouts = append(layouts, path)
			}
		}
	}
	if len(layouts) < 200 {
		t.Fatalf("only %d layouts", len(layouts))
	}
	layouts = append(sample(layouts), "no such directory", t.TempDir())
	for _, level := range []string{"structure", "digest"} {
		whole, lines := reports(t, append([]string{"--level", level}, layouts...)...)
		checkLines(t, whole, lines)
		if got := len(whole["layouts"].([]any)); got != len(layouts) {
			t.Errorf("%d layouts of %d are in the report", got, len(layouts))
		}
		if whole["valid"] != false || whole["complete"] != false {
			t.Errorf("valid is %v and complete is %v, with a layout that is not there", whole["valid"], whole["complete"])
		}
	}
}

// A report says whether its layouts are valid, and whether that is proven.
func TestReportVerdicts(t *testing.T) {
	real := filepath.Join("..", "..", "testdata", "layouts", "real", "buildah-push")
	wrong := "sha256:" + strings.Repeat("0", 64)
	for name, test := range map[string]struct {
		args                 []string
		complete, valid      bool
		notOpened, truncated bool
	}{
		"valid":      {args: []string{real}, complete: true, valid: true},
		"two":        {args: []string{real, real}, complete: true, valid: true},
		"invalid":    {args: []string{real, "--expect-index", wrong}, complete: true},
		"tolerated":  {args: []string{real, "--expect-index", wrong, "--fail-on", "never"}, complete: true, valid: true},
		"one is not": {args: []string{real, "no such directory"}, notOpened: true},
		"another is": {args: []string{"no such directory", real}},
		"limit":      {args: []string{real, "--max-document", "10"}},
		"not opened": {args: []string{"no such directory"}, notOpened: true},
		"no layout":  {args: []string{t.TempDir()}, notOpened: true},
		"no entry":   {args: []string{real + ":no-such-name"}, notOpened: true},
		"omitted":    {args: []string{real, "--max-findings", "1", "--max-document", "10", "--rule", "limit-document=error", "--expect-index", wrong}, truncated: true},
	} {
		t.Run(name, func(t *testing.T) {
			whole, lines := reports(t, test.args...)
			checkLines(t, whole, lines)
			if whole["complete"] != test.complete || whole["valid"] != test.valid {
				t.Errorf("complete is %v, and valid %v", whole["complete"], whole["valid"])
			}
			all := whole["layouts"].([]any)
			last := all[len(all)-1].(map[string]any)
			if _, ok := last["error"]; ok != test.notOpened {
				t.Errorf("error: %v", last["error"])
			}
			if _, ok := last["findingsOmitted"]; ok != test.truncated {
				t.Errorf("findingsOmitted: %v", last["findingsOmitted"])
			}
		})
	}
}

// reports returns the JSON and the ndjson report of a verification. Both keep
// the schema.
func reports(t *testing.T, args ...string) (whole map[string]any, lines []map[string]any) {
	t.Helper()
	return reportsOf(t, "verify", args...)
}

func reportsOf(t *testing.T, command string, args ...string) (whole map[string]any, lines []map[string]any) {
	t.Helper()
	for _, format := range []string{"json", "ndjson"} {
		var stdout, stderr bytes.Buffer
		run(context.Background(), append([]string{"ocilayout", command, "--format", format}, args...), &stdout, &stderr)
		text := outputtest.Masked(stdout.String())
		if err := outputtest.Report(text); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if format == "json" {
			decode(t, text, &whole)
			continue
		}
		for line := range strings.Lines(text) {
			var value map[string]any
			decode(t, line, &value)
			lines = append(lines, value)
		}
	}
	return whole, lines
}

func decode(t *testing.T, text string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), to); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// checkLines puts the lines of ndjson together, and compares that with the whole
// report.
func checkLines(t *testing.T, whole map[string]any, lines []map[string]any) {
	t.Helper()
	layouts, findings := []any{}, []any{}
	built := map[string]any{}
	for i, line := range lines {
		kind := line["type"]
		delete(line, "type")
		switch kind {
		case "finding":
			delete(line, "layout")
			findings = append(findings, line)
		case "layout":
			line["findings"] = findings
			layouts, findings = append(layouts, line), []any{}
		case "report":
			built = maps.Clone(line)
			built["layouts"] = layouts
			if i != len(lines)-1 {
				t.Errorf("lines follow the report's own")
			}
		}
	}
	if got, want := marshaled(t, built), marshaled(t, whole); got != want {
		t.Errorf("ndjson says\n%s\nand json says\n%s", got, want)
	}
}

func marshaled(t *testing.T, v any) string {
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The schema knows every rule, and refuses what is not promised.
func TestSchemaRefuses(t *testing.T) {
	whole, lines := reports(t, filepath.Join("..", "..", "testdata", "layouts", "real", "buildah-push"),
		"--expect-index", "sha256:"+strings.Repeat("0", 64))
	finding := func() map[string]any {
		return whole["layouts"].([]any)[0].(map[string]any)["findings"].([]any)[0].(map[string]any)
	}
	for r := range rule.All() {
		finding()["rule"] = string(r.ID)
		if err := outputtest.Report(marshaled(t, whole)); err != nil {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
	for member, wrong := range map[string][]any{
		"rule": {"", "Rule", 1}, "severity": {"ignore", "fatal", ""}, "path": {"", nil}, "pointer": {"manifests", "/~2"},
		"digest": {"sha256", "SHA256:00", nil}, "trail": {nil, []any{"index.json"}, []any{1}}, "spec": {""}, "message": {""}, "more": {1},
	} {
		right, known := finding()[member]
		for _, value := range wrong {
			finding()[member] = value
			if outputtest.Report(marshaled(t, whole)) == nil {
				t.Errorf("%s may be %v", member, value)
			}
		}
		finding()[member] = right
		if !known {
			delete(finding(), member)
		}
	}
	if err := outputtest.Report(marshaled(t, whole)); err != nil {
		t.Fatal(err)
	}
	for _, object := range []map[string]any{whole, whole["layouts"].([]any)[0].(map[string]any), finding()} {
		for _, member := range slices.Sorted(maps.Keys(object)) {
			value := object[member]
			delete(object, member)
			if outputtest.Report(marshaled(t, whole)) == nil {
				t.Errorf("%s may be absent", member)
			}
			object[member] = value
		}
	}
	for _, line := range lines {
		line["more"] = 1
		raw, _ := json.Marshal(line)
		if outputtest.Report(strings.Replace(string(raw), "{", fmt.Sprintf(`{"type":%q,`, line["type"]), 1)) == nil {
			t.Errorf("a line of the type %s may have more members", line["type"])
		}
	}
}
