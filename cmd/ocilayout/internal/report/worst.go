package report

import (
	"cmp"
	"slices"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// worst keeps at most so many findings: errors rather than warnings, those rather
// than infos, and of one severity the first. Adding takes constant time.
type worst struct {
	most     int
	findings [rule.Error + 1][]placed
	count    int
	seen     int
}

// placed is a finding of one of several layouts.
type placed struct {
	verify.Finding
	layout int // its place among the layouts
	order  int
}

func (w *worst) add(layout int, f verify.Finding) {
	w.seen++
	if w.count == w.most {
		lower := rule.Unset
		for lower < f.Severity && len(w.findings[lower]) == 0 {
			lower++
		}
		if lower == f.Severity {
			return
		}
		w.findings[lower] = w.findings[lower][:len(w.findings[lower])-1]
		w.count--
	}
	w.findings[f.Severity] = append(w.findings[f.Severity], placed{Finding: f, layout: layout, order: w.seen})
	w.count++
}

// left is how many findings were dropped.
func (w *worst) left() int { return w.seen - w.count }

// inOrder returns the findings in the order in which they came.
func (w *worst) inOrder() []placed {
	all := slices.Concat(w.findings[:]...)
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(a.order, b.order) })
	return all
}
