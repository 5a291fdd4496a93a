package model_test

import (
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// loaders load each kind of document for its problems alone.
var loaders = map[string]func(string) model.Problems{
	"index":      func(s string) model.Problems { _, p := model.LoadIndex([]byte(s)); return p },
	"manifest":   func(s string) model.Problems { _, p := model.LoadManifest([]byte(s)); return p },
	"image":      func(s string) model.Problems { _, p := model.LoadImage([]byte(s)); return p },
	"descriptor": func(s string) model.Problems { _, p := model.LoadDescriptor([]byte(s)); return p },
	"layout":     func(s string) model.Problems { _, p := model.LoadImageLayout([]byte(s)); return p },
}

func TestLoadTypes(t *testing.T) {
	tests := []struct{ name, document, text, want string }{
		{"sound descriptor", "descriptor", someLayer, ``},
		{"sound manifest", "manifest", `{"schemaVersion":2,"config":` + someConfig + `,"layers":[` + someLayer + `]}`, ``},
		{"empty object", "index", `{}`, ``},
		{"space around everything", "index", " \t\r\n{ \"manifests\" : [ ] } \n", ``},
		{"string for integer", "descriptor", `{"size":"5"}`, `json-type /size`},
		{"number for string", "descriptor", `{"mediaType":5}`, `json-type /mediaType`},
		{"boolean for string", "image", `{"os":true}`, `json-type /os`},
		{"string for boolean", "image", `{"history":[{"empty_layer":"true"}]}`, `json-type /history/0/empty_layer`},
		{"number for boolean", "image", `{"config":{"ArgsEscaped":0}}`, `json-type /config/ArgsEscaped`},
		{"object for array", "manifest", `{"layers":` + someLayer + `}`, `json-type /layers`},
		{"array for object", "manifest", `{"config":[` + someConfig + `]}`, `json-type /config`},
		{"array for map", "index", `{"annotations":[]}`, `json-type /annotations`},
		{"string for bytes is base64", "descriptor", `{"data":"e30="}`, ``},
		{"array for bytes", "descriptor", `{"data":[123,125]}`, `json-type /data`},
		{"boolean for integer", "layout", `{"imageLayoutVersion":1.0}`, `json-type /imageLayoutVersion`},
		{"element of an array of strings", "descriptor", `{"urls":["https://a",5,null]}`, "json-type /urls/1\njson-type /urls/2"},
		{"element of an array of objects", "index", `{"manifests":[{},"x",[],{}]}`, "json-type /manifests/1\njson-type /manifests/2"},
		{"annotation of another type", "index", `{"annotations":{"a":1,"b":"x","c":{}}}`, "json-type /annotations/a\njson-type /annotations/c"},
		{"annotation below a descriptor", "manifest", `{"layers":[{"annotations":{"a/b~c":false}}]}`, `json-type /layers/0/annotations/a~1b~0c`},
		{"platform", "index", `{"manifests":[{"platform":{"os":1,"os.version":2,"os.features":[3],"variant":4}}]}`,
			"json-type /manifests/0/platform/os\njson-type /manifests/0/platform/os.version\njson-type /manifests/0/platform/os.features/0\njson-type /manifests/0/platform/variant"},
		{"platform no object", "descriptor", `{"platform":"linux"}`, `json-type /platform`},
		{"values of a map of objects", "image", `{"config":{"Volumes":{"/a":{},"/b":true},"ExposedPorts":{"80/tcp":"x"}}}`,
			"json-type /config/Volumes/~1b\njson-type /config/ExposedPorts/80~1tcp"},
		{"elements of diff_ids", "image", `{"rootfs":{"type":5,"diff_ids":[7]}}`, "json-type /rootfs/type\njson-type /rootfs/diff_ids/0"},
		{"a wrong value is told before what is wrong in it", "descriptor", `{"digest":{"a":1,"a":2},"size":[]}`,
			"json-type /digest\njson-duplicate-name /digest/a\njson-type /size"},
		{"unknown members may be anything", "manifest", `{"x":null,"y":[1,"2",{"z":3.5e9}]}`, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantPlaces(t, loaders[test.document](test.text), test.want)
		})
	}
}

