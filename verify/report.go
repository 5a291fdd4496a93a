package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// MaxFindings is how many findings a Report holds. Beyond that they are only counted, so
// that its memory is bounded: a layout can be made to have any number of them. Who needs
// them all ranges over [Verifier.Findings].
const MaxFindings = 1000

// Report is the result of [Run].
type Report struct {
	Findings []Finding // the first MaxFindings, in the order of Verifier.Findings
	Omitted  int64     // how many came after those
	Stats    Stats

	firstError *Finding // which may be among those omitted
}

// ErrIncomplete is what errors.Is finds where a layout is not proven to be valid, though
// no error was found: something that matters was not checked.
var ErrIncomplete = errors.New("not everything could be checked")

// InvalidError is what errors.AsType finds where a layout has errors.
type InvalidError struct {
	Errors int64   // how many
	First  Finding // the first of them
}

// Error says in one line how many errors there are, and which is the first.
func (e *InvalidError) Error() string {
	if e.Errors == 1 {
		return "1 error: " + e.First.String()
	}
	return fmt.Sprintf("%d errors, the first of them: %v", e.Errors, e.First)
}

// Run verifies a layout, as deep as the options say, and returns all that it found.
//
// A fault of the layout is a Finding and no error: [Report.Err] says whether there is
// one. The error is that of [Verifier.Findings], where the layout could not be looked at
// or ctx was cancelled. The report is there in any case, with what was found until then.
//
// It takes the time of one reading of the layout, and unpacking its layers at
// LevelContent. It holds no more memory than Verifier.Findings does, and MaxFindings
// findings.
func Run(ctx context.Context, l *layout.Layout, o Options) (*Report, error) {
	v, r := New(l, o), new(Report)
	var failure error
	for f, err := range v.Findings(ctx) {
		if err != nil {
			failure = err
			break
		}
		if f.Severity == rule.Error && r.firstError == nil {
			r.firstError = &f
		}
		if len(r.Findings) == MaxFindings {
			r.Omitted++
			continue
		}
		r.Findings = append(r.Findings, f)
	}
	r.Stats = v.Stats()
	return r, failure
}

// Err returns nil if the layout is valid: nothing is wrong that is an error by the
// policy, and nothing that matters at the level was left unchecked. Otherwise it returns
// an *InvalidError if there are errors, and one that is ErrIncomplete if there are none.
func (r *Report) Err() error {
	switch {
	case r.firstError != nil:
		return &InvalidError{Errors: r.Stats.Errors, First: *r.firstError}
	case !r.Stats.Complete && r.Stats.NotChecked > 0:
		return fmt.Errorf("%w: %d blobs", ErrIncomplete, r.Stats.NotChecked)
	case !r.Stats.Complete:
		return ErrIncomplete
	}
	return nil
}
