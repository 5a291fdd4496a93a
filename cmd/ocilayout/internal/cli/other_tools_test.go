package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What skopeo calls by a prefix is no layout, and is named as what it is.
func TestOtherTools(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"layout", "sub", "docker-daemon"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{filepath.Join("layout", "oci-layout"), filepath.Join("layout", "index.json"), "dir:x"} {
		if err := os.WriteFile(file, []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for given, want := range map[string]string{
		"dir:sub":                        "'skopeo copy dir:sub oci:LAYOUT'",
		"dir:layout":                     "'ocilayout verify layout'",
		"dir:":                           "",
		"dir:x":                          "", // a file of the name
		"docker://alpine:3":              "'skopeo copy docker://alpine:3 oci:LAYOUT'",
		"docker-archive:a b.tar":         `'skopeo copy "docker-archive:a b.tar" oci:LAYOUT'`,
		"docker-daemon:alpine:3":         "", // there is a directory of the name
		"containers-storage:localhost/x": "'skopeo copy containers-storage:localhost/x oci:LAYOUT'",
		"oci://ghcr.io/a/b:1":            "'skopeo copy docker://ghcr.io/a/b:1 oci:LAYOUT'",
		"https://example.com/a.tar":      "nothing is fetched here",
		"oci:layout":                     "",
		"oci-archive:x.tar":              "",
		"layout":                         "",
		"layout:dir:x":                   "",
		"sub:docker://x":                 "",
	} {
		got := ""
		if !exists(given) {
			got = otherTool(given)
		}
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("otherTool(%q) says %q, want %q", given, got, want)
		}
	}
}
