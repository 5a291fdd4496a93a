package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// mostJUnit is how many findings a suite holds: CI systems read the whole file
// into memory.
const mostJUnit = 10_000

// junitReport is a suite of test cases for each layout: the layout itself, and
// each of its manifests. Which there are does not depend on what is wrong. The
// XML is made here, of four elements: a library for it would bring the reader of
// test output along.
type junitReport struct {
	w        io.Writer
	failOn   rule.Severity
	findings *worst
	suites   junitSuites
}

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     string      `xml:"time,attr"` // seconds
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitOutcome `xml:"failure"`
		Error   *junitOutcome `xml:"error"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"` // rule of the first finding
		Text    string `xml:",chardata"`
	}
)

func (j *junitReport) Finding(_ string, f verify.Finding) error {
	if j.findings == nil {
		j.findings = &worst{most: mostJUnit}
	}
	j.findings.add(0, f)
	return nil
}

func (j *junitReport) Layout(r Result) error {
	findings := j.findings
	if findings == nil {
		findings = new(worst)
	}
	j.findings = nil
	cases, names := sorted(findings.inOrder(), r)
	suite := junitSuite{Name: Value(r.Path), Tests: len(cases), Time: fmt.Sprintf("%.1f", r.Duration.Seconds())}
	for i, found := range cases {
		c := j.testCase(found)
		c.Name, c.Class = names[i], suite.Name
		if i == 0 {
			c.end(r, int64(findings.left())+r.Omitted, findings.inOrder())
		}
		suite.add(c)
	}
	j.suites.Suites = append(j.suites.Suites, suite)
	j.suites.Tests += suite.Tests
	j.suites.Failures += suite.Failures
	j.suites.Errors += suite.Errors
	return nil
}

func (j *junitReport) Close(int) error {
	j.suites.Name = "ocilayout"
	raw, err := xml.MarshalIndent(j.suites, "", "  ")
	if err != nil {
		return err
	}
	// No attribute has a line break, and in text it means itself.
	_, err = io.WriteString(j.w, xml.Header+strings.ReplaceAll(string(raw), "&#xA;", "\n")+"\n")
	return err
}

// sorted deals the findings out to the cases: the first is the layout or the
// document itself, and the others are the manifests of the layout. A finding goes
// to the manifest whose file it is about, or else to the last one on the way.
func sorted(findings []placed, r Result) (cases [][]verify.Finding, names []string) {
	names = []string{"layout"}
	if r.Document {
		names[0] = "document"
	}
	byPath := make(map[string]int, len(r.Manifests))
	for _, m := range r.Manifests {
		byPath[m.Path] = len(names)
		names = append(names, Value(string(m.Digest)))
	}
	cases = make([][]verify.Finding, len(names))
	for _, f := range findings {
		i := byPath[f.Path]
		for step := len(f.Trail) - 1; i == 0 && step >= 0; step-- {
			document, _, _ := strings.Cut(f.Trail[step], "#")
			i = byPath[document]
		}
		cases[i] = append(cases[i], f.Finding)
	}
	return cases, names
}

// testCase returns findings as one outcome: what fails, or else what could not
// be checked. A case with two would be counted twice. The rest is output.
func (j *junitReport) testCase(findings []verify.Finding) junitCase {
	var c junitCase
	var failures, unproven, rest []verify.Finding
	for _, f := range findings {
		row, _ := rule.Lookup(f.Rule)
		switch {
		case j.failOn != rule.Unset && f.Severity >= j.failOn:
			failures = append(failures, f)
		case row.Unproven:
			unproven = append(unproven, f)
		default:
			rest = append(rest, f)
		}
	}
	if len(failures) > 0 {
		c.Failure = outcomeOf(failures, "finding", "findings")
		rest = append(unproven, rest...)
	} else if len(unproven) > 0 {
		c.Error = outcomeOf(unproven, "thing could not be checked", "things could not be checked")
	}
	c.Output = textOf(rest)
	return c
}

// end adds to the case of a layout what concerns it as a whole: what ended the
// run, or left it incomplete for a reason that is in no finding, and how many
// findings are not in the report.
func (c *junitCase) end(r Result, omitted int64, findings []placed) {
	unproven := false
	for _, f := range findings {
		row, _ := rule.Lookup(f.Rule)
		unproven = unproven || row.Unproven
	}
	if why := r.unfinished(); why != "" && (r.Err != nil || !unproven) {
		c.fail(why)
	}
	if omitted > 0 {
		c.Output += plural(omitted, "further finding is", "further findings are") + " not in this report\n"
	}
}

// fail makes the case one that could not be checked, unless it has failed.
func (c *junitCase) fail(why string) {
	switch {
	case c.Failure != nil:
		c.Output = why + "\n" + c.Output
	case c.Error != nil:
		c.Error.Text = why + "\n" + c.Error.Text
	default:
		c.Error = &junitOutcome{Message: why, Type: "incomplete", Text: why + "\n"}
	}
}

func outcomeOf(findings []verify.Finding, one, many string) *junitOutcome {
	first := findings[0]
	return &junitOutcome{
		Message: plural(int64(len(findings)), one, many) + ": " + Text(first.Message),
		Type:    string(first.Rule), Text: textOf(findings),
	}
}

func textOf(findings []verify.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(findingText(f))
	}
	return b.String()
}

// findingText says what is wrong and where, then what was expected and found, and
// how the place was reached. No line begins with words of the layout.
func findingText(f verify.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n    %s\n", f.Severity, f.Rule, Value(pathOf(f)), Text(f.Message))
	line := func(label, value string) { fmt.Fprintf(&b, "    %-9s %s\n", label, Value(value)) }
	for _, d := range detailsOf(f) {
		line(d.label, d.value)
	}
	for i, step := range f.Trail {
		line(map[bool]string{true: "reached"}[i == 0], step)
	}
	return b.String()
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	if c.Failure != nil {
		s.Failures++
	}
	if c.Error != nil {
		s.Errors++
	}
}
