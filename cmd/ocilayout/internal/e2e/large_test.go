package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// outcome runs the program, and returns what it prints.
func outcome(t *testing.T, status int, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd, out, err := program(t, args...)
	failed := cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("%q: status %d (%v), not %d; stderr: %s", args, got, failed, status, err)
	}
	return out.String(), err.String()
}

// newLayout returns a directory with oci-layout, and a function that puts blobs
// into it and returns their descriptors as JSON, without the last brace.
func newLayout(t *testing.T) (dir string, blob func(mediaType, content string) string) {
	dir = t.TempDir()
	write(t, filepath.Join(dir, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`)
	return dir, func(mediaType, content string) string {
		d := digest.FromString(content)
		write(t, filepath.Join(dir, "blobs", "sha256", d.Encoded()), content)
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d`, mediaType, d, len(content))
	}
}

// manyEntries returns a layout with that many entries in index.json, named v0,
// v1 and so on.
func manyEntries(t *testing.T, many int) (dir string) {
	dir, blob := newLayout(t)
	index := blob(model.MediaTypeIndex, `{"schemaVersion":2,"mediaType":"`+model.MediaTypeIndex+`","manifests":[]}`)
	var b strings.Builder
	b.WriteString(`{"schemaVersion":2,"mediaType":"` + model.MediaTypeIndex + `","manifests":[`)
	for i := range many {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%s,"annotations":{%q:"v%d"}}`, index, model.AnnotationRefName, i)
	}
	b.WriteString("]}")
	write(t, filepath.Join(dir, "index.json"), b.String())
	return dir
}

// A store that lists 100,000 images in one index.json.
func TestManyEntries(t *testing.T) {
	t.Parallel()
	const many = 100_000
	dir := manyEntries(t, many)
	stdout, stderr := outcome(t, statusOK, "verify", dir)
	if stdout != dir+": valid - 0 manifests, 1 blob, 88 B\n" || stderr != "" {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	if stdout, _ = outcome(t, statusOK, "ls", dir); strings.Count(stdout, "\n") != many+1 {
		t.Errorf("%d lines", strings.Count(stdout, "\n"))
	}
}

// Where there are many entries, messages and reports stay short.
func TestManyNames(t *testing.T) {
	t.Parallel()
	dir := manyEntries(t, 12_000)
	stdout, _ := outcome(t, statusOK, "verify", dir+":v11999")
	if strings.Count(stdout, "\n") != 1 {
		t.Error(stdout)
	}
	_, stderr := outcome(t, statusFailed, "verify", dir+":v")
	if !strings.HasSuffix(stderr, "there is v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19 and 11980 more\n") {
		t.Error(stderr)
	}
	stdout, _ = outcome(t, statusFailed, "verify", dir, "-f", "line", "--max-descriptors", "11999")
	if !strings.HasPrefix(stdout, dir+":index.json#/manifests/11999: warning: ") || !strings.Contains(stdout, " [limit-descriptors]") {
		t.Error(stdout)
	}

	// A name that no tool likes, in all of them.
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "index.json"), strings.ReplaceAll(string(raw), `"v`, `"-`))
	stdout, _ = outcome(t, statusOK, "verify", dir)
	if !strings.HasPrefix(stdout, dir+": valid, 12000 warnings - ") || !strings.Contains(stdout, "12000 times\n") || strings.Count(stdout, "\n") > 12 {
		t.Error(stdout)
	}
	stdout, _ = outcome(t, statusOK, "verify", dir, "-f", "line")
	if n := strings.Count(stdout, " [ref-name-grammar] ("); n != 10_000 {
		t.Errorf("%d findings", n)
	}
	if !strings.HasSuffix(stdout, "\n"+dir+": 2000 further findings are not shown; --max-findings shows more\n") {
		t.Error(stdout[max(0, len(stdout)-1000):])
	}
}

// Indexes nested far beyond the limit.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	dir, blob := newLayout(t)
	write(t, filepath.Join(dir, "index.json"), `{"schemaVersion":2,"mediaType":"`+model.MediaTypeIndex+`","manifests":[]}`)
	entry := ""
	const deep = 2000
	for range deep {
		content := `{"schemaVersion":2,"mediaType":"` + model.MediaTypeIndex + `","manifests":[` + entry + `]}`
		entry = blob(model.MediaTypeIndex, content) + "}"
	}
	write(t, filepath.Join(dir, "index.json"), `{"schemaVersion":2,"mediaType":"`+model.MediaTypeIndex+`","manifests":[`+entry+`]}`)

	stdout, _ := outcome(t, statusFailed, "verify", "-v", dir)
	if !strings.Contains(stdout, "  not checked  ") || !strings.Contains(stdout, "limit-depth; raise it with --max-depth\n") || strings.Count(stdout, "#/manifests/0\n") != 32 {
		t.Error(stdout)
	}
	stdout, _ = outcome(t, statusOK, "verify", "-v", dir, "--max-depth", itoa(deep+1))
	if !strings.Contains(stdout, fmt.Sprintf("\n%d indexes, ", deep)) {
		t.Error(stdout)
	}
	if stdout, _ = outcome(t, statusFailed, "ls", dir); !strings.HasSuffix(stdout, " unreadable\n") {
		t.Error(stdout)
	}
}
