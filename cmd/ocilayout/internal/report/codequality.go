package report

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// mostQuality is how many findings a report has for a merge request.
const mostQuality = 10_000

// codeQualityReport is a report for the Code Quality of GitLab, written at the end:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
type codeQualityReport struct {
	w        io.Writer
	layouts  []Result
	findings worst
	unproven map[int]bool // layouts of which a finding says why they are incomplete
}

type (
	qualityIssue struct {
		Description string          `json:"description"`
		Check       string          `json:"check_name"`
		Fingerprint string          `json:"fingerprint"`
		Severity    string          `json:"severity"`
		Location    qualityLocation `json:"location"`
	}
	qualityLocation struct {
		Path  string       `json:"path"`
		Lines qualityLines `json:"lines"`
	}
	qualityLines struct {
		Begin int `json:"begin"`
	}
)

func newCodeQuality(w io.Writer) *codeQualityReport {
	return &codeQualityReport{w: w, findings: worst{most: mostQuality}, unproven: make(map[int]bool)}
}

func (q *codeQualityReport) Finding(_ string, f verify.Finding) error {
	q.findings.add(len(q.layouts), f)
	if unproven(f) {
		q.unproven[len(q.layouts)] = true
	}
	return nil
}

func (q *codeQualityReport) Layout(r Result) error {
	q.layouts = append(q.layouts, r)
	return nil
}

func (q *codeQualityReport) Close(int) error {
	issues := []qualityIssue{}
	omitted := int64(q.findings.left())
	for i, r := range q.layouts {
		omitted += r.Omitted
		if why := r.unfinished(); why != "" && (r.Err != nil || !q.unproven[i]) {
			issues = append(issues, issue("incomplete", why, "critical", r.directory(), qualityPrint("incomplete", i)))
		}
	}
	prints := newFingerprints()
	for _, f := range q.findings.inOrder() {
		r := q.layouts[f.layout]
		text := Text(sentence(f.Finding))
		if place := placeOf(f.Finding).String(); place != "" {
			text += " (" + place + ")"
		}
		issues = append(issues, issue(string(f.Rule), text, qualitySeverity(f.Severity), fileOf(f.Finding, r), prints.of(f, r)))
	}
	if omitted > 0 && len(q.layouts) > 0 {
		text := plural(omitted, "further finding is", "further findings are") + " not in this report"
		issues = append(issues, issue("findings-omitted", text, "info", q.layouts[0].directory(), qualityPrint("findings-omitted", 0)))
	}
	return JSON(q.w, issues)
}

// issue is about the first line of a file: a document is often one line, and a layer has
// none.
func issue(check, text, severity, path, print string) qualityIssue {
	return qualityIssue{Description: text, Check: check, Fingerprint: print, Severity: severity,
		Location: qualityLocation{Path: inRepository(path), Lines: qualityLines{Begin: 1}}}
}

// qualitySeverity is the word of GitLab for a severity.
func qualitySeverity(s rule.Severity) string {
	switch s {
	case rule.Error:
		return "critical"
	case rule.Warning:
		return "minor"
	}
	return "info"
}

// qualityPrint is the fingerprint of what is said of a layout, and is no finding.
func qualityPrint(check string, layout int) string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s %d", check, layout)))[:32]
}

// inRepository is a path relative to the working directory, which is that of the
// repository in CI, if it lies within.
func inRepository(path string) string {
	if path == "" {
		return "."
	}
	path = filepath.Clean(path)
	if filepath.IsAbs(path) {
		if here, err := os.Getwd(); err == nil {
			if inner, err := filepath.Rel(here, path); err == nil && inner != ".." && !strings.HasPrefix(inner, ".."+string(filepath.Separator)) {
				path = inner
			}
		}
	}
	return filepath.ToSlash(path)
}
