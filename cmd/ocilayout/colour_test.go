package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/spf13/afero"
)

// With colour on, the only escape sequences are our own: without them the output
// is that without colour, and printable ASCII.
func TestHostileNamesInColour(t *testing.T) {
	dir := t.TempDir()
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	var entries []layouttest.Entry
	for _, name := range outputtest.HostileNames {
		entries = append(entries, layouttest.Symlink(name, name))
	}
	layer := b.Pack("application/vnd.oci.image.layer.v1.tar+gzip", b.Archive(entries...))
	for i, name := range outputtest.HostileNames {
		d := b.Image("linux/amd64", layer)
		d.Annotations = map[string]string{name: name}
		if i%2 == 0 {
			d.MediaType, d.ArtifactType = name, name
		}
		b.Entry(d, name)
	}
	b.Entry(b.Image("linux/arm64", layer), "good")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(dir, "index.json")
	ours := strings.NewReplacer("\x1b[1;31m", "", "\x1b[33m", "", "\x1b[36m", "", "\x1b[2m", "", "\x1b[0m", "")
	for _, args := range [][]string{
		{"verify", dir, "--profile", "strict"}, {"validate", index, "--profile", "strict"}, {"ls", dir}, {"files", dir + ":good"}, {"rules"},
	} {
		coloured := args
		if args[0] != "files" { // which has nothing to colour
			coloured = append(args[:len(args):len(args)], "--color", "always")
		}
		var plain, painted, stderr bytes.Buffer
		run(t.Context(), append([]string{"ocilayout"}, args...), &plain, &stderr)
		run(t.Context(), append([]string{"ocilayout"}, coloured...), &painted, &stderr)
		if got := ours.Replace(painted.String()); got != plain.String() || plain.Len() == 0 {
			t.Errorf("%q: %q, not %q", args, got, &plain)
		}
		if at := strings.IndexFunc(plain.String(), func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); at >= 0 {
			t.Errorf("%q: %q", args, plain.String()[at:])
		}
		if stderr.Len() > 0 {
			t.Errorf("%q: %s", args, &stderr)
		}
	}
}
