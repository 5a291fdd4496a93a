package model_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

func TestMap(t *testing.T) {
	d, _ := model.LoadDescriptor([]byte(`{"mediaType":"a/b","size":9223372036854775807,"urls":[],"x":{"a":1.50,"a":2,"b":[null,true,-0,1e3,18446744073709551616,{}]}}`))
	d.ArtifactType = "c/d"
	got, err := model.Map(d)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"mediaType": "a/b", "size": int64(math.MaxInt64), "urls": []any{}, "artifactType": "c/d",
		"x": map[string]any{"a": json.Number("1.50"), "b": []any{nil, true, int64(0), json.Number("1e3"), json.Number("18446744073709551616"), map[string]any{}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("map (-want +got):\n%s", diff)
	}
	got["urls"] = "changed"
	if d.URLs == nil || mustEncode(t, d) == "" {
		t.Error("the map shares its values with the document")
	}
	for _, v := range []any{nil, 5, (*model.Index)(nil), map[string]any{}} {
		if m, err := model.Map(v); err == nil {
			t.Errorf("Map(%T) = %v, want an error", v, m)
		}
	}
	// Bytes that are no UTF-8 become U+FFFD, as they do when loaded.
	bad, _ := model.LoadDescriptor([]byte("{\"x\":\"\xff\"}"))
	if got, err := model.Map(bad); err != nil || got["x"] != "\uFFFD" {
		t.Errorf("got %q, %v", got, err)
	}
}

func canonical(v any) ([]byte, error) {
	raw, err := model.Encode(v)
	if err != nil {
		return nil, err
	}
	return model.Canonical(raw)
}

func TestCanonicalDocument(t *testing.T) {
	for text, want := range map[string]string{
		`{"size":2,"mediaType":"a/b","z":[1.0,1e3,"\u0041\/"],"annotations":{"b":"","a":""}}`: `{"annotations":{"a":"","b":""},"mediaType":"a/b","size":2,"z":[1,1000,"A/"]}`,
		`{"size":9007199254740992}`:                                      `{"size":9007199254740992}`,
		"{\"\u20ac\":1,\"\\r\":2,\"1\":3,\"\U0001F600\":4,\"\ufb33\":5}": "{\"\\r\":2,\"1\":3,\"\u20ac\":1,\"\U0001F600\":4,\"\ufb33\":5}", // RFC 8785, 3.2.3: by UTF-16
		`{"x":-0}`: `{"x":0}`,
	} {
		d, _ := model.LoadDescriptor([]byte(text))
		got, err := canonical(d)
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
	for name, text := range map[string]string{
		"an integer too large": `{"size":9007199254740993}`,
		"one below":            `{"x":[-9007199254740993]}`,
		"a number too large":   `{"x":1e400}`,
		"a repeated name":      `{"x":{"a":1,"a":1}}`,
		"no UTF-8":             "{\"x\":\"\xff\"}",
		"half a pair":          `{"x":"\ud800"}`,
	} {
		d, _ := model.LoadDescriptor([]byte(text))
		if got, err := canonical(d); !errors.Is(err, model.ErrCanonical) {
			t.Errorf("%s: got %s, %v, want ErrCanonical", name, got, err)
		}
	}
}

func TestGet(t *testing.T) {
	m, _ := model.LoadManifest([]byte(`{"layers":[` + someLayer + `,{"annotations":{"a/b":"1","~":"2","":"3"}},"x"],"a~1b":{"":[{"y":1, "y":2}]},"X":null}`))
	m.MediaType = "changed"
	for pointer, want := range map[string]string{
		"": mustEncode(t, m), "/mediaType": `"changed"`, "/layers/0/size": "11", "/layers/0": someLayer, "/layers/2": `"x"`,
		"/layers/1/annotations/a~1b": `"1"`, "/layers/1/annotations/~0": `"2"`, "/layers/1/annotations/": `"3"`,
		"/a~01b//0/y": "1", "/X": "null", model.Pointer("a~1b", "", "0"): `{"y":1,"y":2}`,
	} {
		if got, err := model.Get(m, pointer); err != nil || string(got) != want {
			t.Errorf("Get(%q) = %s, %v, want %s", pointer, got, err, want)
		}
	}
	for _, pointer := range []string{
		"/", "/Layers", "/config", "/layers/3", "/layers/-", "/layers/00", "/layers/+0", "/layers/-1", "/layers/0/", "/layers/x", "/layers/0/size/0",
		"/mediaType/", "/layers/99999999999999999999", "/X/a", "/" + strings.Repeat("/", 100_000),
	} {
		got, err := model.Get(m, pointer)
		if !errors.Is(err, model.ErrNotFound) {
			t.Errorf("Get(%.50q) = %s, %v, want ErrNotFound", pointer, got, err)
		}
		if err != nil && (len(pointer) < 100 && !strings.Contains(err.Error(), pointer) || len(err.Error()) > 400) {
			t.Errorf("Get(%.50q): the error is %.500v", pointer, err)
		}
	}
	for _, pointer := range []string{"layers", "#/layers", "/~", "/~2", "/a~", "/~~1", "$.layers"} {
		if got, err := model.Get(m, pointer); err == nil || errors.Is(err, model.ErrNotFound) {
			t.Errorf("Get(%q) = %s, %v, want an error for what is no pointer", pointer, got, err)
		}
	}
	if _, err := model.Get(nil, "/x"); err == nil || errors.Is(err, model.ErrNotFound) {
		t.Errorf("Get of nothing: %v", err)
	}
	n := node{Name: "x", Children: []*node{{Name: "y"}}}
	if got, err := model.Get(n, "/children/0/name"); err != nil || string(got) != `"y"` {
		t.Errorf("Get of one's own document = %s, %v", got, err)
	}
}
