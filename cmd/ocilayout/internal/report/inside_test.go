package report

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWithin(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"img/blobs", "img2", "out"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		dir, file string
		want      bool
	}{
		{"img", "img/x", true},
		{"img", "img/blobs/x", true},
		{"img", "img/../img/x", true},
		{"img", "out/../img/x", true},
		{"img/", "img//x", true},
		{"img/.", "img/x", true},
		{"img", "x", false},
		{"img", "img2/x", false},
		{"img", "out/x", false},
		{"img", "img/../x", false},
		{"img", "img", false}, // it is a directory, which tells later
		{"img/blobs", "img/x", false},
		{"nowhere", "nowhere/x", false},
		{"nowhere", "x", false},
	} {
		if got := Within(dir+"/"+test.dir, dir+"/"+test.file); got != test.want {
			t.Errorf("%s within %s: %v", test.file, test.dir, got)
		}
	}
	if !Within("/", filepath.Join(dir, "x")) {
		t.Error("nothing is within the root")
	}
}
