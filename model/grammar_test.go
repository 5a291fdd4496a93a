package model_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// Times as RFC 3339 section 5.6 has them, and as Go's parser does, which differs
// in both directions.
func TestTimes(t *testing.T) {
	const sound, unusual, none = "", "time-unusual", "time-format"
	for value, want := range map[string]string{
		"2020-01-31T23:59:59Z":             sound,
		"0000-01-01T00:00:00Z":             sound,
		"9999-12-31T23:59:59.999999999Z":   sound,
		"2020-01-01T00:00:00.1Z":           sound,
		"2020-01-01T00:00:00.12345678901Z": sound,
		"2020-01-01T00:00:00+05:30":        sound,
		"2020-01-01T00:00:00-00:00":        sound,
		"2020-01-01T00:00:00+23:59":        sound,
		"2020-02-29T00:00:00Z":             sound,
		"2000-02-29T00:00:00Z":             sound,

		"2020-01-01t00:00:00Z":      unusual,
		"2020-01-01T00:00:00z":      unusual,
		"2016-12-31T23:59:60Z":      unusual,
		"2016-12-31T23:59:60.5Z":    unusual,
		"2017-01-01T05:29:60+05:30": unusual,
		"2020-01-01t00:00:00.5z":    unusual,

		"":                            none,
		"2020-01-01T0:00:00Z":         none,
		"2020-01-01t0:00:00z":         none,
		"2020-01-01T00:00:00,5Z":      none,
		"2020-01-01T00:00:00.Z":       none,
		"2020-01-01T00:00:00+24:00":   none,
		"2020-01-01T00:00:00-24:00":   none,
		"2020-01-01T00:00:00+05:60":   none,
		"2020-01-01T00:00:00+0530":    none,
		"2020-01-01T00:00:00+05":      none,
		"2020-01-01T00:00:00":         none,
		"2020-01-01T00:00:00 Z":       none,
		"2020-01-01 00:00:00Z":        none,
		"2020-01-01T00:00Z":           none,
		"2020-01-01":                  none,
		"2020-02-30T00:00:00Z":        none,
		"2021-02-29T00:00:00Z":        none,
		"1900-02-29T00:00:00Z":        none,
		"2020-04-31T00:00:00Z":        none,
		"2020-00-01T00:00:00Z":        none,
		"2020-13-01T00:00:00Z":        none,
		"2020-01-00T00:00:00Z":        none,
		"2020-01-01T24:00:00Z":        none,
		"2020-01-01T00:60:00Z":        none,
		"2020-01-01T00:00:61Z":        none,
		"20-01-01T00:00:00Z":          none,
		"12020-01-01T00:00:00Z":       none,
		"-2020-01-01T00:00:00Z":       none,
		"2020-01-01T00:00:00Z\n":      none,
		" 2020-01-01T00:00:00Z":       none,
		"２０２０-01-01T00:00:00Z":        none,
		"1577836800":                  none,
		"Wed, 01 Jan 2020 00:00:00 Z": none,
	} {
		t.Run(value, func(t *testing.T) {
			quoted := strconv.QuoteToGraphic(value)
			at := func(pointer string) string {
				if want == "" {
					return ""
				}
				return want + " " + pointer
			}
			wantPlaces(t, collect(validators["image"](t, imageWith(`"created":`+quoted))), at("/created"))
			history := imageWith(`"history":[{"empty_layer":true},{"empty_layer":true,"created":` + quoted + `}]`)
			wantPlaces(t, collect(validators["image"](t, history)), at("/history/1/created"))
			annotation := ""
			if want != "" && value != "" {
				annotation = "annotation-time /annotations/" + model.AnnotationCreated
			}
			text := descriptorWith(`"annotations":{"` + model.AnnotationCreated + `":` + quoted + `}`)
			wantPlaces(t, collect(validators["descriptor"](t, text)), annotation)
		})
	}
}

