package model_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

func TestDetect(t *testing.T) {
	for want, texts := range map[model.Kind][]string{
		model.KindIndex: {
			indexOf(someManifest), indexOf(), `{"schemaVersion":2,"manifests":[]}`, `{"manifests":null}`, `{` + strings.TrimSuffix(asIndex, ",") + `}`,
			`{"mediaType":"` + model.MediaTypeDockerManifestList + `"}`, `{` + asIndex + `"layers":[],"config":{}}`, `{"manifests":[],"layers":[]}`, `{"manifests":[],"x":{"digest":"x"`,
			"\xef\xbb\xbf" + `{"manifests":[]}`, `{"manifests":[]} trailing`, `{"mediaType":5,"manifests":[]}`, `{"mediaType":"a/b","manifests":[]}`, `{"m\u0061nifests":[]}`,
		},
		model.KindManifest: {
			manifestOf(someConfig, someLayer), `{"schemaVersion":2,"config":{},"layers":[]}`, `{"layers":[]}`, `{"config":{}}`, `{` + strings.TrimSuffix(asManifest, ",") + `}`,
			`{"mediaType":"` + model.MediaTypeDockerManifest + `"}`, `{` + asManifest + `"manifests":[]}`, `{"digest":"x","layers":[]}`, `{"config":{},"layers":[],"fsLayers":[],"history":[]}`,
			`{"schemaVersion":2,"artifactType":"a/b","subject":{}}`,
		},
		model.KindImage: {
			imageWith(``), fullImage, configWith(``), `{"rootfs":{}}`, `{"architecture":"amd64"}`, `{"os":"linux","config":{}}`, `{"history":[]}`, `{"rootfs":{},"digest":"x"}`,
			`{"mediaType":"` + model.MediaTypeImageConfig + `","os":"linux"}`,
		},
		model.KindDescriptor: {
			someManifest, fullDescriptor, `{"digest":"x"}`, `{"digest":null}`, `{"size":2}`, `{"data":""}`, `{"urls":[]}`, `{"artifactType":"a/b","size":2}`,
			`{"mediaType":"` + model.MediaTypeIndex + `","size":1}`, `{"digest":"x"`,
		},
		model.KindLayout: {`{"imageLayoutVersion":"1.0.0"}`, `{"imageLayoutVersion":5,"x":1}`},
		model.KindOpaque: {
			``, ` `, `{}`, `[]`, `null`, `5`, `"digest"`, `x`, "\x00", "\x1f\x8b", `[{"digest":"x"}]`, `{"Digest":"x"}`, `{"Manifests":[]}`, `{"x":{"digest":"x"}}`, `{"schemaVersion":2}`,
			`{"name":"x","version":"1"}`, `{"mediaType":"a/b"}`, `{"schemaVersion":1,"name":"x","tag":"y","architecture":"amd64","fsLayers":[],"history":[],"signatures":[]}`,
			strings.Repeat("[", 1<<16), `{"x":` + strings.Repeat("[", 1000),
		},
	} {
		for _, text := range texts {
			if got := model.Detect([]byte(text)); got != want {
				t.Errorf("%.200q is a %v, want a %v", text, got, want)
			}
		}
	}
}

func TestCanonical(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: `{}`, " [ ]\n": `[]`, `{ "b" : 1 , "a" : { "d" : null , "c" : [ 2 , 1 ] } }`: `{"a":{"c":[2,1],"d":null},"b":1}`,
		`[1.0,1e2,-0,1E21,0.000001,1e-7]`: `[1,100,0,1e+21,0.000001,1e-7]`, `"\u00e4\/\u0041\u000a\u001f"`: `"ä/A\n\u001f"`,
		// The vector of RFC 8785 section 3.2.3: by units of UTF-16, not by code points.
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`: "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
	} {
		raw := []byte(text)
		got, err := model.Canonical(raw)
		if string(got) != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
		if string(raw) != text {
			t.Errorf("%s was changed", text)
		}
		if again, err := model.Canonical(got); !bytes.Equal(again, got) || err != nil {
			t.Errorf("%s becomes %s the second time: %v", got, again, err)
		}
	}
	for _, text := range []string{``, ` `, `x`, `{`, `{} {}`, `{"a":1,"a":1}`, `{"a":1,"\u0061":1}`, `[{"a":{"b":1,"b":2}}]`, "\"\xff\"", `"\ud800"`, "\xef\xbb\xbf{}", `{"a":01}`} {
		if got, err := model.Canonical([]byte(text)); err == nil || got != nil {
			t.Errorf("%q: %q, %v, want an error alone", text, got, err)
		}
	}
}
