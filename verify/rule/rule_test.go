package rule_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// constants returns the ids declared in ids.go, in the order of the file.
func constants(t *testing.T) []rule.ID {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "ids.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var ids []rule.ID
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			t.Fatalf("ids.go holds something besides constants")
		}
		for _, spec := range group.Specs {
			ids = append(ids, constant(t, spec.(*ast.ValueSpec)))
		}
	}
	if len(ids) == 0 {
		t.Fatal("ids.go declares no constant")
	}
	return ids
}

func constant(t *testing.T, spec *ast.ValueSpec) rule.ID {
	t.Helper()
	name := spec.Names[0].Name
	if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "ID" {
		t.Fatalf("constant %s is not declared as an ID", name)
	}
	if len(spec.Names) != 1 || len(spec.Values) != 1 {
		t.Fatalf("constant %s shares its line", name)
	}
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok {
		t.Fatalf("constant %s is no literal", name)
	}
	value, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatalf("constant %s: %v", name, err)
	}
	return rule.ID(value)
}

func TestTableMatchesConstants(t *testing.T) {
	want := constants(t)
	var got []rule.ID
	for r := range rule.All() {
		got = append(got, r.ID)
	}
	for _, id := range want {
		if !slices.Contains(got, id) {
			t.Errorf("%s has no row", id)
		}
	}
	for i, id := range got {
		if slices.Contains(got[:i], id) {
			t.Errorf("%s has more than one row", id)
		}
		if !slices.Contains(want, id) {
			t.Errorf("%s has a row and no constant", id)
		}
	}
	if t.Failed() {
		return
	}
	for i, id := range want {
		if got[i] != id {
			t.Fatalf("row %d is %s, constant %d is %s", i, got[i], i, id)
		}
	}
}

func TestIDs(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := make(map[rule.ID]bool)
	for _, id := range constants(t) {
		if !kebab.MatchString(string(id)) {
			t.Errorf("%q is not kebab-case", id)
		}
		if seen[id] {
			t.Errorf("%s is declared twice", id)
		}
		seen[id] = true
	}
}

func TestRows(t *testing.T) {
	titles := make(map[string]rule.ID)
	for r := range rule.All() {
		for _, text := range []string{r.Title, r.Help, r.Spec, r.Since} {
			if text == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s: title, help, spec or since is %q", r.ID, text)
			}
			if strings.ContainsFunc(text, unicode.IsControl) || strings.Contains(text, "  ") {
				t.Errorf("%s: line break, tab or double blank in %q", r.ID, text)
			}
		}
		if first, _ := utf8.DecodeRuneInString(r.Title); unicode.IsUpper(first) {
			t.Errorf("%s: title starts with a capital: %q", r.ID, r.Title)
		}
		if strings.HasSuffix(r.Title, ".") {
			t.Errorf("%s: title ends with a full stop: %q", r.ID, r.Title)
		}
		if !strings.HasSuffix(r.Help, ".") {
			t.Errorf("%s: help does not end with a full stop: %q", r.ID, r.Help)
		}
		if other, ok := titles[r.Title]; ok {
			t.Errorf("%s and %s have the same title", other, r.ID)
		}
		titles[r.Title] = r.ID
	}
}

// A rule that is off by default must not be looked for in vain, so each one
// says in its help how it is switched on.
func TestSeverities(t *testing.T) {
	var off []rule.ID
	for r := range rule.All() {
		switch r.Severity {
		case rule.Info, rule.Warning, rule.Error:
		case rule.Ignore:
			off = append(off, r.ID)
			if !strings.Contains(r.Help, "--rule "+string(r.ID)+"=") {
				t.Errorf("%s is off by default, and its help does not say how to switch it on", r.ID)
			}
		default:
			t.Errorf("%s weighs %v by default", r.ID, r.Severity)
		}
		if r.Strict != rule.Unset && (r.Strict != rule.Error || r.Strict == r.Severity) {
			t.Errorf("%s weighs %v by default and %v under the profile strict", r.ID, r.Severity, r.Strict)
		}
		if r.Schema == r.Severity || r.Schema > rule.Error {
			t.Errorf("%s weighs %v by default and %v under the profile schema", r.ID, r.Severity, r.Schema)
		}
	}
	want := []rule.ID{rule.JSONNotCanonical, rule.IndexJSONMediaTypeMissing, rule.PlatformUnknown, rule.ConfigNull, rule.ConfigUserUnknown,
		rule.ConfigArgsEscapedOS, rule.AnnotationKeyForm, rule.ArtifactLayerNotTar}
	if !slices.Equal(off, want) {
		t.Errorf("off by default: %v, want %v", off, want)
	}
}

// should matches the word, as long as it is that of a rule and not of a remark.
var should = regexp.MustCompile(` SHOULD( NOT)?\b`)