// Addresses as RFC 3986 has them, in a descriptor and in an annotation.
func TestURIs(t *testing.T) {
	const sound, none, characters, scheme = "", "url-grammar", "url-characters", "url-scheme"
	for value, want := range map[string]string{
		"https://example.com/a":                   sound,
		"http://example.com":                      sound,
		"HTTPS://example.com/a":                   sound,
		"https://u:p@[2001:db8::1]:443/a?b=[#c":   characters,
		"https://[2001:db8::1]:443/a?b=c&d=/?#e?": sound,
		"https://[2001:db8::1]":                   sound,
		"https://example.com/a%20b%C3%a4":         sound,
		"https://example.com/!$&'()*+,;=:@-._~":   sound,
		"https://example.com:/a":                  sound,
		"https://example.com:65535":               sound,
		"https://u%40v:p@example.com":             sound,
		"https://[v1.a:b]/a":                      sound,
		"https://[::ffff:192.0.2.1]/a":            sound,
		"file://host/a":                           scheme,
		"ftp://example.com/a":                     scheme,
		"s3://bucket/a":                           scheme,
		"mailto:a@example.com":                    scheme,
		"urn:oci:a":                               scheme,
		"file:///a":                               scheme,
		"a+b-c.1:x":                               scheme,

		"https://example.com/a b":    characters,
		" https://example.com":       none,
		"https://example.com/a\n":    characters,
		"https://example.com/ä":      characters,
		"https://bücher.example/":    characters,
		"https://example.com/\u007f": characters,
		"https://example.com/\x00":   characters,
		`https://example.com/"a"`:    characters,
		"https://example.com/<a>":    characters,
		`https://example.com/a\b`:    characters,
		"https://example.com/^":      characters,
		"https://example.com/{a}":    characters,
		"https://example.com/a|b":    characters,
		"https://example.com/`":      characters,
		"https://example.com/#a#b":   characters,
		"https://example.com/[a]":    characters,
		"https://example.com/?a[]":   characters,
		`C:\a`:                       characters,

		"":                           none,
		"value":                      none,
		"example.com/a":              none,
		"//example.com/a":            none,
		"/a":                         none,
		"a/b:c":                      none,
		"1http://example.com":        none,
		"ht_tp://example.com":        none,
		"hättp://example.com":        none,
		"://example.com":             none,
		":":                          none,
		"http://[fe80::1/b":          none,
		"http://fe80::1]/b":          none,
		"http://[fe80::1]x/b":        none,
		"http://[fe80::1%25eth0]/b":  none,
		"http://[192.0.2.1]/b":       none,
		"http://[]/b":                none,
		"http://[::1]:a/b":           none,
		"http://a[::1]/b":            none,
		"http://[::1]@a/b":           none,
		"http://a@b@c/d":             none,
		"http://a:b:c/d":             none,
		"http://a:0x50/b":            none,
		"ftp://[::1/b":               none,
		"https://example.com/%":      none,
		"https://example.com/%2":     none,
		"https://example.com/%zz":    none,
		"https://example.com/ %zz":   none,
		"https://example.com/%%20":   none,
		"https://example.com/100% a": none,
	} {
		t.Run(value, func(t *testing.T) {
			quoted := mustEncode(t, model.Descriptor{MediaType: value})
			quoted = strings.TrimSuffix(strings.TrimPrefix(quoted, `{"mediaType":`), `,"digest":"","size":0}`)
			at := ""
			if want != "" {
				at = want + " /urls/1"
			}
			wantPlaces(t, collect(validators["descriptor"](t, descriptorWith(`"urls":["https://example.com",`+quoted+`]`))), at)
			for _, key := range []string{model.AnnotationURL, model.AnnotationSource, model.AnnotationDocumentation} {
				at := ""
				if want != "" && want != scheme && value != "" {
					at = "annotation-url /annotations/" + key
				}
				wantPlaces(t, collect(validators["descriptor"](t, descriptorWith(`"annotations":{"`+key+`":`+quoted+`}`))), at)
			}
		})
	}
}

func TestPorts(t *testing.T) {
	const sound, none, docker = "", "config-port", "config-port-docker"
	for key, want := range map[string]string{
		"1": sound, "80": sound, "80/tcp": sound, "53/udp": sound, "65535": sound, "65535/udp": sound,
		"080": sound, "00000080/tcp": sound, "000065535": sound,
		"80/sctp": docker, "80-90": docker, "80-90/tcp": docker, "80-80": docker, "80-90/sctp": docker, "1-65535/udp": docker,
		"0": none, "00": none, "0/tcp": none, "65536": none, "65536/tcp": none, "99999999999999999999": none,
		"0-80": none, "80-0": none, "90-80": none, "80-65536": none, "80-": none, "-80": none, "80-90-100": none,
		"80/TCP": none, "80/Udp": none, "80/": none, "80/tcp/udp": none, "80/http": none, "/tcp": none, "tcp": none, "tcp/80": none, "": none,
		"+80": none, "80 ": none, " 80": none, "80\n": none, "0x50": none, "8e1": none, "80.0": none, "80,90": none, "8080:80": none, "127.0.0.1:80": none, "８０": none,
	} {
		t.Run(key, func(t *testing.T) {
			at := ""
			if want != "" {
				at = want + " " + model.Pointer("config", "ExposedPorts", key)
			}
			wantPlaces(t, collect(validators["image"](t, configWith(`"ExposedPorts":{`+strconv.QuoteToGraphic(key)+`:{}}`))), at)
		})
	}
}

