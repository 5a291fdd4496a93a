package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

var tool = Tool{"ocilayout", "v0.0.0"}

var update = flag.Bool("update", false, "rewrite testdata to what is rendered now")

var (
	layerDigest = digest.FromString("layer")
	indexDigest = digest.FromString("index.json")
)

// findings are one of every shape.
var findings = []verify.Finding{
	{
		Rule: rule.BlobDigestMismatch, Severity: rule.Error, Path: "blobs/sha256/" + layerDigest.Encoded(), Digest: layerDigest,
		Trail:   []string{"index.json#/manifests/0", "blobs/sha256/aa#/layers/1"},
		Message: "the bytes do not hash to the digest", Expected: string(layerDigest), Actual: "sha256:bb",
	},
	{
		Rule: rule.DescriptorSizeMismatch, Severity: rule.Warning, Path: "index.json", Pointer: "/manifests/0/size", Digest: layerDigest,
		Message: "the blob's length is not the descriptor's size", Expected: "1", Actual: "2",
	},
	{Rule: rule.RootFileExtra, Severity: rule.Info, Path: "x\n::error::y", Message: "the specification knows no such file"},
	{
		Rule: rule.RefNameGrammar, Severity: rule.Warning, Path: "index.json", Pointer: "/manifests/0", Digest: "sha256:\x1b",
		Message: "it is \x1b[31mred", Expected: "a ##[b]", Actual: strings.Repeat("é", 201),
	},
}

// results are one of every verdict, and the ways there.
var results = []Result{
	{Path: "a", Level: verify.LevelDigest, Verdict: Valid, Started: true, Duration: 3 * time.Millisecond, Stats: verify.Stats{
		Indexes: 1, Manifests: 1, Configs: 1, Layers: 1, Blobs: 1, Bytes: 1, BytesRead: 1, IndexDigest: indexDigest, Complete: true}},
	{Path: "b", Level: verify.LevelStructure, Verdict: Valid, Started: true, Duration: 90 * time.Second, Stats: verify.Stats{
		Indexes: 2, Manifests: 3, Configs: 4, Layers: 5, Blobs: 14, Bytes: 5 << 20, BytesRead: 1 << 10, NotChecked: 5, IndexDigest: indexDigest, Complete: true}},
	{Path: "c:v1", Level: verify.LevelDigest, Verdict: Invalid, Started: true, Omitted: 1, Duration: 1234 * time.Millisecond, Stats: verify.Stats{
		Blobs: 2, Bytes: 3 << 30, UnreferencedBlobs: 1, UnreferencedBytes: 1 << 20, Errors: 1, Warnings: 2, Infos: 1, NotChecked: 1, Complete: true}},
	{Path: "d", Level: verify.LevelDigest, Verdict: Incomplete, Started: true, Omitted: 12, Stats: verify.Stats{
		UnreferencedBlobs: 2, UnreferencedBytes: 2, Warnings: 1}},
	{Path: "e\x1b", Level: verify.LevelDigest, Verdict: Incomplete, Started: true, Err: errors.New("interrupted\n::error::x")},
	{Path: "::error::f", Level: verify.LevelDigest, Verdict: Incomplete, Err: errors.New("f: no such file or directory")},
	{Path: "index.json", Document: true, Kind: model.KindIndex, Verdict: Valid, Started: true, Stats: verify.Stats{Infos: 1, Complete: true}},
	{Path: "-", Document: true, Kind: model.KindImage, Verdict: Invalid, Started: true, Omitted: 2, Stats: verify.Stats{Errors: 1, Warnings: 2}},
	{Path: "oci-layout", Document: true, Kind: model.KindLayout, Verdict: Incomplete, Started: true},
	{Path: "i\x1b", Document: true, Verdict: Incomplete, Started: true, Stats: verify.Stats{Warnings: 1}},
	{Path: "::error::j", Document: true, Verdict: Incomplete, Err: errors.New("j: no such file or directory")},
}

// written is what a report of all findings and results looks like.
func written(t *testing.T, format string, quiet bool) string {
	t.Helper()
	var b bytes.Buffer
	report := NewReport(format, &b, Options{Tool: tool, Quiet: quiet, FailOn: rule.Error, Count: 2})
	for i, r := range results {
		if i == 2 {
			for _, f := range findings {
				if err := report.Finding(r.Path, f); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := report.Layout(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := report.Close(1); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReports(t *testing.T) {
	for _, test := range []struct {
		format, file string
		quiet        bool
	}{
		{"text", "report.txt", false}, {"text", "quiet.txt", true},
		{"json", "report.json", false}, {"ndjson", "report.ndjson", false},
		{"sarif", "report.sarif", false}, {"junit", "report.xml", false}, {"github", "report.github", false},
		{"line", "report.line", false}, {"markdown", "report.md", false}, {"codequality", "report.codequality", false},
	} {
		got := written(t, test.format, test.quiet)
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			if test.format == "markdown" {
				line = strings.TrimLeft(line, "#")
			}
			shown(t, line, 1<<20)
			if test.format != "github" && strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("a command: %q", line)
			}
		}
		file := filepath.Join("testdata", test.file)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what it was; -update rewrites %s:\n%s", test.format, file, got)
		}
	}
}

// Machines get the same whether people want quiet or not: what is to be left out
// is not handed in.
func TestQuietIsForText(t *testing.T) {
	for _, format := range []string{"json", "ndjson", "sarif", "junit", "markdown", "codequality"} {
		if written(t, format, true) != written(t, format, false) {
			t.Errorf("%s differs", format)
		}
	}
}

// Every write that fails is told, wherever it happens.
func TestReportErrors(t *testing.T) {
	for _, format := range Formats {
		size := len(written(t, format, false))
		for room := 0; room < size; room += 97 {
			report := NewReport(format, &full{room}, Options{Tool: tool, FailOn: rule.Error})
			var errs []error
			for i, r := range results {
				for _, f := range findings {
					if i == 2 {
						errs = append(errs, report.Finding(r.Path, f))
					}
				}
				errs = append(errs, report.Layout(r))
			}
			if err := errors.Join(append(errs, report.Close(1))...); !errors.Is(err, errFull) {
				t.Errorf("%s with room for %d bytes of %d: %v", format, room, size, err)
			}
		}
	}
}

// A report knows every format it is said to know.
func TestFormats(t *testing.T) {
	seen := make(map[string]string)
	for _, format := range Formats {
		got := written(t, format, false)
		if other, ok := seen[got]; ok {
			t.Errorf("%s is the same as %s", format, other)
		}
		seen[got] = format
	}
}

// What is in the report of an interrupted run may be sound, and yet there may have
// been more to look at.
func TestInterruptedReport(t *testing.T) {
	for format, want := range map[string]string{"json": `"complete": false,`, "ndjson": `"complete":false,"valid":false}`, "sarif": `"executionSuccessful": false`} {
		var b strings.Builder
		report := NewReport(format, &b, Options{})
		r := Result{Path: "img", Verdict: Valid, Started: true, Stats: verify.Stats{Complete: true}}
		if err := errors.Join(report.Layout(r), report.Close(exit.StatusInterrupted)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s has no %s: %s", format, want, b.String())
		}
	}
}
