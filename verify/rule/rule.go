// Package rule is the vocabulary of findings: the one table of rules, and the
// policy by which a user changes what a rule weighs.
//
// It is a leaf: it imports nothing of this module, so that documents can name
// the rule they break without knowing the verifier.
package rule

import (
	"fmt"
	"iter"
	"slices"
)

// ID names a rule: "<subject>-<defect>" in the words of the image spec. An id
// is never renamed and never reused for another meaning.
type ID string

// Severity is how much a finding weighs. The zero value, Unset, is no
// severity: no rule has it and no finding carries it.
type Severity uint8

// The severities, in rising order.
const (
	Unset   Severity = iota
	Ignore           // not reported
	Info             // allowed, and worth showing
	Warning          // a broken SHOULD, or something that could not be checked
	Error            // a broken MUST, or content that cannot be trusted
)

var severityNames = [...]string{"unset", "ignore", "info", "warning", "error"}

// String returns the word that flags and reports use: "ignore", "info",
// "warning" or "error".
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// ParseSeverity returns the severity that word names, one of "ignore", "info",
// "warning" and "error". Any other word is an error.
func ParseSeverity(word string) (Severity, error) {
	if i := slices.Index(severityNames[:], word); i > int(Unset) {
		return Severity(i), nil
	}
	return Unset, fmt.Errorf("no severity %q: it is one of error, warning, info, ignore", word)
}

// Rule is one row of the table.
type Rule struct {
	ID       ID
	Severity Severity // under ProfileDefault; Ignore: reported only if asked for
	// Strict and Schema are the severities under those profiles, Unset where they
	// are no other than Severity.
	Strict, Schema Severity

	// Unproven marks a rule whose findings mean that something could not be
	// checked. Such a finding leaves the layout incomplete whatever its
	// severity, also when a policy ignores it: it is never good.
	Unproven bool

	Title string // what is wrong, in one line without a full stop
	Help  string // why it matters, and the cure
	Spec  string // the section of the specification or RFC, and its word (MUST, SHOULD, MAY)
	Since string // the release that brought the rule
}

// Under returns what the rule weighs under a profile.
func (r Rule) Under(p Profile) Severity {
	switch {
	case p == ProfileStrict && r.Strict != Unset:
		return r.Strict
	case p == ProfileSchema && r.Schema != Unset:
		return r.Schema
	}
	return r.Severity
}

// All yields every rule in the order of the table. It is safe for concurrent
// use, and so are Lookup and Policy.Severity.
func All() iter.Seq[Rule] { return slices.Values(table) }

// Lookup returns the row of id, and whether there is one.
func Lookup(id ID) (Rule, bool) {
	i, ok := byID[id]
	if !ok {
		return Rule{}, false
	}
	return table[i], true
}

var byID = func() map[ID]int {
	m := make(map[ID]int, len(table))
	for i, r := range table {
		m[r.ID] = i
	}
	return m
}()
