package verify_test

import (
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/spf13/afero"
)

// judgedPaths returns the paths of the manifests that a run judges.
func judgedPaths(t *testing.T, fsys afero.Fs, o verify.Options) []string {
	t.Helper()
	v := verify.New(layout.New(fsys), o)
	for _, err := range v.Findings(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var paths []string
	for m := range v.Manifests() {
		if m.Digest.Encoded() != path.Base(m.Path) {
			t.Errorf("%s lies at %s", m.Digest, m.Path)
		}
		paths = append(paths, m.Path)
	}
	return paths
}

// The manifests of a run are those of the selection, whatever is wrong with them.
func TestManifests(t *testing.T) {
	fsys, layers, manifests := platforms(t)
	all := judgedPaths(t, fsys, verify.Options{})
	if len(all) != len(manifests)+1 { // and the artifact
		t.Fatalf("%d manifests: %q", len(all), all)
	}
	for p, manifest := range manifests {
		if !slices.Contains(all, manifest) {
			t.Errorf("the one for %s is missing", p)
		}
	}
	if got := judgedPaths(t, fsys, verify.Options{Platforms: []model.Platform{platform(t, "linux/amd64")}}); !cmp.Equal(got, []string{manifests["linux/amd64"], all[3]}) {
		t.Errorf("of one platform there are %q", got)
	}
	for _, gone := range []string{manifests["linux/amd64"], layers["windows/amd64"]} {
		if err := fsys.Remove(gone); err != nil {
			t.Fatal(err)
		}
	}
	if err := afero.WriteFile(fsys, manifests["windows/amd64"], []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, judgedPaths(t, fsys, verify.Options{Jobs: 4})); diff != "" {
		t.Errorf("faults change what is judged:\n%s", diff)
	}
}
