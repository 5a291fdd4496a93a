package verify_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// FuzzFindings verifies a layout of a manifest, an index and the image of both,
// with any bytes for index.json and for one more blob, which is named by its
// digest. It ends, gives the same for any Jobs, and calls nothing valid whose
// index.json is no JSON or names, in plain words, what is not there.
func FuzzFindings(f *testing.F) {
	seen := make(map[string]bool) // one of many like it is enough to begin with
	for _, x := range allFixtures() {
		files, err := x.Files()
		if err != nil {
			f.Fatal(err)
		}
		index, ok := files[model.IndexFile]
		if !ok || x.TestOnly != "" {
			continue
		}
		if !seen[string(index)] {
			seen[string(index)] = true
			f.Add(index, []byte(nil))
		}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if content := files[name]; strings.HasPrefix(name, "blobs/") && len(content) < 500 && !seen[string(content)] {
				seen[string(content)] = true
				f.Add(index, content)
			}
		}
	}
	if len(seen) < 500 {
		f.Fatalf("only %d documents to begin with", len(seen))
	}
	f.Fuzz(func(t *testing.T, index, blob []byte) {
		fsys := build(t, func(b *layouttest.Builder) {
			b.Index(b.Image("linux/amd64", b.Layer(nil)))
			b.File(blobs.Path(digest.FromBytes(blob)), blob)
		})
		if err := afero.WriteFile(fsys, model.IndexFile, index, 0o644); err != nil {
			t.Fatal(err)
		}
		o := verify.Options{Jobs: 1, Limits: layout.Limits{Descriptors: 10_000}}
		r := verifyFs(t, fsys, o)
		o.Jobs = 4
		if diff := cmp.Diff(r.findings, verifyFs(t, fsys, o).findings); diff != "" {
			t.Errorf("findings with jobs 1 and 4 (-1 +4):\n%s", diff)
		}
		if r.stats.Errors > 0 || !r.stats.Complete || r.stats.Warnings > 0 {
			return // a warning may be of a name that encoding/json takes for another
		}
		var plain struct {
			Manifests []struct {
				Digest string `json:"digest"`
				Size   int64  `json:"size"`
			} `json:"manifests"`
		}
		if err := json.Unmarshal(index, &plain); err != nil {
			t.Fatalf("valid, and yet: %v", err)
		}
		for _, entry := range plain.Manifests {
			d := digest.Digest(entry.Digest)
			content, err := afero.ReadFile(fsys, blobs.Path(d))
			switch {
			case err != nil && r.stats.Infos > 0: // excused
			case err != nil:
				t.Errorf("valid, and yet: %v", err)
			case d.Algorithm().FromBytes(content) != d || int64(len(content)) != entry.Size:
				t.Errorf("valid, and yet %s of %d bytes is wrong", d, entry.Size)
			}
		}
	})
}
