package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

// Every member there is, in an order and with space that nobody writes.
const (
	fullDescriptor = `{"artifactType":"c/d", "platform":{"variant":"v8","os.features":["f"],"os.version":"1","os":"linux","architecture":"arm64","features":["x"]},
		"data":"e30=", "annotations":{"b":"2","a":"1"}, "urls":["https://example.com/"], "size":2, "digest":"` + someDigest + `", "mediaType":"a/b", "z":[1, 2]}`
	encodedDescriptor = `{"mediaType":"a/b","digest":"` + someDigest + `","size":2,"urls":["https://example.com/"],"annotations":{"a":"1","b":"2"},` +
		`"data":"e30=","platform":{"architecture":"arm64","os":"linux","os.version":"1","os.features":["f"],"variant":"v8","features":["x"]},"artifactType":"c/d","z":[1,2]}`
	fullImage = `{"history":[{"empty_layer":true,"comment":"c","author":"a","created_by":"b","created":"2020-01-01T00:00:00Z","v":1}],
		"rootfs":{"diff_ids":["` + someDigest + `"],"type":"layers","w":2},
		"config":{"ArgsEscaped":true,"StopSignal":"SIGTERM","Labels":{"l":"m"},"WorkingDir":"/w","Volumes":{"/v":{"x":3}},"Cmd":["c"],"Entrypoint":["e"],"Env":["A=b"],
		"ExposedPorts":{"80/tcp":{}},"User":"u","Healthcheck":{}},
		"os.features":["f"],"os.version":"1","os":"linux","variant":"v7","architecture":"arm","author":"me","created":"2020-01-01T00:00:00Z","docker_version":"1"}`
	encodedImage = `{"created":"2020-01-01T00:00:00Z","author":"me","architecture":"arm","variant":"v7","os":"linux","os.version":"1","os.features":["f"],` +
		`"config":{"User":"u","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Entrypoint":["e"],"Cmd":["c"],"Volumes":{"/v":{"x":3}},"WorkingDir":"/w","Labels":{"l":"m"},` +
		`"StopSignal":"SIGTERM","ArgsEscaped":true,"Healthcheck":{}},"rootfs":{"type":"layers","diff_ids":["` + someDigest + `"],"w":2},` +
		`"history":[{"created":"2020-01-01T00:00:00Z","created_by":"b","author":"a","comment":"c","empty_layer":true,"v":1}],"docker_version":"1"}`
)

