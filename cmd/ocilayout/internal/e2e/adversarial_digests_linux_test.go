package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// oddDigests are what may not name a blob, and lead nowhere.
var oddDigests = []string{
	"", ":", "sha256:", "sha256:" + strings.Repeat("A", 64), "sha256:" + strings.Repeat("a", 63), "sha256:" + strings.Repeat("a", 65),
	"sha256:" + strings.Repeat("a", 64) + `\n`, "sha256:" + strings.Repeat("a", 64) + `\u0000`, "sha256:../../x", "../x:a", "sha256:" + strings.Repeat("../", 21) + "a",
	"sha256:/etc/passwd", "/etc/passwd", "sha256:" + strings.Repeat("a", size(1<<17, 1<<20)), `\u001b[31m:red`, "sha256", "SHA256:" + strings.Repeat("a", 64),
	"sha512:" + strings.Repeat("a", 64), "sha384:" + strings.Repeat("a", 64), "blake3:" + strings.Repeat("a", 63),
}

// hostileDigests are digests that are none, and blobs that they name all the same.
func hostileDigests() []adversary {
	return []adversary{
		{name: "digests that are none, in every place of one", make: everywhere, show: true, large: true, attempts: []attempt{
			{status: statusFindings, memory: light, others: true, want: []string{"digest-grammar index.json", "digest-encoding index.json",
				"digest-grammar blobs/sha256/*#/config/digest", "digest-grammar blobs/sha256/*#/layers/0/digest", "digest-grammar blobs/sha256/*#/subject/digest",
				"diff-id-grammar blobs/sha256/*#/rootfs/diff_ids/0"}, check: shortReport}}},
		{name: "digests that are none on the command line", make: soundLayout, attempts: oddArguments()},
		{name: "algorithms that are not computed, and others that are", make: algorithms, show: true, attempts: []attempt{
			{status: statusFailed, memory: light, infos: true, want: []string{"digest-algorithm-unsupported blobs/md5/*", "digest-algorithm-unsupported blobs/foo/bar",
				"digest-algorithm-unsupported blobs/con/aux"}}}},
		{name: "blobs without bytes, and of two", make: func(t *testing.T) string {
			dir, blob := newLayout(t)
			empty := blob("a/b", "")
			wrong := fmt.Sprintf(`{"mediaType":"a/b","digest":"sha256:%s","size":0}`, someHex)
			write(t, filepath.Join(dir, "blobs", "sha256", someHex), "")
			blob("application/vnd.oci.empty.v1+json", "{}")
			indexed(t, dir, empty+"}", emptyDoc, wrong)
			return dir
		}, show: true, attempts: []attempt{{status: statusFindings, memory: light, infos: true,
			want: []string{"blob-digest-mismatch blobs/sha256/" + someHex, "descriptor-empty-blob index.json#/manifests/2/digest", "media-type-role index.json#/manifests/1/mediaType"}}}},
		{name: "layers that are not to be distributed: absent, there, and damaged", make: foreign, show: true, attempts: []attempt{
			{status: statusFindings, memory: light, others: true, want: []string{"blob-missing-excused", "layer-not-to-distribute", "blob-digest-mismatch blobs/sha256/" + someHex}}}},
		{name: "the same bytes by two algorithms", make: func(t *testing.T) string {
			return built(t, func(b *layouttest.Builder) {
				b.Entry(b.Blob("a/b", []byte("same")), "")
				b.Algorithm = digest.SHA512
				b.Entry(b.Blob("a/b", []byte("same")), "")
			})
		}, attempts: []attempt{{memory: light, infos: true}}},
		{name: "a blob in the directory of another algorithm", make: func(t *testing.T) string {
			dir := soundLayout(t)
			file := filepath.Join(dir, soundLayer)
			must(t, os.Mkdir(filepath.Join(dir, "blobs", "sha512"), 0o755))
			must(t, os.Rename(file, filepath.Join(dir, "blobs", "sha512", filepath.Base(file))))
			return dir
		}, show: true, attempts: []attempt{{status: statusFindings, memory: light, infos: true, want: []string{
			"blob-missing " + soundLayer, "blob-name-encoding blobs/sha512/" + filepath.Base(soundLayer)}}}},
	}
}

