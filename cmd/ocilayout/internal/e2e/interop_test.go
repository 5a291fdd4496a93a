package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestInterop runs the program on layouts written by other tools: those kept
// under testdata, and those the tools write now. Each must verify as it is, and
// each must fail once it is damaged.
func TestInterop(t *testing.T) {
	t.Parallel()
	for _, group := range []struct {
		name string
		run  func(t *testing.T)
	}{{"real", testRealLayouts}, {"producers", testProducers}, {"umoci-init", testUmociInit}, {"files", testFiles}} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			group.run(t)
		})
	}
}

// realLayouts names the layouts under testdata, each with the rules it breaks at
// level digest, one for each finding.
var realLayouts = map[string][]string{
	"buildah-commit":   nil,
	"buildah-manifest": nil,
	"buildah-push":     nil,
	"skopeo-copy":      nil,
	"skopeo-docker":    {"docker-document"},
	"skopeo-zstd":      nil,
	"umoci-gc":         {untyped},
	"umoci-insert":     append(slices.Repeat([]string{"blob-unreferenced"}, 3), untyped),
	"umoci-new":        {untyped, "manifest-layers-empty"},
}

// What nearly every tool leaves out.
const untyped = "document-media-type-missing"

func testRealLayouts(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..", "testdata", "layouts", "real")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !e.IsDir() })
	if len(entries) != len(realLayouts) {
		t.Errorf("%s holds %d layouts, this test knows %d", root, len(entries), len(realLayouts))
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			want, ok := realLayouts[e.Name()]
			if !ok {
				t.Fatal("this test does not know the layout")
			}
			dir := filepath.Join(root, e.Name())
			checkSound(t, dir, func(t *testing.T, got []string) {
				if !slices.Equal(got, want) {
					t.Errorf("rules broken: %q, want %q", got, want)
				}
			})
			checkDamage(t, dir, 0, 1)
		})
	}
}

// A verdict is what verify prints as JSON, as far as these tests look at it.
type verdict struct {
	SchemaVersion int
	Complete      bool
	Valid         bool
	Layouts       []struct {
		Complete bool
		Valid    bool
		Findings []finding
	}
}

type finding struct{ Rule, Severity, Path, Pointer, Digest string }

// verify verifies dir and returns the verdict and the exit status. It fails t
// when the program prints no verdict, hangs, or changes anything in dir.
func verifyAt(t *testing.T, level, dir string) (verdict, int) {
	t.Helper()
	before := snapshot(t, dir)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, programPath("ocilayout"), "verify", "--level", level, "--format", "json", dir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatalf("%s: %v", cmd, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s: did not end by itself", cmd)
	}

	var r verdict
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%s: no verdict: %v\nstdout: %s\nstderr: %s", cmd, err, &stdout, &stderr)
	}
	if r.SchemaVersion != 1 || len(r.Layouts) != 1 {
		t.Fatalf("%s: schemaVersion %d, %d layouts, want 1 and 1", cmd, r.SchemaVersion, len(r.Layouts))
	}
	if after := snapshot(t, dir); !maps.Equal(before, after) {
		t.Errorf("%s: the layout changed: %v, was %v", cmd, after, before)
	}
	return r, cmd.ProcessState.ExitCode()
}

// producersWarnings are the rules above info that layouts by real producers break,
// with the level at which alone they do.
var producersWarnings = map[string]string{
	"document-media-type-missing": "",        // umoci writes manifests without
	"manifest-layers-empty":       "",        // umoci new makes an image without layers
	"docker-document":             "",        // skopeo copies Docker's manifests as they are
	"tar-unterminated":            "content", // the archives of umoci insert have no end
}

// checkSound verifies dir at every level. None may find anything above info, but
// for producersWarnings. It hands the rules found at
// level digest, sorted, one for each finding, to rules when that is not nil.
func checkSound(t *testing.T, dir string, rules func(*testing.T, []string)) {
	t.Helper()
	for _, level := range []string{"structure", "digest", "content"} {
		r, status := verifyAt(t, level, dir)
		if status != 0 || !r.Valid || !r.Complete {
			t.Errorf("level %s: exit status %d, valid %t, complete %t", level, status, r.Valid, r.Complete)
		}
		var found []string
		for _, f := range r.Layouts[0].Findings {
			if at, known := producersWarnings[f.Rule]; f.Severity != "info" && (!known || at != "" && at != level) {
				t.Errorf("level %s: %+v", level, f)
			}
			found = append(found, f.Rule)
		}
		slices.Sort(found)
		if rules != nil && level == "digest" {
			rules(t, found)
		}
	}
}

// snapshot returns the mode of everything under dir by its path, with the digest
// of what is a regular file.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		files[path] = info.Mode().String()
		if !info.Mode().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		files[path] += fmt.Sprintf(" %x", sha256.Sum256(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
