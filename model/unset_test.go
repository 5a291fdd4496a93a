package model_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

func TestUnset(t *testing.T) {
	const text = `{"mediaType":"a/b","size":0,"urls":[1],"annotations":{"a":"b"},"platform":{"os":"x"},"artifactType":"","x":1,"y":2}`
	for name, want := range map[string]string{
		"mediaType":    `{"size":0,"urls":[1],"annotations":{"a":"b"},"platform":{"os":"x"},"artifactType":"","x":1,"y":2}`,
		"size":         `{"mediaType":"a/b","urls":[1],"annotations":{"a":"b"},"platform":{"os":"x"},"artifactType":"","x":1,"y":2}`,
		"urls":         `{"mediaType":"a/b","size":0,"annotations":{"a":"b"},"platform":{"os":"x"},"artifactType":"","x":1,"y":2}`,
		"annotations":  `{"mediaType":"a/b","size":0,"urls":[1],"platform":{"os":"x"},"artifactType":"","x":1,"y":2}`,
		"platform":     `{"mediaType":"a/b","size":0,"urls":[1],"annotations":{"a":"b"},"artifactType":"","x":1,"y":2}`,
		"artifactType": `{"mediaType":"a/b","size":0,"urls":[1],"annotations":{"a":"b"},"platform":{"os":"x"},"x":1,"y":2}`,
		"x":            `{"mediaType":"a/b","size":0,"urls":[1],"annotations":{"a":"b"},"platform":{"os":"x"},"artifactType":"","y":2}`,
		"digest":       text,
	} {
		d, _ := model.LoadDescriptor([]byte(text))
		before := *d
		if err := model.Unset(d, name); err != nil {
			t.Errorf("Unset(%q): %v", name, err)
		}
		if got := mustEncode(t, d); got != want || d.Has(name) || d.Wrong(name) {
			t.Errorf("without %q the document is\n%s\nwant\n%s", name, got, want)
		}
		if got := mustEncode(t, before); got != text {
			t.Errorf("Unset(%q) changed a copy to %s", name, got)
		}
	}

	d, _ := model.LoadDescriptor([]byte(text))
	for _, name := range []string{"", "MediaType", "z"} {
		if err := model.Unset(d, name); !errors.Is(err, model.ErrNotFound) || mustEncode(t, d) != text {
			t.Errorf("Unset(%q): %v, want ErrNotFound and no change", name, err)
		}
	}
	made := model.EmptyDescriptor()
	if err := model.Unset(&made, "digest"); err != nil || made.Digest != "" {
		t.Errorf("Unset of what was made in Go: %v, digest %q", err, made.Digest)
	}
	if err := model.Unset(&made, "x"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Unset of an unknown member of what was made in Go: %v", err)
	}
}

func TestMemberNames(t *testing.T) {
	if diff := cmp.Diff([]string{"architecture", "os", "os.version", "os.features", "variant"}, model.MemberNames[model.Platform]()); diff != "" {
		t.Errorf("members of a platform (-want +got):\n%s", diff)
	}
	if names := model.MemberNames[node](); !slices.Contains(names, "byDigest") || slices.Contains(names, "Untagged") {
		t.Errorf("members of one's own type: %q", names)
	}
}

type chart struct {
	Name    string             `json:"name" oci:"required"`
	Count   int64              `json:"count" oci:"required"`
	Source  model.Platform     `json:"source" oci:"required"`
	Icon    *model.Platform    `json:"icon" oci:"required"`
	Any     json.RawMessage    `json:"any" oci:"required"`
	List    []model.Platform   `json:"list" oci:"required"`
	ByName  map[string]*chart  `json:"byName,omitempty"`
	Table   [][]model.Platform `json:"table,omitempty"`
	Option  model.Platform     `json:"option,omitzero"`
	Pointer *chart             `json:"pointer,omitempty"`
	Data    []byte             `json:"data,omitempty"`
	model.Members
}

const (
	someOS    = `{"os":"a","architecture":"b"}`
	someChart = `"name":"n","count":0,"source":` + someOS + `,"icon":` + someOS + `,"any":1,"list":[]`
)

func TestRequired(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{` + someChart + `}`, ""},
		{`{}`, "/name /count /source /icon /any /list"},
		{`{"name":"","count":0,"source":{},"icon":{},"any":0,"list":[]}`, "/source/architecture /source/os /icon/architecture /icon/os"},
		{`{"name":1,"count":"x","source":[],"icon":null,"any":null,"list":{},"data":"e30="}`, ""}, // loading reports them
		{`{` + someChart + `,"list":[]}`, ""},
		{`{` + someChart + `,"byName":{"b/~":{},"a":{"name":"x"}},"option":{}}`,
			"/byName/a/count /byName/a/source /byName/a/icon /byName/a/any /byName/a/list " +
				"/byName/b~1~0/name /byName/b~1~0/count /byName/b~1~0/source /byName/b~1~0/icon /byName/b~1~0/any /byName/b~1~0/list " +
				"/option/architecture /option/os"},
		{`{` + someChart + `,"table":[[],[` + someOS + `,{"os":"x"},5]],"pointer":{` + someChart + `}}`, "/table/1/1/architecture"},
	} {
		doc, _ := model.Load[chart]([]byte(test.text), model.Limits{})
		var got []string
		for p := range model.Required(doc, "chart-member") {
			got = append(got, p.Pointer)
			if p.Rule != "chart-member" {
				t.Errorf("the rule is %q", p.Rule)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s\nmissing %s\nwant    %s", test.text, got, test.want)
		}
	}
	for range model.Required[chart](nil, "x") {
		t.Error("nothing is missing from no document")
	}
	for range model.Required(new(chart), "x") {
		break // leaving early is allowed
	}
}

// In what was made in Go, nothing tells a zero number or an empty list from a
// missing one. Values that point at one another come to an end.
func TestRequiredMadeInGo(t *testing.T) {
	c := &chart{Name: "x"}
	c.Pointer = c
	n := 0
	for p := range model.Required(c, "x") {
		if n++; n <= 4 {
			want := []string{"/source/architecture", "/source/os", "/icon", "/any"}[n-1]
			if p.Pointer != want {
				t.Errorf("problem %d is at %s, want %s", n, p.Pointer, want)
			}
		}
	}
	if n < 4 {
		t.Errorf("%d problems", n)
	}
}
