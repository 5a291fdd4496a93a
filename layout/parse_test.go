package layout_test

import (
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/opencontainers/go-digest"
)

func ExampleParseReference() {
	path, selector, err := layout.ParseReference("oci:build/app:v1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(path, selector.RefName)
	// Output:
	// build/app v1
}

func TestParseReference(t *testing.T) {
	sha := "sha256:" + strings.Repeat("0a", 32)
	for _, tc := range []struct {
		given, path, ref string
		digest           digest.Digest
		err              string
	}{
		{given: "app", path: "app"},
		{given: "app:v1", path: "app", ref: "v1"},
		{given: "app@" + sha, path: "app", digest: digest.Digest(sha)},
		{given: "app:v1@" + sha, path: "app", ref: "v1", digest: digest.Digest(sha)},
		{given: "./a:b/app", path: "./a:b/app"},
		{given: "me@home/app:v1", path: "me@home/app", ref: "v1"},
		{given: "app:v1@x", path: "app", ref: "v1@x"},
		{given: "oci-layout://app:v1", path: "app", ref: "v1"},
		{given: "ocidir:///srv/app:v1", path: "/srv/app", ref: "v1"},
		{given: "oci-archive:app.tar:v1", path: "app.tar", ref: "v1"},
		{given: "oci-dir:app", path: "app"},
		{given: "", err: "names no layout"},
		{given: "oci:", err: "names no layout"},
		{given: ":v1", err: "names no layout"},
		{given: "app:", err: "nothing after the colon"},
		{given: "app@sha256:0", err: "what follows the @ is not a digest"},
	} {
		path, s, err := layout.ParseReference(tc.given)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) || path != "" || !s.All() {
				t.Errorf("%q: %q, %+v, %v, want the error %q", tc.given, path, s, err, tc.err)
			}
			continue
		}
		if want := (layout.Selector{RefName: tc.ref, Digest: tc.digest}); err != nil || path != tc.path || s != want {
			t.Errorf("%q: %q, %+v, %v", tc.given, path, s, err)
		}
	}
}

// What exists is a path, whatever is in its name.
func TestSplitReference(t *testing.T) {
	there := []string{"img", "img:v1", "me@home", "oci:img"}
	exists := func(path string) bool { return slices.Contains(there, path) }
	for given, want := range map[string][2]string{
		"img:v1":              {"img:v1", ""},
		"img:v2":              {"img", "v2"},
		"img:host:5000/app:1": {"img", "host:5000/app:1"},
		"img:v1:v2":           {"img:v1", "v2"},
		"me@home:v1":          {"me@home", "v1"},
		"oci:img":             {"oci:img", ""},
		"oci:img:v2":          {"img", "v2"},
	} {
		path, s, err := layout.SplitReference(given, exists)
		if err != nil || path != want[0] || s != (layout.Selector{RefName: want[1]}) {
			t.Errorf("%q: %q, %+v, %v, want %q", given, path, s, err, want)
		}
	}
	if _, _, err := layout.SplitReference("img@latest", exists); err == nil {
		t.Error("what follows a path and an @ need not be a digest")
	}
}
