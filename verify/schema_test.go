package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/afero"
)

// schemaFiles are the schemas of the kinds, as image-spec's own validator
// chooses them.
var schemaFiles = map[model.Kind]string{
	model.KindDescriptor: "content-descriptor.json",
	model.KindLayout:     "image-layout-schema.json",
	model.KindManifest:   "image-manifest-schema.json",
	model.KindIndex:      "image-index-schema.json",
	model.KindImage:      "config-schema.json",
}

// specLoader finds the schemas by the last element of their addresses, below
// which they refer to one another.
type specLoader struct{ t testing.TB }

func (l specLoader) Load(url string) (any, error) {
	return jsonschema.UnmarshalJSON(bytes.NewReader(moduleFile(l.t, imageSpec, "schema", path.Base(url))))
}

// oracle says what the schema of image-spec has against a document. A document
// that is no JSON is refused, too.
func oracle(t testing.TB) func(kind model.Kind, raw string) error {
	t.Helper()
	schemas := make(map[model.Kind]*jsonschema.Schema)
	for kind, file := range schemaFiles {
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft4) // not every file says which it is of
		c.AssertFormat()
		c.UseLoader(specLoader{t})
		schema, err := c.Compile("https://opencontainers.org/schema/image/" + file)
		if err != nil {
			t.Fatal(err)
		}
		schemas[kind] = schema
	}
	return func(kind model.Kind, raw string) error {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(raw))
		if err != nil {
			return err
		}
		return schemas[kind].Validate(value)
	}
}

// specimen is a document to hold against the schema. file is its name, where
// that says more of it than its kind.
type specimen struct {
	name, file string
	kind       model.Kind
	raw        string
}

// exception is a rule that weighs the same in several places or forms, of which
// the schema refuses only some, so that one severity cannot fit all.
type exception struct {
	rule    rule.ID
	pointer string // a regular expression
	reason  string
}

func (e exception) fits(f verify.Finding) bool {
	return e.rule == f.Rule && regexp.MustCompile(e.pointer).MatchString(f.Pointer)
}

// stricter are the errors under ProfileSchema that the schema does not have.
var stricter = []exception{
	{rule.JSONType, `/(annotations|ExposedPorts|Labels|Volumes)/$`, "its pattern for the names of maps does not fit the empty name, whose value it does not look at"},
	{rule.JSONType, `^(/subject|/config|/layers/[0-9]+)?/platform(/|$)`, "it knows platforms only in the entries of an index"},
	{rule.PlatformMemberMissing, `^(/subject|/config|/layers/[0-9]+)?/platform/`, "it knows platforms only in the entries of an index"},
	{rule.JSONType, `^/manifests/[0-9]+/(artifactType|data)$`, "it does not know these members in the entries of an index"},
	{rule.MediaTypeGrammar, `^/manifests/[0-9]+/artifactType$`, "it does not know this member in the entries of an index"},
	{rule.JSONInteger, `/size$`, "its implementation takes 1.0 and 1e2 for integers, and its limit is rounded up to 2^63"},
	{rule.URLCharacters, `/urls/[0-9]+$`, "its implementation of the format uri takes blanks and bare non-ASCII characters after the host"},
}

// laxer are the findings that are no errors under ProfileSchema, in documents
// that the schema refuses.
var laxer = []exception{}

// holdAgainst compares a verdict under ProfileSchema with the schema's, and notes
// the exceptions that were needed.
func holdAgainst(t *testing.T, s specimen, refusal error, needed map[exception]bool) []verify.Finding {
	t.Helper()
	o := verify.DocumentOptions{Kind: s.kind, Policy: rule.NewPolicy(rule.ProfileSchema)}
	for r := range rule.All() {
		if o.Policy.Severity(r.ID) == rule.Ignore {
			if err := o.Policy.Set(string(r.ID) + "=info"); err != nil {
				t.Fatal(err)
			}
		}
	}
	report, err := verify.Document(s.file, []byte(s.raw), o)
	if err != nil {
		t.Fatal(err)
	}
	isError := func(f verify.Finding) bool { return f.Severity == rule.Error }
	if refusal != nil {
		if !slices.ContainsFunc(report.Findings, isError) && !excused(laxer, report.Findings, needed) {
			t.Errorf("%s %s: no error, and the schema refuses it: %v", s.kind, s.name, refusal)
		}
		return report.Findings
	}
	for _, f := range report.Findings {
		if isError(f) && !excused(stricter, []verify.Finding{f}, needed) {
			t.Errorf("%s %s: %s at %q is an error, and the schema takes it", s.kind, s.name, f.Rule, f.Pointer)
		}
	}
	return report.Findings
}

func excused(exceptions []exception, findings []verify.Finding, needed map[exception]bool) bool {
	for _, e := range exceptions {
		if slices.ContainsFunc(findings, e.fits) {
			needed[e] = true
			return true
		}
	}
	return false
}

