package report

import (
	"cmp"
	"slices"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// groups are findings that stand together: those of one rule and one severity. Of each
// group the first few are kept, and all are counted.
type groups struct {
	keep   int   // findings to keep of a group, 0 for all
	most   int64 // findings to keep of one severity, 0 for all
	byKind map[groupKind]*group
	kept   [rule.Error + 1]int64 // findings, by severity
}

type groupKind struct {
	severity  rule.Severity
	unchecked bool
	rule      rule.ID
}

// group is all findings of one kind. There are no more kinds than rules and severities.
type group struct {
	groupKind
	order   int // of the first one, among the groups
	count   int64
	kept    []member
	message string // of the first one
	varied  bool   // not all have that message
	layouts int    // that were moved here
}

// member is a finding with the layout that it is in.
type member struct {
	verify.Finding
	layout string
}

// add adds a finding. unchecked has it stand among what was not checked.
func (g *groups) add(layout string, f verify.Finding, unchecked bool) {
	kind := groupKind{f.Severity, unchecked, f.Rule}
	of := g.byKind[kind]
	if of == nil {
		if g.byKind == nil {
			g.byKind = make(map[groupKind]*group)
		}
		of = &group{groupKind: kind, order: len(g.byKind), message: f.Message}
		g.byKind[kind] = of
	}
	of.count++
	of.varied = of.varied || of.message != f.Message
	if g.has(of) {
		return
	}
	g.kept[f.Severity]++
	of.kept = append(of.kept, member{f, layout})
}

// has says whether enough findings of a group are kept. Of each there is one.
func (g *groups) has(of *group) bool {
	return g.keep > 0 && len(of.kept) >= g.keep || g.most > 0 && g.kept[of.severity] >= g.most && len(of.kept) > 0
}

// of returns how many findings there are of a rule and a severity.
func (g *groups) of(s rule.Severity, id rule.ID) int64 {
	n := int64(0)
	for kind, of := range g.byKind {
		if kind.severity == s && kind.rule == id {
			n += of.count
		}
	}
	return n
}

// unchecked returns how many findings of a severity stand among what was not checked.
func (g *groups) unchecked(s rule.Severity) int64 {
	n := int64(0)
	for kind, of := range g.byKind {
		if kind.severity == s && kind.unchecked {
			n += of.count
		}
	}
	return n
}

// move moves the groups that are not for this layout to others, which are of several.
func (g *groups) move(to *groups, moves func(groupKind) bool) {
	for _, of := range g.worstFirst() {
		if !moves(of.groupKind) {
			continue
		}
		delete(g.byKind, of.groupKind)
		there := to.byKind[of.groupKind]
		if there == nil {
			if to.byKind == nil {
				to.byKind = make(map[groupKind]*group)
			}
			there = &group{groupKind: of.groupKind, order: len(to.byKind), message: of.message}
			to.byKind[of.groupKind] = there
		}
		there.layouts++
		there.count += of.count
		there.varied = there.varied || of.varied || there.message != of.message
		for _, f := range of.kept {
			if to.has(there) {
				break
			}
			to.kept[of.severity]++
			there.kept = append(there.kept, f)
		}
	}
}

// worstFirst returns the groups: errors, what was not checked, warnings, notes, and of
// one sort in the order in which they were met.
func (g *groups) worstFirst() []*group {
	all := make([]*group, 0, len(g.byKind))
	for _, of := range g.byKind {
		all = append(all, of)
	}
	weight := func(of *group) int {
		if of.unchecked && of.severity < rule.Error {
			return 2*int(rule.Error) - 1
		}
		return 2 * int(of.severity)
	}
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(a.order, b.order))
	})
	return all
}

// sentence is what the findings have in common: their message, or the title of their rule.
func (g *group) sentence() string {
	if !g.varied {
		return g.message
	}
	row, _ := rule.Lookup(g.rule)
	return row.Title
}
