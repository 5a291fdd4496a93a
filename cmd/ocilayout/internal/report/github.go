package report

import (
	"io"
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
	lines   *textReport     // one for each layout, below the annotations
	page    *markdownReport // nil for none
	layouts []Result
	levels  [rule.Error + 1]worst // for the annotations
}

func newGitHub(w io.Writer, o Options) *githubReport {
	o.Style, o.Width = Style{}, 0
	g := &githubReport{w: w, quiet: o.Quiet, lines: newText(w, o)}
	if o.Summary != nil {
		g.page = newMarkdown(o.Summary, o)
	}
	for i := range g.levels {
		g.levels[i].most = mostAnnotations
	}
	return g
}

func (g *githubReport) Finding(path string, f verify.Finding) error {
	if g.page != nil {
		if err := g.page.Finding(path, f); err != nil {
			return err
		}
	}
	g.levels[f.Severity].add(len(g.layouts), f)
	return nil
}

func (g *githubReport) Layout(r Result) error {
	g.layouts = append(g.layouts, r)
	if g.page != nil {
		return g.page.Layout(r)
	}
	return nil
}

func (g *githubReport) Close(status int) error {
	var b strings.Builder
	for _, line := range g.annotations() {
		b.WriteString(line + "\n")
	}
	if _, err := io.WriteString(g.w, b.String()); err != nil {
		return err
	}
	if !g.quiet {
		for _, r := range g.layouts {
			if err := g.lines.Layout(r); err != nil {
				return err
			}
		}
		if err := g.lines.Close(status); err != nil {
			return err
		}
	}
	if g.page == nil {
		return nil
	}
	return g.page.Close(status)
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
	file := fileOf(f, r)
	message := Value(pathOf(f)) + ": " + Text(sentence(f))
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
