package verify_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// madeChanges are changes of one place, for the rules that no value breaks that
// fits every place.
var madeChanges = []struct {
	kind           model.Kind
	pointer, value string
}{
	{model.KindManifest, "/annotations", `{"org.opencontainers.image.base.name":"alpine"}`},
	{model.KindManifest, "/annotations", `{"org.opencontainers.image.base.name":"!"}`},
	{model.KindManifest, "/annotations", `{"org.opencontainers.image.base.digest":"!"}`},
	{model.KindManifest, "/annotations", `{"org.opencontainers.image.created":"yesterday"}`},
	{model.KindIndex, "/annotations", `{"org.opencontainers.image.url":"example.com"}`},
	{model.KindIndex, "/annotations", `{"org.opencontainers.image.source":"git@example.com:a/b.git"}`},
	{model.KindIndex, "/annotations", `{"org.opencontainers.image.licenses":"MIT AND"}`},
	{model.KindDescriptor, "/annotations", `{"org.opencontainers.mine":""}`},
	{model.KindDescriptor, "/annotations", `{"org.label-schema.name":"","plain":"","":""}`},
	{model.KindImage, "/config/Labels", `{"org.label-schema.name":"","plain":"","":""}`},
	{model.KindImage, "/config/ExposedPorts", `{"80-90/tcp":{},"80/sctp":{},"http":{},"99999/tcp":{}}`},
	{model.KindImage, "/config/ExposedPorts", `{"80":{"a":1}}`},
	{model.KindImage, "/config/Volumes", `{"relative":{}}`},
	{model.KindImage, "/config/Env", `["A=","B==","C=d\n"]`},
	{model.KindImage, "/config/Env", `["A=\u0000"]`},
	{model.KindImage, "/config/WorkingDir", `"relative"`},
	{model.KindImage, "/config/User", `"a:b:c"`},
	{model.KindImage, "/config/StopSignal", `"TERM"`},
	{model.KindImage, "/config/Healthcheck", `[]`},
	{model.KindImage, "/config/OnBuild", `7`},
	{model.KindImage, "/os", `"windows"`},
	{model.KindImage, "/os", `"macos"`},
	{model.KindImage, "/history/0/comment", `null`},
	{model.KindImage, "/rootfs/diff_ids/0", `"sha256:short"`},
	{model.KindImage, "/rootfs/diff_ids", `["none"]`},
	{model.KindDescriptor, "/mediaType", `"application/vnd.oci.image.Manifest.v1+json"`},
	{model.KindDescriptor, "/mediaType", `"application/vnd.oci.empty.v1+json"`},
	{model.KindDescriptor, "/mediaType", `"` + strings.Repeat("a", 65) + `/b"`},
	{model.KindDescriptor, "/digest", `"sha512:` + strings.Repeat("0", 128) + `"`},
	{model.KindDescriptor, "/digest", `"multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"`},
	{model.KindDescriptor, "/data", `"` + strings.Repeat("AAAA", 1<<15) + `"`},
	{model.KindIndex, "/manifests/0/data", `1`},
	{model.KindIndex, "/manifests/0/data", `"!"`},
	{model.KindIndex, "/manifests/0/mediaType", `"application/vnd.docker.distribution.manifest.v1+json"`},
	{model.KindIndex, "/manifests/0/mediaType", `"application/vnd.oci.image.layer.v1.tar"`},
	{model.KindIndex, "/manifests/0/platform/features", `["sse4"]`},
	{model.KindIndex, "/manifests/0/platform/os.version", `""`},
	{model.KindIndex, "/manifests/0/platform", `{"architecture":"amd64","os":"windows","os.version":"ten","os.features":["win64"]}`},
	{model.KindIndex, "/manifests/0/platform", `{"architecture":"s390x","os":"windows"}`},
	{model.KindIndex, "/manifests/0/platform", `{"architecture":"unknown","os":"unknown"}`},
	{model.KindIndex, "/manifests/0/platform", `{"architecture":"arm64","os":"linux","variant":"v3"}`},
	{model.KindIndex, "/manifests", `[` + entry("0") + `,` + entry("1") + `,` + entry("1") + `]`},
	{model.KindIndex, "/subject/mediaType", `"application/vnd.oci.image.layer.v1.tar"`},
	{model.KindIndex, "/layers", `[]`},
	{model.KindIndex, "/MediaType", `""`},
	{model.KindManifest, "/manifests", `null`},
	{model.KindManifest, "/mediaType", `"application/vnd.docker.distribution.manifest.v2+json"`},
	{model.KindManifest, "/mediaType", `"application/vnd.oci.image.index.v1+json"`},
	{model.KindManifest, "/config/mediaType", `"application/vnd.oci.image.config.v1+json"`},
	{model.KindManifest, "/config/mediaType", `"application/vnd.docker.container.image.v1+json"`},
	{model.KindManifest, "/config/mediaType", `"application/vnd.oci.image.layer.v1.tar"`},
	{model.KindManifest, "/config/size", `0`},
	{model.KindManifest, "/config/digest", `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`},
	{model.KindManifest, "/layers/0/mediaType", `"application/vnd.oci.image.index.v1+json"`},
	{model.KindManifest, "/layers/0/mediaType", `"application/vnd.docker.image.rootfs.diff.tar.gzip"`},
	{model.KindManifest, "/layers/0/size", `0`},
}

