package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the code exports is what docs/api.txt says.
func TestAPIIsAsWritten(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	written, err := os.ReadFile(filepath.Join(root, "docs", "api.txt"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := differences(string(written), string(page)); diff != "" || string(written) != string(page) {
		t.Errorf("the exported API changed. If that is meant, run make docs (-docs/api.txt +code):\n%s", diff)
	}
}

// differences lists the lines that are in one text alone.
func differences(a, b string) string {
	var text strings.Builder
	old, new := strings.Split(a, "\n"), strings.Split(b, "\n")
	for _, line := range old {
		if !slices.Contains(new, line) {
			text.WriteString("-" + line + "\n")
		}
	}
	for _, line := range new {
		if !slices.Contains(old, line) {
			text.WriteString("+" + line + "\n")
		}
	}
	return text.String()
}