// Null is a value of the wrong type, but for optional members of an image
// configuration (config.md, Properties).
func TestLoadNull(t *testing.T) {
	tests := []struct{ name, document, text, want string }{
		{"descriptor", "descriptor",
			`{"mediaType":null,"digest":null,"size":null,"urls":null,"annotations":null,"data":null,"platform":null,"artifactType":null}`,
			"json-type /mediaType\njson-type /digest\njson-type /size\njson-type /urls\njson-type /annotations\njson-type /data\njson-type /platform\njson-type /artifactType"},
		{"manifest", "manifest",
			`{"schemaVersion":null,"mediaType":null,"artifactType":null,"config":null,"layers":null,"subject":null,"annotations":null}`,
			"json-type /schemaVersion\njson-type /mediaType\njson-type /artifactType\njson-type /config\njson-type /layers\njson-type /subject\njson-type /annotations"},
		{"index", "index",
			`{"schemaVersion":null,"mediaType":null,"artifactType":null,"manifests":null,"subject":null,"annotations":null}`,
			"json-type /schemaVersion\njson-type /mediaType\njson-type /artifactType\njson-type /manifests\njson-type /subject\njson-type /annotations"},
		{"elements", "manifest", `{"layers":[null,` + someLayer + `],"annotations":{"a":null}}`, "json-type /layers/0\njson-type /annotations/a"},
		{"platform", "descriptor", `{"platform":{"architecture":null,"os":null,"os.version":null,"os.features":null,"variant":null}}`,
			"json-type /platform/architecture\njson-type /platform/os\njson-type /platform/os.version\njson-type /platform/os.features\njson-type /platform/variant"},
		{"layout", "layout", `{"imageLayoutVersion":null}`, `json-type /imageLayoutVersion`},
		{"required members of an image", "image", `{"architecture":null,"os":null,"rootfs":null}`,
			"json-type /architecture\njson-type /os\njson-type /rootfs"},
		{"members of rootfs", "image", `{"rootfs":{"type":null,"diff_ids":null}}`, "json-type /rootfs/type\njson-type /rootfs/diff_ids"},
		{"optional members of an image", "image",
			`{"created":null,"author":null,"variant":null,"os.version":null,"os.features":null,"config":null,"history":null}`, ``},
		{"optional members of its config", "image", `{"config":{"User":null,"ExposedPorts":null,"Env":null,"Entrypoint":null,"Cmd":null,` +
			`"Volumes":null,"WorkingDir":null,"Labels":null,"StopSignal":null,"ArgsEscaped":null}}`, ``},
		{"optional members of its history", "image",
			`{"history":[{"created":null,"created_by":null,"author":null,"comment":null,"empty_layer":null}]}`, ``},
		{"but not inside its arrays and maps", "image",
			`{"os.features":[null],"config":{"Env":[null],"Cmd":[null],"Labels":{"a":null},"Volumes":{"/v":null}},"history":[null]}`,
			"json-type /os.features/0\njson-type /config/Env/0\njson-type /config/Cmd/0\njson-type /config/Labels/a\njson-type /config/Volumes/~1v\njson-type /history/0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantPlaces(t, loaders[test.document](test.text), test.want)
		})
	}
}

func TestLoadTopLevel(t *testing.T) {
	for _, text := range []string{`null`, `[]`, `5`, `""`, `true`, `false`, `[{"schemaVersion":2}]`, `"{}"`, ` null `, `-0.5`} {
		t.Run(text, func(t *testing.T) {
			for name, load := range loaders {
				problems := load(text)
				if len(problems) != 1 || problems[0].Rule != rule.JSONType || problems[0].Pointer != "" || problems[0].Expected != "object" {
					t.Errorf("%s: %+v, want one %s that expects an object at the root", name, problems, rule.JSONType)
				}
			}
			if x, _ := model.LoadIndex([]byte(text)); x != nil {
				t.Errorf("LoadIndex = %+v, want nil where there is no object", x)
			}
			if doc, _ := model.Decode(model.MediaTypeIndex, []byte(text), model.Limits{}); doc != nil {
				t.Errorf("Decode = %+v, want a Document that is nil", doc)
			}
		})
	}
	// What is wrong inside a document that is no object is not told.
	wantPlaces(t, loaders["index"]("[{\"a\":1,\"a\":2},\"\xff\"]"), `json-type `)
	wantPlaces(t, loaders["index"]("[] x"), "json-type \njson-syntax ")
}