// entry is an entry of an index for one platform.
func entry(digit string) string {
	return `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:` + strings.Repeat(digit, 64) +
		`","size":7,"platform":{"architecture":"amd64","os":"linux"}}`
}

// madeTexts are documents that are told as they stand.
var madeTexts = []struct {
	kind model.Kind
	raw  string
}{
	{model.KindIndex, ""},
	{model.KindIndex, "null"},
	{model.KindManifest, "[]"},
	{model.KindImage, `"x"`},
	{model.KindLayout, "1"},
	{model.KindLayout, "{}"},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0"`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0"}}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0"} {}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0",}`},
	{model.KindLayout, `{imageLayoutVersion:"1.0.0"}`},
	{model.KindLayout, `{"imageLayoutVersion":'1.0.0'}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0"} // version`},
	{model.KindLayout, "\xef\xbb\xbf" + `{"imageLayoutVersion":"1.0.0"}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":01}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":NaN}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":1e400}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":9007199254740993}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":"` + "\t" + `"}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":"` + "\xff" + `"}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":"\udc00","b":"\ufdd0"}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","imageLayoutVersion":"1.0.0"}`},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","imagelayoutversion":2}`},
	{model.KindLayout, `{"ImageLayoutVersion":"1.0.0"}`},
	{model.KindLayout, " \t\r\n" + `{"imageLayoutVersion":"1.0.0"}` + " \t\r\n"},
	{model.KindLayout, `{"imageLayoutVersion":"1.0.0","a":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`},
	{model.KindIndex, `{"schemaVersion":2,"manifests":[]}`},
	{model.KindManifest, `{"schemaVersion":1,"fsLayers":[],"history":[],"signatures":[]}`},
	{model.KindImage, `{"rootfs":{"type":"layers","diff_ids":[]},"os":"","architecture":""}`},
	{model.KindImage, `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"history":[{}]}`},
	{model.KindImage, `{"architecture":"amd64","os":"windows","config":{"ArgsEscaped":true,"WorkingDir":"C:\\a"},"rootfs":{"type":"layers","diff_ids":[]}}`},
	{model.KindImage, `{"architecture":"amd64"}`},
	{model.KindIndex, large(4_000_001)},
	{model.KindIndex, large(4<<20 + 1)},
	{model.KindManifest, dockerWith(`"annotations":{}`)},
	{model.KindManifest, dockerWith(`"subject":{}`)},
	{model.KindManifest, dockerWith(`"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":` + someDigest + `,"size":1}]`)},
	{model.KindManifest, `{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":` + someDigest + `,"size":2},"layers":[]}`},
}

// large is a sound index of so many bytes.
func large(size int) string {
	const open, end = `{"schemaVersion":2,"manifests":[],"com.example.padding":"`, `"}`
	return open + strings.Repeat("a", size-len(open)-len(end)) + end
}

// dockerWith is a manifest of Docker's with one more member.
func dockerWith(member string) string {
	return `{"schemaVersion":2,"mediaType":` + strconv.Quote(model.MediaTypeDockerManifest) +
		`,"config":{"mediaType":"` + model.MediaTypeDockerImageConfig + `","digest":` + someDigest + `,"size":1},` + member + `}`
}

// made are the documents that break what changes of every place do not.
func made(t testing.TB) []specimen {
	t.Helper()
	var all []specimen
	for _, m := range madeChanges {
		raw, err := change(valid[m.kind], m.pointer, m.value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, specimen{name: m.pointer + " = " + m.value[:min(len(m.value), 60)], file: "document", kind: m.kind, raw: raw})
	}
	for _, m := range madeTexts {
		all = append(all, specimen{name: strconv.Quote(m.raw[:min(len(m.raw), 60)]), file: "document", kind: m.kind, raw: m.raw})
	}
	return all
}
