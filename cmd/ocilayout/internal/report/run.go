package report

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term/progress"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Run checks one layout or document after another, and reports on each: verify and
// validate share it. The exported fields are set before Each, and not changed later.
type Run struct {
	FailOn      rule.Severity // the lowest that makes the status 1; Unset: none does
	Quiet       bool          // text and line have nothing but findings at or above FailOn, and what was not checked
	Verbose     bool          // text has notes, how each finding was reached, and each layout
	All         bool          // text and markdown have all findings of a rule
	MaxFindings int64         // of one severity in a layout or document, 0 for all; negative: as many as suit the format
	Reports     []Destination
	Layouts     []string // nothing is written into one of these
	Tool        Tool
	Stdout      io.Writer
	Stderr      io.Writer
	Progress    *progress.Meter // nil: none is shown

	count int // of layouts or documents

	used  map[*rule.Exception]int64 // findings that each exception accepts
	whole []int                     // what was checked whole, by its number

	mu    sync.Mutex // of the rest, for finish
	sinks []*sink
	check *Check // the one that was begun last
}

// Each checks and reports n layouts or documents in turn. The error carries the exit
// status, unless all are good.
func (r *Run) Each(ctx context.Context, n int, check func(ctx context.Context, i int) *Check) error {
	r.count = n
	term.OnInterrupt(ctx, r)
	defer func() { discard(r.sinks) }()
	if err := r.open(); err != nil {
		return err
	}
	status := exit.StatusOK
	for i := range n {
		checked := check(ctx, i)
		if checked.writeErr != nil {
			return unwritten(checked.writeErr)
		}
		if checked.Err != nil && ctx.Err() == nil {
			Complain(r.Stderr, checked.Err)
		}
		if err := r.end(checked); err != nil {
			return unwritten(err)
		}
		if checked.whole() {
			r.whole = append(r.whole, i)
		}
		status = exit.Worse(status, statusOf(ctx, checked.Result))
		if ctx.Err() != nil && checked.Err != nil {
			break // else the next one says that it was not checked
		}
	}
	if err := r.close(status); err != nil {
		return unwritten(err)
	}
	if status == exit.StatusOK {
		return nil
	}
	return exit.With(status, nil)
}

// fails says whether findings of a severity are failures.
func (r *Run) fails(s rule.Severity) bool { return r.FailOn != rule.Unset && s >= r.FailOn }

func statusOf(ctx context.Context, r Result) int {
	switch {
	case ctx.Err() != nil:
		return exit.StatusInterrupted
	case r.Verdict == Invalid:
		return exit.StatusFindings
	case r.Verdict == Incomplete:
		return exit.StatusFailed
	}
	return exit.StatusOK
}

// open makes ready to write the reports. Those that were opened are in r.sinks also
// where there is an error.
func (r *Run) open() error {
	summary := true // one report is enough to write it
	for _, d := range r.Reports {
		s, err := r.newSink(d, summary)
		if err != nil {
			return err
		}
		summary = summary && d.Format != "github"
		r.mu.Lock()
		r.sinks = append(r.sinks, s)
		r.mu.Unlock()
	}
	return nil
}

// finding adds a finding to every report. The first report comes last: it is that of
// standard output, and if nobody reads that, the others have the finding.
func (r *Run) finding(path string, f verify.Finding) error {
	for _, s := range slices.Backward(r.sinks) {
		if err := s.finding(path, f); err != nil {
			return err
		}
	}
	return nil
}

