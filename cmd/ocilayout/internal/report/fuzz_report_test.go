package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// lineOf holds a line of any output to what no terminal and no CI system acts on.
func lineOf(t *testing.T, line string) {
	t.Helper()
	shown(t, line, 1<<20)
	for _, command := range []string{"::", "##", "section_start:", "section_end:"} {
		if strings.HasPrefix(strings.TrimSpace(line), command) {
			t.Errorf("a command: %s", line)
		}
	}
}

// FuzzReport puts any strings into all places of a finding and of a result, and
// holds each format to its own grammar, read by somebody else's parser.
func FuzzReport(f *testing.F) {
	all := slices.Collect(rule.All())
	for i, s := range slices.Concat(hostile, strange, hostileTexts) {
		f.Add(uint8(i), uint8(i/6), uint16(i*7), s, s, s, s, s)
		f.Add(uint8(i+1), uint8(i/5), uint16(i), "index.json", "/manifests/0", s, "blobs/sha256/a", "a, b: "+s)
	}
	f.Fuzz(func(t *testing.T, format, severity uint8, id uint16, path, pointer, text, value, where string) {
		name := Formats[int(format)%len(Formats)]
		found := verify.Finding{
			Rule: all[int(id)%len(all)].ID, Severity: []rule.Severity{rule.Info, rule.Warning, rule.Error}[severity%3],
			Path: path, Pointer: pointer, Digest: digest.Digest(value), Trail: []string{where, value}, Entry: where, Message: "it is " + text, Expected: value, Actual: text,
		}
		result := Result{Path: where, Dir: value, Verdict: Invalid, Started: severity&4 == 0, Selected: severity&8 != 0, Document: severity&16 != 0,
			Manifests: []verify.Manifest{{Digest: digest.Digest(text), Path: path}}, Omitted: int64(severity >> 6)}
		if severity&32 != 0 {
			result.Err = errors.New("ended: " + text)
		}
		var out, summary bytes.Buffer
		report := NewReport(name, &out, Options{Tool: tool, FailOn: rule.Error, Summary: &summary, Width: int(id % 120), Verbose: id&128 != 0, All: id&256 != 0, Count: int(id >> 9)})
		if err := errors.Join(report.Finding(where, found), report.Layout(result), report.Close(1)); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(out.String(), "\n") {
			t.Errorf("no line break ends %q", &out)
		}
		for line := range strings.Lines(out.String()) {
			if name == "markdown" {
				line = strings.TrimLeft(line, "#")
			}
			if name != "github" || !strings.HasPrefix(line, "::") {
				lineOf(t, strings.TrimSuffix(line, "\n"))
			}
		}
		switch name {
		case "json", "ndjson":
			readsAsJSON(t, out.Bytes(), name == "ndjson", found, result)
		case "sarif":
			readsAsSARIF(t, out.Bytes(), found)
		case "junit":
			readsAsXML(t, out.Bytes(), result)
		case "github":
			readsAsCommands(t, out.String(), found, result)
			readsAsMarkdown(t, summary.String())
		case "markdown":
			readsAsMarkdown(t, out.String())
		case "codequality":
			readsAsCodeQuality(t, out.Bytes(), found, result)
		case "line":
			readsAsLines(t, out.String(), found)
		}
	})
}

// asJSON is what encoding/json makes of a string: bytes that are not UTF-8 become
// U+FFFD, each of them.
func asJSON(s string) string { return string([]rune(s)) }

func readsAsJSON(t *testing.T, raw []byte, lines bool, f verify.Finding, r Result) {
	t.Helper()
	var got jsonFinding
	var layout jsonLayout
	if lines {
		d := json.NewDecoder(bytes.NewReader(raw))
		for _, v := range []any{&got, &layout} {
			if err := d.Decode(v); err != nil {
				t.Fatalf("%v: %s", err, raw)
			}
		}
	} else {
		var document jsonDocument
		if err := json.Unmarshal(raw, &document); err != nil || len(document.Layouts) != 1 || len(document.Layouts[0].Findings) != 1 {
			t.Fatalf("%v: %s", err, raw)
		}
		layout = document.Layouts[0]
		got = layout.Findings[0]
	}
	for what, pair := range map[string][2]string{
		"path": {got.Path, f.Path}, "pointer": {got.Pointer, f.Pointer}, "message": {got.Message, f.Message}, "entry": {got.Entry, f.Entry},
		"expected": {got.Expected, f.Expected}, "actual": {got.Actual, f.Actual}, "trail": {got.Trail[1], f.Trail[1]}, "layout": {layout.Path, r.Path},
	} {
		if pair[0] != asJSON(pair[1]) {
			t.Errorf("%s reads as %q, and was %q", what, pair[0], pair[1])
		}
	}
	if _, err := model.ParseDigest(got.Digest); got.Digest != "" && err != nil {
		t.Errorf("digest %q", got.Digest)
	}
}

func readsAsSARIF(t *testing.T, raw []byte, f verify.Finding) {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(raw, &log); err != nil || len(log.Runs) != 1 || len(log.Runs[0].Results) != 1 {
		t.Fatalf("%v: %s", err, raw)
	}
	r := log.Runs[0].Results[0]
	uri := strings.TrimPrefix(r.Locations[0].Physical.Artifact.URI, "file://")
	back, err := url.PathUnescape(uri)
	if err != nil || back != f.Path && back != filepath.ToSlash(f.Path) || !regexp.MustCompile(`^(%[0-9A-F]{2}|[-._~/0-9A-Za-z])*$`).MatchString(uri) {
		t.Errorf("%q gives the URI %s, which is %q, %v", f.Path, uri, back, err)
	}
	for _, text := range []string{r.Message.Text, log.Runs[0].Tool.Driver.Rules[0].Full.Text} {
		if strings.ContainsAny(text, "[]{}") {
			t.Errorf("a message with a meaning: %s", text)
		}
	}
	if r.Properties.Actual != asJSON(f.Actual) || log.Runs[0].Tool.Driver.Rules[r.Index].ID != string(f.Rule) {
		t.Errorf("%+v of %+v", r, f)
	}
}

