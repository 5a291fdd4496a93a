package verify_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

var updateDocuments = flag.Bool("update-documents", false, "write what is found in the documents of testdata/documents beside them")

// producerSpecimens are documents in the form in which tools write them, named
// <tool>-<what>.json. One whose name ends in -index.json is a layout's index.json;
// an index by itself ends in -list.json.
func producerSpecimens(t testing.TB) []specimen {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "documents", "*.json"))
	if err != nil || len(paths) < 50 {
		t.Fatalf("testdata/documents has %d documents: %v", len(paths), err)
	}
	var all []specimen
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := specimen{name: strings.TrimSuffix(filepath.Base(path), ".json"), file: "document", raw: string(raw)}
		if strings.HasSuffix(s.name, "-index") {
			s.file = model.IndexFile
		}
		if s.kind = model.Detect([]byte(s.raw)); s.kind == model.KindOpaque {
			t.Errorf("%s is of no kind", path)
			continue
		}
		all = append(all, s)
	}
	return all
}

// What tools write is without errors, and gives the findings that stand beside
// each document as "severity rule pointer".
func TestProducers(t *testing.T) {
	for _, s := range producerSpecimens(t) {
		t.Run(s.name, func(t *testing.T) {
			report, err := verify.Document(s.file, []byte(s.raw), verify.DocumentOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if report.Kind != s.kind {
				t.Errorf("judged as %s, want %s", report.Kind, s.kind)
			}
			var b strings.Builder
			for _, f := range report.Findings {
				fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%s %s %s", f.Severity, f.Rule, f.Pointer), " "))
				if f.Severity == rule.Error {
					t.Errorf("%s at %q is an error: %s %s", f.Rule, f.Pointer, f.Message, f.Actual)
				}
			}
			if b.Len() == 0 {
				b.WriteString("none\n")
			}
			beside := filepath.Join("testdata", "documents", s.name+".want")
			if *updateDocuments {
				if err := os.WriteFile(beside, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(beside)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
		})
	}
}
