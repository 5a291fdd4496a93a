package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// everyLayout returns a directory with all fixtures, as make layouts writes them,
// and with the layouts of other tools in real. It is made once, and must not be
// changed.
func everyLayout(t testing.TB) string {
	t.Helper()
	root, err := writeEveryLayout()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

var writeEveryLayout = sync.OnceValues(func() (string, error) {
	root, err := os.MkdirTemp("", "ocilayout-")
	if err != nil {
		return "", err
	}
	temporary = append(temporary, root)
	if err := os.CopyFS(filepath.Join(root, "real"), os.DirFS(filepath.Join("..", "..", "testdata", "layouts", "real"))); err != nil {
		return "", err
	}
	// The layouts are internal to package verify.
	cmd := exec.Command("go", "run", "./verify/internal/fixtures/generate", root)
	cmd.Dir = filepath.Join("..", "..")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, output)
	}
	return root, nil
})

// temporary is what has to be removed after all tests.
var temporary []string

func TestMain(m *testing.M) {
	status := m.Run()
	for _, dir := range temporary {
		if err := os.RemoveAll(dir); err != nil {
			status = 1
		}
	}
	os.Exit(status)
}
