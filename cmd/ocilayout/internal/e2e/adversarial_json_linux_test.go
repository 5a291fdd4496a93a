package e2e

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// A broken document, and what has to be found in it: "rule" or "rule pointer".
type broken struct {
	text string
	want []string
}

// documents is a layout of documents of one kind, listed by index.json, and what has to be
// found in each.
func documents(name, mediaType string, all ...broken) adversary {
	a := adversary{name: name, show: true, make: func(t *testing.T) string {
		dir, blob := newLayout(t)
		var entries []string
		for _, b := range all {
			entry := blob(mediaType, b.text) + "}"
			if mediaType == model.MediaTypeImageConfig {
				entry = blob(model.MediaTypeManifest, manifestOf(entry)) + "}"
			}
			entries = append(entries, entry)
		}
		indexed(t, dir, entries...)
		return dir
	}}
	run := attempt{status: statusFindings, others: true, memory: light}
	for _, b := range all {
		for _, want := range b.want {
			rule, pointer, _ := strings.Cut(want, " ")
			place := rule + " " + pathOf(b.text)
			if pointer != "" {
				place += "#" + pointer
			}
			run.want = append(run.want, place)
		}
	}
	a.attempts = []attempt{run}
	return a
}

// manifestOf is a manifest without layers around a configuration.
func manifestOf(config string, more ...string) string {
	return `{"schemaVersion":2,"mediaType":"` + model.MediaTypeManifest + `","config":` + config + `,"layers":[]` + strings.Join(more, "") + `}`
}

// incomplete is an adversary that proves nothing wrong.
func incomplete(a adversary) adversary {
	a.attempts[0].status = statusFailed
	return a
}

// indexJSON is a layout of which only index.json is told.
func indexJSON(name, text string, status int, want ...string) adversary {
	return adversary{name: name, make: rooted(text), show: true, attempts: []attempt{{status: status, want: want, memory: light, infos: true}}}
}