// shortReport holds what people are shown of long values to less than they are. What
// programs read has them whole.
func shortReport(t *testing.T, _, stdout, _ string) {
	most := 1 << 20
	if strings.HasPrefix(stdout, "{") {
		most = 16 << 20
	}
	if len(stdout) > most {
		t.Errorf("%d bytes", len(stdout))
	}
}

// everywhere has each of oddDigests in index.json, and in a manifest, its subject, and a
// configuration.
func everywhere(t *testing.T) string {
	dir, blob := newLayout(t)
	var entries []string
	for _, odd := range oddDigests {
		named := func(mediaType string) string {
			return fmt.Sprintf(`{"mediaType":%q,"digest":"%s","size":1}`, mediaType, odd)
		}
		config := blob(model.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["`+odd+`"]}}`) + "}"
		layers := func(manifest string) string {
			return strings.Replace(manifest, `"layers":[]`, `"layers":[`+named(model.MediaTypeLayer)+`]`, 1)
		}
		subject := `,"subject":` + named(model.MediaTypeManifest)
		entries = append(entries, named(model.MediaTypeManifest), named(model.MediaTypeIndex), named("a/b"),
			blob(model.MediaTypeManifest, layers(manifestOf(config, subject)))+"}",
			blob(model.MediaTypeManifest, layers(manifestOf(named(model.MediaTypeImageConfig), subject)))+"}")
	}
	indexed(t, dir, entries...)
	return dir
}

// oddArguments names blobs and index.json by what is no digest.
func oddArguments() []attempt {
	var all []attempt
	for _, odd := range oddDigests {
		if odd == "" || len(odd) > 1000 || strings.Contains(odd, `\u0000`) {
			continue // no address, or no argument
		}
		status := statusUsage
		if algorithm, digits, _ := strings.Cut(odd, ":"); model.Computable(digest.Algorithm(algorithm)) && (len(digits) == 63 || len(digits) == 64 && algorithm != "sha256") && strings.Trim(digits, "a") == "" {
			status = statusFailed // the beginning of a digest, and of none in the layout
		}
		all = append(all, attempt{args: []string{"verify", "LAYOUT", "--expect-index", odd, "-f", "json"}, status: statusUsage, memory: light},
			attempt{args: []string{"cat", "LAYOUT@" + odd}, status: status, memory: light, check: unseen})
	}
	return all
}

// algorithms is one blob by each of some algorithms, known and unknown.
func algorithms(t *testing.T) string {
	dir, blob := newLayout(t)
	blob("a/b", "x")
	var entries []string
	for _, d := range []string{"md5:9dd4e461268c8034f5c8564e155c67a6", "foo:bar", "con:aux"} {
		algorithm, encoded, _ := strings.Cut(d, ":")
		write(t, filepath.Join(dir, "blobs", algorithm, encoded), "x")
		entries = append(entries, fmt.Sprintf(`{"mediaType":"a/b","digest":%q,"size":1}`, d))
	}
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512, model.BLAKE3} {
		d, err := model.FromBytes(a, []byte("x"))
		must(t, err)
		write(t, filepath.Join(dir, blobs.Path(d)), "x")
		entries = append(entries, fmt.Sprintf(`{"mediaType":"a/b","digest":%q,"size":1}`, d))
	}
	indexed(t, dir, entries...)
	return dir
}

// foreign is an image of three layers that are not to be distributed.
func foreign(t *testing.T) string {
	dir, blob := newLayout(t)
	const kind = "application/vnd.oci.image.layer.nondistributable.v1.tar"
	archive := string(rawlayer.End())
	there, diffID := blob(kind, archive)+"}", digest.FromString(archive)
	absent := fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%064d","size":1024}`, kind, 1)
	damaged := fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%s","size":1024}`, kind, someHex)
	write(t, filepath.Join(dir, "blobs", "sha256", someHex), archive)
	config := blob(model.MediaTypeImageConfig, fmt.Sprintf(`{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[%q,%q,%q]}}`, diffID, diffID, diffID)) + "}"
	manifest := strings.Replace(manifestOf(config), `"layers":[]`, `"layers":[`+absent+`,`+there+`,`+damaged+`]`, 1)
	indexed(t, dir, blob(model.MediaTypeManifest, manifest)+"}")
	return dir
}
