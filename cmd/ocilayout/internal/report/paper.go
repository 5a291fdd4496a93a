package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// paper puts text into lines of a width.
type paper struct {
	w       io.Writer
	style   Style
	failOn  rule.Severity
	verbose bool
	all     bool
	width   int  // of a terminal; 0 for none
	short   bool // digests are shortened

	text    strings.Builder // that is not written yet
	lines   int
	pending bool // an empty line comes before the next one
}

func newPaper(w io.Writer, o Options) paper {
	return paper{w: w, style: o.Style, failOn: o.FailOn, verbose: o.Verbose, all: o.All, width: o.Width, short: o.Width > 0 && !o.Verbose}
}

// flush writes what there is.
func (p *paper) flush() error {
	text := p.text.String()
	p.text.Reset()
	_, err := io.WriteString(p.w, text)
	return err
}

// gap has an empty line come before the next one, if something stands above it.
func (p *paper) gap() { p.pending = p.lines > 0 }

func (p *paper) line(s string) {
	if p.pending {
		p.pending = false
		p.lines++
		p.text.WriteByte('\n')
	}
	p.lines++
	p.text.WriteString(strings.TrimRight(s, " ") + "\n")
}

// sentence writes text that is no part of a group, nothing if it is empty. Only a
// terminal breaks it.
func (p *paper) sentence(text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(broken(p.shortened(text), p.width), "\n") {
		p.line(line)
	}
}

// verdict is a verdict so that the bad ones are seen.
func (p *paper) verdict(v Verdict) string {
	switch v {
	case Invalid:
		return p.style.Severity(rule.Error, verdictWord(v))
	case Incomplete:
		return p.style.Severity(rule.Warning, verdictWord(v))
	}
	return verdictWord(v)
}

// labelWidth is that of the column of severities.
const labelWidth = 9

// placeColumn is where a place stands beside a message if there is room, behind the label.
const placeColumn = 45

// group writes the findings of one rule, with the names of the layouts that they are in
// where there are several. It says whether some were left out.
func (p *paper) group(g *group, several bool) bool {
	label, severity := word(g.severity), g.severity
	if g.unchecked {
		label, severity = "not checked", rule.Warning
	}
	indent := strings.Repeat(" ", 2+max(labelWidth, len(label)+2))
	first := "  " + p.style.Severity(severity, label) + strings.Repeat(" ", len(indent)-2-len(label))
	id, raise := string(g.rule), ""
	if flag := lifts(g.kept[0].Finding); g.unchecked && flag != "" {
		raise = "; raise it with " + flag
	}
	if g.count == 1 && !several {
		place := placeOf(g.kept[0].Finding)
		where := place.String()
		if place.Reference == "" && place.Layer < 0 && !p.beside(indent, g.message, where) {
			where = "" // the path says more
		}
		p.titled(first, indent, g.message, where)
		p.line(indent + id + raise)
		if f := g.kept[0].Finding; p.inFull(g) {
			p.details(indent, f, true)
		} else if placeOf(f).Reference == "" {
			p.line(indent + p.shortened(Value(pathOf(f))))
		}
		return false
	}
	if where, ok := joined(g, several); ok && !p.verbose && p.beside(indent, g.message, where) {
		p.titled(first, indent, g.message, where)
		p.line(indent + id + raise)
		return false
	}
	times := fmt.Sprint(g.count) + " times"
	if g.count == 1 {
		times = "once"
	}
	if g.layouts > 1 {
		times += " in " + fmt.Sprint(g.layouts) + " layouts"
	}
	if !p.beside(indent, g.sentence(), times) {
		id, times = id+", "+times, ""
	}
	p.titled(first, indent, g.sentence(), times)
	p.line(indent + id + raise)
	kept := g.kept
	if !p.all {
		kept = kept[:min(len(kept), mostPlaces)]
	}
	p.rows(indent, g, kept, several)
	if left := g.count - int64(len(kept)); left > 0 {
		p.line(indent + "... " + fmt.Sprint(left) + " more")
		return true
	}
	return false
}

// inFull says whether all is said of a finding that stands alone: it fails the layout, or
// says why something was not checked, where the reader cannot just raise a limit.
func (p *paper) inFull(g *group) bool {
	if g.unchecked {
		return p.verbose || lifts(g.kept[0].Finding) == ""
	}
	return p.verbose || g.severity == rule.Error || p.failOn != rule.Unset && g.severity >= p.failOn
}

func (p *paper) columns() int {
	if p.width > 0 {
		return p.width
	}
	return plainWidth
}

// joined returns the places of all findings of a group in one line, if they say enough
// and all is said with them.
func joined(g *group, several bool) (string, bool) {
	if g.varied || several || g.count > mostPlaces || int64(len(g.kept)) < g.count {
		return "", false
	}
	var places []string
	for _, f := range g.kept {
		place := placeOf(f.Finding)
		if place.Reference == "" || f.Entry != "" {
			return "", false
		}
		places = append(places, place.String())
	}
	return strings.Join(places, "; "), true
}

