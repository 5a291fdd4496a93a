package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// mostSARIF is how many results GitHub takes of one run.
const mostSARIF = 25_000

// sarifReport is a log of SARIF 2.1.0 with one run, written at the end.
type sarifReport struct {
	w        io.Writer
	tool     Tool
	layouts  []Result
	findings worst
}

func newSARIF(w io.Writer, tool Tool) *sarifReport {
	return &sarifReport{w: w, tool: tool, findings: worst{most: mostSARIF}}
}

func (s *sarifReport) Finding(_ string, f verify.Finding) error {
	s.findings.add(len(s.layouts), f)
	return nil
}

func (s *sarifReport) Layout(r Result) error {
	s.layouts = append(s.layouts, r)
	return nil
}

func (s *sarifReport) Close(status int) error {
	findings := s.findings.inOrder()
	rules, places := sarifRules(findings)
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: s.tool.Name, Version: s.tool.Version, Rules: rules}},
		Invocations: []sarifInvocation{s.invocation(status)},
		Bases:       s.bases(),
		Results:     make([]sarifResult, 0, len(findings)),
		Properties:  s.properties(),
	}
	prints := newFingerprints()
	for _, f := range findings {
		run.Results = append(run.Results, sarifResultOf(f, places[f.Rule], s.layouts[f.layout].Document, prints.of(f, s.layouts[f.layout])))
	}
	return JSON(s.w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifRules returns the rules that the findings name, in the order of the table,
// and where each of them is.
func sarifRules(findings []placed) ([]sarifRule, map[rule.ID]int) {
	places := make(map[rule.ID]int)
	for _, f := range findings {
		places[f.Rule] = -1
	}
	rules := []sarifRule{}
	for r := range rule.All() {
		if _, occurs := places[r.ID]; !occurs {
			continue
		}
		places[r.ID] = len(rules)
		rules = append(rules, sarifRule{
			ID:      string(r.ID),
			Short:   sarifMessage{sarifText(r.Title)},
			Full:    sarifMessage{sarifText(r.Title + ". " + r.Help)},
			Help:    sarifMessage{sarifText(r.Help)},
			HelpURI: ruleAddress(r.ID),
			Default: sarifConfiguration{sarifLevel(r.Severity)}, Properties: sarifRuleProperties{r.Spec},
		})
	}
	return rules, places
}

// sarifLevel is the word of SARIF for a severity.
func sarifLevel(s rule.Severity) string {
	switch s {
	case rule.Error:
		return "error"
	case rule.Warning:
		return "warning"
	case rule.Info:
		return "note"
	}
	return "none"
}

// sarifText is Text without what has a meaning in messages of SARIF: brackets make
// a link, and braces stand for an argument (SARIF 2.1.0, 3.11.5 and 3.11.6).
func sarifText(s string) string { return sarifEscapes.Replace(Text(s)) }

var sarifEscapes = strings.NewReplacer("[", `\x5b`, "]", `\x5d`, "{", `\x7b`, "}", `\x7d`)

func sarifResultOf(f placed, index int, document bool, print string) sarifResult {
	artifact := sarifArtifact{URI: percent(f.Path), Base: baseOf(f.layout)}
	if document || !inLayout(f.Path) {
		artifact = sarifArtifact{URI: fileURI(f.Path), Base: baseHere}
		if strings.HasPrefix(artifact.URI, "file:") {
			artifact.Base = ""
		}
	}
	location := sarifLocation{Physical: sarifPhysical{artifact}}
	if f.Pointer != "" {
		location.Logical = append(location.Logical, sarifLogical{f.Pointer, "value"})
	}
	if f.Entry != "" {
		kind := "layer entry"
		if strings.HasPrefix(string(f.Rule), "archive-") {
			kind = "archive entry"
		}
		location.Logical = append(location.Logical, sarifLogical{f.Entry, kind})
	}
	return sarifResult{
		Rule: string(f.Rule), Index: index, Level: sarifLevel(f.Severity),
		Message: sarifMessage{sarifText(sentence(f.Finding))}, Locations: []sarifLocation{location},
		Prints: sarifPrints{print}, Suppressions: suppressions(f.Exception),
		Properties: sarifProperties{Digest: digestOf(f.Finding), Entry: f.Entry, Trail: append([]string{}, f.Trail...),
			Expected: f.Expected, Actual: f.Actual, Spec: specOf(f.Rule)},
	}
}

// suppressions are those of a finding that an exception accepts, none for nil.
func suppressions(e *rule.Exception) []sarifSuppression {
	if e == nil {
		return nil
	}
	return []sarifSuppression{{Kind: "external", Status: "accepted", Justification: e.Reason}}
}

// sentence is the message of a finding with what was expected and found, for
// readers who see nothing else of it.
func sentence(f verify.Finding) string {
	s := f.Message
	for _, part := range [...]struct{ label, value string }{{"entry", f.Entry}, {"expected", f.Expected}, {"actual", f.Actual}} {
		if part.value != "" {
			s += "; " + part.label + " " + Value(part.value)
		}
	}
	return s
}

// baseHere names the working directory, which is not printed: it is another one on
// every machine.
const baseHere = "WORKDIR"

func baseOf(layout int) string { return fmt.Sprintf("LAYOUT%d", layout+1) }

// bases say what the paths of findings are relative to.
func (s *sarifReport) bases() map[string]sarifArtifact {
	bases := map[string]sarifArtifact{baseHere: {Description: &sarifMessage{"the directory in which the program was run"}}}
	for i, r := range s.layouts {
		if r.Document {
			continue
		}
		base := sarifArtifact{URI: strings.TrimSuffix(fileURI(r.directory()), "/") + "/", Base: baseHere}
		if strings.HasPrefix(base.URI, "file:") {
			base.Base = ""
		}
		bases[baseOf(i)] = base
	}
	return bases
}

// invocation says how the run ended, and what it left out.
func (s *sarifReport) invocation(status int) sarifInvocation {
	invocation := sarifInvocation{ExitCode: status, Description: exitMeanings[status], Successful: status != exit.StatusInterrupted, Notifications: []sarifNotification{}}
	note := func(level, text string) {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{level, sarifMessage{sarifText(text)}})
	}
	for _, r := range s.layouts {
		if unfinished := r.unfinished(); unfinished != "" {
			invocation.Successful = false
			note("error", unfinished)
		}
	}
	if left := s.omitted(); left > 0 {
		note("warning", plural(left, "further finding is", "further findings are")+" not among the results")
	}
	return invocation
}

// exitMeanings are those of docs/report.md.
var exitMeanings = map[int]string{
	exit.StatusOK:          "everything is valid",
	exit.StatusFindings:    "there are findings at or above the severity that fails",
	exit.StatusFailed:      "not everything could be checked to the end",
	exit.StatusInterrupted: "interrupted",
}

func (s *sarifReport) omitted() int64 {
	left := int64(s.findings.left())
	for _, r := range s.layouts {
		left += r.Omitted
	}
	return left
}

func (s *sarifReport) properties() sarifRunProperties {
	p := sarifRunProperties{Omitted: s.omitted(), Layouts: []sarifLayout{}}
	for _, r := range s.layouts {
		p.Layouts = append(p.Layouts, sarifLayout{Path: r.Path, IndexDigest: string(r.Stats.IndexDigest),
			Complete: r.Stats.Complete, Valid: r.Verdict == Valid})
	}
	return p
}
