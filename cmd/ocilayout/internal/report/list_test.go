package report

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A list is written as JSON writes the whole object.
func TestJSONList(t *testing.T) {
	type item struct {
		Name  string   `json:"name"`
		Names []string `json:"names"`
	}
	type head struct {
		Path string `json:"path"`
	}
	type whole struct {
		head
		Items []item `json:"items"`
	}
	for name, items := range map[string][]item{
		"none": {},
		"one":  {{"\x1b##", []string{}}},
		"more": {{"a", []string{"b", "c"}}, {"d", []string{}}, {}},
	} {
		t.Run(name, func(t *testing.T) {
			var got, want bytes.Buffer
			if err := JSONList(&got, head{"img"}, "items", slices.Values(items)); err != nil {
				t.Fatal(err)
			}
			if err := JSON(&want, whole{head{"img"}, items}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