// beside says whether there is room for something beside a message.
func (p *paper) beside(indent, message, what string) bool {
	return len(indent)+len(p.shortened(Text(message)))+2+len(what) <= p.columns()
}

// titled writes what is wrong, and where beside it if there is room.
func (p *paper) titled(first, indent, message, where string) {
	room := p.columns() - len(indent)
	message = p.shortened(Text(message))
	if where != "" && p.beside(indent, message, where) {
		column := max(len(message)+2, min(placeColumn, room-len(where)))
		p.line(first + message + strings.Repeat(" ", column-len(message)) + where)
		return
	}
	lines := wrapped(message, room)
	p.line(first + lines[0])
	for _, line := range lines[1:] {
		p.line(indent + line)
	}
	for _, line := range wrapped(where, room) {
		if line != "" {
			p.line(indent + line)
		}
	}
}

// rows writes a line for each of several findings: the place, and what differs. Where
// messages differ and none is left out, they have lines of their own.
func (p *paper) rows(indent string, g *group, kept []member, several bool) {
	whole := g.varied && int64(len(kept)) == g.count || p.verbose
	places, width := make([]string, len(kept)), 0
	for i, f := range kept {
		places[i] = placeOf(f.Finding).String()
		if several {
			places[i] = strings.TrimSuffix(Value(f.layout)+": "+places[i], ": ")
		}
		if places[i] == "" && g.varied && !whole {
			places[i] = p.shortened(Value(pathOf(f.Finding)))
		}
		width = max(width, len(places[i]))
	}
	for i, f := range kept {
		line := indent
		if width > 0 {
			line += places[i] + strings.Repeat(" ", width-len(places[i])+2)
		}
		switch {
		case f.Entry != "":
			line += Value(f.Entry)
		case g.varied && !whole:
			line += clipped(p.shortened(Text(f.Message)), p.columns()-len(line))
		default:
			line += p.shortened(Value(pathOf(f.Finding)))
		}
		if g.unchecked && f.Expected == "" && f.Actual != "" && !p.verbose { // why it was not
			line += "  " + p.shortened(Value(f.Actual))
		}
		p.line(line)
		if g.varied && whole {
			for _, line := range wrapped(p.shortened(Text(f.Message)), p.columns()-len(indent)-2) {
				p.line(indent + "  " + line)
			}
		}
		if p.verbose {
			p.details(indent+"  ", f.Finding, f.Entry != "")
		}
	}
}

// clipped is a sentence in at most width columns, or in more where that says nothing.
func clipped(text string, width int) string {
	if len(text) <= width || width <= 20 {
		return text
	}
	return strings.TrimRight(text[:width-3], " ") + "..."
}

// details writes all else that a finding says.
func (p *paper) details(indent string, f verify.Finding, path bool) {
	write := func(label, value string) {
		if value == "" {
			return
		}
		head := indent
		if label != "" {
			head += fmt.Sprintf("%-*s", labelWidth, label)
		}
		for i, line := range wrapped(value, p.columns()-len(head)) {
			if i > 0 {
				head = strings.Repeat(" ", len(head))
			}
			p.line(head + line)
		}
	}
	if path {
		write("", p.shortened(Value(pathOf(f))))
	}
	for _, d := range detailsOf(f) {
		value := p.shortened(Value(d.value))
		if d.label == "expected" || d.label == "actual" {
			if p.shortened(Value(f.Expected)) == p.shortened(Value(f.Actual)) {
				value = Value(d.value) // what differs is in what would be cut off
			}
		}
		write(d.label, value)
	}
	if !p.verbose {
		return
	}
	for i, step := range f.Trail {
		label := map[bool]string{true: "reached", false: " "}[i == 0]
		write(label, Value(step))
	}
}

// detail is one of the things that a finding says, and what it is.
type detail struct{ label, value string }

// detailsOf are those that a finding has beside its message, place and trail.
func detailsOf(f verify.Finding) []detail {
	var all []detail
	for _, d := range [...]detail{{"entry", f.Entry}, {"expected", f.Expected}, {"actual", f.Actual}} {
		if d.value != "" {
			all = append(all, d)
		}
	}
	if _, encoded, ok := strings.Cut(digestOf(f), ":"); ok && !strings.HasSuffix(f.Path, encoded) {
		all = append(all, detail{"blob", digestOf(f)})
	}
	return all
}

// wrapped returns text in lines that are no wider than width where words allow.
func wrapped(text string, width int) []string {
	var lines []string
	for len(text) > max(width, 1) {
		at := breakOf(text, width)
		if at < 0 {
			break
		}
		lines = append(lines, text[:at])
		text = text[at+1:]
	}
	return append(lines, text)
}

// longDigests are digests, and the names of the files of blobs.
var longDigests = regexp.MustCompile(`([:/])([0-9a-f]{12})[0-9a-f]{20,}\b`)

// shortened cuts off what nobody reads of a digest, where that is wanted.
func (p *paper) shortened(text string) string {
	if !p.short {
		return text
	}
	return longDigests.ReplaceAllString(text, "$1$2")
}
