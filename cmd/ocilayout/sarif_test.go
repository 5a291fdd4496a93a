package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
)

// sarifOf returns the log of a run.
func sarifOf(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	run(t.Context(), append([]string{"ocilayout", args[0], "-f", "sarif"}, args[1:]...), &stdout, &stderr)
	return stdout.String()
}

// Every layout, sound or broken, and the documents of one, give
// logs that keep the schema.
func TestSARIFSchema(t *testing.T) {
	notShort(t)
	layouts, err := filepath.Glob(filepath.Join(everyLayout(t), "*"))
	if err != nil || len(layouts) < 200 {
		t.Fatalf("%d layouts, %v", len(layouts), err)
	}
	layouts = append(layouts, "no such directory", "no%20such:tag", t.TempDir())
	documents, err := filepath.Glob(filepath.Join(everyLayout(t), "*", "index.json"))
	if err != nil || len(documents) < 200 {
		t.Fatalf("%d documents, %v", len(documents), err)
	}
	for _, args := range [][]string{append([]string{"verify"}, layouts...), append([]string{"validate"}, documents...), {"verify", layouts[0]}} {
		if err := outputtest.SARIF(sarifOf(t, args...)); err != nil {
			t.Errorf("%s: %v", args[0], err)
		}
	}
}

// The schema that is held against the logs refuses what SARIF does not allow.
func TestSARIFSchemaRefuses(t *testing.T) {
	log := sarifOf(t, "verify", filepath.Join("..", "..", "testdata", "layouts", "blob-digest-mismatch"))
	if err := outputtest.SARIF(log); err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ from, to string }{
		{`"2.1.0"`, `"2.2.0"`}, {`"level": "error"`, `"level": "fatal"`}, {`"ruleIndex": 0`, `"ruleIndex": -2`},
		{`"executionSuccessful"`, `"successful"`}, {`"results"`, `"findings"`}, {`"uri": "blobs/`, `"uri": "%zz`}, {`"name": "ocilayout"`, `"title": "ocilayout"`},
	} {
		wrong := strings.Replace(log, change.from, change.to, 1)
		if wrong == log {
			t.Errorf("the log has no %s", change.from)
		}
		if outputtest.SARIF(wrong) == nil {
			t.Errorf("%s may be %s", change.from, change.to)
		}
	}
}

// A finding has one fingerprint: at another place, with other jobs, and with or
// without others beside it. No two of a run have the same.
func TestFingerprints(t *testing.T) {
	for _, name := range []string{"blob-digest-mismatch", filepath.Join("real", "buildah-push")} {
		layout := filepath.Join("..", "..", "testdata", "layouts", name)
		want := fingerprints(t, layout, "--jobs", "1", "--rule", "json-not-canonical=info", "--rule", "index-json-media-type-missing=info")
		if len(want) == 0 {
			t.Fatalf("%s has no finding", name)
		}
		elsewhere := filepath.Join(t.TempDir(), "another name")
		if err := os.CopyFS(elsewhere, os.DirFS(layout)); err != nil {
			t.Fatal(err)
		}
		if got := fingerprints(t, elsewhere, "--jobs", "8", "--rule", "json-not-canonical=info", "--rule", "index-json-media-type-missing=info"); !slices.Equal(got, want) {
			t.Errorf("%s: elsewhere they are %q, not %q", name, got, want)
		}
		// Another severity, and fewer findings.
		for _, print := range fingerprints(t, layout, "--rule", "index-json-media-type-missing=error", "--quiet") {
			if !slices.Contains(want, print) {
				t.Errorf("%s: %s is new", name, print)
			}
		}
	}
}

func fingerprints(t *testing.T, args ...string) []string {
	t.Helper()
	var log struct {
		Runs []struct {
			Results []struct{ PartialFingerprints map[string]string }
		}
	}
	if err := json.Unmarshal([]byte(sarifOf(t, append([]string{"verify"}, args...)...)), &log); err != nil {
		t.Fatal(err)
	}
	var prints []string
	for _, r := range log.Runs[0].Results {
		for _, print := range r.PartialFingerprints {
			if slices.Contains(prints, print) {
				t.Errorf("two findings have the fingerprint %s", print)
			}
			prints = append(prints, print)
		}
	}
	return prints
}
