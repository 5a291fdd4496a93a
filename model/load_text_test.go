package model_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

func TestLoadUTF8(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"Latin-1 value", "{\"mediaType\":\"caf\xe9\"}", `json-utf8 /mediaType`},
		{"in an unknown value", "{\"x\":[{\"y\":\"\xff\"}]}", `json-utf8 /x/0/y`},
		{"overlong slash", "{\"x\":\"\xc0\xaf\"}", `json-utf8 /x`},
		{"surrogate as bytes", "{\"x\":\"\xed\xa0\x80\"}", `json-utf8 /x`},
		{"cut character", "{\"x\":\"\xf0\x9f\x98\"}", `json-utf8 /x`},
		{"name", "{\"\xff\":1}", "json-utf8 /\uFFFD"},
		{"two names that become one", "{\"\xfe\":1,\"\xff\":2}", "json-utf8 /\uFFFD\njson-utf8 /\uFFFD\njson-duplicate-name /\uFFFD"},
		{"annotation key", "{\"annotations\":{\"a\xff\":\"1\"}}", "json-utf8 /annotations/a\uFFFD"},
		{"one for each string", "{\"mediaType\":\"\xff\xfe\",\"artifactType\":\"\xff\"}", "json-utf8 /mediaType\njson-utf8 /artifactType"},
		{"next to a lone surrogate", "{\"x\":\"\xff\\ud800\",\"y\":\"\\ud800\"}", "json-utf8 /x\njson-surrogate /y"},
		{"mark in front", "\xef\xbb\xbf{\"size\":1}", `json-bom `},
		{"mark in front of space", "\xef\xbb\xbf {}", `json-bom `},
		{"two marks", "\xef\xbb\xbf\xef\xbb\xbf{}", "json-bom \njson-syntax "},
		{"mark behind space", " \xef\xbb\xbf{}", `json-syntax `},
		{"mark alone", "\xef\xbb\xbf", "json-bom \njson-syntax "},
		{"mark in a string", "{\"x\":\"\ufeff\"}", ``},
		{"UTF-16", "\xff\xfe{\x00}\x00", `json-syntax `},
		{"the last character there is", "{\"x\":\"\U0010fffd\"}", ``},
		{"the last code point there is", "{\"x\":\"\U0010ffff\"}", `json-noncharacter /x`},
		{"replacement character itself", "{\"x\":\"\ufffd\"}", ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, problems := model.LoadIndex([]byte(test.text))
			wantPlaces(t, problems, test.want)
		})
	}
	d, _ := model.LoadDescriptor([]byte("\xef\xbb\xbf{\"mediaType\":\"a/\xffb\",\"size\":7}"))
	if d.MediaType != "a/\uFFFDb" || d.Size != 7 {
		t.Errorf("loaded %q and %d, want U+FFFD for the bad byte and the rest as it is", d.MediaType, d.Size)
	}
}

func TestLoadSurrogates(t *testing.T) {
	tests := []struct{ name, value, want, loaded string }{
		{"pair", `\ud83d\ude00`, ``, "😀"},
		{"pair in capitals", `\uD83D\uDE00`, ``, "😀"},
		{"high half", `a\ud83d`, `json-surrogate /mediaType`, "a\uFFFD"},
		{"high half in capitals", `\uD83Db`, `json-surrogate /mediaType`, "\uFFFDb"},
		{"low half", `\ude00`, `json-surrogate /mediaType`, "\uFFFD"},
		{"wrong order", `\ude00\ud83d`, `json-surrogate /mediaType`, "\uFFFD\uFFFD"},
		{"two high halves and a low one", `\ud83d\ud83d\ude00`, `json-surrogate /mediaType`, "\uFFFD😀"},
		{"half before another escape", `\ud83d\n`, `json-surrogate /mediaType`, "\uFFFD\n"},
		{"a backslash and the letters", `\\ud83d`, ``, `\ud83d`},
		{"NUL", `\u0000`, ``, "\x00"},
		{"every short escape", `\"\\\/\b\f\n\r\t`, ``, "\"\\/\b\f\n\r\t"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, problems := model.LoadDescriptor([]byte(`{"mediaType":"` + test.value + `"}`))
			wantPlaces(t, problems, test.want)
			if d.MediaType != test.loaded {
				t.Errorf("loaded %q, want %q", d.MediaType, test.loaded)
			}
		})
	}
	_, problems := model.LoadIndex([]byte(`{"a\ud800":{"\udc00":1},"annotations":{"\ud800":"x"}}`))
	wantPlaces(t, problems, "json-surrogate /a\uFFFD\njson-surrogate /a\uFFFD/\uFFFD\njson-surrogate /annotations/\uFFFD")
}

// A fault within a value is told of the value, one between values of what holds
// them.
func TestLoadSyntax(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", ``, `json-syntax `},
		{"space alone", " \n\t\r ", `json-syntax `},
		{"second document", `{}{}`, `json-syntax `},
		{"text behind", `{} x`, `json-syntax `},
		{"NUL behind", "{}\x00", `json-syntax `},
		{"form feed behind", "{}\f", `json-syntax `},
		{"comment behind", `{} // x`, `json-syntax `},
		{"comment", `{/* x */}`, `json-syntax `},
		{"comma too many", `{"x":1,}`, `json-syntax `},
		{"comma too many in an array", `{"x":[1,]}`, `json-syntax /x`},
		{"comma missing", `{"x":1 "y":2}`, `json-syntax `},
		{"colon missing", `{"x" 1}`, `json-syntax /x`},
		{"wrong bracket", `{"manifests":[{]}`, `json-syntax /manifests/0`},
		{"apostrophes", `{'x':1}`, `json-syntax `},
		{"name without quotes", `{x:1}`, `json-syntax `},
		{"leading zero", `{"size":01}`, `json-syntax `},
		{"plus sign", `{"size":+1}`, `json-syntax /size`},
		{"hexadecimal", `{"size":0x10}`, `json-syntax `},
		{"not a number", `{"size":NaN}`, `json-syntax /size`},
		{"literal in capitals", `{"x":True}`, `json-syntax /x`},
		{"raw line break in a string", "{\"x\":\"a\nb\"}", `json-syntax /x`},
		{"unknown escape", `{"x":"\x41"}`, `json-syntax /x`},
		{"cut escape", `{"x":"\u00"}`, `json-syntax /x`},
		{"after other problems", `{"size":"1","size":2,!`, "json-type /size\njson-duplicate-name /size\njson-syntax "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, problems := model.LoadDescriptor([]byte(test.text))
			wantPlaces(t, problems, test.want)
		})
	}
}

