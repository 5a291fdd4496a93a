package model_test

import (
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

func TestFind(t *testing.T) {
	x, problems := model.LoadIndex([]byte(`{"manifests":[
		{"size":0},
		{"size":1,"platform":{"os":"linux","architecture":"arm64"}},
		{"size":2,"platform":{"os":"linux","architecture":"amd64","variant":"v3"}},
		{"size":3,"platform":{"os":"linux","architecture":"amd64"}},
		{"size":4,"platform":{"os":"linux","architecture":"amd64"}},
		{"size":5,"platform":{}}
	]}`))
	wantPlaces(t, problems, "")
	for name, want := range map[string]int64{"linux/arm64": 1, "linux/arm64/v8": 1, "linux/amd64": 2, "linux/amd64/v1": 3, "linux/s390x": -1, "windows/amd64": -1} {
		p, err := model.ParsePlatform(name)
		if err != nil {
			t.Fatal(err)
		}
		d, ok := x.Find(p)
		if ok != (want >= 0) || ok && (d.Size != want || d != &x.Manifests[want]) {
			t.Errorf("Find(%s) = %+v, %t, want entry %d", name, d, ok, want)
		}
	}
}

func TestRef(t *testing.T) {
	x, problems := model.LoadIndex([]byte(`{"manifests":[
		{"size":0,"annotations":{"org.opencontainers.image.ref.name":"v1"}},
		{"size":1,"annotations":{"ref.name":"v1"}},
		{"size":2,"annotations":{"org.opencontainers.image.ref.name":""}},
		{"size":3,"annotations":{"org.opencontainers.image.ref.name":"v1"}},
		{"size":4}
	]}`))
	wantPlaces(t, problems, "")
	for name, want := range map[string][]int{"v1": {0, 3}, "": {2}, "v2": nil} {
		entries := x.Ref(name)
		if len(entries) != len(want) {
			t.Errorf("Ref(%q) has %d entries, want %d", name, len(entries), len(want))
			continue
		}
		for i, d := range entries {
			if d != &x.Manifests[want[i]] {
				t.Errorf("Ref(%q)[%d] is entry %d, want %d", name, i, d.Size, want[i])
			}
		}
	}
}

func TestLayerTypes(t *testing.T) {
	for mediaType, want := range map[string]string{
		model.MediaTypeLayer: "", model.MediaTypeLayerGzip: "gzip", model.MediaTypeLayerZstd: "zstd",
		model.MediaTypeLayerNonDistributable: "", model.MediaTypeLayerNonDistributableGzip: "gzip", model.MediaTypeLayerNonDistributableZstd: "zstd",
		model.MediaTypeDockerLayer: "", model.MediaTypeDockerLayerGzip: "gzip", model.MediaTypeDockerLayerZstd: "zstd",
		model.MediaTypeDockerLayerForeign: "", model.MediaTypeDockerLayerForeignGzip: "gzip",
	} {
		if !model.IsLayer(mediaType) || model.Compression(mediaType) != want {
			t.Errorf("%s: IsLayer %t, Compression %q, want %q", mediaType, model.IsLayer(mediaType), model.Compression(mediaType), want)
		}
	}
	for _, mediaType := range []string{"", "a/b+gzip", model.MediaTypeManifest, model.MediaTypeEmptyJSON, model.MediaTypeLayerGzip + "x"} {
		if model.IsLayer(mediaType) || model.Compression(mediaType) != "" {
			t.Errorf("%q is taken for a layer", mediaType)
		}
	}
}
