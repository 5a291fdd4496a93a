package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// Every command that shows something shows what it can of every layout,
// however broken, and ends with a status that says how it went.
func TestShowDamaged(t *testing.T) {
	root := everyLayout(t)
	indexes, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var layouts []string
	for _, path := range indexes {
		if dir := filepath.Dir(path); !slices.Contains(layouts, dir) && filepath.Base(dir) != "real" {
			layouts = append(layouts, dir)
		}
	}
	if len(layouts) < 200 {
		t.Fatalf("only %d layouts", len(layouts))
	}
	good := filepath.Join(root, "good-image")
	for _, dir := range sample(layouts) {
		for _, args := range [][]string{
			{"ls", dir}, {"inspect", dir}, {"tree", dir}, {"tree", "-f", "dot", dir}, {"blobs", dir}, {"files", dir},
			{"cat", dir, "--path", "etc/motd"}, {"diff", dir, dir}, {"diff", dir, good}, {"diff", good, dir},
		} {
			var stdout, stderr bytes.Buffer
			status := run(context.Background(), append([]string{"ocilayout"}, args...), &stdout, &stderr)
			if status != exit.StatusOK && status != exit.StatusFindings && status != exit.StatusFailed {
				t.Errorf("%q: status %d, %s", args, status, &stderr)
			}
			if status == exit.StatusFailed && !strings.HasPrefix(stderr.String(), "ocilayout: ") && stdout.Len() == 0 {
				t.Errorf("%q: status %d and not a word", args, status)
			}
		}
	}
	if _, err := os.Stat(good); err != nil {
		t.Error(err)
	}
}
