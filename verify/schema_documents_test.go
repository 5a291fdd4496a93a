package verify_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

const (
	someDigest = `"sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b"`
	anyBlob    = `{"mediaType":"application/vnd.example.thing","digest":` + someDigest + `,"size":3,"urls":["https://example.com/thing"],` +
		`"annotations":{"com.example.a":"b"},"artifactType":"application/vnd.example","platform":{"architecture":"arm64","os":"linux",` +
		`"os.version":"1","os.features":["x"],"variant":"v8"}}`
)

// valid are documents with every member of their kind, of which the schema and
// every profile find none that is wrong.
var valid = map[model.Kind]string{
	model.KindLayout: `{"imageLayoutVersion":"1.0.0"}`,
	model.KindDescriptor: `{"mediaType":"text/plain","digest":"sha256:98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4","size":3,"data":"aGkK",` +
		`"urls":["https://example.com/thing"],"annotations":{"com.example.a":"b"},"artifactType":"application/vnd.example",` +
		`"platform":{"architecture":"arm64","os":"linux","os.version":"1","os.features":["x"],"variant":"v8"}}`,
	model.KindManifest: `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.example",` +
		`"config":` + anyBlob + `,"layers":[` + anyBlob + `],"subject":` + anyBlob + `,"annotations":{"com.example.a":"b"}}`,
	model.KindIndex: `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"application/vnd.example",` +
		`"manifests":[` + anyBlob + `],"subject":` + anyBlob + `,"annotations":{"com.example.a":"b"}}`,
	model.KindImage: `{"created":"2020-01-02T03:04:05Z","author":"a","architecture":"arm64","variant":"v8","os":"linux","os.version":"1","os.features":["x"],` +
		`"config":{"User":"u","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Entrypoint":["/a"],"Cmd":["b"],"Volumes":{"/v":{}},"WorkingDir":"/w",` +
		`"Labels":{"com.example.a":"b"},"StopSignal":"SIGTERM","ArgsEscaped":true,"Memory":1,"MemorySwap":1,"CpuShares":1,"Healthcheck":{"Test":["NONE"]}},` +
		`"rootfs":{"type":"layers","diff_ids":[` + someDigest + `]},` +
		`"history":[{"created":"2020-01-02T03:04:05Z","author":"a","created_by":"b","comment":"c","empty_layer":false}]}`,
}

// removed is the change that leaves a member out.
const removed = "(removed)"

// changes are the values that stand in for each value of a valid document.
var changes = []string{removed, `null`, `true`, `0`, `2`, `-1`, `1.5`, `1.0`, `1e2`, `9223372036854775807`, `9223372036854775808`,
	`92233720368547758080`, `""`, `"x"`, `"a b"`, `[]`, `["x"]`, `[""]`, `[1]`, `[null]`, `[{}]`, `{}`, `{"a":"b"}`, `{"a":null}`, `{"a":1}`,
	`{"a":{}}`, `{"a":{"b":1}}`, `{"":1}`, `{"":"a"}`, `"layers"`, `"1.0.1"`, `"a/b"`, `"a/b;c=d"`, `"A/B"`, `"` + strings.Repeat("a", 127) + `/b"`, `"` + strings.Repeat("a", 128) + `/b"`,
	`"sha256:00"`, `"sha256:"`, `"x:y"`, `"X:y"`, `"sha512:00"`, `"2020-01-02T03:04:05+01:00"`, `"2020-01-02t03:04:05z"`, `"2016-12-31T23:59:60Z"`,
	`"2020-01-02"`, `"2020-02-30T00:00:00Z"`, `"2020-01-02T24:00:00Z"`, `["https://a b/c"]`, `["https://a/b c"]`, `["https://a/b|é"]`, `["https://a/%zz"]`, `["/a"]`, `["a:b"]`, `["ftp://a/b"]`,
	`"aGk="`, `"aGk"`, `"!"`, `["A"]`, `["=b"]`, `["A=b","A=c"]`, `"\ud800"`, `"\uffff"`,
}

// pointers returns the place of every value of a document but the whole.
func pointers(t testing.TB, raw string) []string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(raw), &root); err != nil {
		t.Fatal(err)
	}
	var all []string
	var walk func(at string, v any)
	walk = func(at string, v any) {
		if at != "" {
			all = append(all, at)
		}
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(at+model.Pointer(name), v[name])
			}
		case []any:
			for i := range v {
				walk(at+"/"+strconv.Itoa(i), v[i])
			}
		}
	}
	walk("", root)
	return all
}

// change returns a document with another value, or with none, at a place that
// it has or whose parent it has. The value stands there word by word.
func change(raw, pointer, value string) (string, error) {
	token, rest, more := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	next := func(old string) (string, error) {
		if !more {
			return value, nil
		}
		return change(old, "/"+rest, value)
	}
	if strings.HasPrefix(raw, "[") {
		var list []json.RawMessage
		i, err := strconv.Atoi(token)
		if err != nil || json.Unmarshal([]byte(raw), &list) != nil {
			return "", fmt.Errorf("no element %s in %s", token, raw)
		}
		item, err := next(string(list[i]))
		words := make([]string, 0, len(list))
		for n := range list {
			words = append(words, string(list[n]))
		}
		if words[i] = item; item == removed {
			words = slices.Delete(words, i, i+1)
		}
		return "[" + strings.Join(words, ",") + "]", err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(raw), &object); err != nil {
		return "", fmt.Errorf("no object for %s: %s", token, raw)
	}
	item, err := next(string(object[token]))
	object[token] = json.RawMessage(item)
	var words []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if member := string(object[name]); member != removed {
			words = append(words, strconv.Quote(name)+":"+member)
		}
	}
	return "{" + strings.Join(words, ",") + "}", err
}

// The valid documents are that under every profile, so that what is found after
// a change is due to it.
func TestValidDocuments(t *testing.T) {
	refuses := oracle(t)
	for kind, raw := range valid {
		if err := refuses(kind, raw); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		for _, profile := range []rule.Profile{rule.ProfileDefault, rule.ProfileStrict, rule.ProfileSchema} {
			if found := errorsOf(judged(t, kind, raw, profile)); len(found) > 0 {
				t.Errorf("%s, profile %s: %q", kind, profile, found)
			}
		}
	}
}
