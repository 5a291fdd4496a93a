package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// hostile are strings that mean something to one format or another.
var hostile = []string{
	"a\n::error::b", "::error::b", "a\r\n##[error]b", "%0A::error::b", "a,title=b:c", "]]>", "]]><x/>", "<script>alert(1)</script>",
	"&lt;b&gt;", "&#60;", "`</td>`", "a|b", `a\`, `a\|b`, "![x](https://example.com/x.png)", "[a](b)", "@someone #1", "{0}", "\x1b[31mred",
	"\u202eabc", "\x00\x01\x0b\ufffe", "a\xffb", "https://example.com", "javascript:x", "?a#b", "../../x", "-->", "\u2028",
}

// hostileReport has every string in every place of a report.
func hostileReport(t *testing.T, format string, summary *bytes.Buffer) string {
	t.Helper()
	var b bytes.Buffer
	o := Options{Tool: tool, FailOn: rule.Error}
	if summary != nil {
		o.Summary = summary
	}
	report := NewReport(format, &b, o)
	for _, s := range hostile {
		f := verify.Finding{Rule: rule.BlobMissing, Severity: rule.Error, Path: s, Pointer: "/" + s, Digest: digest.Digest(s),
			Trail: []string{s}, Entry: s, Message: s, Expected: s, Actual: s}
		r := Result{Path: s, Verdict: Invalid, Started: true, Err: errors.New(s), Manifests: []verify.Manifest{{Digest: digest.Digest(s), Path: s}}}
		if err := errors.Join(report.Finding(s, f), report.Layout(r)); err != nil {
			t.Fatal(err)
		}
	}
	if err := report.Close(1); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		shown(t, strings.TrimSuffix(line, "\n"), 1<<20)
	}
	return b.String()
}

// A URI is one whatever the name, and JSON gives every string back.
func TestSARIFHostile(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(hostileReport(t, "sarif", nil)), &log); err != nil {
		t.Fatal(err)
	}
	for i, r := range log.Runs[0].Results {
		uri := r.Locations[0].Physical.Artifact.URI
		if !regexp.MustCompile(`^(%[0-9A-F]{2}|[-._~/0-9A-Za-z])*$`).MatchString(uri) {
			t.Errorf("%q gives the URI %s", hostile[i], uri)
		}
		if strings.ContainsAny(r.Message.Text, "[]{}") {
			t.Errorf("%q gives a message with a meaning: %s", hostile[i], r.Message.Text)
		}
		if want := strings.ToValidUTF8(hostile[i], "\ufffd"); r.Properties.Actual != want {
			t.Errorf("actual is %q, not %q", r.Properties.Actual, want)
		}
	}
}

// XML has the elements that were meant, and characters that it may have.
func TestJUnitHostile(t *testing.T) {
	decoder := xml.NewDecoder(strings.NewReader(hostileReport(t, "junit", nil)))
	count := make(map[string]int)
	for {
		token, err := decoder.Token()
		if token == nil {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			count[start.Name.Local]++
		}
	}
	n := len(hostile)
	want := fmt.Sprint(map[string]int{"testsuites": 1, "testsuite": n, "testcase": 2 * n, "failure": n, "error": n})
	if fmt.Sprint(count) != want {
		t.Errorf("elements %v, not %s", count, want)
	}
}

// Every command is one that was meant, in one line, with the two properties.
func TestGitHubHostile(t *testing.T) {
	var summary bytes.Buffer
	commands := regexp.MustCompile(`^::error (file=[^:,\s]([^:,])*,)?title=[a-z-]+::[^\r\n]*$`)
	got := 0
	for line := range strings.Lines(hostileReport(t, "github", &summary)) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "::") {
			continue
		}
		got++
		if !commands.MatchString(line) && !strings.HasPrefix(line, "::notice title=ocilayout::") {
			t.Errorf("not a command that was meant: %s", line)
		}
	}
	if got != mostAnnotations+1 {
		t.Errorf("%d commands", got)
	}
	readsAsMarkdown(t, summary.String())
}

// manyFindings hands in 30,000 findings, the errors last.
func manyFindings(t *testing.T, report Report) {
	t.Helper()
	for i := range 30_000 {
		f := verify.Finding{Rule: rule.RefNameGrammar, Severity: rule.Info, Path: "index.json", Pointer: fmt.Sprintf("/manifests/%d", i),
			Message: "m", Actual: strings.Repeat("\U0001f600", 100)}
		if i >= 29_000 {
			f.Severity = rule.Error
		} else if i >= 20_000 {
			f.Severity = rule.Warning
		}
		if err := report.Finding("a", f); err != nil {
			t.Fatal(err)
		}
	}
	r := Result{Path: "a", Verdict: Invalid, Started: true, Omitted: 5, Stats: verify.Stats{Errors: 1000, Complete: true}}
	if err := errors.Join(report.Layout(r), report.Close(1)); err != nil {
		t.Fatal(err)
	}
}

func TestManyFindingsSARIF(t *testing.T) {
	testrun.NotShort(t, "it reports many findings")
	var b bytes.Buffer
	manyFindings(t, NewReport("sarif", &b, Options{Tool: tool}))
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	levels := make(map[string]int)
	prints := make(map[string]bool)
	for _, r := range run.Results {
		levels[r.Level]++
		prints[r.Prints.V1] = true
	}
	if want := map[string]int{"error": 1000, "warning": 9000, "note": 15_000}; fmt.Sprint(levels) != fmt.Sprint(want) {
		t.Errorf("results %v, not %v", levels, want)
	}
	if len(prints) != mostSARIF {
		t.Errorf("%d fingerprints", len(prints))
	}
	if run.Properties.Omitted != 5005 || len(run.Invocations[0].Notifications) != 1 {
		t.Errorf("%d left out, told by %v", run.Properties.Omitted, run.Invocations[0].Notifications)
	}
	if first, last := run.Results[0].Locations[0].Logical[0].Name, run.Results[mostSARIF-1].Locations[0].Logical[0].Name; first != "/manifests/0" || last != "/manifests/29999" {
		t.Errorf("they go from %s to %s", first, last)
	}
}

func TestManyFindingsGitHub(t *testing.T) {
	var b, summary bytes.Buffer
	manyFindings(t, NewReport("github", &b, Options{Summary: &summary}))
	for command, want := range map[string]int{"::error ": mostAnnotations, "::warning ": mostAnnotations, "::notice ": mostAnnotations,
		"29976 further findings are not shown here, among them 990 errors, 8990 warnings, 19991 infos\n": 1} {
		if got := strings.Count(b.String(), command); got != want {
			t.Errorf("%d of %q, not %d", got, command, want)
		}
	}
	if summary.Len() > mostSummary || strings.Count(summary.String(), "\n... ") != 2 {
		t.Errorf("the summary has %d bytes: %s", summary.Len(), &summary)
	}
}

// A page that shows all findings has no more than a step may write.
func TestManyFindingsMarkdown(t *testing.T) {
	var b bytes.Buffer
	manyFindings(t, NewReport("markdown", &b, Options{All: true, Verbose: true}))
	if b.Len() > mostSummary || b.Len() < mostSummary/2 {
		t.Errorf("it has %d bytes", b.Len())
	}
	if !regexp.MustCompile(`\nThere is no room for \d+ further findings\.\n$`).Match(b.Bytes()) {
		t.Error("it does not say what it leaves out")
	}
	readsAsMarkdown(t, b.String())
}

func TestManyFindingsCodeQuality(t *testing.T) {
	var b bytes.Buffer
	manyFindings(t, NewReport("codequality", &b, Options{}))
	var issues []qualityIssue
	if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
		t.Fatal(err)
	}
	if last := issues[len(issues)-1]; len(issues) != mostQuality+1 || last.Check != "findings-omitted" || last.Description != "20005 further findings are not in this report" {
		t.Errorf("%d issues, and the last is %+v", len(issues), last)
	}
}

func TestManyFindingsJUnit(t *testing.T) {
	testrun.NotShort(t, "it reports many findings")
	var b bytes.Buffer
	manyFindings(t, NewReport("junit", &b, Options{FailOn: rule.Error}))
	if n := strings.Count(b.String(), "error: ref-name-grammar: "); n != 1000 {
		t.Errorf("%d errors", n)
	}
	if !strings.Contains(b.String(), "20005 further findings are not in this report") {
		t.Error("it does not say what it leaves out")
	}
}

// A layout has the same cases whatever is wrong with it, each with one outcome.
func TestJUnitCases(t *testing.T) {
	one, two := digest.FromString("1"), digest.FromString("2")
	manifests := []verify.Manifest{{Digest: one, Path: "blobs/sha256/1"}, {Digest: two, Path: "shared/2"}}
	at := func(s rule.Severity, id rule.ID, path string, trail ...string) verify.Finding {
		return verify.Finding{Rule: id, Severity: s, Path: path, Trail: trail, Message: "m"}
	}
	for name, test := range map[string]struct {
		findings []verify.Finding
		failOn   rule.Severity
		err      error
		complete bool
		want     string
	}{
		"nothing":   {nil, rule.Error, nil, true, "- - -"},
		"layout":    {[]verify.Finding{at(rule.Error, rule.BlobMissing, "index.json")}, rule.Error, nil, true, "failure - -"},
		"manifest":  {[]verify.Finding{at(rule.Error, rule.BlobMissing, "blobs/sha256/1", "index.json#/manifests/0")}, rule.Error, nil, true, "- failure -"},
		"elsewhere": {[]verify.Finding{at(rule.Error, rule.BlobMissing, "shared/2")}, rule.Error, nil, true, "- - failure"},
		"layer":     {[]verify.Finding{at(rule.Error, rule.BlobMissing, "x", "index.json#/manifests/0", "shared/2#/layers/0")}, rule.Error, nil, true, "- - failure"},
		"the last":  {[]verify.Finding{at(rule.Error, rule.BlobMissing, "x", "shared/2#/subject", "blobs/sha256/1#/layers/0")}, rule.Error, nil, true, "- failure -"},
		"below":     {[]verify.Finding{at(rule.Warning, rule.BlobMissing, "blobs/sha256/1")}, rule.Error, nil, true, "- output -"},
		"never":     {[]verify.Finding{at(rule.Error, rule.BlobMissing, "blobs/sha256/1")}, rule.Unset, nil, true, "- output -"},
		"unproven":  {[]verify.Finding{at(rule.Warning, rule.FileUnreadable, "blobs/sha256/1")}, rule.Error, nil, false, "- error -"},
		"both": {[]verify.Finding{at(rule.Warning, rule.FileUnreadable, "blobs/sha256/1"), at(rule.Error, rule.BlobMissing, "blobs/sha256/1")},
			rule.Error, nil, false, "- failure+output -"},
		"ended":      {nil, rule.Error, errors.New("interrupted"), false, "error - -"},
		"incomplete": {nil, rule.Error, nil, false, "error - -"},
		"failed and ended": {[]verify.Finding{at(rule.Error, rule.BlobMissing, "index.json")}, rule.Error, errors.New("interrupted"), false,
			"failure+output - -"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			report := NewReport("junit", &b, Options{FailOn: test.failOn})
			for _, f := range test.findings {
				if err := report.Finding("a", f); err != nil {
					t.Fatal(err)
				}
			}
			r := Result{Path: "a", Started: true, Manifests: manifests, Err: test.err, Stats: verify.Stats{Complete: test.complete}}
			if err := errors.Join(report.Layout(r), report.Close(0)); err != nil {
				t.Fatal(err)
			}
			if got := outcomes(t, b.Bytes()); got != test.want {
				t.Errorf("the cases end with %s, not %s, in\n%s", got, test.want, &b)
			}
		})
	}
}

// outcomes returns how the cases ended, after a look at the counts.
func outcomes(t *testing.T, raw []byte) string {
	t.Helper()
	var suites junitSuites
	if err := xml.Unmarshal(raw, &suites); err != nil {
		t.Fatal(err)
	}
	var words []string
	failures, errs := 0, 0
	for _, c := range suites.Suites[0].Cases {
		word := ""
		if c.Failure != nil {
			word, failures = "+failure", failures+1
		}
		if c.Error != nil {
			word, errs = word+"+error", errs+1
		}
		if c.Output != "" {
			word += "+output"
		}
		if word == "" {
			word = "+-"
		}
		words = append(words, word[1:])
	}
	if suites.Tests != len(words) || suites.Failures != failures || suites.Errors != errs {
		t.Errorf("it counts %d tests, %d failures, %d errors", suites.Tests, suites.Failures, suites.Errors)
	}
	return strings.Join(words, " ")
}

// Places of documents and of other directories are not those of the layout.
func TestSARIFPlaces(t *testing.T) {
	shared := "/srv/shared/sha256/aa"
	for _, test := range []struct {
		path      string
		r         Result
		uri, base string
	}{
		{"index.json", Result{Path: "img"}, "index.json", "LAYOUT1"},
		{"blobs/sha256/aa", Result{Path: "img"}, "blobs/sha256/aa", "LAYOUT1"},
		{"shared/sha256/aa", Result{Path: "img"}, "shared/sha256/aa", "WORKDIR"},
		{shared, Result{Path: "img"}, "file:///srv/shared/sha256/aa", ""},
		{"dir/index.json", Result{Path: "dir/index.json", Document: true, Kind: model.KindIndex}, "dir/index.json", "WORKDIR"},
		{"a b", Result{Path: "a b", Document: true}, "a%20b", "WORKDIR"},
	} {
		var b bytes.Buffer
		report := NewReport("sarif", &b, Options{Tool: tool})
		if err := errors.Join(report.Finding("", verify.Finding{Rule: rule.BlobMissing, Severity: rule.Error, Path: test.path, Message: "m"}),
			report.Layout(test.r), report.Close(1)); err != nil {
			t.Fatal(err)
		}
		var log sarifLog
		if err := json.Unmarshal(b.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		got := log.Runs[0].Results[0].Locations[0].Physical.Artifact
		if got.URI != test.uri || got.Base != test.base {
			t.Errorf("%s is %s of %s, not %s of %s", test.path, got.URI, got.Base, test.uri, test.base)
		}
		if _, ok := log.Runs[0].Bases[got.Base]; got.Base != "" && !ok {
			t.Errorf("there is no base %s", got.Base)
		}
	}
}
