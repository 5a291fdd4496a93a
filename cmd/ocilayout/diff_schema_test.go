package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
)

// Sound and broken layouts, compared in both directions, give output that keeps
// the schema.
func TestDiffSchema(t *testing.T) {
	notShort(t)
	root := everyLayout(t)
	base := filepath.Join(root, "good-attributes")
	found, err := filepath.Glob(filepath.Join(root, "good-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"real/*", "blob-missing*", "diff-id-mismatch*", "descriptor-*"} {
		more, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(more) == 0 {
			t.Fatalf("%s: %d layouts, %v", pattern, len(more), err)
		}
		found = append(found, more...)
	}
	statuses := make(map[int]int)
	for _, path := range found {
		if strings.HasSuffix(path, ".want") || filepath.Ext(path) == ".md" || filepath.Ext(path) == ".sh" {
			continue
		}
		for _, args := range [][]string{{path, base}, {base, path}, {path, path, "--times"}} {
			var out bytes.Buffer
			status := run(t.Context(), append([]string{"ocilayout", "diff", "--format", "json"}, args...), &out, io.Discard)
			statuses[status]++
			if status == exit.StatusFailed && out.Len() == 0 {
				continue // its index.json could not be read
			}
			if err := outputtest.Diff(out.String()); err != nil {
				t.Errorf("%v: %v", args, err)
			}
		}
	}
	for _, status := range []int{exit.StatusOK, exit.StatusFindings, exit.StatusFailed} {
		if statuses[status] < 5 {
			t.Errorf("%d comparisons ended with status %d", statuses[status], status)
		}
	}
}

// The schema refuses what diff never says.
func TestDiffSchemaRefuses(t *testing.T) {
	root := filepath.Join("..", "..", "testdata", "layouts")
	var out bytes.Buffer
	args := []string{"ocilayout", "diff", "-f", "json", filepath.Join(root, "good-image"), filepath.Join(root, "good-layers")}
	if status := run(t.Context(), args, &out, io.Discard); status != exit.StatusFindings {
		t.Fatalf("status %d", status)
	}
	if err := outputtest.Diff(out.String()); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"another version":          {`"schemaVersion": 1`, `"schemaVersion": 2`},
		"a member more":            {`"differs": true`, `"differs": true, "other": 1`},
		"a member less":            {`"samePlatform": true,`, ``},
		"an unknown verdict":       {`"verdict": "different"`, `"verdict": "alike"`},
		"a null for an array":      {`"problems": []`, `"problems": null`},
		"an added file that was":   {`"change": "added"`, `"change": "removed"`},
		"an unread whole":          {`"complete": true`, `"complete": false`},
		"a mode that is no number": {`"mode": "0755"`, `"mode": "rwx"`},
	} {
		wrong := strings.Replace(out.String(), change[0], change[1], 1)
		if wrong == out.String() {
			t.Errorf("%s: %s is not in the output", name, change[0])
		} else if outputtest.Diff(wrong) == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}
