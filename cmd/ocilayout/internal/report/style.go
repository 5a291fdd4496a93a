package report

import "github.com/ocilayout/ocilayout/verify/rule"

// Style colours words for a terminal, and the zero Style colours nothing. What
// it is given has to be escaped already: it lets through whatever that has.
type Style struct{ on bool }

// NewStyle returns a Style that colours if color is set.
func NewStyle(color bool) Style { return Style{color} }

// The colours are those of the terminal's own palette, so that they can be read
// on a dark ground and on a light one.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	dim    = "2"
	bold   = "1;"
)

// Severity returns text, which is or names a severity, in the colour of it.
func (s Style) Severity(severity rule.Severity, text string) string {
	switch severity {
	case rule.Error:
		return s.paint(bold+red, text)
	case rule.Warning:
		return s.paint(yellow, text)
	case rule.Info:
		return s.paint(cyan, text)
	}
	return s.Dim(text)
}

// Mark returns text, which says that something is missing, damaged or
// unreadable, so that it is seen in a listing. A hyphen marks nothing.
func (s Style) Mark(text string) string {
	if text == "-" {
		return text
	}
	return s.paint(bold+red, text)
}

// Change returns text with its first byte in the colour of what that says: "+" that
// something was added, "-" that it was removed, "~" that it changed.
func (s Style) Change(text string) string {
	if text == "" {
		return text
	}
	color, ok := map[byte]string{'+': green, '-': red, '~': yellow}[text[0]]
	if !ok {
		return text
	}
	return s.paint(color, text[:1]) + text[1:]
}

// Dim returns text so that what stands beside it is seen first.
func (s Style) Dim(text string) string { return s.paint(dim, text) }

func (s Style) paint(color, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
