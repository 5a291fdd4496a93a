package verify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// statements is how many statements of the specification each section of
// docs/spec.md has, so that none is dropped unnoticed.
var statements = map[string]int{
	"JSON in general (considerations.md)":                                             14,
	"The root and blobs (image-layout.md)":                                            20,
	"The file oci-layout (image-layout.md)":                                           6,
	"The file index.json (image-layout.md)":                                           9,
	"Indexes and platforms (image-index.md)":                                          28,
	"Descriptors (descriptor.md)":                                                     21,
	"Digests (descriptor.md)":                                                         11,
	"Manifests (manifest.md)":                                                         26,
	"Image configurations (config.md, conversion.md)":                                 41,
	"Layers (layer.md)":                                                               33,
	"Media types and Docker (media-types.md, RFC 6838)":                               10,
	"Annotations and labels (annotations.md)":                                         17,
	"Artifacts and referrers (manifest.md, artifacts-guidance.md, distribution-spec)": 15,
	"What is asked of a verifier":                                                     13,
}

var (
	statementRow = regexp.MustCompile(`^\| ([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+) \| (.+) \|$`)
	testNamed    = regexp.MustCompile("test `(\\w+)`")
	fixtureNamed = regexp.MustCompile("fixture `([\\w-]+)`")
	ruleNamed    = regexp.MustCompile("`([a-z0-9-]+)`")
)

// The page that maps statements of the specification to what holds a layout to
// them is complete, and all that it names exists.
func TestSpecPage(t *testing.T) {
	page, err := os.ReadFile("../docs/spec.md")
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	seen, held := make(map[string]bool), make(map[string]bool)
	tests, layouts, section := testNames(t), fixtureNames(), ""
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = title
		}
		m := statementRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if counts[section]++; seen[m[1]] {
			t.Errorf("%s stands twice", m[1])
		}
		seen[m[1]] = true
		for _, name := range testNamed.FindAllStringSubmatch(m[2], -1) {
			if !tests[name[1]] {
				t.Errorf("%s: no test %s", m[1], name[1])
			}
		}
		for _, name := range fixtureNamed.FindAllStringSubmatch(m[2], -1) {
			if !layouts[name[1]] {
				t.Errorf("%s: no fixture %s", m[1], name[1])
			}
		}
		rest := testNamed.ReplaceAllString(fixtureNamed.ReplaceAllString(m[2], ""), "")
		for _, name := range ruleNamed.FindAllStringSubmatch(rest, -1) {
			if _, ok := rule.Lookup(rule.ID(name[1])); !ok {
				t.Errorf("%s: no rule %s", m[1], name[1])
			}
			held[name[1]] = true
		}
	}
	if diff := cmp.Diff(statements, counts); diff != "" {
		t.Errorf("statements in each section (-want +got):\n%s", diff)
	}
	for r := range rule.All() {
		if !held[string(r.ID)] {
			t.Errorf("rule %s holds no statement", r.ID)
		}
	}
}

func fixtureNames() map[string]bool {
	names := make(map[string]bool)
	for _, f := range allFixtures() {
		names[f.Name] = true
	}
	return names
}

// testNames returns the names of all tests of the module.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
				names[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil || len(names) == 0 {
		t.Fatalf("%d tests: %v", len(names), err)
	}
	return names
}
