package main

import (
	"bytes"
	"os"
	"testing"
)

// The page in the tree is the one that the rule table gives.
func TestRulesPageIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, rules()) {
		t.Error("docs/rules.md is not what the rule table gives: run make docs")
	}
}