// License expressions by the grammar of SPDX 2.3, annex D.
func TestLicenses(t *testing.T) {
	annotated := func(value string) *model.Descriptor {
		d := model.Describe("a/b", nil)
		d.Annotations = map[string]string{model.AnnotationLicenses: value}
		return &d
	}
	for _, value := range []string{
		"MIT", "Apache-2.0", "GPL-2.0+", "0BSD", "MIT OR Apache-2.0", "MIT AND (BSD-3-Clause OR ISC)", "(MIT)", "((MIT))", "(MIT OR ISC) AND (0BSD)",
		"GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0+ WITH a AND MIT", "(GPL-2.0-only WITH a)", "GPL-3.0-only WITH AdditionRef-a",
		"LicenseRef-a", "LicenseRef-a.b-c", "DocumentRef-a:LicenseRef-b", "MIT AND LicenseRef-a", "NONE", "NOASSERTION", "mit or isc", " MIT  OR\tISC ", "(MIT)OR(ISC)", "",
	} {
		wantPlaces(t, collect(annotated(value).Validate()), ``)
	}
	for _, value := range []string{
		" ", "MIT ISC", "MIT, ISC", "MIT/ISC", "MIT; ISC", "MIT | ISC", "MIT & ISC", "Apache License 2.0", "Apache 2", "AND", "OR", "WITH", "MIT AND", "MIT OR", "OR MIT", "MIT OR OR ISC",
		"MIT AND OR ISC", "(", ")", "()", "(MIT", "MIT)", ")MIT(", "(MIT))", "((MIT)", "MIT (ISC)", "(MIT) ISC", "(MIT)(ISC)", "MIT WITH", "WITH a", "MIT WITH (a)", "(MIT) WITH a",
		"MIT WITH a WITH b", "MIT WITH AND", "MIT WITH a+", "MIT WITH a b", "MIT++", "+", "-", ".", "-MIT", "DocumentRef-a:MIT", "DocumentRef-a:", "DocumentRef-:LicenseRef-a", "a:b",
		"DocumentRef-a:LicenseRef-", "https://example.com/license", "MIT\x00", "ＭＩＴ", "MÏT", "MIT*",
	} {
		wantPlaces(t, collect(annotated(value).Validate()), "annotation-licenses /annotations/"+model.AnnotationLicenses)
		if t.Failed() {
			t.Fatalf("%q", value)
		}
	}
}

// References by the grammar of distribution, with and without a registry.
func TestBaseNames(t *testing.T) {
	annotated := func(value string) *model.Descriptor {
		d := model.Describe("a/b", nil)
		d.Annotations = map[string]string{model.AnnotationBaseName: value, model.AnnotationBaseDigest: someDigest}
		return &d
	}
	component := strings.Repeat("a", 100)
	for want, values := range map[string][]string{
		"": {
			"", "registry.example/name", "registry.example/a/b/c:tag", "registry.example:5000/name", "registry.example:5000/name:tag", "localhost/name", "localhost:5000/name:1.0",
			"registry.example/name@" + someDigest, "registry.example/name:tag@" + someDigest, "Registry.Example/name", "[::1]:5000/name", "[2001:db8::1]/name", "127.0.0.1/name",
			"docker.io/library/alpine:3.20", "registry.example/a.b/c_d/e__f/g---h", "registry.example/name:TAG_1.0-x", "registry.example/name:" + strings.Repeat("t", 128), "a:1/b",
			"registry.example/" + component, "xn--bcher-kva.example/name", "registry.example/name@sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
		},
		"annotation-base-name-short": {"alpine", "alpine:3.20", "library/alpine", "alpine@" + someDigest, "a/b/c:tag", "Example/name", "registry.example", "registry.example:5000"},
		"annotation-base-name": {
			"Alpine", "registry.example/Name", "registry.example/", "/name", "registry.example//name", "registry.example/name:", "registry.example/name@", "registry.example/name:tag:tag",
			"registry.example/name:" + strings.Repeat("t", 129), "registry.example/name:-tag", "registry.example/name:.tag", "registry.example/name@sha256:0", "registry.example/name@" + someDigest + "@" + someDigest,
			"registry.example/name@" + strings.ToUpper(someDigest), "https://registry.example/name", "registry.example/name ", " registry.example/name", "registry.example/name\n", "registry.example/a..b",
			"registry.example/-a", "registry.example/a-", "registry.example/a___b", "registry.example/a_", "registry..example/name", ".example/name", "-registry.example/name", "registry-.example/name",
			"registry.example:/name", "registry.example:port/name", "[::1/name", "[::g]/name", "registry.example/nämé", "reg_istry.example:5000/name", "registry.example/" + strings.Repeat(component+"/", 11) + "a",
		},
	} {
		for _, value := range values {
			place := ""
			if want != "" {
				place = want + " /annotations/" + model.AnnotationBaseName
			}
			wantPlaces(t, collect(annotated(value).Validate()), place)
			if t.Failed() {
				t.Fatalf("%q", value)
			}
		}
	}
}
