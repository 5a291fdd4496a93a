package model_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

func TestMarshal(t *testing.T) {
	documents := map[string]struct {
		text string
		into func() any
	}{
		"descriptor": {`{"mediaType":"a/b","digest":"x","size":0,"urls":[],"x":1}`, func() any { return new(model.Descriptor) }},
		"index":      {`{"schemaVersion":2,"manifests":[{"size":0}],"annotations":{}}`, func() any { return new(model.Index) }},
		"manifest":   {`{"schemaVersion":2,"config":{},"layers":[],"x":[1]}`, func() any { return new(model.Manifest) }},
		"image":      {`{"architecture":"a","os":"b","rootfs":{"type":"layers","diff_ids":[]},"history":[{"empty_layer":false}]}`, func() any { return new(model.Image) }},
		"layout":     {`{"imageLayoutVersion":"1.0.0","x":{}}`, func() any { return new(model.ImageLayout) }},
	}
	for name, test := range documents {
		t.Run(name, func(t *testing.T) {
			into := test.into()
			if err := json.Unmarshal([]byte(" "+test.text+" "), into); err != nil {
				t.Fatal(err)
			}
			for _, marshal := range []struct {
				v    any
				want string
			}{
				{into, test.text}, {deref(into), test.text},
				{struct{ X any }{into}, `{"X":` + test.text + `}`}, {[]any{deref(into)}, `[` + test.text + `]`},
			} {
				if raw, err := json.Marshal(marshal.v); err != nil || string(raw) != marshal.want {
					t.Errorf("Marshal(%T) = %s, %v, want %s", marshal.v, raw, err, marshal.want)
				}
			}
			for _, text := range []string{`null`, `[]`, `5`, `{"schemaVersion":"2","size":"2","os":2,"imageLayoutVersion":2}`, `{"x":1,"x":2}`} {
				into := test.into()
				if err := json.Unmarshal([]byte(text), into); err == nil {
					t.Errorf("Unmarshal(%s) has no error", text)
				}
				if diff := cmp.Diff(test.into(), into, sameMembers); diff != "" {
					t.Errorf("Unmarshal(%s) failed and changed the value:\n%s", text, diff)
				}
			}
		})
	}
	// The bytes are the decoder's, and do not outlive the call.
	raw := []byte(`{"mediaType":"a/b","x":"y"}`)
	var d model.Descriptor
	if err := d.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if got := mustEncode(t, d); got != `{"mediaType":"a/b","x":"y"}` {
		t.Errorf("got %q after the caller's bytes changed", got)
	}
	// Warnings are no errors.
	if err := json.Unmarshal([]byte(`{"x":"\ud800"}`), &d); err != nil {
		t.Errorf("warnings are returned as an error: %v", err)
	}
}

func deref(v any) any {
	switch v := v.(type) {
	case *model.Descriptor:
		return *v
	case *model.Index:
		return *v
	case *model.Manifest:
		return *v
	case *model.Image:
		return *v
	case *model.ImageLayout:
		return *v
	}
	panic("no document")
}
