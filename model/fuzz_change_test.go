package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// Whatever a manifest was loaded from, what is set in it is written, or refused
// where it would be set beside what could not be loaded; and all that writes or
// reads a document goes on working.
func FuzzChange(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Add([]byte(`{"layers":[1,{"size":"x"},null,[]],"annotations":{"b":1,"a":"2","k":[]}}`))
	f.Add([]byte(`{"layers":{"a":[]},"annotations":[1]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, problems := model.LoadManifest(raw)
		if m == nil {
			return
		}
		before, layers := mustEncode(t, m), len(m.Layers)
		for _, name := range []string{"layers", "annotations"} {
			change := func() error { return m.SetAnnotation("k", "v") }
			if name == "layers" {
				change = func() error { return m.AddLayer(empty) }
			}
			partial, unchanged := m.Wrong(name) || m.IsCut(), mustEncode(t, m)
			if err := change(); errors.Is(err, model.ErrRefused) != partial {
				t.Fatalf("%s that could not be loaded whole (%t): %v", name, partial, err)
			}
			if after := mustEncode(t, m); partial && after != unchanged {
				t.Fatalf("a refused change made\n%s\nto\n%s", unchanged, after)
			}
			if !partial {
				continue
			}
			if model.Unset(m, name); change() != nil && !m.IsCut() {
				t.Fatalf("%s cannot be set after it was removed", name)
			}
			return
		}
		after := mustEncode(t, m)
		written, again := model.LoadManifest([]byte(after))
		if len(written.Layers) != layers+1 || written.Layers[layers].Digest != empty.Digest || written.Annotations["k"] != "v" {
			t.Fatalf("%s\nwas changed to\n%s", before, after)
		}
		if second := mustEncode(t, written); second != after {
			t.Fatalf("encoded to\n%s\nand then to\n%s", after, second)
		}
		wantLookup(t, m, after)
		// What stands in the place of a bad annotation mends it, so there may be
		// fewer problems, and none that is new.
		if len(again) > len(problems) {
			t.Fatalf("%d problems %q became %d: %q", len(problems), places(problems), len(again), places(again))
		}
		for _, name := range []string{"layers", "annotations"} {
			if err := model.Unset(m, name); err != nil || m.Has(name) {
				t.Fatalf("Unset(%q): %v", name, err)
			}
		}
		if got := mustEncode(t, m); bytes.Contains([]byte(got), []byte(`"k":"v"`)) && !bytes.Contains(raw, []byte(`"k"`)) {
			t.Fatalf("what was taken out is still in %s", got)
		}
	})
}

// wantLookup checks that every member is found by its pointer.
func wantLookup(t *testing.T, m *model.Manifest, encoded string) {
	t.Helper()
	members, err := model.Map(m)
	if err != nil {
		t.Fatal(err)
	}
	for name := range members {
		value, err := model.Get(m, model.Pointer(name))
		if err != nil || !json.Valid(bytes.ToValidUTF8(value, []byte("?"))) {
			t.Fatalf("Get(%q) = %s, %v\nof %s", name, value, err, encoded)
		}
	}
	if canonical, err := canonical(m); err == nil && !json.Valid(canonical) {
		t.Fatalf("the canonical form is %s", canonical)
	}
	for p := range model.Required(m, "x") {
		if p.Pointer[0] != '/' {
			t.Fatalf("the pointer is %q", p.Pointer)
		}
	}
}
