package model_test

import (
	"errors"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

var empty = model.EmptyDescriptor()

// wantRefused checks that a change was refused and left no trace.
func wantRefused(t *testing.T, doc any, what string, change func() error) {
	t.Helper()
	before := mustEncode(t, doc)
	if err := change(); !errors.Is(err, model.ErrRefused) {
		t.Errorf("%s: %v, want ErrRefused", what, err)
	}
	if after := mustEncode(t, doc); after != before {
		t.Errorf("%s was refused, and changed\n%s\nto\n%s", what, before, after)
	}
}

// Every change shows in what is encoded, whatever was there before.
func TestMutators(t *testing.T) {
	encodedEmpty := mustEncode(t, empty)
	manifests := map[string]string{
		`{"schemaVersion":2}`:         `{"schemaVersion":2,"config":` + encodedEmpty + `,"layers":[` + encodedEmpty + `],"subject":` + encodedEmpty + `,"annotations":{"k":""}}`,
		`{"config":5,"subject":null}`: `{"config":` + encodedEmpty + `,"layers":[` + encodedEmpty + `],"subject":` + encodedEmpty + `,"annotations":{"k":""}}`,
		`{"x":1,"config":` + someConfig + `,"layers":[` + someLayer + `,{}],"subject":{},"annotations":{"k":"v","a":"b"}}`: `{"config":` + encodedEmpty + `,"layers":[` + someLayer + `,{},` + encodedEmpty + `],"subject":` + encodedEmpty + `,"annotations":{"a":"b","k":""},"x":1}`,
	}
	for text, want := range manifests {
		m, _ := model.LoadManifest([]byte(text))
		if err := errors.Join(m.SetConfig(empty), m.AddLayer(empty), m.SetSubject(empty), m.SetAnnotation("k", "")); err != nil {
			t.Fatal(err)
		}
		if got := mustEncode(t, m); got != want {
			t.Errorf("%s became\n%s\nwant\n%s", text, got, want)
		}
		for _, name := range []string{"config", "layers", "subject", "annotations"} {
			if !m.Has(name) {
				t.Errorf("%s: Has(%q) is false of what was set", text, name)
			}
		}
		if m.Wrong("config") || m.Wrong("subject") {
			t.Errorf("%s: what was set is still wrong", text)
		}
	}

	x, _ := model.LoadIndex([]byte(`{"schemaVersion":2,"manifests":[` + someManifest + `]}`))
	if err := errors.Join(x.AddManifest(empty), x.SetSubject(empty), x.SetAnnotation("k", "v")); err != nil {
		t.Fatal(err)
	}
	if got, want := mustEncode(t, x), `{"schemaVersion":2,"manifests":[`+someManifest+`,`+encodedEmpty+`],"subject":`+encodedEmpty+`,"annotations":{"k":"v"}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	made := model.NewIndex()
	if err := errors.Join(made.AddManifest(empty), made.SetSubject(empty), made.SetAnnotation("k", "v")); err != nil {
		t.Fatal(err)
	}
	if err := model.Problems(collect(made.Validate())).Err(); err != nil {
		t.Error(err)
	}
}

// A list or map that could not be loaded whole cannot be changed, by a method or
// by hand, until it is removed.
func TestPartialRefused(t *testing.T) {
	const layers, annotations = `[` + someLayer + `,5]`, `{"a":"b","c":1}`
	text := `{"config":` + someConfig + `,"layers":` + layers + `,"annotations":` + annotations + `}`
	load := func() *model.Manifest {
		m, _ := model.LoadManifest([]byte(text))
		return m
	}
	m := load()
	wantRefused(t, m, "a layer beside a wrong one", func() error { return m.AddLayer(empty) })
	wantRefused(t, m, "an annotation beside a wrong one", func() error { return m.SetAnnotation("c", "") })
	if got := mustEncode(t, m); got != text {
		t.Errorf("unchanged, it is written as %s", got)
	}
	for name, change := range map[string]func(*model.Manifest){
		"appended":        func(m *model.Manifest) { m.Layers = append(m.Layers, empty) },
		"set in place":    func(m *model.Manifest) { m.Layers[1] = empty },
		"changed below":   func(m *model.Manifest) { m.Layers[0].Size++ },
		"shortened":       func(m *model.Manifest) { m.Layers = m.Layers[:1] },
		"emptied":         func(m *model.Manifest) { m.Layers = nil },
		"annotation":      func(m *model.Manifest) { m.Annotations["c"] = "" },
		"no annotation":   func(m *model.Manifest) { delete(m.Annotations, "a") },
		"all annotations": func(m *model.Manifest) { m.Annotations = map[string]string{"a": "c"} },
	} {
		m := load()
		change(m)
		if raw, err := model.Encode(m); !errors.Is(err, model.ErrRefused) {
			t.Errorf("%s: %s, %v, want ErrRefused", name, raw, err)
		}
	}
	for _, name := range []string{"layers", "annotations"} {
		if err := model.Unset(m, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(m.AddLayer(empty), m.SetAnnotation("k", "v")); err != nil {
		t.Fatal(err)
	}
	if got, want := mustEncode(t, m), `{"config":`+someConfig+`,"layers":[`+mustEncode(t, empty)+`],"annotations":{"k":"v"}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	other, _ := model.LoadManifest([]byte(`{"layers":{"a":1},"annotations":"x"}`))
	wantRefused(t, other, "a layer in what is no list", func() error { return other.AddLayer(empty) })
	wantRefused(t, other, "an annotation in what is no map", func() error { return other.SetAnnotation("k", "v") })
	cut, _ := model.LoadManifest([]byte(`{"layers":[` + someLayer + `,` + someLayer))
	wantRefused(t, cut, "a layer where the document ends early", func() error { return cut.AddLayer(empty) })
	if got, want := mustEncode(t, cut), `{"layers":[`+someLayer+`,`+someLayer+`,{}]}`; got != want {
		t.Errorf("got %s, want what was read, %s", got, want)
	}

	for _, text := range []string{
		`{"config":{"Env":["A=1",5],"Labels":{"l":5},"Volumes":[],"ExposedPorts":{"9":5}},"rootfs":{"diff_ids":[1]}}`,
		`{"config":{"Env":[null],"Labels":5,"Volumes":[{}],"ExposedPorts":""},"history":[5,{"empty_layer":true}]}`,
	} {
		i, _ := model.LoadImage([]byte(text))
		for name, change := range map[string]func() error{
			"environment": func() error { return i.SetEnv("A", "x") }, "label": func() error { return i.SetLabel("l", "m") },
			"volume": func() error { return i.AddVolume("/data") }, "port": func() error { return i.ExposePort("80") },
			"layer": func() error { return i.AddLayer(someDigest, model.History{}) }, "history": func() error { return i.AppendHistory(model.History{EmptyLayer: true}) },
		} {
			wantRefused(t, i, name, change)
		}
	}
}

func TestMutatorsRefuse(t *testing.T) {
	loaded := func(text string) model.Descriptor {
		d, _ := model.LoadDescriptor([]byte(text))
		return *d
	}
	m, x := model.NewManifest(empty), model.NewIndex()
	for name, d := range map[string]model.Descriptor{
		"nothing":                {},
		"no media type":          {Digest: someDigest},
		"a bad media type":       {MediaType: "text", Digest: someDigest},
		"a bad digest":           {MediaType: "a/b", Digest: "sha256:x"},
		"no digest":              {MediaType: "a/b"},
		"a negative size":        {MediaType: "a/b", Digest: someDigest, Size: -1},
		"a platform of nothing":  {MediaType: "a/b", Digest: someDigest, Platform: new(model.Platform)},
		"bytes that are no text": {MediaType: "a/b", Digest: someDigest, ArtifactType: "a/\xff"},
		"a digest of five":       loaded(`{"mediaType":"a/b","digest":5,"size":2}`),
		"no size":                loaded(`{"mediaType":"a/b","digest":"` + someDigest + `"}`),
	} {
		t.Run(name, func(t *testing.T) {
			wantRefused(t, m, "a layer", func() error { return m.AddLayer(d) })
			wantRefused(t, m, "a config", func() error { return m.SetConfig(d) })
			wantRefused(t, m, "a subject", func() error { return m.SetSubject(d) })
			wantRefused(t, x, "a manifest", func() error { return x.AddManifest(d) })
			wantRefused(t, x, "a subject", func() error { return x.SetSubject(d) })
		})
	}
	d := model.EmptyDescriptor()
	for _, pair := range [][2]string{{"", "x"}, {"\xff", "x"}, {"x", "\xff"}} {
		wantRefused(t, m, "an annotation", func() error { return m.SetAnnotation(pair[0], pair[1]) })
		wantRefused(t, x, "an annotation", func() error { return x.SetAnnotation(pair[0], pair[1]) })
		wantRefused(t, d, "an annotation", func() error { return d.SetAnnotation(pair[0], pair[1]) })
	}

	// What was wrong and has been mended is no longer refused.
	mended := loaded(`{"mediaType":"a/b","digest":5,"size":2}`)
	mended.Digest = someDigest
	if err := m.AddLayer(mended); err != nil {
		t.Error(err)
	}
}

func TestSetData(t *testing.T) {
	for _, test := range []struct{ text, data, want string }{
		{`{"mediaType":"a/b","x":1}`, "{}", `{"mediaType":"a/b","digest":"` + someDigest + `","size":2,"data":"e30=","x":1}`},
		{`{"digest":"sha512:x","size":"5","data":"!"}`, "{}", `{"digest":"` + string(digest.SHA512.FromString("{}")) + `","size":2,"data":"e30="}`},
		{`{"digest":"md5:x"}`, "", `{"digest":"` + string(digest.FromString("")) + `","size":0,"data":""}`},
		{`{"digest":"nonsense"}`, "{}", `{"digest":"` + someDigest + `","size":2,"data":"e30="}`},
	} {
		d, _ := model.LoadDescriptor([]byte(test.text))
		data := []byte(test.data)
		d.SetData(data)
		clear(data) // the descriptor has a copy
		if got := mustEncode(t, d); got != test.want {
			t.Errorf("%s became\n%s\nwant\n%s", test.text, got, test.want)
		}
	}
	var d model.Descriptor
	d.SetData([]byte("{}"))
	if err := d.SetAnnotation("k", "v"); err != nil || d.Digest != someDigest || d.Size != 2 || d.Annotations["k"] != "v" {
		t.Errorf("made in Go: %+v, %v", d, err)
	}
}
