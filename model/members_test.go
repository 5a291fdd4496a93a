package model_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// A member that is there is told from one that is zero, and from one that is
// not there.
func TestHas(t *testing.T) {
	for _, value := range []string{`0`, `""`, `[]`, `{}`, `false`, `"x"`, `5`, `[null]`, `{"a":1}`, `1.5`, `"!"`} {
		t.Run(value, func(t *testing.T) {
			d, _ := model.LoadDescriptor([]byte(`{"mediaType":` + value + `,"digest":` + value + `,"size":` + value + `,"urls":` + value +
				`,"annotations":` + value + `,"data":` + value + `,"platform":` + value + `,"artifactType":` + value + `,"unknown":` + value + `}`))
			for _, name := range []string{"mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType", "unknown"} {
				if !d.Has(name) {
					t.Errorf("Has(%q) is false for %s", name, value)
				}
			}
			for _, name := range []string{"", "Size", "other", "a"} {
				if d.Has(name) {
					t.Errorf("Has(%q) is true", name)
				}
			}
		})
	}
}

func TestHasNull(t *testing.T) {
	i, _ := model.LoadImage([]byte(`{"created":null,"config":null,"history":null,"os":null,"unknown":null,"rootfs":{}}`))
	for name, want := range map[string]bool{
		"created": false, "config": false, "history": false, "unknown": false, // as if absent
		"os":     true, // null cannot be loaded here, and so is there
		"rootfs": true, "architecture": false,
	} {
		if i.Has(name) != want {
			t.Errorf("Has(%q) = %t", name, !want)
		}
	}
}

// What is there and of no use is told from what is merely zero.
func TestWrong(t *testing.T) {
	m, _ := model.LoadManifest([]byte(`{"schemaVersion":"2","mediaType":null,"config":[],"layers":[{"size":0,"digest":5,"annotations":{"a":1,"b":""}},null],"subject":{},"x":1,"X":2}`))
	for name, want := range map[string]bool{
		"schemaVersion": true, "mediaType": true, "config": true, "layers": true, // one of its elements
		"subject": false, "artifactType": false, "annotations": false, "x": false, "": false, "Layers": false,
	} {
		if m.Wrong(name) != want {
			t.Errorf("Wrong(%q) = %t", name, !want)
		}
	}
	for name, want := range map[string]bool{"size": false, "digest": true, "annotations": true, "mediaType": false} {
		if m.Layers[0].Wrong(name) != want || m.Layers[1].Wrong(name) {
			t.Errorf("Wrong(%q) of a layer = %t", name, !want)
		}
	}
	if i, _ := model.LoadImage([]byte(`{"created":null,"config":null,"os":null}`)); i.Wrong("created") || i.Wrong("config") || !i.Wrong("os") {
		t.Error("null is wrong where it may be, or right where it may not")
	}
	if new(model.Descriptor).Wrong("size") {
		t.Error("what was made in Go was not loaded, and so not wrongly")
	}
}

func TestHasNotLoaded(t *testing.T) {
	d := model.EmptyDescriptor()
	x := model.NewIndex(d)
	for _, name := range []string{"mediaType", "size", "schemaVersion", "manifests", ""} {
		if d.Has(name) || x.Has(name) {
			t.Errorf("Has(%q) is true of what was made in Go", name)
		}
	}
	if d.Loaded() || x.Loaded() || x.Raw() != nil || len(unknownOf(&x.Members)) > 0 {
		t.Error("what was made in Go says that it was loaded")
	}
}

func TestPresenceBelow(t *testing.T) {
	m, _ := model.LoadManifest([]byte(`{"config":{"size":0},"layers":[{},{"annotations":{},"platform":{"os":""}}]}`))
	for _, test := range []struct {
		members *model.Members
		name    string
		want    bool
	}{
		{&m.Members, "config", true}, {&m.Members, "subject", false}, {&m.Config.Members, "size", true},
		{&m.Config.Members, "digest", false}, {&m.Layers[0].Members, "annotations", false},
		{&m.Layers[1].Members, "annotations", true}, {&m.Layers[1].Members, "platform", true},
		{&m.Layers[1].Platform.Members, "os", true}, {&m.Layers[1].Platform.Members, "architecture", false},
	} {
		if test.members.Has(test.name) != test.want {
			t.Errorf("Has(%q) = %t", test.name, !test.want)
		}
	}
	if !m.Layers[0].Loaded() || m.Layers[0].Raw() != nil {
		t.Error("an object within a document is loaded, and has no bytes of its own")
	}
	if m.Layers[0].Annotations != nil || m.Layers[1].Annotations == nil {
		t.Error("an empty map that is there is not told from none")
	}
}

func TestUnknown(t *testing.T) {
	text := `{
		"zeta": [1, {"a" : "\u0041"}],
		"size": 5,
		"Size": 6,
		"alpha": null,
		"alpha": "second",
		"": "",
		"digest": 7,
		"esc\u0061ped": 1e400
	}`
	d, _ := model.LoadDescriptor([]byte(text))
	var got []string
	for name, value := range d.Unknown() {
		got = append(got, name+"="+string(value))
	}
	want := []string{`zeta=[1, {"a" : "\u0041"}]`, `Size=6`, `alpha=null`, `=""`, `escaped=1e400`}
	if !slices.Equal(got, want) {
		t.Errorf("unknown members %q, want %q", got, want)
	}
	for name := range d.Unknown() {
		if name != "zeta" {
			t.Errorf("%q came first", name)
		}
		break // leaving early is allowed
	}
}

func TestRaw(t *testing.T) {
	for _, text := range []string{
		"{}", " {\"size\" : 1 }\n", "\xef\xbb\xbf{}", `{"size":1} trailing`, `{"size":`, "{\"mediaType\":\"\xff\"}",
	} {
		raw := []byte(text)
		d, _ := model.LoadDescriptor(raw)
		if !bytes.Equal(d.Raw(), []byte(text)) || &d.Raw()[0] != &raw[0] {
			t.Errorf("Raw of %q is %q, want the bytes themselves", text, d.Raw())
		}
		if !bytes.Equal(raw, []byte(text)) {
			t.Errorf("loading changed %q to %q", text, raw)
		}
	}
}
