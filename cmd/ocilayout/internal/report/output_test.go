package report

import (
	"os"
	"path/filepath"
	"testing"
)

// A report has its name once it is complete, and else there is nothing of it.
func TestOutput(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report")
	names := func(want ...string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) != len(want) {
			t.Fatalf("%v in the directory, not %q", entries, want)
		}
		for i := range want {
			if entries[i].Name() != want[i] {
				t.Errorf("%v in the directory, not %q", entries, want)
			}
		}
	}
	open := func() *output {
		t.Helper()
		out, err := newOutput(nil, Destination{Flag: "--output", File: name}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.WriteString("text"); err != nil {
			t.Fatal(err)
		}
		return out
	}

	out := open()
	if _, err := os.Stat(name); err == nil {
		t.Error("it has its name before it is complete")
	}
	out.discard()
	names()

	out = open()
	if err := out.commit(); err != nil {
		t.Fatal(err)
	}
	out.discard() // does nothing any more
	names("report")
	if raw, err := os.ReadFile(name); err != nil || string(raw) != "text" {
		t.Errorf("%q, %v", raw, err)
	}

	// An older report stays where the new one is given up.
	out = open()
	out.WriteString(" and more")
	out.discard()
	names("report")
	if raw, err := os.ReadFile(name); err != nil || string(raw) != "text" {
		t.Errorf("%q, %v", raw, err)
	}

	// The name is taken meanwhile, by what no file can replace.
	out = open()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := out.commit(); err == nil {
		t.Error("a directory was replaced")
	}
	out.discard()
	names("report")
}