func hostileJSON() []adversary {
	const start = `{"schemaVersion":2,"mediaType":"` + model.MediaTypeManifest + `","layers":[],"annotations":{"a.b":"c"},"config":`
	twice := func(name string) broken { return broken{start + emptyDoc + `,` + name + `}`, nil} }
	in := func(b broken, want ...string) broken { return broken{b.text, append(b.want, want...)} }
	const none, noType = "manifest-layers-empty", "manifest-artifact-type-missing"
	return []adversary{
		documents("member names that stand twice, at every level", model.MediaTypeManifest,
			in(twice(`"config":`+emptyDoc), "json-duplicate-name /config", none, noType),
			in(twice(`"layers":[]`), "json-duplicate-name /layers", none, noType),
			in(twice(`"x":1,"x":2`), "json-duplicate-name /x", none, noType),
			in(twice(`"artifactType":"a/b","x":{"y":[{"z":1,"z":2}]}`), "json-duplicate-name /x/y/0/z", none),
			in(broken{strings.Replace(start, `"c"}`, `"c","a.b":"d"}`, 1) + emptyDoc + `}`, nil}, "json-duplicate-name /annotations/a.b", none, noType),
			in(broken{start + strings.Replace(emptyDoc, `"size":2`, `"size":2,"size":3`, 1) + `}`, nil}, "json-duplicate-name /config/size", none, noType),
			in(broken{start + strings.Replace(emptyDoc, `"digest"`, `"digest":"x","digest"`, 1) + `}`, nil},
				"json-duplicate-name /config/digest", "digest-grammar /config/digest", none)),
		documents("member names in other letters that some tools take for known ones", model.MediaTypeManifest,
			in(twice(`"MediaType":"x/y"`), "json-case-variant-content /MediaType", none, noType),
			in(twice(`"Layers":[{}]`), "json-case-variant-content /Layers", none, noType),
			in(broken{start + strings.Replace(emptyDoc, `"size"`, `"ſize"`, 1) + `}`, nil}, "json-case-variant-content /config/ſize", "descriptor-member-missing /config/size", none, noType),
			in(broken{start + strings.Replace(emptyDoc, `"digest"`, `"Digest"`, 1) + `}`, nil}, "json-case-variant-content /config/Digest", "descriptor-member-missing /config/digest", none)),
		documents("text that is not what JSON demands", model.MediaTypeManifest,
			broken{"{\"a\":\"\xff\"}", []string{"json-utf8"}}, broken{`{"a":"\ud800"}`, []string{"json-surrogate"}},
			broken{"{\"a\":\"\x01\"}", []string{"json-syntax"}}, broken{"\ufeff{}", []string{"json-bom"}},
			broken{"{\x00\"\x00a\x00\"\x00", []string{"json-syntax"}}, broken{"\xfe\xff\x00{", []string{"json-syntax"}},
			in(twice(`"artifactType":"a/b\u0000"`), "media-type-grammar /artifactType", none)),
		documents("more or less than one value", model.MediaTypeManifest, broken{"{}{}", []string{"json-syntax"}}, broken{"{} x", []string{"json-syntax"}},
			broken{"{}\x00", []string{"json-syntax"}}, broken{"", []string{"json-syntax"}}, broken{"{}//", []string{"json-syntax"}}, broken{`{"a":1,}`, []string{"json-syntax"}},
			broken{`{"a":1`, []string{"json-syntax"}}, broken{"// {}", []string{"json-syntax"}}, broken{"{'a':1}", []string{"json-syntax"}}),
		{name: "64 MiB of blanks", make: func(t *testing.T) string { return rooted(strings.Repeat(" ", 64<<20))(t) },
			attempts: append(failing("ls", "tree", "blobs"), attempt{args: asJSON, status: statusFailed, want: []string{"limit-document index.json"}},
				attempt{args: append(slices.Clone(asJSON), "--max-index", "64MiB"), status: statusFindings, want: []string{"json-syntax index.json"}})},
		incomplete(documents("nesting", model.MediaTypeManifest, broken{`{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, []string{"limit-json"}},
			broken{strings.Repeat(`{"a":`, 10_001), []string{"limit-json"}}, broken{strings.Repeat(`[`, 8<<20), []string{"limit-json"}})),
		indexJSON("ten million arrays in one another", strings.Repeat("[", 10_000_000), statusFailed, "limit-json index.json"),
		documents("sizes that are none", model.MediaTypeManifest, slices.Collect(brokenSizes())...),
		documents("nothing in the place of something", model.MediaTypeManifest, broken{"null", []string{"json-type"}}, broken{"[]", []string{"json-type"}},
			broken{"5", []string{"json-type"}}, broken{`"x"`, []string{"json-type"}},
			in(broken{strings.Replace(start, `"layers":[]`, `"layers":[null]`, 1) + emptyDoc + `}`, nil}, "json-type /layers/0", noType),
			in(broken{start + `null}`, nil}, "json-type /config", none),
			in(broken{strings.Replace(start, `"layers":[]`, `"layers":null`, 1) + emptyDoc + `}`, nil}, "json-type /layers", noType),
			broken{"{}", []string{"manifest-member-missing /schemaVersion", "manifest-member-missing /config", "manifest-member-missing /layers", "document-media-type-missing"}}),
		indexJSON("index.json null", "null", statusFindings, "json-type index.json"),
		indexJSON("index.json an array", "[{}]", statusFindings, "json-type index.json"),
		{name: "4 MiB of layers that say nothing", make: bulkManifest(`"layers":[`, `{}`, 1_400_000, `]`), show: true, large: true, attempts: []attempt{
			{status: statusFindings, want: []string{"limit-json", "descriptor-member-missing", "document-too-large"}, infos: true}}},
		{name: "400,000 annotations", make: bulkManifest(`"layers":[],"annotations":{`, `"k%d":""`, 400_000, `}`), show: true, large: true, attempts: []attempt{
			{status: statusFailed, want: []string{"limit-json", "document-too-large", "manifest-layers-empty"}, infos: true}}},
		{name: "a million objects in an unknown member", make: bulkManifest(`"layers":[],"x":[`, "["+strings.Repeat("{},", 999)+"{}]", 1400, `]`), show: true, large: true, attempts: []attempt{
			{status: statusFailed, want: []string{"limit-json", "document-too-large", "manifest-layers-empty"}, infos: true}}},
		{name: "a name of 1 MiB and a value of 8 MiB", make: longStrings, show: true, large: true, attempts: []attempt{
			{args: []string{"verify", "LAYOUT", "--max-document", "16MiB"}, status: statusFindings, infos: true,
				want: []string{"limit-json", "json-duplicate-name", "document-too-large", "manifest-layers-empty", "manifest-artifact-type-missing"}}}},
		{name: "index.json of very many entries that say nothing", make: func(t *testing.T) string {
			return rooted(indexListing(slices.Repeat([]string{"{}"}, size(20_000, 100_000))...))(t)
		}, show: true, large: true, attempts: []attempt{{status: statusFindings, memory: size(80, mostMemory), want: []string{"descriptor-member-missing index.json"}}}},
	}
}

// brokenSizes are what may not stand for a size.
func brokenSizes() func(yield func(broken) bool) {
	const none, noType = "manifest-layers-empty", "manifest-artifact-type-missing"
	return func(yield func(broken) bool) {
		for text, want := range map[string][]string{
			"-1": {"descriptor-size-negative /config/size"}, "9223372036854775808": {"json-integer /config/size"},
			"1e3": {"json-integer /config/size"}, "5.0": {"json-integer /config/size"}, `"5"`: {"json-type /config/size"},
			"9007199254740993": {"json-number-range /config/size"}, strings.Repeat("9", 1<<20): {"json-integer /config/size"}, "true": {"json-type /config/size"},
		} {
			config := strings.Replace(emptyDoc, `"size":2`, `"size":`+text, 1)
			if !yield(broken{manifestOf(config), append(want, none, noType)}) {
				return
			}
		}
	}
}

// bulkManifest is a manifest with the same thing in it many times.
func bulkManifest(before, each string, many int, after string) func(t *testing.T) string {
	return func(t *testing.T) string {
		dir, _ := newLayout(t)
		entry := generated(t, dir, model.MediaTypeManifest, func(w io.Writer) {
			io.WriteString(w, `{"schemaVersion":2,"mediaType":"`+model.MediaTypeManifest+`","config":`+emptyDoc+`,"artifactType":"a/b",`+before)
			for i := range many {
				if i > 0 {
					io.WriteString(w, ",")
				}
				if strings.Contains(each, "%d") {
					fmt.Fprintf(w, each, i)
				} else {
					io.WriteString(w, each)
				}
			}
			io.WriteString(w, after+`}`)
		})
		indexed(t, dir, entry+`}`)
		return dir
	}
}

// longStrings is a manifest of strings near and beyond what one may be.
func longStrings(t *testing.T) string {
	dir, blob := newLayout(t)
	key := strings.Repeat("k", 1<<20)
	named := manifestOf(emptyDoc, `,"annotations":{"`+key+`":"","`+key+`":""},"`+key+`":1`)
	long := manifestOf(emptyDoc, `,"artifactType":"a/b","annotations":{"a.b":"`+strings.Repeat("v", 8<<20)+`"}`)
	write(t, filepath.Join(dir, "index.json"), indexListing(blob(model.MediaTypeManifest, named)+"}", blob(model.MediaTypeManifest, long)+"}"))
	return dir
}