// accepted adds a finding that an exception accepts to the reports that show such.
func (r *Run) accepted(path string, f verify.Finding) error {
	for _, s := range slices.Backward(r.sinks) {
		if !s.accepted {
			continue
		}
		if err := s.finding(path, f); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) except(f verify.Finding) {
	if r.used == nil {
		r.used = make(map[*rule.Exception]int64)
	}
	r.used[f.Exception]++
}

// UsedExceptions returns how many findings each exception accepted. It is complete once
// Each has ended.
func (r *Run) UsedExceptions() map[*rule.Exception]int64 { return r.used }

// Whole returns the numbers of the layouts and documents that were checked to their end
// and at the deepest level: what was not found in one of these is not there. It is
// complete once Each has ended.
func (r *Run) Whole() []int { return r.whole }

// end ends one layout or document in every report.
func (r *Run) end(c *Check) error {
	for _, s := range slices.Backward(r.sinks) {
		if err := s.end(c, c.Result); err != nil {
			return err
		}
	}
	return nil
}

// close ends all reports. Where one cannot be written to its end, no file gets its
// name. None says how the run ended before standard output did.
func (r *Run) close(status int) error {
	for _, s := range r.sinks {
		if err := s.close(status); err != nil {
			return err
		}
	}
	for _, s := range r.sinks {
		if err := s.commit(); err != nil {
			return err
		}
	}
	return nil
}

// Finish ends the reports of an interrupted run, with what is known by now, and says
// whether all of them were written. Each goes its own way: one that nobody reads does
// not keep another from its file.
func (r *Run) Finish(ctx context.Context) bool {
	r.mu.Lock()
	sinks, check := slices.Clone(r.sinks), r.check
	r.mu.Unlock()
	if check == nil {
		return false // there is nothing to report yet
	}
	result := check.soFar(ctx)
	var all sync.WaitGroup
	var failed atomic.Bool
	for _, s := range sinks {
		all.Go(func() {
			if s.finish(check, result) != nil {
				failed.Store(true)
			}
		})
	}
	all.Wait()
	r.Progress.Stop()
	return !failed.Load()
}

// Remove removes the files of reports that are not complete, while they may still be
// written to.
func (r *Run) Remove() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sinks {
		s.out.remove()
	}
}

// Check is one layout or document while it is checked. What is wrong with it, or
// keeps it from being checked, is in the Result.
type Check struct {
	run      *Run
	start    time.Time
	failing  atomic.Int64 // findings at or above FailOn
	writeErr error        // what kept a report from being written

	mu sync.Mutex // of the rest, where it is written and where soFar reads it
	Result
	stats func() verify.Stats // until now; nil before there are any
	over  bool
}

// Begin returns the Check of what result is about, before anything else is known of it.
func (r *Run) Begin(result Result) *Check {
	result.Verdict = Incomplete
	c := &Check{run: r, start: time.Now(), Result: result}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.check = c
	return c
}

// Set changes the result.
func (c *Check) Set(change func(r *Result)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.Result)
}

// Start says that the check has begun, and where its numbers are.
func (c *Check) Start(stats func() verify.Stats) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Started, c.stats = true, stats
}

// Finding counts and reports a finding. It returns false once no report can be
// written any more.
func (c *Check) Finding(f verify.Finding) bool {
	if f.Exception != nil {
		c.run.except(f)
		c.writeErr = c.run.accepted(c.Path, f)
		return c.writeErr == nil
	}
	if c.run.fails(f.Severity) {
		c.failing.Add(1)
	}
	c.writeErr = c.run.finding(c.Path, f)
	return c.writeErr == nil
}

// Fail ends the check of what could not be checked at all, and returns it.
func (c *Check) Fail(err error) *Check {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Err, c.over = err, true
	return c
}

// End ends the check with the verdict that findings and numbers give, and returns it.
func (c *Check) End(stats verify.Stats) *Check {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.judge(&c.Result, stats)
	c.over = true
	return c
}

func (c *Check) judge(r *Result, stats verify.Stats) {
	r.Stats, r.Duration = stats, time.Since(c.start)
	switch {
	case c.failing.Load() > 0:
		r.Verdict = Invalid
	case r.Err == nil && stats.Complete:
		r.Verdict = Valid
	}
}

// whole says whether nothing was left out.
func (c *Check) whole() bool {
	return c.Started && c.Err == nil && c.Stats.Complete && (c.Document || c.Level == verify.LevelContent && !c.Selected)
}

// soFar returns the result of a check that may never end.
func (c *Check) soFar(ctx context.Context) Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.Result
	if c.over {
		return r
	}
	r.Err = Named(cmp.Or(r.Dir, r.Path), context.Cause(ctx))
	stats := r.Stats
	if c.stats != nil {
		stats = c.stats()
	}
	stats.Complete = false
	c.judge(&r, stats)
	return r
}
