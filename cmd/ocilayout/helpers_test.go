package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
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

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
