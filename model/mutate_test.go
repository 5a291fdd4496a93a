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
		`{"schemaVersion":2}`: `{"schemaVersion":2,"config":` + encodedEmpty + `,"layers":[` + encodedEmpty + `],"subject":` + encodedEmpty + `,"annotations":{"k":""}}`,
		`{"config":5,"layers":{"a":1},"subject":null,"annotations":"x"}`:                                                         `{"config":` + encodedEmpty + `,"layers":[` + encodedEmpty + `],"subject":` + encodedEmpty + `,"annotations":{"k":""}}`,
		`{"x":1,"config":` + someConfig + `,"layers":[` + someLayer + `,{}],"subject":{},"annotations":{"k":"v","a":"b","c":1}}`: `{"config":` + encodedEmpty + `,"layers":[` + someLayer + `,{},` + encodedEmpty + `],"subject":` + encodedEmpty + `,"annotations":{"a":"b","c":1,"k":""},"x":1}`,
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

	x, _ := model.LoadIndex([]byte(`{"schemaVersion":2,"manifests":[` + someManifest + `,null]}`))
	if err := errors.Join(x.AddManifest(empty), x.SetSubject(empty), x.SetAnnotation("k", "v")); err != nil {
		t.Fatal(err)
	}
	if got, want := mustEncode(t, x), `{"schemaVersion":2,"manifests":[`+someManifest+`,null,`+encodedEmpty+`],"subject":`+encodedEmpty+`,"annotations":{"k":"v"}}`; got != want {
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
