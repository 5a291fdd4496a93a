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
		short            string
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
		{given: "app@sha256:0", err: "a short digest has 6 digits or more"},
		{given: "app@sha256:0A0a0a", err: "what follows the @ is not a digest"},
		{given: "app@sha256:" + strings.Repeat("0", 65), err: "what follows the @ is not a digest"},
		{given: "app@sha256:0a0a0a", path: "app", short: "sha256:0a0a0a"},
		{given: "app:v1@sha256:0a0a0a0", path: "app", ref: "v1", short: "sha256:0a0a0a0"},
		{given: "app@0a0a0a", path: "app@0a0a0a"}, // which may be the name of a directory
		{given: "app:v1@0a0a0a", path: "app", ref: "v1@0a0a0a"},
	} {
		path, s, err := layout.ParseReference(tc.given)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) || path != "" || !s.All() {
				t.Errorf("%q: %q, %+v, %v, want the error %q", tc.given, path, s, err, tc.err)
			}
			continue
		}
		if want := (layout.Selector{RefName: tc.ref, Digest: tc.digest, Short: tc.short}); err != nil || path != tc.path || s != want {
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

// What stands behind a path that exists may be a short digest without its algorithm.
func TestSplitReferenceShort(t *testing.T) {
	exists := func(path string) bool { return path == "app" || path == "me@abcdef" }
	for given, want := range map[string]layout.Selector{
		"app@0a0a0a": {Short: "0a0a0a"}, "app:v1@0a0a0a": {RefName: "v1", Short: "0a0a0a"}, "oci:app@0a0a0a": {Short: "0a0a0a"},
		"app:host:5000/x@0a0a0a": {RefName: "host:5000/x", Short: "0a0a0a"}, "me@abcdef": {}, "me@abcdef:v1": {RefName: "v1"},
		"me@abcdef@0a0a0a": {Short: "0a0a0a"}, "app@sha256:0a0a0a": {Short: "sha256:0a0a0a"}, "app:v1@0A0A0A": {RefName: "v1@0A0A0A"},
	} {
		if path, s, err := layout.SplitReference(given, exists); err != nil || s != want || !exists(path) {
			t.Errorf("%q: %q, %+v, %v", given, path, s, err)
		}
	}
}
