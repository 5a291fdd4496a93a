package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The pages in the tree are those that the rule table and the commands give, and
// there is no man page of a command that is gone.
func TestPagesAreCurrent(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..", "..")
	pages, err := allPages(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pages {
		page, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(page, want) {
			t.Errorf("%s is not what the code gives: run make docs (%v)", name, err)
		}
	}
	man, err := filepath.Glob(filepath.Join(root, "docs", "man", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range man {
		if _, ok := pages["docs/man/"+filepath.Base(file)]; !ok {
			t.Errorf("%s is left over: run make docs", file)
		}
	}
}
