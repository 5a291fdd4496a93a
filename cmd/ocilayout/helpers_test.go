package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// outcome runs the command, and returns what it prints.
func outcome(t *testing.T, status int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := run(context.Background(), append([]string{"ocilayout"}, args...), &out, &err); got != status {
		t.Fatalf("%q: status %d, not %d; stderr: %s", args, got, status, &err)
	}
	return out.String(), err.String()
}

// notShort leaves a test out under -short: it takes every layout there is, one after the other,
// which says nothing to the race detector.
func notShort(t *testing.T) {
	t.Helper()
	testrun.NotShort(t, "it goes through every layout")
}

// sample returns all, and under -short one of ten.
func sample[T any](all []T) []T {
	if !testing.Short() {
		return all
	}
	var some []T
	for i := 0; i < len(all); i += 10 {
		some = append(some, all[i])
	}
	return some
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