func TestEncodeOrder(t *testing.T) {
	tests := []struct {
		name string
		doc  any
		want string
	}{
		{"descriptor", loadedSoundly(t, fullDescriptor, model.LoadDescriptor), encodedDescriptor},
		{"index", loadedSoundly(t, `{"x":0,"annotations":{},"subject":`+fullDescriptor+`,"manifests":[`+fullDescriptor+`],"artifactType":"a/b","mediaType":"c/d","schemaVersion":2}`, model.LoadIndex),
			`{"schemaVersion":2,"mediaType":"c/d","artifactType":"a/b","manifests":[` + encodedDescriptor + `],"subject":` + encodedDescriptor + `,"annotations":{},"x":0}`},
		{"manifest", loadedSoundly(t, `{"annotations":{"k":"v"},"subject":`+fullDescriptor+`,"layers":[`+fullDescriptor+`],"config":`+fullDescriptor+`,"artifactType":"a/b","mediaType":"c/d","schemaVersion":2}`, model.LoadManifest),
			`{"schemaVersion":2,"mediaType":"c/d","artifactType":"a/b","config":` + encodedDescriptor + `,"layers":[` + encodedDescriptor + `],"subject":` + encodedDescriptor + `,"annotations":{"k":"v"}}`},
		{"image", loadedSoundly(t, fullImage, model.LoadImage), encodedImage},
		{"layout", loadedSoundly(t, `{"y":[],"imageLayoutVersion":"1.0.0"}`, model.LoadImageLayout), `{"imageLayoutVersion":"1.0.0","y":[]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := mustEncode(t, test.doc); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEncodeMadeInGo(t *testing.T) {
	zero := `{"mediaType":"","digest":"","size":0}`
	tests := []struct {
		name string
		doc  any
		want string
	}{
		{"empty descriptor", model.EmptyDescriptor(), `{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` + someDigest + `","size":2}`},
		{"zero descriptor", model.Descriptor{}, zero},
		{"index", model.NewIndex(), `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`},
		{"zero index", model.Index{}, `{"schemaVersion":0,"manifests":[]}`},
		{"zero manifest", &model.Manifest{}, `{"schemaVersion":0,"config":` + zero + `,"layers":[]}`},
		{"subject", &model.Index{Subject: new(model.Descriptor)}, `{"schemaVersion":0,"manifests":[],"subject":` + zero + `}`},
		{"zero image", model.Image{}, `{"architecture":"","os":"","rootfs":{"type":"","diff_ids":[]}}`},
		{"part of a config", model.Image{Config: model.ImageConfig{Cmd: []string{"sh"}}}, `{"architecture":"","os":"","config":{"Cmd":["sh"]},"rootfs":{"type":"","diff_ids":[]}}`},
		{"volumes", model.Image{Config: model.ImageConfig{Volumes: map[string]model.Empty{"/b": {}, "/a": {}}}},
			`{"architecture":"","os":"","config":{"Volumes":{"/a":{},"/b":{}}},"rootfs":{"type":"","diff_ids":[]}}`},
		{"layout", model.NewImageLayout(), `{"imageLayoutVersion":"1.0.0"}`},
		{"platform", model.Platform{OS: "linux", Architecture: "amd64"}, `{"architecture":"amd64","os":"linux"}`},
		{"markup is left alone", model.Descriptor{MediaType: "<&>\u2028"}, "{\"mediaType\":\"<&>\u2028\",\"digest\":\"\",\"size\":0}"},
		{"quotes and controls", model.Descriptor{MediaType: "\"\\\n\x00"}, `{"mediaType":"\"\\\n\u0000","digest":"","size":0}`},
		{"a pointer to a pointer", new(new(model.ImageLayout)), `{"imageLayoutVersion":""}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := mustEncode(t, test.doc); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Members that are there and zero, unknown ones, and those that could not be
// loaded come through loading and encoding.
func TestEncodeRoundTrip(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", `{}`, `{}`},
		{"zero values", `{"mediaType":"","digest":"","size":0,"urls":[],"annotations":{},"data":"","platform":{},"artifactType":""}`, ``},
		{"zero values below", `{"platform":{"architecture":"","os":"","os.version":"","os.features":[],"variant":""}}`, ``},
		{"one missing", `{"digest":"x"}`, ``},
		{"size and no more", `{"size":-5}`, ``},
		{"wrong types", `{"mediaType":5,"digest":null,"size":"2","urls":{},"annotations":[],"data":[1],"platform":"x","artifactType":false}`, ``},
		{"a wrong number", `{"size":1.50e2}`, ``},
		{"bad base64", `{"data":"e30"}`, ``},
		{"wrong elements", `{"urls":["a",1,"b"],"annotations":{"x":"1","y":2}}`, ``},
		{"wrong types below", `{"platform":{"os":1,"os.features":[null],"x":{}}}`, ``},
		{"unknown", `{"z":null,"a":{"b":[1.0,"\u0041",{"c":1e5}]},"":0}`, ``},
		{"escapes and halves of pairs in unknown values", `{"z":"\ud800 \u00e4 \/ \n"}`, ``},
		{"case variants", `{"size":1,"Size":2,"SIZE":3}`, ``},
		{"first of two", `{"size":1,"size":2,"x":1,"x":2}`, `{"size":1,"x":1}`},
		{"repeated names in unknown values", `{"x":{"a":1,"a":2}}`, ``},
		{"repeated names in wrong values", `{"platform":[{"a":1,"a":2}]}`, ``},
		{"space", "{ \"x\" : [ 1 , 2 ] }", `{"x":[1,2]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := test.want
			if want == "" {
				want = test.text
			}
			first, _ := model.LoadDescriptor([]byte(test.text))
			got := mustEncode(t, first)
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			second, _ := model.LoadDescriptor([]byte(got))
			if diff := cmp.Diff(first, second, sameMembers); diff != "" {
				t.Errorf("what was encoded loads to another document (-first +second):\n%s", diff)
			}
		})
	}
}

// Bytes that are no UTF-8 come through where nothing was made of them.
func TestEncodeBadBytes(t *testing.T) {
	text := "{\"x\":\"\xff\",\"mediaType\":[\"\xfe\"]}"
	d, _ := model.LoadDescriptor([]byte(text))
	if got := mustEncode(t, d); got != "{\"mediaType\":[\"\xfe\"],\"x\":\"\xff\"}" {
		t.Errorf("got %q", got)
	}
	d, _ = model.LoadDescriptor([]byte("{\"mediaType\":\"a\xff\"}"))
	if got := mustEncode(t, d); got != "{\"mediaType\":\"a\uFFFD\"}" {
		t.Errorf("got %q", got)
	}
}

// An optional member of an image that is null is as good as none.
func TestEncodeNull(t *testing.T) {
	i := loadedSoundly(t, `{"created":null,"config":{"Env":null,"Cmd":["a"]},"history":null,"x":null}`, model.LoadImage)
	if got, want := mustEncode(t, i), `{"config":{"Cmd":["a"]},"x":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEncodeAfterChange(t *testing.T) {
	x := loadedSoundly(t, `{"schemaVersion":2,"manifests":[`+someManifest+`],"subject":`+someManifest+`,"annotations":{"a":"1"},"x":1}`, model.LoadIndex)
	x.Subject = nil
	x.MediaType = model.MediaTypeIndex
	x.Annotations["b"] = "2"
	x.Manifests = append(x.Manifests, model.EmptyDescriptor())
	x.Manifests[0].Platform = &model.Platform{OS: "linux", Architecture: "arm"}
	want := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[` +
		strings.TrimSuffix(someManifest, "}") + `,"platform":{"architecture":"arm","os":"linux"}},` + mustEncode(t, model.EmptyDescriptor()) +
		`],"annotations":{"a":"1","b":"2"},"x":1}`
	if got := mustEncode(t, x); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	// A value that could not be loaded gives way to one that was set.
	d, _ := model.LoadDescriptor([]byte(`{"mediaType":"a/b","digest":5,"size":"2","data":"!","platform":7}`))
	d.Digest, d.Size, d.Data, d.Platform = someDigest, 2, []byte("{}"), &model.Platform{}
	if got, want := mustEncode(t, d), `{"mediaType":"a/b","digest":"`+someDigest+`","size":2,"data":"e30=","platform":{"architecture":"","os":""}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	// A descriptor out of a document keeps what came with it.
	m := loadedSoundly(t, `{"layers":[{"size":0,"x":1}]}`, model.LoadManifest)
	if got, want := mustEncode(t, model.NewIndex(m.Layers...).Manifests[0]), `{"size":0,"x":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEncodeIndent(t *testing.T) {
	l := loadedSoundly(t, `{"imageLayoutVersion":"1.0.0","x":[1,{"y":2}],"z":{}}`, model.LoadImageLayout)
	got, err := model.EncodeIndent(l, "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"imageLayoutVersion\": \"1.0.0\",\n  \"x\": [\n    1,\n    {\n      \"y\": 2\n    }\n  ],\n  \"z\": {}\n}"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, err = model.EncodeIndent(model.NewImageLayout(), "\t"); err != nil || string(got) != "{\n\t\"imageLayoutVersion\": \"1.0.0\"\n}" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, v := range []any{nil, 5, "x", []int{1}, map[string]string{}, (*model.Index)(nil), new(*model.Index)} {
		if raw, err := model.Encode(v); err == nil {
			t.Errorf("Encode(%T) = %s, want an error", v, raw)
		}
	}
}
