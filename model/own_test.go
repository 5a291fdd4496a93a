package model_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

type node struct {
	Name     string                     `json:"name" oci:"required"`
	Children []*node                    `json:"children,omitempty"`
	Next     *node                      `json:"next,omitempty"`
	ByDigest map[digest.Digest]node     `json:"byDigest,omitempty" oci:"nullable"`
	Any      json.RawMessage            `json:"any,omitempty"`
	Anys     map[string]json.RawMessage `json:"anys,omitempty"`
	Table    [][]int64                  `json:"table,omitempty"`
	Flag     bool                       `json:"flag,omitempty"`
	Blobs    [][]byte                   `json:"blobs,omitempty"`
	hidden   string
	Untagged string
	Ignored  string `json:"-"`
	model.Members
}

// Every kind of field that a document of one's own can have.
func TestLoadOwn(t *testing.T) {
	text := `{"name":"root","children":[{"name":"a"},{"name":"b","next":{"name":"c"}}],"byDigest":{"x:y":{"name":"d"}},` +
		`"any":[null,{"x":1}],"anys":{"p":null,"q":7},"table":[[1,2],[],[3]],"flag":true,"blobs":["e30=",""],"hidden":"h","Untagged":"u","-":"i"}`
	n, problems := model.Load[node]([]byte(text), model.Limits{})
	wantPlaces(t, problems, ``)
	if len(n.Children) != 2 || n.Children[1].Next.Name != "c" || n.ByDigest["x:y"].Name != "d" || string(n.Any) != `[null,{"x":1}]` ||
		string(n.Anys["p"]) != "null" || len(n.Table) != 3 || n.Table[2][0] != 3 || !n.Flag || string(n.Blobs[0]) != "{}" {
		t.Errorf("loaded %+v", n)
	}
	if n.hidden != "" || n.Untagged != "" || n.Ignored != "" {
		t.Errorf("fields without a member were loaded: %+v", n)
	}
	if diff := cmp.Diff([]string{`hidden "h"`, `Untagged "u"`, `- "i"`}, unknownOf(&n.Members)); diff != "" {
		t.Errorf("unknown members (-want +got):\n%s", diff)
	}
	if got := mustEncode(t, n); got != text {
		t.Errorf("encoded to %s, want %s", got, text)
	}

	_, problems = model.Load[node]([]byte(`{"children":[null,{"Name":"x"}],"next":null,"byDigest":null,"table":[[1.5],{}],"blobs":["?"],"any":null}`), model.Limits{})
	wantPlaces(t, problems, "json-type /children/0\njson-case-variant /children/1/Name\njson-type /next\njson-integer /table/0/0\njson-type /table/1\ndata-base64 /blobs/0")
}

func TestEncodeOwn(t *testing.T) {
	if got, want := mustEncode(t, node{Name: "x", Any: json.RawMessage(`1`)}), `{"name":"x","any":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for name, n := range map[string]node{
		"nil element": {Children: []*node{nil}}, "no JSON": {Any: json.RawMessage(`{`)},
	} {
		if raw, err := model.Encode(n); err == nil {
			t.Errorf("%s: encoded to %s, want an error", name, raw)
		}
	}
}

// A type that cannot be loaded panics at once, and not when a document comes
// that has the member.
func TestLoadUnusable(t *testing.T) {
	type embeds struct{ model.Members }
	type plain struct{ X string }
	for name, load := range map[string]func(){
		"no struct":           func() { model.Load[string]([]byte(`{}`), model.Limits{}) },
		"pointer":             func() { model.Load[*embeds]([]byte(`{}`), model.Limits{}) },
		"map":                 func() { model.Load[map[string]string]([]byte(`{}`), model.Limits{}) },
		"no members":          func() { model.Load[plain]([]byte(`{}`), model.Limits{}) },
		"members by pointer":  func() { model.Load[struct{ *model.Members }]([]byte(`{}`), model.Limits{}) },
		"int":                 func() { loadField[int]() },
		"int32":               func() { loadField[int32]() },
		"float64":             func() { loadField[float64]() },
		"any":                 func() { loadField[any]() },
		"array":               func() { loadField[[2]string]() },
		"map of ints":         func() { loadField[map[string]int]() },
		"map with int keys":   func() { loadField[map[int]string]() },
		"pointer to string":   func() { loadField[*string]() },
		"pointer to pointer":  func() { loadField[**embeds]() },
		"struct without":      func() { loadField[plain]() },
		"pointer to one":      func() { loadField[*plain]() },
		"slice of them":       func() { loadField[[]plain]() },
		"map of slices of it": func() { loadField[map[string][]plain]() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			load()
		})
	}
}

func loadField[T any]() {
	model.Load[struct {
		X T `json:"x"`
		model.Members
	}]([]byte(`{}`), model.Limits{})
}
