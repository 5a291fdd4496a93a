package term

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A terminal is a file that is one, and nothing else.
func TestNoTerminal(t *testing.T) {
	for _, name := range []string{os.DevNull, filepath.Join(t.TempDir(), "none"), "", t.TempDir()} {
		if IsTerminalFile(name) {
			t.Errorf("%q is a terminal", name)
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if Width(null) != 0 || Width(new(bytes.Buffer)) != 0 {
		t.Error("what is no terminal has a width")
	}
}