// A document that is broken off anywhere is no JSON and nothing worse, and what
// came before the break is there.
func TestLoadTruncated(t *testing.T) {
	const entry = `{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":11,"digest":"` + otherDigest + `","platform":{"os":"linux","architecture":"arm"`
	samples := map[string]string{
		"manifest": `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":` + someConfig +
			`,"layers":[` + someLayer + `],"annotations":{"a":"\u00e4ö","b":"\ud83d\ude00"},"x":[null,true,-1.5e+9,{"y":""}]}`,
		"index": `{ "schemaVersion" : 2 , "manifests" : [ ` + someManifest + ` , {"mediaType":"a/b","digest":"` + someDigest + `","size":2,"platform":{"os":"a","architecture":"c","os.features":["b"]},"data":"e30="} ] }`,
		"image": `{"os":"linux","rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]},"config":{"Volumes":{"/v":{}}},"history":[{"empty_layer":true}]}`,
		"image with history first": `{"history":[{},{"created":"2020-01-01T00:00:00Z"}],"config":{"User":"a:b","WorkingDir":"C:\\\\","ArgsEscaped":true,"Env":["A="],"ExposedPorts":{"1":{}}},"rootfs":{"diff_ids":["` +
			someDigest + `","` + otherDigest + `"],"type":"layers"},"architecture":"amd64","os":"windows"}`,
		"artifact": `{"schemaVersion":2,"annotations":{"org.opencontainers.image.base.name":"a.b/c","org.opencontainers.image.base.digest":"` + someDigest + `"},"config":{"size":2,"digest":"` + someDigest +
			`","mediaType":"application/vnd.oci.empty.v1+json","data":"e30="},"layers":[{"size":0,"digest":"` + otherDigest + `","mediaType":"a/b"},` + someLayer +
			`],"subject":` + someManifest + `,"artifactType":"a/b","mediaType":"application/vnd.oci.image.manifest.v1+json"}`,
		"image manifest": `{"layers":[{"size":11,"mediaType":"a/b","digest":"` + otherDigest + `"},` + someLayer + `],"schemaVersion":2,"config":` + someConfig + `,"mediaType":"application/vnd.oci.image.manifest.v1+json"}`,
		"platforms":      `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[` + entry + `},"artifactType":"a/b"},` + entry + `,"variant":"v7"}},` + entry + `,"variant":"v6"}}]}`,
	}
	types := map[string]string{
		"manifest": model.MediaTypeManifest, "index": model.MediaTypeIndex, "image": model.MediaTypeImageConfig,
		"artifact": model.MediaTypeManifest, "image manifest": model.MediaTypeManifest, "platforms": model.MediaTypeIndex,
		"image with history first": model.MediaTypeImageConfig,
	}
	for name, text := range samples {
		t.Run(name, func(t *testing.T) {
			sample, problems := model.Decode(types[name], []byte(text), model.Limits{})
			if sample == nil || len(problems) > 0 {
				t.Fatalf("the whole sample: %v", problems)
			}
			whole := places(collect(sample.Validate()))
			for n := range len(text) {
				doc, problems := model.Decode(types[name], []byte(text[:n]), model.Limits{})
				var rules []rule.ID
				for _, p := range problems {
					if p.Rule != rule.JSONUTF8 && p.Rule != rule.JSONSurrogate { // a character can be cut, too
						rules = append(rules, p.Rule)
					}
				}
				if len(rules) != 1 || rules[0] != rule.JSONSyntax {
					t.Fatalf("cut to %q: problems %v, want one %s", text[:n], problems, rule.JSONSyntax)
				}
				if problems.Err() == nil {
					t.Fatalf("cut to %q: Err is nil", text[:n])
				}
				if (doc != nil) != strings.Contains(text[:n], "{") {
					t.Fatalf("cut to %q: document %v", text[:n], doc)
				}
				if doc == nil {
					continue
				}
				for p := range doc.Validate() {
					worse := strings.Replace(place(p), string(rule.LayerTypeUnknown), string(rule.LayerTypeInImage), 1)
					if !slices.Contains(whole, place(p)) && !slices.Contains(whole, worse) {
						t.Fatalf("cut to %q: %v, though nobody knows what follows", text[:n], p)
					}
				}
				if raw, err := model.Encode(doc); err != nil || !json.Valid(raw) {
					t.Fatalf("cut to %q: encoded to %q, %v", text[:n], raw, err)
				}
			}
		})
	}
	m, _ := model.LoadManifest([]byte(samples["manifest"][:strings.Index(samples["manifest"], `"layers"`)+40]))
	if m.SchemaVersion != 2 || m.Config.Digest != otherDigest || m.Raw() == nil {
		t.Errorf("of the first half were loaded %d and %q", m.SchemaVersion, m.Config.Digest)
	}
}
