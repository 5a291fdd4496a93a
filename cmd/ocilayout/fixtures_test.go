package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ocilayout/ocilayout/verify/fixtures"
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
	return root, fixtures.Write(root)
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
