package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	if diff := cmp.Diff(strings.Split(string(written), "\n"), strings.Split(string(page), "\n")); diff != "" {
		t.Errorf("the exported API changed. If that is meant, run make docs and read its diff (-docs/api.txt +code):\n%s", diff)
	}
}
