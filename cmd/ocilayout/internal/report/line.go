package report

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/ocilayout/ocilayout/verify"
)

// lineReport is one finding a line, for grep and for editors, as they come.
type lineReport struct {
	w     io.Writer
	quiet bool // what ended a run is left to standard error
	found groups
	style Style
}

func newLine(w io.Writer, o Options) *lineReport {
	return &lineReport{w: w, quiet: o.Quiet, found: groups{keep: 1}, style: o.Style}
}

func (l *lineReport) Finding(path string, f verify.Finding) error {
	l.found.add(path, f, false)
	where := Value(pathOf(f))
	if path != f.Path && inLayout(f.Path) { // a document is its own file
		where = Value(path) + ":" + where
	}
	text := where + ": " + l.style.Severity(f.Severity, word(f.Severity)) + ": " + Text(sentence(f)) + " [" + string(f.Rule) + "]"
	if place := placeOf(f).String(); place != "" {
		text += " (" + place + ")"
	}
	_, err := io.WriteString(l.w, text+"\n")
	return err
}

// Layout says what no finding does: what ended a check, or left it incomplete.
func (l *lineReport) Layout(r Result) error {
	var lines []string
	switch {
	case r.Err != nil && !l.quiet:
		lines = append(lines, "incomplete: "+strings.TrimPrefix(Text(r.Err.Error()), Value(r.directory())+": "))
	case r.Err == nil && !r.Stats.Complete && !l.found.anyUnproven() && (!l.quiet || r.Verdict == Incomplete):
		lines = append(lines, "incomplete: not everything could be checked")
	}
	if r.Omitted > 0 {
		lines = append(lines, plural(r.Omitted, "further finding is", "further findings are")+" not shown; --max-findings shows more")
	}
	l.found = groups{keep: 1}
	text := ""
	for _, line := range lines {
		text += Value(r.Path) + ": " + line + "\n"
	}
	_, err := io.WriteString(l.w, text)
	return err
}

func (l *lineReport) Close(int) error { return nil }

// fileOf is the file of the file system that a finding is in: the archive, if the layout
// is in one.
func fileOf(f verify.Finding, r Result) string {
	switch {
	case r.Archive:
		return filepath.ToSlash(r.directory())
	case !r.Document && inLayout(f.Path):
		return filepath.ToSlash(filepath.Join(r.directory(), f.Path))
	}
	return f.Path
}
