package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
)

// Every document of the layouts, by itself, gives reports that keep the schema,
// and the lines of ndjson say the same as the one object of JSON.
func TestValidateReports(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*/*.json", "*/oci-layout", "*/blobs/*/*", "real/*/*.json", "real/*/oci-layout", "real/*/blobs/*/*"} {
		found, err := filepath.Glob(filepath.Join(everyLayout(t), filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				files = append(files, file)
			}
		}
	}
	if len(files) < 1000 {
		t.Fatalf("only %d documents", len(files))
	}
	files = append(sample(files), "no such file", t.TempDir())
	whole, lines := reportsOf(t, "validate", files...)
	checkLines(t, whole, lines)
	documents := whole["layouts"].([]any)
	if len(documents) != len(files) {
		t.Fatalf("%d documents of %d are in the report", len(documents), len(files))
	}
	seen := make(map[any]bool)
	for i, d := range documents {
		d := d.(map[string]any)
		if d["path"] != files[i] || d["level"] != "document" {
			t.Errorf("%s is %v at level %v", files[i], d["path"], d["level"])
		}
		for _, f := range d["findings"].([]any) {
			if f := f.(map[string]any); f["path"] != files[i] || len(f["trail"].([]any)) > 0 {
				t.Errorf("%s: a finding at %v, reached by %v", files[i], f["path"], f["trail"])
			}
		}
		seen[d["kind"]] = true
	}
	for _, kind := range []any{nil, "index", "manifest", "config", "layout"} {
		if !seen[kind] {
			t.Errorf("no document was judged as %v", kind)
		}
	}
}

// The schema keeps apart what verify reports and what validate reports.
func TestSchemaOfDocuments(t *testing.T) {
	layout := filepath.Join("..", "..", "testdata", "layouts", "real", "buildah-push")
	verified, _ := reports(t, layout)
	validated, _ := reportsOf(t, "validate", filepath.Join(layout, "index.json"))
	first := func(report map[string]any) map[string]any { return report["layouts"].([]any)[0].(map[string]any) }
	refused := func(report, object map[string]any, member string, value any) {
		t.Helper()
		was, known := object[member]
		object[member] = value
		if outputtest.Report(marshaled(t, report)) == nil {
			t.Errorf("%s may be %v", member, value)
		}
		object[member] = was
		if !known {
			delete(object, member)
		}
		if err := outputtest.Report(marshaled(t, report)); err != nil {
			t.Error(err)
		}
	}
	refused(verified, first(verified), "level", "document")
	refused(verified, first(verified), "kind", "index")
	refused(validated, first(validated), "level", "content")
	refused(validated, first(validated), "kind", "layer")
	refused(validated, first(validated), "indexDigest", first(verified)["indexDigest"])
	refused(validated, first(validated)["summary"].(map[string]any), "blobs", 1)
}
