package e2e

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// hostileGraphs are documents that lead to more than there is room or time for, or to one
// thing in several ways.
func hostileGraphs() []adversary {
	met := size(50, 250) // thousands of descriptors, and no more
	wanted := []string{"blob-missing", "limit-descriptors"}
	if testrun.Exhaustive() { // then the indexes are long, too
		wanted = append(wanted, "document-too-large")
	}
	return []adversary{
		{name: "64 indexes that each list the next one twice", make: doubled, show: true, attempts: []attempt{
			{status: statusFailed, want: []string{"limit-depth"}, infos: true, memory: light},
			{args: []string{"verify", "-v", "LAYOUT", "--max-depth", "100"}, infos: true, memory: light, check: func(t *testing.T, _, stdout, _ string) {
				if !strings.Contains(stdout, "\n64 indexes, ") && !strings.Contains(stdout, `"indexes": 64,`) {
					t.Errorf("not every index was met: %s", beginning(stdout))
				}
			}}}},
		{name: "a blob named again with another size, media type and platform", make: conflicting, show: true, attempts: []attempt{
			{status: statusFindings, memory: light, infos: true, want: []string{
				"descriptor-size-mismatch index.json#/manifests/1/size", "media-type-mismatch " + soundManifest + "#/mediaType",
				"media-type-conflict-kind", "platform-mismatch index.json#/manifests/3/platform/architecture"}}}},
		{name: "a blob that is configuration, layer and manifest", make: threefold, show: true, attempts: []attempt{
			{status: statusFindings, memory: light, others: true, want: []string{"media-type-conflict-role", "layer-media-type"}}}},
		indexJSON("index.json that lists nothing", indexListing(), statusOK, "index-empty"),
		indexJSON("index.json without a list", `{"schemaVersion":2}`, statusFindings, "index-member-missing index.json#/manifests"),
		indexJSON("index.json whose list is null", `{"schemaVersion":2,"manifests":null}`, statusFindings, "json-type index.json#/manifests"),
		{name: "more descriptors of one blob than the limit", make: bulkIndexes(size(6, 20), 50_000, func(w io.Writer, n, i int) {
			io.WriteString(w, `{"mediaType":"a/b","digest":"`+string(digest.FromString(""))+`","size":0}`)
		}), attempts: append(append(inFull(failing("ls", "blobs")), failing("tree -f json")...), attempt{args: asJSON, status: statusFailed, infos: true,
			want: []string{"document-too-large", "limit-descriptors"}})},
		{name: "more digests of missing blobs than the limit", make: bulkIndexes(size(6, 20), size(10_000, 50_000), func(w io.Writer, n, i int) {
			fmt.Fprintf(w, `{"mediaType":"a/b","digest":"sha256:%064x","size":1}`, n*50_000+i)
		}), attempts: append(append(inFull(failing("ls")), inFull(failing("tree -f dot", "blobs -f json"))...), attempt{status: statusFindings, infos: true,
			memory: size(110, mostMemory),
			args:   append(slices.Clone(asJSON), "--max-descriptors", itoa(met*1000), "--rule", "index-entry-type-unknown=ignore"), // of which there is one for each, before the errors
			want:   wanted, check: func(t *testing.T, _, stdout, _ string) {
				if !strings.Contains(stdout, `"errors": `+itoa(met-1)) && !strings.Contains(stdout, `"errors": `+itoa(met)) {
					t.Errorf("not all within the limit are counted: %s", stdout[max(0, len(stdout)-500):])
				}
				if len(stdout) > 16<<20 {
					t.Errorf("a report of %d bytes", len(stdout))
				}
			}})},
		{name: "a document that names itself by a digest that is not its own", make: cycle, show: true, attempts: []attempt{
			{status: statusFindings, want: []string{"blob-digest-mismatch"}, memory: light}}},
	}
}

// asJSON is for what takes long, and so is done once.
var asJSON = []string{"verify", "LAYOUT", "-f", "json"}

// big are some commands of show, where all would take too long.
func big(commands ...string) []attempt {
	var all []attempt
	for _, command := range commands {
		all = append(all, attempt{args: append(strings.Fields(command), "LAYOUT")})
	}
	return all
}

// inFull has attempts made only where sizes are full.
func inFull(all []attempt) []attempt {
	for i := range all {
		all[i].full = true
	}
	return all
}

func failing(commands ...string) []attempt {
	all := big(commands...)
	for i := range all {
		all[i].status = statusFailed
	}
	return all
}

// doubled is indexes in one another, to which there are 2^64 ways.
func doubled(t *testing.T) string {
	dir, blob := newLayout(t)
	entry := ""
	for range 64 {
		content := indexListing()
		if entry != "" {
			content = indexListing(entry, entry)
		}
		entry = blob(model.MediaTypeIndex, content) + "}"
	}
	indexed(t, dir, entry)
	return dir
}

// bulkIndexes is indexes of as many entries each.
func bulkIndexes(indexes, entries int, entry func(w io.Writer, n, i int)) func(t *testing.T) string {
	return func(t *testing.T) string {
		dir, blob := newLayout(t)
		blob("a/b", "")
		var all []string
		for n := range indexes {
			all = append(all, generated(t, dir, model.MediaTypeIndex, func(w io.Writer) {
				io.WriteString(w, `{"schemaVersion":2,"mediaType":"`+model.MediaTypeIndex+`","manifests":[`)
				for i := range entries {
					if i > 0 {
						io.WriteString(w, ",")
					}
					entry(w, n, i)
				}
				fmt.Fprintf(w, `],"annotations":{"org.example.number":"%d"}}`, n)
			})+"}")
		}
		indexed(t, dir, all...)
		return dir
	}
}

// conflicting is one manifest under four descriptors, three of them wrong.
func conflicting(t *testing.T) string {
	dir := soundLayout(t)
	raw, err := os.ReadFile(filepath.Join(dir, soundManifest))
	must(t, err)
	entry := func(mediaType string, size int, architecture string) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%s","size":%d,"platform":{"os":"linux","architecture":%q}}`,
			mediaType, filepath.Base(soundManifest), size, architecture)
	}
	indexed(t, dir, entry(model.MediaTypeManifest, len(raw), "amd64"), entry(model.MediaTypeManifest, len(raw)+1, "amd64"),
		entry(model.MediaTypeIndex, len(raw), "amd64"), entry(model.MediaTypeManifest, len(raw), "arm64"))
	return dir
}

// threefold is a manifest whose configuration and layer is another manifest.
func threefold(t *testing.T) string {
	dir, blob := newLayout(t)
	inner := manifestOf(emptyDoc, `,"artifactType":"a/b"`)
	blob("application/vnd.oci.empty.v1+json", "{}")
	config, layer := blob(model.MediaTypeImageConfig, inner)+"}", blob(model.MediaTypeLayerGzip, inner)+"}"
	outer := strings.Replace(manifestOf(config), `"layers":[]`, `"layers":[`+layer+`]`, 1)
	indexed(t, dir, blob(model.MediaTypeManifest, outer)+"}", blob(model.MediaTypeManifest, inner)+"}")
	return dir
}

// cycle is an index that lists itself, which needs a wrong name.
func cycle(t *testing.T) string {
	dir, _ := newLayout(t)
	entry := fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%s","size":%d}`, model.MediaTypeIndex, someHex, 1000)
	content := indexListing(entry)
	entry = strings.Replace(entry, "1000", itoa(len(content)-1), 1)
	write(t, filepath.Join(dir, "blobs", "sha256", someHex), indexListing(entry))
	indexed(t, dir, entry)
	return dir
}
