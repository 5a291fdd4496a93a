package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

var update = flag.Bool("update", false, "rewrite what docs/report.md shows to what the program does now")

// The examples on the page about the report are what the program prints, and
// the page speaks of every member.
func TestReportPage(t *testing.T) {
	t.Setenv(report.StepSummary, "") // the tests may be a step themselves
	t.Chdir("../..")
	const file = "docs/report.md"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	current := page
	for _, format := range report.Formats[1:] {
		var stdout, stderr bytes.Buffer
		args := []string{"ocilayout", "verify", "--format", format, "testdata/layouts/blob-digest-mismatch"}
		if status := run(t.Context(), args, &stdout, &stderr); status != exit.StatusFindings || stderr.Len() > 0 {
			t.Fatalf("status %d, stderr %s", status, &stderr)
		}
		if !bytes.Contains(page, []byte("```sh\n"+strings.Join(args, " ")+"\n```\n")) {
			t.Errorf("%s does not say how %s comes about", file, format)
		}
		example := regexp.MustCompile("(?s)```" + format + "\n.*?```\n")
		if len(example.FindAll(page, -1)) != 1 {
			t.Errorf("%s has not one example of %s", file, format)
		}
		current = example.ReplaceAllLiteral(current, []byte("```"+format+"\n"+outputtest.With(stdout.String(), "2", "v0.1.0")+"```\n"))
	}
	if !bytes.Equal(current, page) {
		if !*update {
			t.Errorf("%s is not what the program prints; go test ./cmd/ocilayout -run ReportPage -update mends it", file)
		} else if err := os.WriteFile(file, current, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := os.ReadFile("docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, required := range regexp.MustCompile(`(?s)"required": \[(.*?)\]`).FindAllSubmatch(schema, -1) {
		for _, member := range regexp.MustCompile(`"(\w+)"`).FindAllSubmatch(required[1], -1) {
			if !bytes.Contains(page, append(append([]byte("`"), member[1]...), '`')) {
				t.Errorf("%s does not speak of %s", file, member[1])
			}
		}
	}
}