func TestLoadDuplicateNames(t *testing.T) {
	tests := []struct{ name, document, text, want string }{
		{"known", "descriptor", `{"digest":"a","digest":"b"}`, `json-duplicate-name /digest`},
		{"three times", "descriptor", `{"size":1,"size":2,"size":3}`, "json-duplicate-name /size\njson-duplicate-name /size"},
		{"equal values", "index", `{"schemaVersion":2,"schemaVersion":2}`, `json-duplicate-name /schemaVersion`},
		{"unknown", "index", `{"x":1,"x":2}`, `json-duplicate-name /x`},
		{"empty name", "index", `{"":1,"":2}`, `json-duplicate-name /`},
		{"escaped", "descriptor", `{"digest":"a","\u0064igest":"b"}`, `json-duplicate-name /digest`},
		{"both escaped", "index", `{"\u0078":1,"\u0078":2}`, `json-duplicate-name /x`},
		{"escaped slash", "index", `{"a/b":1,"a\/b":2}`, `json-duplicate-name /a~1b`},
		{"surrogate pair", "index", `{"\ud83d\ude00":1,"😀":2}`, `json-duplicate-name /😀`},
		{"below an array", "index", `{"manifests":[{},{"size":1,"size":1}]}`, `json-duplicate-name /manifests/1/size`},
		{"in platform", "index", `{"manifests":[{"platform":{"os":"a","os":"b"}}]}`, `json-duplicate-name /manifests/0/platform/os`},
		{"in unknown members, at any depth", "manifest", `{"x":[[{"y":{"z":1,"\u007a":2}}]]}`, `json-duplicate-name /x/0/0/y/z`},
		{"in the value of a duplicate", "index", `{"x":1,"x":{"y":1,"y":2}}`, "json-duplicate-name /x\njson-duplicate-name /x/y"},
		{"in the value of an unknown duplicate", "image", `{"config":{},"config":{"Env":[],"Env":[]}}`,
			"json-duplicate-name /config\njson-duplicate-name /config/Env"},
		{"in annotations", "index", `{"annotations":{"a":"1","b":"2","\u0061":"3"}}`, `json-duplicate-name /annotations/a`},
		{"in annotations, first of another type", "index", `{"annotations":{"a":1,"a":"3"}}`,
			"json-type /annotations/a\njson-duplicate-name /annotations/a"},
		{"in a map of objects", "image", `{"config":{"Volumes":{"/a":{},"/a":{"x":1,"x":2}}}}`,
			"json-duplicate-name /config/Volumes/~1a\njson-duplicate-name /config/Volumes/~1a/x"},
		{"not across objects", "index", `{"x":{"a":1},"y":{"a":1},"manifests":[{"size":1},{"size":1}]}`, ``},
		{"another letter case is another name", "index", `{"x":1,"X":2}`, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantPlaces(t, loaders[test.document](test.text), test.want)
		})
	}
	d, _ := model.LoadDescriptor([]byte(`{"size":1,"size":2,"annotations":{"a":"1","a":"2"}}`))
	if d.Size != 1 || d.Annotations["a"] != "1" {
		t.Errorf("size %d and annotation %q, want the first of each", d.Size, d.Annotations["a"])
	}
}

