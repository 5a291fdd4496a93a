package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// How much GitHub takes as the summary of a step, and how much of it a page is good for.
const (
	mostSummary  = 1 << 20 // bytes
	reserved     = 200     // bytes for the line about what was left out
	mostRows     = 10      // findings of a rule
	mostListed   = 20      // layouts of which each is in the table though it is valid
	rulesAddress = "https://github.com/ocilayout/ocilayout/blob/main/docs/rules.md#"
)

// ruleAddress is the page about a rule.
func ruleAddress(id rule.ID) string { return rulesAddress + string(id) }

// markdownReport is a page for the summary of a step or a merge request, written at the
// end. Whatever comes from a layout stands in code, where nothing has a meaning: neither
// HTML nor links nor mentions.
type markdownReport struct {
	w       io.Writer
	text    *textReport // which knows what is shown, and sums up
	layouts []Result
	found   groups // in this layout
	all     groups
}

func newMarkdown(w io.Writer, o Options) *markdownReport {
	keep := mostRows
	if o.All {
		keep = 0
	}
	return &markdownReport{w: w, text: newText(io.Discard, o), found: groups{keep: keep, most: o.MaxFindings}, all: groups{keep: keep, most: o.MaxFindings}}
}

func (m *markdownReport) Finding(path string, f verify.Finding) error {
	m.found.add(path, f, unproven(f) && !m.text.fails(f.Severity))
	return nil
}

func (m *markdownReport) Layout(r Result) error {
	m.layouts = append(m.layouts, r)
	m.text.sum(r, &m.found)
	m.found.move(&m.all, func(k groupKind) bool { return m.text.shows(k) })
	m.found = groups{keep: m.found.keep, most: m.found.most}
	return nil
}

func (m *markdownReport) Close(status int) error {
	_, err := io.WriteString(m.w, m.page(status))
	return err
}

func (m *markdownReport) page(status int) string {
	p := page{}
	p.add("## ocilayout: " + m.title(status) + "\n\n")
	if !m.table(&p) {
		p.last("\nThere is no room for the other layouts.\n")
		return p.String()
	}
	for _, r := range m.layouts {
		if why := r.unfinished(); why != "" {
			p.add("\nNot checked to the end: " + code(why) + "\n")
		}
	}
	if foot := m.text.foot(m.text.total, new(groups)); len(foot) > 0 {
		p.add("\n" + strings.Join(foot, " ") + "\n")
	}
	left := int64(0)
	for _, g := range m.all.worstFirst() {
		left += m.group(&p, g)
	}
	if left > 0 {
		p.last("\nThere is no room for " + plural(left, "further finding", "further findings") + ".\n")
	}
	return p.String()
}

// title is the verdict on the run.
func (m *markdownReport) title(status int) string {
	interrupted := ""
	if status == exit.StatusInterrupted {
		interrupted = "; interrupted"
	}
	if len(m.layouts) == 1 {
		return verdictWord(m.layouts[0].Verdict) + interrupted
	}
	count := make(map[Verdict]int)
	for _, r := range m.layouts {
		count[r.Verdict]++
	}
	return fmt.Sprintf("%d valid, %d invalid, %d incomplete%s", count[Valid], count[Invalid], count[Incomplete], interrupted)
}

// verdictWord is how a verdict is shown: one that is not good in capitals.
func verdictWord(v Verdict) string {
	if v == Valid {
		return string(v)
	}
	return strings.ToUpper(string(v))
}

// table lists the layouts, of many only those that are not valid. It says whether there
// was room.
func (m *markdownReport) table(p *page) bool {
	head := fmt.Sprintf("| | verdict | %ss | %ss | %ss |\n|---|---|---:|---:|---:|\n", word(rule.Error), word(rule.Warning), word(rule.Info))
	valid := 0
	for _, r := range m.layouts {
		if r.Verdict == Valid && len(m.layouts) > mostListed && !m.text.o.All && !m.text.o.Verbose {
			valid++
			continue
		}
		if !p.add(fmt.Sprintf("%s| %s | %s | %d | %d | %d |\n", head, code(r.Path), verdictWord(r.Verdict), r.Stats.Errors, r.Stats.Warnings, r.Stats.Infos)) {
			return false
		}
		head = ""
	}
	if valid > 0 {
		p.add("\n" + plural(int64(valid), "layout is", "layouts are") + " valid and not listed.\n")
	}
	return true
}

// group adds the findings of one rule, and returns how many there was no room for.
func (m *markdownReport) group(p *page, g *group) int64 {
	label := word(g.severity)
	if g.unchecked {
		label = "not checked"
	}
	row, _ := rule.Lookup(g.rule)
	head := fmt.Sprintf("\n### %s: %s\n\n%s", label, prose.Replace(row.Title), code(string(g.rule)))
	if !g.varied {
		head += ": " + code(g.message)
	}
	if g.count > 1 {
		head += fmt.Sprintf(", %d times", g.count)
	}
	if flag := lifts(g.kept[0].Finding); g.unchecked && flag != "" {
		head += "; raise it with " + code(flag)
	}
	head += ". [Why, and what to do](" + ruleAddress(g.rule) + ")\n"
	columns := m.columns(g)
	names, line := "\n|", "\n|"
	for _, c := range columns {
		names, line = names+" "+c.name+" |", line+"---|"
	}
	if len(columns) == 0 { // there is no more to say
		p.add(head)
		return 0
	}
	if !p.add(head + names + line + "\n") {
		return g.count
	}
	for i, f := range g.kept {
		cells := "|"
		for _, c := range columns {
			cells += " " + c.cell(f) + " |"
		}
		if !p.add(cells + "\n") {
			return g.count - int64(i)
		}
	}
	if left := g.count - int64(len(g.kept)); left > 0 {
		if !p.add(fmt.Sprintf("\n... %d more\n", left)) {
			return left
		}
	}
	return 0
}

// markdownColumn is a column of a table of findings.
type markdownColumn struct {
	name string
	cell func(member) string
}

// columns are those in which a group has anything to say.
func (m *markdownReport) columns(g *group) []markdownColumn {
	all := []markdownColumn{
		{"layout", func(f member) string {
			if len(m.layouts) == 1 || f.layout == f.Path {
				return ""
			}
			return code(f.layout)
		}},
		{"place", func(f member) string { return code(placeOf(f.Finding).String()) }},
		{"file", func(f member) string { return code(pathOf(f.Finding)) }},
		{"entry", func(f member) string { return code(f.Entry) }},
		{"what is wrong", func(f member) string {
			if !g.varied {
				return ""
			}
			return code(f.Message)
		}},
		{"expected", func(f member) string { return code(f.Expected) }},
		{"actual", func(f member) string { return code(f.Actual) }},
	}
	var used []markdownColumn
	for _, c := range all {
		for _, f := range g.kept {
			if c.cell(f) != "" {
				used = append(used, c)
				break
			}
		}
	}
	return used
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
