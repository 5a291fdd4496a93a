package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/progress"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/urfave/cli/v2"
)

// judging is what verify and validate have in common: what a finding weighs, and
// how it is told.
type judging struct {
	policy rule.Policy
	failOn rule.Severity // Unset: never
	quiet  bool
	most   int64 // findings to report, negative: as many as the format is good for
	asked  []reportFile
	report reportSet
	meter  *progress.Meter // nil: none is to be seen

	mu      sync.Mutex // of report while it grows, for who delivers it
	current atomic.Pointer[judgement]
}

// judgingFlags are those of weights and those of the report; what is the word for
// what is judged.
func judgingFlags(what string) (weights, reports []cli.Flag) {
	weights = []cli.Flag{
		choice(&cli.StringFlag{Name: "fail-on", Value: rule.Error.String(), Usage: "lowest `SEVERITY` that makes the status 1: error, warning, info or never"},
			"error", "warning", "info", "never"),
		profileFlag(),
		&cli.StringSliceFlag{Name: "rule", Usage: "`ID=SEVERITY` sets a rule to error, warning, info or ignore, whatever the profile says; repeatable"},
	}
	reports = []cli.Flag{
		formatFlag(report.Formats...),
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `FILE`, which may not be part of what is checked"},
		&cli.StringSliceFlag{Name: "report", Usage: "`FORMAT:FILE` is a further report of the same run; repeatable"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print nothing but findings at or above --fail-on", DisableDefaultText: true},
		colorFlag(),
		&cli.IntFlag{Name: "max-findings", Value: mostFindings, Usage: "`N` findings of one severity a " + what + " to report, then only counted; 0 for all",
			DefaultText: strconv.Itoa(mostFindings) + ", and the worst for sarif, junit and github"},
	}
	return weights, reports
}

func newJudging(c *cli.Context) (*judging, error) {
	if err := noEmptyValue(c, "output", "report"); err != nil {
		return nil, err
	}
	j := &judging{quiet: c.Bool("quiet"), most: -1}
	failOn, err := oneOf(c, "fail-on")
	if err != nil {
		return nil, err
	}
	if failOn != "never" {
		j.failOn, _ = rule.ParseSeverity(failOn) // oneOf has seen to it
	}
	profile, err := profileOf(c)
	if err != nil {
		return nil, err
	}
	j.policy = rule.NewPolicy(profile)
	for _, setting := range c.StringSlice("rule") {
		if err := j.policy.Set(setting); err != nil {
			return nil, badRule(setting, err)
		}
	}
	if j.asked, err = reportFiles(c); err != nil {
		return nil, err
	}
	if err := fitReports(c, j.asked); err != nil {
		return nil, err
	}
	if c.IsSet("max-findings") {
		if j.most = int64(c.Int("max-findings")); j.most < 0 {
			return nil, usagef("--max-findings is a number from 0 up, not %d", j.most)
		}
	}
	return j, nil
}

// asksFor says whether a report of that format is asked for.
func (j *judging) asksFor(format string) bool {
	return slices.ContainsFunc(j.asked, func(r reportFile) bool { return r.format == format })
}

// all judges n things in turn, and reports them. Nothing is written below any of
// spared. The error is a statusError unless all are good.
func (j *judging) all(c *cli.Context, n int, spared []string, judge func(ctx context.Context, i int) *judgement) error {
	interruptionOf(c.Context).judging.Store(j)
	defer func() { j.report.discard() }()
	if err := j.openReports(c.App.Writer, spared); err != nil {
		return err
	}
	status := statusOK
	for i := range n {
		judged := judge(c.Context, i)
		if judged.unwritten != nil {
			return failed(written(judged.unwritten))
		}
		if judged.Err != nil && c.Context.Err() == nil {
			complain(c.App.ErrWriter, judged.Err)
		}
		if err := j.report.layout(judged); err != nil {
			return failed(written(err))
		}
		status = worse(status, statusOf(c.Context, judged.Result))
		if c.Context.Err() != nil && judged.Err != nil {
			break // else the next one says that it was not judged
		}
	}
	if err := j.report.commit(status); err != nil {
		return failed(written(err))
	}
	if status == statusOK {
		return nil
	}
	return &statusError{status: status}
}

// judgement is one layout or document while it is judged. What is wrong with it,
// or keeps it from being judged, is in the Result.
type judgement struct {
	*judging
	start     time.Time
	failing   atomic.Int64
	unwritten error // what kept a report from being written

	mu sync.Mutex // of the rest, where it is written and where soFar reads it
	report.Result
	verifier *verify.Verifier // nil: none is at work
	over     bool
}

// begin returns the judgement of what r is about, before anything else is known
// of it.
func (j *judging) begin(r report.Result) *judgement {
	r.Verdict = report.Incomplete
	begun := &judgement{judging: j, start: time.Now(), Result: r}
	j.current.Store(begun)
	return begun
}

// set notes what has come to be known of the result.
func (j *judgement) set(change func(r *report.Result)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.Result)
}

// follow notes that v is at work.
func (j *judgement) follow(v *verify.Verifier) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.Started, j.verifier = true, v
}

// find weighs and reports a finding. It says whether the report still takes any.
func (j *judgement) find(f verify.Finding) bool {
	counts := j.failOn != rule.Unset && f.Severity >= j.failOn
	if counts {
		j.failing.Add(1)
	}
	if j.quiet && !counts {
		return true
	}
	j.unwritten = j.report.finding(j.Path, f)
	return j.unwritten == nil
}

// fail ends what could not be judged at all.
func (j *judgement) fail(err error) *judgement {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.Err, j.over = err, true
	return j
}

// end says what the findings and the stats come to.
func (j *judgement) end(stats verify.Stats) *judgement {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sum(&j.Result, stats)
	j.over = true
	return j
}

// sum fills in what the stats, and the findings until now, come to.
func (j *judgement) sum(r *report.Result, stats verify.Stats) {
	r.Stats, r.Duration = stats, time.Since(j.start)
	switch {
	case j.failing.Load() > 0:
		r.Verdict = report.Invalid
	case r.Err == nil && stats.Complete:
		r.Verdict = report.Valid
	}
}

// soFar is the result of what has not come to its end, and will not.
func (j *judgement) soFar(ctx context.Context) report.Result {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.Result
	if j.over {
		return r
	}
	r.Err = named(cmp.Or(r.Dir, r.Path), context.Cause(ctx))
	stats := r.Stats
	if j.verifier != nil {
		stats = j.verifier.Stats()
	}
	stats.Complete = false
	j.sum(&r, stats)
	return r
}

// named says which layout or file an error is about.
func named(path string, err error) error {
	return &statusError{statusFailed, errors.New(report.Value(path) + ": " + err.Error())}
}

func statusOf(ctx context.Context, r report.Result) int {
	switch {
	case ctx.Err() != nil:
		return statusInterrupted
	case r.Verdict == report.Invalid:
		return statusFindings
	case r.Verdict == report.Incomplete:
		return statusFailed
	}
	return statusOK
}

// worse returns the status of two together: an interrupt, else findings, else
// what could not be carried out.
func worse(a, b int) int {
	for _, status := range []int{statusInterrupted, statusFindings, statusFailed} {
		if a == status || b == status {
			return status
		}
	}
	return statusOK
}
