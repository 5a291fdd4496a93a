package report

import (
	"fmt"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// How much a step may write to its summary, and how many findings a page is good
// for.
const (
	mostSummary = 1 << 20 // bytes
	mostRows    = 1000
	reserved    = 200 // bytes for the line about what was left out
)

// summaryPage describes a run in Markdown. Whatever comes from a layout stands in
// code, where nothing has a meaning: neither HTML nor links nor mentions.
func summaryPage(layouts []Result, findings *worst) string {
	p := page{}
	p.add("## ocilayout\n\n| | verdict | errors | warnings | infos |\n|---|---|---:|---:|---:|\n")
	for _, r := range layouts {
		if !p.add(fmt.Sprintf("| %s | %s | %d | %d | %d |\n", code(r.Path), r.Verdict, r.Stats.Errors, r.Stats.Warnings, r.Stats.Infos)) {
			p.last("\nThere is no room for the other layouts.\n")
			return p.String()
		}
	}
	for _, r := range layouts {
		if why := r.unfinished(); why != "" {
			p.add("\nNot checked to the end: " + code(why) + "\n")
		}
	}
	left := int64(findings.left())
	for _, r := range layouts {
		left += r.Omitted
	}
	shown := findings.bySeverity()
	if len(shown) > 0 {
		p.add("\n| severity | rule | what is wrong | where | expected | actual |\n|---|---|---|---|---|---|\n")
	}
	for i, f := range shown {
		if !p.add(row(f, layouts[f.layout])) {
			left += int64(len(shown) - i)
			break
		}
	}
	if left > 0 {
		p.last("\n" + plural(left, "further finding is", "further findings are") + " not shown here.\n")
	}
	return p.String()
}

func row(f placed, r Result) string {
	title := ""
	if known, ok := rule.Lookup(f.Rule); ok {
		title = prose.Replace(known.Title)
	}
	where := code(r.Path) + " " + code(place(f.Finding))
	if r.Document {
		where = code(place(f.Finding))
	}
	if f.Entry != "" {
		where += " " + code(f.Entry)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", f.Severity, code(string(f.Rule)), title, where, code(f.Expected), code(f.Actual))
}

// prose makes words of our own plain text of Markdown.
var prose = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "&", "&amp;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`)

// code is a string as a code span, also in a cell of a table: on one line, in
// ASCII, and without what would end the span or the cell. Nothing is "".
func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.NewReplacer("`", `\x60`, "|", `\x7c`).Replace(Value(s)) + "`"
}

// page is a text that does not grow beyond what a summary may have.
type page struct{ strings.Builder }

// add appends s, and says whether there was room.
func (p *page) add(s string) bool {
	if p.Len()+len(s) > mostSummary-reserved {
		return false
	}
	p.WriteString(s)
	return true
}

// last appends what add leaves room for.
func (p *page) last(s string) { p.WriteString(s) }