// readsAsXML counts elements: there are none but those that were meant.
func readsAsXML(t *testing.T, raw []byte, r Result) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(raw))
	count := make(map[string]int)
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		switch token := token.(type) {
		case xml.StartElement:
			count[token.Name.Local]++
			if token.Name.Local == "testsuite" && token.Attr[0].Value != Value(r.Path) {
				t.Errorf("the suite of %q is called %q", r.Path, token.Attr[0].Value)
			}
		case xml.Comment, xml.Directive:
			t.Errorf("%T in %s", token, raw)
		}
	}
	outcomes := count["failure"] + count["error"] + count["system-out"]
	if count["testsuites"] != 1 || count["testsuite"] != 1 || count["testcase"] != 2 || outcomes == 0 || outcomes > 4 || len(count) > 6 {
		t.Errorf("elements %v in %s", count, raw)
	}
}

// unescaped is how the runner of GitHub reads data and properties.
var unescaped = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")

// readsAsCommands takes commands apart as the runner does: at the first blank, at
// commas, and at the next two colons.
func readsAsCommands(t *testing.T, text string, f verify.Finding, r Result) {
	t.Helper()
	level := map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Info: "notice"}[f.Severity]
	commands := 0
	for line := range strings.Lines(text) {
		body, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "::")
		if !ok {
			continue
		}
		shown(t, body, 1<<20)
		head, data, _ := strings.Cut(body, "::")
		command, list, _ := strings.Cut(head, " ")
		properties := make(map[string]string)
		for part := range strings.SplitSeq(list, ",") {
			name, value, _ := strings.Cut(part, "=")
			properties[name] = unescaped.Replace(value)
		}
		if strings.ContainsAny(unescaped.Replace(data), "\r\n") {
			t.Errorf("a line breaks in %s", line)
		}
		if title := properties["title"]; title != string(f.Rule) {
			if title != "incomplete" && title != "ocilayout" || len(properties) != 1 {
				t.Errorf("not a command that was meant: %s", line)
			}
			continue
		}
		commands++
		file := f.Path
		if !r.Document && inLayout(f.Path) {
			file = filepath.ToSlash(filepath.Join(r.directory(), f.Path))
		}
		if command != level || len(properties) != 2 || properties["file"] != Value(file) || unescaped.Replace(data) != Value(pathOf(f))+": "+Text(sentence(f)) {
			t.Errorf("%s is read as %s with %q: %s", line, command, properties, data)
		}
	}
	if commands != 1 {
		t.Errorf("%d commands for one finding: %s", commands, text)
	}
}

// readsAsCodeQuality holds a report to the schema, and to one issue for the finding.
func readsAsCodeQuality(t *testing.T, raw []byte, f verify.Finding, r Result) {
	t.Helper()
	if err := outputtest.CodeQuality(string(raw)); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var issues []qualityIssue
	if err := json.Unmarshal(raw, &issues); err != nil {
		t.Fatal(err)
	}
	found, prints := 0, make(map[string]bool)
	for _, i := range issues {
		prints[i.Fingerprint] = true
		shown(t, i.Description, 1<<20)
		if i.Check == string(f.Rule) {
			found++
		} else if i.Check != "incomplete" && i.Check != "findings-omitted" {
			t.Errorf("not an issue that was meant: %+v", i)
		}
	}
	if found != 1 || len(prints) != len(issues) {
		t.Errorf("%d issues for one finding of %+v, with %d fingerprints: %s", found, r, len(prints), raw)
	}
}

// readsAsLines holds a report to one line for the finding, and lines about the layout.
func readsAsLines(t *testing.T, text string, f verify.Finding) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if want := ": " + f.Severity.String() + ": " + Text(sentence(f)) + " [" + string(f.Rule) + "]"; !strings.Contains(lines[0], want) || len(lines) > 3 {
		t.Errorf("%q, which should have %q", lines, want)
	}
	for _, line := range lines[1:] {
		if !strings.Contains(line, ": incomplete: ") && !strings.Contains(line, "further finding") {
			t.Errorf("not a line that was meant: %s", line)
		}
	}
}

var ruleLinks = regexp.MustCompile(`\[Why, and what to do\]\(https://github\.com/ocilayout/ocilayout/blob/main/docs/rules\.md#[a-z0-9-]+\)`)

var spans = regexp.MustCompile("`[^`]*`")

// readsAsMarkdown holds a page to code spans, and to our own words outside of them.
func readsAsMarkdown(t *testing.T, page string) {
	t.Helper()
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		shown(t, strings.TrimLeft(line, "#"), 1<<20)
		line = ruleLinks.ReplaceAllString(line, "")
		if own := spans.ReplaceAllString(line, ""); strings.ContainsAny(strings.NewReplacer("\\`", "", `\[`, "", "&lt;", "", "&amp;", "").Replace(own), "`<>[]@&!") {
			t.Errorf("not in code: %s", line)
		}
		if cells := strings.Count(strings.ReplaceAll(spans.ReplaceAllString(line, ""), `\|`, ""), "|"); cells == 1 || cells > 8 {
			t.Errorf("%d bars in %s", cells, line)
		}
		for _, span := range spans.FindAllString(line, -1) {
			if strings.Contains(span, "|") {
				t.Errorf("a bar in %s", span)
			}
		}
	}
}
