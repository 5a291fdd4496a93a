package report

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// mostAnnotations is how many annotations of a level GitHub takes from one step.
const mostAnnotations = 10

// githubReport is annotations for GitHub Actions, written at the end, then a line
// for each layout, and a page for the summary of the step.
type githubReport struct {
	w       io.Writer
	quiet   bool
	summary io.Writer
	layouts []Result
	rows    worst                 // for the page
	levels  [rule.Error + 1]worst // for the annotations
}

func newGitHub(w io.Writer, o Options) *githubReport {
	g := &githubReport{w: w, quiet: o.Quiet, summary: o.Summary, rows: worst{most: mostRows}}
	for i := range g.levels {
		g.levels[i].most = mostAnnotations
	}
	return g
}

func (g *githubReport) Finding(_ string, f verify.Finding) error {
	g.rows.add(len(g.layouts), f)
	g.levels[f.Severity].add(len(g.layouts), f)
	return nil
}

func (g *githubReport) Layout(r Result) error {
	g.layouts = append(g.layouts, r)
	return nil
}

func (g *githubReport) Close(int) error {
	var b strings.Builder
	for _, line := range g.annotations() {
		b.WriteString(line + "\n")
	}
	if _, err := io.WriteString(g.w, b.String()); err != nil {
		return err
	}
	lines := textReport{w: g.w, quiet: g.quiet}
	for _, r := range g.layouts {
		r.Omitted = 0 // the annotations have said so
		if err := lines.Layout(r); err != nil {
			return err
		}
	}
	if g.summary == nil {
		return nil
	}
	_, err := io.WriteString(g.summary, summaryPage(g.layouts, &g.rows))
	return err
}

// annotations returns at most so many a level as GitHub shows, the last of which
// says what is missing.
func (g *githubReport) annotations() []string {
	var lines, more []string
	left := int64(0)
	for _, r := range g.layouts {
		left += r.Omitted
	}
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Info} {
		level, most := g.level(s), mostAnnotations
		if s == rule.Info && (left > 0 || len(level) == most) {
			most-- // a notice says what is missing
		}
		shown := min(len(level), most)
		lines = append(lines, level[:shown]...)
		if hidden := int64(len(level)-shown) + int64(g.levels[s].left()); hidden > 0 {
			more = append(more, plural(hidden, s.String(), s.String()+"s"))
			left += hidden
		}
	}
	if left == 0 {
		return lines
	}
	text := plural(left, "further finding is", "further findings are") + " not shown here"
	if len(more) > 0 {
		text += ", among them " + strings.Join(more, ", ")
	}
	return append(lines, "::notice title=ocilayout::"+escapeData(text))
}

// level returns the annotations of one severity. What could not be checked at all
// comes before the errors that were found.
func (g *githubReport) level(s rule.Severity) []string {
	var lines []string
	for _, r := range g.layouts {
		if why := r.unfinished(); s == rule.Error && why != "" {
			lines = append(lines, "::error title=incomplete::"+escapeData(why))
		}
	}
	for _, f := range g.levels[s].inOrder() {
		lines = append(lines, annotation(f.Finding, g.layouts[f.layout]))
	}
	return lines
}

// annotation is the workflow command for a finding.
func annotation(f verify.Finding, r Result) string {
	name := map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Info: "notice"}[f.Severity]
	file := f.Path
	switch {
	case r.Archive:
		file = filepath.ToSlash(r.directory())
	case !r.Document && inLayout(f.Path):
		file = filepath.ToSlash(filepath.Join(r.directory(), f.Path))
	}
	message := Value(place(f)) + ": " + Text(sentence(f))
	return "::" + name + " file=" + escapeProperty(Value(file)) + ",title=" + escapeProperty(string(f.Rule)) + "::" + escapeData(message)
}

// What workflow commands give a meaning of their own:
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(s string) string     { return dataEscapes.Replace(s) }
func escapeProperty(s string) string { return propertyEscapes.Replace(s) }