func TestLoadCaseVariants(t *testing.T) {
	tests := []struct{ name, document, text, want string }{
		{"capital", "descriptor", `{"Digest":"a","MEDIATYPE":"b"}`, "json-case-variant-content /Digest\njson-case-variant-content /MEDIATYPE"},
		{"long s", "descriptor", `{"ſize":7}`, `json-case-variant-content /ſize`},
		{"long s, escaped", "descriptor", `{"\u017fize":7}`, `json-case-variant-content /ſize`},
		{"Kelvin sign", "image", "{\"config\":{\"Wor\u212aingDir\":\"/\"}}", "json-case-variant-content /config/Wor\u212aingDir"},
		{"beside the right one", "descriptor", `{"size":1,"SIZE":2}`, `json-case-variant-content /SIZE`},
		{"each spelling once", "descriptor", `{"SIZE":1,"Size":2}`, "json-case-variant-content /SIZE\njson-case-variant-content /Size"},
		{"repeated", "descriptor", `{"SIZE":1,"SIZE":2}`, "json-case-variant-content /SIZE\njson-duplicate-name /SIZE"},
		{"below", "manifest", `{"layers":[{"Data":""}]}`, `json-case-variant-content /layers/0/Data`},
		{"members that only describe", "image", `{"AUTHOR":"a","History":[],"config":{"labels":{},"volumes":{}}}`,
			"json-case-variant /AUTHOR\njson-case-variant /History\njson-case-variant /config/labels\njson-case-variant /config/volumes"},
		{"annotations of a document", "manifest", `{"Annotations":{}}`, `json-case-variant /Annotations`},
		{"in its root file system", "image", `{"rootfs":{"Type":"layers","DIFF_IDS":[]},"RootFS":{},"Os":"","OS.version":""}`,
			"json-case-variant-content /rootfs/Type\njson-case-variant-content /rootfs/DIFF_IDS\njson-case-variant-content /RootFS\njson-case-variant-content /Os\njson-case-variant-content /OS.version"},
		{"platform", "index", `{"manifests":[{"platform":{"oſ":"linux"}}],"\u017fubject":null}`,
			"json-case-variant-content /manifests/0/platform/oſ\njson-case-variant-content /ſubject"},
		{"small letters where capitals belong", "image", `{"config":{"env":[]}}`, `json-case-variant-content /config/env`},
		{"not in unknown members", "manifest", `{"x":{"Digest":1}}`, ``},
		{"not in annotations", "manifest", `{"annotations":{"SIZE":"1"}}`, ``},
		{"not what is merely like it", "descriptor", `{"sizes":1,"si-ze":2,"size ":3}`, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantPlaces(t, loaders[test.document](test.text), test.want)
		})
	}
	d, _ := model.LoadDescriptor([]byte(`{"Digest":"x","ſize":7}`))
	if d.Digest != "" || d.Size != 0 {
		t.Errorf("digest %q and size %d were taken from a name in another letter case", d.Digest, d.Size)
	}
}

// Everything that is wrong is told at once, in document order, and the rest is
// loaded all the same.
func TestLoadAllAtOnce(t *testing.T) {
	text := `{
		"schemaVersion": "2",
		"manifests": [
			{"mediaType": 1, "digest": "d0", "size": 1.5},
			{"mediaType": "m1", "digest": "d1", "size": 1, "size": 2, "Size": 3, "platform": null},
			null,
			{"mediaType": "m3", "digest": "d3", "size": 3, "data": "!"}
		],
		"annotations": {"a": "1", "b": 2, "a": "3"},
		"subject": []
	} {}`
	x, problems := model.LoadIndex([]byte(text))
	wantPlaces(t, problems, `json-type /schemaVersion
json-type /manifests/0/mediaType
json-integer /manifests/0/size
json-duplicate-name /manifests/1/size
json-case-variant-content /manifests/1/Size
json-type /manifests/1/platform
json-type /manifests/2
data-base64 /manifests/3/data
json-type /annotations/b
json-duplicate-name /annotations/a
json-type /subject
json-syntax `)
	if len(x.Manifests) != 4 {
		t.Fatalf("%d manifests, want 4: one that cannot be loaded keeps its place", len(x.Manifests))
	}
	var digests []string
	for _, d := range x.Manifests {
		digests = append(digests, string(d.Digest))
	}
	if !slices.Equal(digests, []string{"d0", "d1", "", "d3"}) {
		t.Errorf("digests %q", digests)
	}
	if x.Manifests[1].Size != 1 || x.Manifests[3].MediaType != "m3" || x.Annotations["a"] != "1" || len(x.Annotations) != 1 {
		t.Errorf("what is sound was not loaded: %+v", x)
	}
	if x.SchemaVersion != 0 || x.Subject != nil || x.Manifests[3].Data != nil {
		t.Errorf("what is wrong was loaded: %+v", x)
	}
}
