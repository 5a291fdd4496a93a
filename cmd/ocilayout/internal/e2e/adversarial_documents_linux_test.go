package e2e

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// hostileDocuments are documents that are JSON, and mean something else than they seem to.
func hostileDocuments() []adversary {
	const manifest, index = `{"schemaVersion":2,"mediaType":"` + model.MediaTypeManifest + `",`, `{"schemaVersion":2,"mediaType":"` + model.MediaTypeIndex + `",`
	const bare = `{"schemaVersion":2,`
	artifact := func(layer string) string {
		return manifest + `"artifactType":"a/b","config":` + emptyDoc + `,"layers":[` + layer + `]}`
	}
	data := func(value string) string {
		return artifact(`{"mediaType":"text/plain","digest":"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","size":5,"data":` + value + `}`)
	}
	image := func(more string) string {
		return `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}` + more + `}`
	}
	return []adversary{
		documents("embedded data that is not what the descriptor says", model.MediaTypeManifest,
			broken{data(`"d29ybGQ="`), []string{"data-mismatch /layers/0/data"}}, broken{data(`"aGVsbG8h"`), []string{"data-mismatch /layers/0/data"}},
			broken{data(`"aGVs\nbG8="`), []string{"data-base64 /layers/0/data"}}, broken{data(`"aGVsbG9="`), []string{"data-base64 /layers/0/data"}},
			broken{data(`[104,101,108,108,111]`), []string{"json-type /layers/0/data"}}, broken{data(`"aGVsbG8"`), []string{"data-base64 /layers/0/data"}},
			broken{data(`"-_-_"`), []string{"data-base64 /layers/0/data"}}),
		documents("embedded data of megabytes", model.MediaTypeManifest,
			broken{data(`"` + base64.StdEncoding.EncodeToString(make([]byte, 2<<20)) + `"`), []string{"limit-json /layers/0/data"}}),
		documents("an index and a manifest in one document", model.MediaTypeManifest,
			broken{bare + `"config":` + emptyDoc + `,"layers":[],"manifests":[]}`, []string{"document-ambiguous"}},
			broken{bare + `"config":` + emptyDoc + `,"layers":null,"manifests":[{}]}`, []string{"document-ambiguous"}},
			broken{manifest + `"artifactType":"a/b","config":` + emptyDoc + `,"layers":[],"manifests":[]}`, []string{"document-ambiguous-typed"}},
			broken{index + `"config":` + emptyDoc + `,"layers":[],"manifests":[]}`, []string{"media-type-mismatch /mediaType"}},
			broken{bare + `"config":` + emptyDoc + `,"layers":[],"artifactType":"a/b"}`, []string{"document-media-type-missing"}},
			broken{`{"schemaVersion":2,"mediaType":"` + model.MediaTypeDockerManifest + `","config":` + emptyDoc + `,"layers":[]}`, []string{"media-type-mismatch-docker"}},
			broken{`{"schemaVersion":1,"fsLayers":[],"history":[],"signatures":[]}`, []string{"schema-version /schemaVersion", "manifest-member-missing /layers"}},
			broken{bare + `"manifests":[]}`, []string{"manifest-member-missing /config"}}),
		{name: "addresses to download from that lead elsewhere", show: true, make: func(t *testing.T) string {
			dir, blob := newLayout(t)
			layer := strings.TrimSuffix(blob("text/plain", "hello"), "}") + `,"urls":["file:///etc/passwd","http://127.0.0.1:1/","javascript:alert(1)","::error::x"]}`
			blob("application/vnd.oci.empty.v1+json", "{}")
			indexed(t, dir, blob(model.MediaTypeManifest, artifact(layer))+"}")
			return dir
		}, attempts: []attempt{{status: statusFindings, memory: light, infos: true, want: []string{"url-scheme", "url-grammar"}, check: unseen}}},
		documents("versions, subjects and types of artifacts", model.MediaTypeManifest,
			broken{strings.Replace(artifact(""), `"schemaVersion":2,`, ``, 1), []string{"manifest-member-missing /schemaVersion"}},
			broken{strings.Replace(artifact(""), `"schemaVersion":2`, `"schemaVersion":1`, 1), []string{"schema-version /schemaVersion"}},
			broken{strings.Replace(artifact(""), `"schemaVersion":2`, `"schemaVersion":"2"`, 1), []string{"json-type /schemaVersion"}},
			broken{strings.Replace(artifact(""), `"schemaVersion":2`, `"schemaVersion":2.0`, 1), []string{"json-integer /schemaVersion"}},
			broken{strings.Replace(artifact(""), `"a/b"`, `"a"`, 1), []string{"media-type-grammar /artifactType"}},
			broken{strings.Replace(artifact(""), `"artifactType":"a/b",`, ``, 1), []string{"manifest-artifact-type-missing /artifactType"}},
			broken{strings.Replace(artifact(""), `"layers":[]`, `"layers":[],"subject":{"mediaType":"`+model.MediaTypeManifest+`","digest":"sha256:`+someHex+`","size":1}`, 1), nil}),
		{name: "reference names beside the grammar, and twice", show: true, make: func(t *testing.T) string {
			dir, blob := newLayout(t)
			one, other := blob(model.MediaTypeIndex, indexListing()), blob("text/plain", "x")
			named := func(entry, name string) string {
				return entry + `,"annotations":{"` + model.AnnotationRefName + `":"` + name + `"}}`
			}
			indexed(t, dir, named(one, "same"), named(other, "same"), named(one, ""), named(one, "-x"), named(one, "a b"), named(one, "a//b"), named(one, "../x"))
			return dir
		}, attempts: []attempt{{memory: light, infos: true, want: []string{"ref-name-ambiguous index.json", "ref-name-grammar index.json"},
			check: func(t *testing.T, _, stdout, _ string) {
				if n := strings.Count(stdout, `"ref-name-grammar"`); n != 5 && !strings.Contains(stdout, "ref-name-grammar, 5 times\n") {
					t.Errorf("%d names beside the grammar, not 5", n)
				}
			}}}},
		documents("configurations that are none", model.MediaTypeImageConfig,
			broken{`{}`, []string{"config-member-missing /architecture", "config-member-missing /os", "config-member-missing /rootfs"}},
			broken{strings.Replace(image(""), `"diff_ids":[]`, `"diff_ids":["sha256:`+someHex+`"]`, 1), []string{"diff-id-count"}},
			broken{strings.Replace(image(""), `"diff_ids":[]`, `"diff_ids":["sha256:../../x"]`, 1), []string{"diff-id-grammar /rootfs/diff_ids/0"}},
			broken{strings.Replace(image(""), `"layers"`, `"layer"`, 1), []string{"config-rootfs-type /rootfs/type"}},
			broken{image(`,"history":[{"created_by":"x"}]`), []string{"history-count"}},
			broken{image(`,"created":"2024-01-01T00:00:00,5Z"`), []string{"time-format /created"}},
			broken{image(`,"created":"2024-01-01T24:00:00Z"`), []string{"time-format /created"}}),
		{name: "a configuration of more than the limit", show: true, make: func(t *testing.T) string {
			dir, blob := newLayout(t)
			config := blob(model.MediaTypeImageConfig, image(`,"x":"`+strings.Repeat("x", 10<<20)+`"`)) + "}"
			indexed(t, dir, blob(model.MediaTypeManifest, manifestOf(config))+"}")
			return dir
		}, attempts: []attempt{{status: statusFailed, memory: light, want: []string{"limit-document", "manifest-layers-empty"}}}},
	}
}
