package model

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// Problem is one thing that is wrong with a document. All its strings but Rule
// may hold bytes of the document, so escape them before they reach a terminal.
type Problem struct {
	Rule rule.ID
	// Pointer is the RFC 6901 pointer to the value that is wrong, or to the
	// place where a missing member belongs; "" is the whole document.
	Pointer  string
	Message  string // what is wrong, in one sentence without a full stop
	Expected string // what the rule asks for; "" where the message says it all
	Actual   string // what was found, at most about 200 bytes
}

// Error returns pointer, message and what was found in one line, for a Problem
// that is used as an error.
func (p Problem) Error() string {
	s := p.Message
	if p.Pointer != "" {
		s = p.Pointer + ": " + s
	}
	if p.Actual != "" {
		s += ": " + p.Actual
	}
	return fmt.Sprintf("%s (%s)", s, p.Rule)
}

// Problems is what loading found, in document order.
type Problems []Problem

// Err returns nil where the whole document was loaded and no problem is an error
// by the rule table's own severities. Otherwise it returns those errors, and the
// limit that was hit, joined; errors.AsType finds the first as a [Problem].
func (p Problems) Err() error {
	var errs []error
	for _, problem := range p {
		if r, ok := rule.Lookup(problem.Rule); ok && (r.Severity == rule.Error || r.Unproven) {
			errs = append(errs, problem)
		}
	}
	return errors.Join(errs...)
}

// clip bounds what a problem quotes of a document, so that a message cannot be
// as long as the attacker likes.
func clip(s string) string {
	const most = 160
	if len(s) <= most {
		return s
	}
	cut := strings.ToValidUTF8(s[:most], "") // no half of a character
	return fmt.Sprintf("%s… (%d bytes)", cut, len(s))
}