// notStrict are the rules whose Spec has a SHOULD that the layout does not
// break, or need not keep, each with the reason.
var notStrict = map[rule.ID]string{
	rule.RootMemberUnknown:           "it says how a reader is to behave",
	rule.RefNameInLabels:             "labels follow the rules for annotations, and are not said to be read as pre-defined keys",
	rule.BlobAlgorithmUnsupported:    "it obliges whoever checks to accept the algorithm",
	rule.DigestAlgorithmUnsupported:  "it obliges whoever checks to accept the algorithm",
	rule.DigestAlgorithmUnregistered: "it obliges whoever checks to accept the algorithm",
	rule.FileUnreadable:              "nothing is known to be broken",
	rule.FileChanged:                 "nothing is known to be broken",
	rule.InternalError:               "nothing is known to be broken",
	rule.LimitDocument:               "it says what a registry is to accept, and the limit is the user's",
	rule.DocumentTooLarge:            "it says what a registry is to accept",
	rule.JSONNotCanonical:            "a later revision made it a MAY",
	rule.DocumentLarge:               "it says what a registry is to accept, and many accept this",
	rule.DataLarge:                   "it asks for thought and names no size",
	rule.PlatformUnknown:             "attestations are marked so on purpose",
	rule.PlatformPair:                "each of the two values is listed",
	rule.PlatformShadowed:            "it says how a reader is to choose",
	rule.ConfigTypeUnknown:           "it holds for manifests concerned with portability, and artifacts have types of their own",
	rule.LayerTypeUnknown:            "it holds for manifests concerned with portability, and artifacts have types of their own",
}

func TestStrict(t *testing.T) {
	for r := range rule.All() {
		reason, excused := notStrict[r.ID]
		broken := r.Severity < rule.Error && should.MatchString(r.Spec)
		switch {
		case broken && r.Strict == rule.Unset && !excused:
			t.Errorf("%s breaks a SHOULD and weighs no more under the profile strict", r.ID)
		case excused && (!broken || r.Strict != rule.Unset):
			t.Errorf("%s needs no excuse: %s", r.ID, reason)
		case r.Strict != rule.Unset && !strings.Contains(strings.ToUpper(r.Spec), "SHOULD"):
			t.Errorf("%s weighs more under the profile strict and breaks no SHOULD", r.ID)
		}
	}
	for id := range notStrict {
		if _, ok := rule.Lookup(id); !ok {
			t.Errorf("%s is excused and has no row", id)
		}
	}
}

func TestUnproven(t *testing.T) {
	var got []rule.ID
	for r := range rule.All() {
		if r.Unproven {
			got = append(got, r.ID)
		}
	}
	want := []rule.ID{
		rule.LimitArchiveEntries, rule.LimitArchiveHeaders, rule.LimitArchiveBytes, rule.LimitArchiveRatio, rule.LimitArchiveWindow,
		rule.DigestAlgorithmUnsupported, rule.FileUnreadable, rule.FileChanged, rule.InternalError,
		rule.LimitDocument, rule.LimitDepth, rule.LimitDescriptors, rule.LimitJSON,
		rule.LimitLayerBytes, rule.LimitLayerRatio, rule.LimitLayerWindow, rule.LimitLayerEntries, rule.LimitLayerTOC, rule.LimitLayerNames,
	}
	if !slices.Equal(got, want) {
		t.Errorf("unproven: %v, want %v", got, want)
	}
}

func TestLookup(t *testing.T) {
	for want := range rule.All() {
		if got, ok := rule.Lookup(want.ID); !ok || got != want {
			t.Errorf("Lookup(%s) = %v, %t", want.ID, got, ok)
		}
	}
	for _, id := range []rule.ID{"", "no-such-rule", "Blob-Missing"} {
		if got, ok := rule.Lookup(id); ok || got != (rule.Rule{}) {
			t.Errorf("Lookup(%q) = %v, %t", id, got, ok)
		}
	}
}

func TestParseSeverity(t *testing.T) {
	for _, want := range []rule.Severity{rule.Ignore, rule.Info, rule.Warning, rule.Error} {
		if got, err := rule.ParseSeverity(want.String()); err != nil || got != want {
			t.Errorf("ParseSeverity(%q) = %v, %v", want.String(), got, err)
		}
	}
	for _, word := range []string{"", "unset", "Error", "warn", " info", "severity(9)"} {
		if got, err := rule.ParseSeverity(word); err == nil || got != rule.Unset {
			t.Errorf("ParseSeverity(%q) = %v, %v, want an error", word, got, err)
		}
	}
	if got := rule.Severity(9).String(); got != "severity(9)" {
		t.Errorf("unknown severity prints as %q", got)
	}
	if !(rule.Unset < rule.Ignore && rule.Ignore < rule.Info && rule.Info < rule.Warning && rule.Warning < rule.Error) {
		t.Error("severities do not rise")
	}
}
