package rule

import (
	"fmt"
	"maps"
	"strings"
)

// Policy says what each rule weighs. The zero value is the table's own
// severities. A Policy that nobody changes is safe for concurrent use; Set must
// not run beside other calls. Copies of a Policy are independent.
type Policy struct {
	severities map[ID]Severity
}

// Set takes "ID=SEVERITY", as in "blob-unreferenced=error", with SEVERITY one
// of error, warning, info and ignore. An unknown id or severity, or a missing
// "=", is an error and changes nothing. The last setting of a rule stands.
func (p *Policy) Set(spec string) error {
	name, word, ok := strings.Cut(spec, "=")
	if !ok {
		return fmt.Errorf("%q is not of the form ID=SEVERITY", spec)
	}
	id := ID(name)
	if _, ok := byID[id]; !ok {
		return fmt.Errorf("no rule %q", name)
	}
	severity, err := ParseSeverity(word)
	if err != nil {
		return err
	}
	severities := maps.Clone(p.severities)
	if severities == nil {
		severities = make(map[ID]Severity)
	}
	severities[id] = severity
	p.severities = severities
	return nil
}

// Severity returns what id weighs under the policy. It panics on an id without
// a row: that is a programmer's error, which no input can cause.
func (p Policy) Severity(id ID) Severity {
	if s, ok := p.severities[id]; ok {
		return s
	}
	i, ok := byID[id]
	if !ok {
		panic("rule: no row for " + string(id))
	}
	return table[i].Severity
}