// Under ProfileSchema a document has an error exactly where image-spec's own
// schema refuses it: in upstream's vectors, in the documents of all layouts that
// are kept here, and in what became of valid documents by a change in one place.
func TestSchemaAgrees(t *testing.T) {
	testrun.NotShort(t, "it checks documents one after another")
	refuses := oracle(t)
	var all []specimen
	for _, v := range upstreamVectors(t) {
		all = append(all, specimen{name: v.name, kind: v.kind, raw: v.raw})
	}
	for name, part := range map[string][]specimen{"layouts": layoutSpecimens(t), "producers": producerSpecimens(t), "changed": changed(t), "made": made(t)} {
		t.Logf("%s: %d documents", name, len(part))
		all = append(all, part...)
	}
	needed := make(map[exception]bool)
	verdicts := make(map[model.Kind][2]int) // taken, refused
	seen := make(map[rule.ID]bool)
	for _, s := range all {
		err := refuses(s.kind, s.raw)
		n := verdicts[s.kind]
		if err == nil {
			n[0]++
		} else {
			n[1]++
		}
		verdicts[s.kind] = n
		for _, f := range holdAgainst(t, s, err, needed) {
			seen[f.Rule] = true
		}
	}
	for _, e := range slices.Concat(stricter, laxer) {
		if !needed[e] {
			t.Errorf("the exception for %s at %s is never needed", e.rule, e.pointer)
		}
	}
	for kind := range schemaFiles {
		if n := verdicts[kind]; n[0] < 3 || n[1] < 10 {
			t.Errorf("of kind %s the schema took %d and refused %d documents: too few to tell anything", kind, n[0], n[1])
		}
	}
	for _, id := range modelRules(t) {
		if _, ok := needMore[id]; ok == seen[id] {
			t.Errorf("rule %s: seen in a document by itself: %v, need more: %v", id, seen[id], ok)
		}
	}
}

// needMore are the rules of package model that a document by itself cannot break.
var needMore = map[rule.ID]string{
	rule.MediaTypeMismatch:       "it takes the descriptor that names the document",
	rule.MediaTypeMismatchDocker: "it takes the descriptor that names the document",
	rule.ArtifactManifestDropped: "it takes the descriptor that names the document",
}

// layoutSpecimens are the documents of the fixtures and of the layouts that tools
// made, each as what the descriptor that leads to it says.
func layoutSpecimens(t testing.TB) []specimen {
	t.Helper()
	layouts := make(map[string]map[string][]byte)
	for _, f := range allFixtures() {
		files, err := f.Files()
		if err != nil {
			t.Fatal(err)
		}
		layouts[f.Name] = files
	}
	real, err := filepath.Glob(filepath.Join("..", "testdata", "layouts", "real", "*"))
	if err != nil || len(real) == 0 {
		t.Fatal(err, real)
	}
	for _, dir := range real {
		layouts[dir] = filesOf(t, afero.NewBasePathFs(afero.NewOsFs(), dir))
	}
	found := make(map[specimen]string)
	for _, root := range slices.Sorted(maps.Keys(layouts)) {
		files := layouts[root]
		var follow func(mediaType string, raw []byte)
		follow = func(mediaType string, raw []byte) {
			doc, _ := model.Decode(mediaType, raw, model.Limits{})
			if doc == nil {
				return
			}
			for e := range doc.Edges() {
				d, err := model.ParseDigest(string(e.Descriptor.Digest))
				kind := model.KindOf(e.Descriptor.MediaType)
				if err != nil || !kind.Document() || schemaFiles[kind] == "" {
					continue
				}
				name := blobs.Path(d)
				s := specimen{file: "blob", kind: kind, raw: string(files[name])}
				if _, ok := found[s]; !ok && s.raw != "" {
					found[s] = root + "/" + name
					follow(e.Descriptor.MediaType, []byte(s.raw))
				}
			}
		}
		for file, kind := range map[string]model.Kind{model.LayoutFile: model.KindLayout, model.IndexFile: model.KindIndex} {
			if s := (specimen{file: file, kind: kind, raw: string(files[file])}); s.raw != "" {
				found[s] = root + "/" + file
				follow(map[bool]string{true: model.MediaTypeIndex}[kind == model.KindIndex], []byte(s.raw))
			}
		}
	}
	if len(found) < 250 {
		t.Fatalf("the layouts have %d documents", len(found))
	}
	var all []specimen
	for s, name := range found {
		s.name = name
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b specimen) int { return strings.Compare(a.name, b.name) })
	return all
}

// modelRules returns the rules that package model names.
func modelRules(t testing.TB) []rule.ID {
	t.Helper()
	read := func(pattern, expression string) [][]string {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no file fits %s: %v", pattern, err)
		}
		var found [][]string
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, regexp.MustCompile(expression).FindAllStringSubmatch(string(text), -1)...)
			}
		}
		return found
	}
	ids := make(map[string]rule.ID)
	for _, m := range read(filepath.Join("rule", "ids.go"), `(?m)^\t(\w+)\s+ID = "([a-z0-9-]+)"`) {
		ids[m[1]] = rule.ID(m[2])
	}
	named := make(map[rule.ID]bool)
	for _, m := range read(filepath.Join("..", "model", "*.go"), `\brule\.([A-Z]\w+)\b`) {
		if id, ok := ids[m[1]]; ok {
			named[id] = true
		}
	}
	if len(named) < 60 {
		t.Fatalf("package model names %d rules", len(named))
	}
	return slices.Sorted(maps.Keys(named))
}

// changed are the documents that differ from a valid one in one member, which
// has one of many values, or is left out.
func changed(t testing.TB) []specimen {
	t.Helper()
	var all []specimen
	for _, kind := range slices.Sorted(maps.Keys(schemaFiles)) {
		base := valid[kind]
		for _, pointer := range pointers(t, base) {
			for _, value := range changes {
				raw, err := change(base, pointer, value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, specimen{name: fmt.Sprintf("%s = %.60s", pointer, value), file: "document", kind: kind, raw: raw})
			}
		}
	}
	return all
}
