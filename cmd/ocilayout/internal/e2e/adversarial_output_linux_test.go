package e2e

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
)

// hostileWords are what a terminal, a browser, a CI system or a spreadsheet would act on, or
// show as something else, beside outputtest.HostileNames.
var hostileWords = slices.Concat(outputtest.HostileNames, []string{
	"latest\nok: valid at level content", "\x1b]52;c;aGVsbG8=\x07", "a\u202ab\u2069c\u061c", "\u200b\ufeff\U000e0041",
	"\u3164\u115f\u2800\ufe0f\U000e0100", "e" + strings.Repeat("\u0301", 40),
	"::stop-commands::x", "##vso[task.complete]x", "##teamcity[x]", "section_start:0:x\r\x1b[0K", "%0A::error::b", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`,
	"javascript:alert(1)", "</script>", "{{.}}", "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "]]>", "&lt;b&gt;", "a|b", "`</td>`", "![x](http://x/y.png)", "@team #1",
	"file:///etc/passwd", "../../x", "%2e%2e/x", "a\\", "\x00", "\ufffe\uffff",
})

func hostileOutput() []adversary {
	report := func(format string, check func(t *testing.T, dir, stdout, stderr string)) attempt {
		return attempt{args: []string{"verify", "LAYOUT", "-f", format}, status: statusFindings, others: true, memory: light, check: check}
	}
	return []adversary{
		{name: "words that something acts on, in every place", make: wordy(hostileWords), show: true, attempts: []attempt{
			{status: statusFindings, others: true, memory: light, want: []string{"ref-name-grammar index.json", "media-type-grammar index.json"}},
			report("ndjson", eachLineJSON), report("sarif", soundSARIF), report("junit", soundJUnit), report("github", soundGitHub),
			{args: []string{"verify", "LAYOUT:\x1b[31m"}, status: statusFailed, memory: light},
			{args: []string{"verify", "LAYOUT/::error::\x1b[31m"}, status: statusFailed, memory: light},
			{args: []string{"cat", "LAYOUT:\u202e\n::error::x"}, status: statusFailed, memory: light}, {args: []string{"\x1b[31m"}, status: statusUsage, memory: light}}},
		{name: "very long names", make: longNames, show: true, large: true, attempts: []attempt{
			{status: statusFindings, others: true, want: []string{"ref-name-grammar index.json", "media-type-grammar"}, check: shortReport},
			long(report("ndjson", both(eachLineJSON, shortReport))), long(report("sarif", both(soundSARIF, shortReport))),
			long(report("junit", both(soundJUnit, shortReport))), long(report("github", both(soundGitHub, shortReport)))}},
	}
}

// long is an attempt that may take more memory.
func long(a attempt) attempt {
	a.memory = 0
	return a
}

func both(a, b func(t *testing.T, dir, stdout, stderr string)) func(t *testing.T, dir, stdout, stderr string) {
	return func(t *testing.T, dir, stdout, stderr string) { a(t, dir, stdout, stderr); b(t, dir, stdout, stderr) }
}

// wordy has each word in every place of a layout that holds words.
func wordy(words []string) func(t *testing.T) string {
	return func(t *testing.T) string {
		return built(t, func(b *layouttest.Builder) {
			var entries []layouttest.Entry
			for _, word := range words {
				word = strings.ReplaceAll(word, "\x00", "\u2400") // no archive can have that
				word = word[:min(len(word), 100<<10)]             // nor more of one
				entries = append(entries, layouttest.File("etc/"+word, ""), layouttest.Symlink("usr/"+word, word), layouttest.HardLink("var/"+word, word))
			}
			layer := b.Pack(model.MediaTypeLayerGzip, b.Archive(entries...))
			b.Entry(b.Image("linux/amd64", layer), "v1")
			for _, word := range words {
				config := map[string]any{"author": word, "created": word, "architecture": word, "os": word, "variant": word, "os.features": []string{word},
					"rootfs": map[string]any{"type": word, "diff_ids": []string{string(layer.DiffID)}}, word: word,
					"history": []any{map[string]any{"created_by": word, "comment": word, "author": word, "created": word}},
					"config": map[string]any{"Env": []string{word, word + "=" + word}, "Labels": map[string]string{word: word}, "User": word, "WorkingDir": word, "StopSignal": word,
						"Cmd": []string{word}, "ExposedPorts": map[string]any{word: nil}, "Volumes": map[string]any{word: nil}}}
				odd := model.Descriptor{MediaType: word, Digest: "sha256:" + someHex, Size: 1, URLs: []string{word}, ArtifactType: word, Annotations: map[string]string{word: word},
					Platform: &model.Platform{OS: word, Architecture: word, Variant: word, OSVersion: word, OSFeatures: []string{word}}}
				manifest := b.Document(model.MediaTypeManifest, map[string]any{"schemaVersion": 2, "mediaType": model.MediaTypeManifest, "artifactType": word,
					"config": b.Document(model.MediaTypeImageConfig, config), "layers": []any{layer.Descriptor, odd}, "subject": odd,
					"annotations": map[string]string{word: word, model.AnnotationRefName: word, "org.opencontainers.image.url": word}})
				manifest.Platform = odd.Platform
				b.Entry(manifest, word)
				odd.Annotations = map[string]string{word: word, "org.opencontainers.image.created": word}
				b.Entry(odd, word)
				odd.Digest = "sha256:x"
				b.Entry(odd, word+"2")
			}
		})
	}
}

// longNames has a very long word in each place of its own. In full it has a megabyte, which is as
// much as documents may hold.
func longNames(t *testing.T) string {
	return built(t, func(b *layouttest.Builder) {
		most := size(1<<18, 1<<20)
		for _, word := range []string{strings.Repeat("\u202e", most/3), strings.Repeat("x", most), strings.Repeat("::error::\n", most/10)} {
			long := word[:100_000/30*30] // as long as archives like them
			layer := b.Pack(model.MediaTypeLayerGzip, b.Archive(layouttest.File("etc/"+long, ""), layouttest.Symlink("usr/"+long, long)))
			image := b.Image("linux/amd64", layer)
			image.Annotations = map[string]string{word: ""}
			b.Entry(image, word)
			b.Entry(b.Document(model.MediaTypeManifest, map[string]any{"schemaVersion": 2, "mediaType": model.MediaTypeManifest, "artifactType": word, word: 1,
				"layers": []any{layer.Descriptor}, "config": b.Document(word, map[string]any{word: word}), "annotations": map[string]string{word: word}}), "")
		}
	})
}

func eachLineJSON(t *testing.T, _, stdout, _ string) {
	for line := range strings.Lines(stdout) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", beginning(line))
		}
	}
}

func soundSARIF(t *testing.T, _, stdout, _ string) {
	if err := outputtest.SARIF(stdout); err != nil {
		t.Error(err)
	}
}

// soundJUnit holds XML to the elements that are meant.
func soundJUnit(t *testing.T, _, stdout, _ string) {
	decoder := xml.NewDecoder(strings.NewReader(stdout))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		if start, ok := token.(xml.StartElement); ok &&
			!slices.Contains([]string{"testsuites", "testsuite", "testcase", "failure", "error", "system-out", "properties", "property"}, start.Name.Local) {
			t.Errorf("an element %s", start.Name.Local)
		}
	}
}

var ownCommands = regexp.MustCompile(`^::(error|warning|notice) (file=[^:,\s]*,)?(title=[a-z0-9-]+)::[^\r\n]*\n$`)

// soundGitHub holds lines that begin like a command to those that are meant.
func soundGitHub(t *testing.T, _, stdout, _ string) {
	for line := range strings.Lines(stdout) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") && !ownCommands.MatchString(line) || strings.Contains(line, "##") {
			t.Errorf("a command in %q", beginning(line))
		}
	}
}
