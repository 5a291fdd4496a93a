package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/render"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/urfave/cli/v2"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "check everything in a layout, and say where it is wrong and why",
		ArgsUsage: "LAYOUT...",
		UsageText: "ocilayout verify LAYOUT... [FLAGS]\n\nExample: ocilayout verify ./image-dir --level digest --fail-on warning",
		Description: "The status is 0 if every layout is valid, 1 if there are findings at or above --fail-on, 2 if the command line is wrong, " +
			"3 if something could not be checked, and 130 if the run was interrupted.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "level", Value: verify.LevelContent.String(), Usage: "how deep to look: `LEVEL` is structure, digest or content"},
			&cli.StringFlag{Name: "fail-on", Value: rule.Error.String(), Usage: "lowest `SEVERITY` that makes the status 1: error, warning, info or never"},
			&cli.StringSliceFlag{Name: "rule", Usage: "`ID=SEVERITY` sets a rule to error, warning, info or ignore; repeatable"},
			&cli.StringFlag{Name: "expect-index", Usage: "`DIGEST` that index.json itself must have"},
			blobDirFlag(),
			platformFlag(),
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "`N` blobs read at once", DefaultText: "the number of processors"},
			formatFlag(render.Formats...),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `FILE`, which may not lie in a layout"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print nothing but findings at or above --fail-on", DisableDefaultText: true},
			&cli.IntFlag{Name: "max-findings", Value: 10_000, Usage: "`N` findings a layout to report, then only counted; 0 for all"},
		}, limitFlags(), layerLimitFlags()),
		Action: runVerify,
	}
}

// verification is the verify command as its flags have it.
type verification struct {
	addresses []address
	options   verify.Options
	failOn    rule.Severity // Unset: never
	blobDirs  []string
	format    string
	output    string
	out       *output // each finding is to be seen when it is found
	quiet     bool
	most      int64 // findings to report
}

func newVerification(c *cli.Context) (*verification, error) {
	if err := noEmptyValue(c, "expect-index", "output", "blob-dir"); err != nil {
		return nil, err
	}
	v := &verification{blobDirs: c.StringSlice("blob-dir"), output: c.String("output"), quiet: c.Bool("quiet"), most: int64(c.Int("max-findings"))}
	var err error
	if v.options.Level, err = verify.ParseLevel(c.String("level")); err != nil {
		return nil, usagef("--level: %v", err)
	}
	failOn, err := oneOf(c, "fail-on", "error", "warning", "info", "never")
	if err != nil {
		return nil, err
	}
	if failOn != "never" {
		v.failOn, _ = rule.ParseSeverity(failOn) // oneOf has seen to it
	}
	for _, setting := range c.StringSlice("rule") {
		if err := v.options.Policy.Set(setting); err != nil {
			return nil, badRule(setting, err)
		}
	}
	if v.options.ExpectIndex, err = digestFlag(c, "expect-index"); err != nil {
		return nil, err
	}
	if v.options.Platforms, err = platforms(c); err != nil {
		return nil, err
	}
	if v.options.Limits, err = limits(c); err != nil {
		return nil, err
	}
	if v.options.LayerLimits, err = layerLimits(c); err != nil {
		return nil, err
	}
	if v.format, err = formatOf(c, render.Formats...); err != nil {
		return nil, err
	}
	if v.options.Jobs = c.Int("jobs"); v.options.Jobs < 0 || c.IsSet("jobs") && v.options.Jobs == 0 {
		return nil, usagef("--jobs is a number from 1 up, not %d", v.options.Jobs)
	}
	if v.most < 0 {
		return nil, usagef("--max-findings is a number from 0 up, not %d", v.most)
	}
	if c.NArg() == 0 {
		return nil, usagef("verify needs at least one LAYOUT")
	}
	for _, given := range c.Args().Slice() {
		a, err := parseAddress(given)
		if err != nil {
			return nil, err
		}
		v.addresses = append(v.addresses, a)
	}
	return v, nil
}

// directories are those into which nothing may be written.
func (v *verification) directories() []string {
	dirs := slices.Clone(v.blobDirs)
	for _, a := range v.addresses {
		dirs = append(dirs, a.path)
	}
	return dirs
}

func badRule(setting string, err error) error {
	id, _, ok := strings.Cut(setting, "=")
	if _, known := rule.Lookup(rule.ID(id)); ok && !known {
		return unknownRule(id)
	}
	return usagef("--rule: %v", err)
}

func runVerify(c *cli.Context) error {
	v, err := newVerification(c)
	if err != nil {
		return err
	}
	out, err := newOutput(c.App.Writer, v.output, v.directories())
	if err != nil {
		return err
	}
	defer out.discard()
	v.out = out
	report := render.NewReport(v.format, out, render.Tool{Name: "ocilayout", Version: version()}, v.quiet)
	status := statusOK
	for _, a := range v.addresses {
		result, err := v.layout(c.Context, a, report)
		if err != nil {
			return failed(written(err))
		}
		if result.Err != nil && c.Context.Err() == nil {
			complain(c.App.ErrWriter, result.Err)
		}
		if err := cmp.Or(report.Layout(result), out.Flush()); err != nil {
			return failed(written(err))
		}
		status = worse(status, statusOf(c.Context, result))
		if c.Context.Err() != nil {
			break
		}
	}
	if err := cmp.Or(report.Close(), out.commit()); err != nil {
		return failed(written(err))
	}
	if status == statusOK {
		return nil
	}
	return &statusError{status: status}
}

// layout verifies one layout. The error is one of writing the report; what is
// wrong with the layout, or keeps it from being verified, is in the result.
func (v *verification) layout(ctx context.Context, a address, report render.Report) (render.Result, error) {
	start := time.Now()
	result := render.Result{Path: a.given, Level: v.options.Level, Verdict: render.Incomplete,
		Selected: !a.selector.All() || len(v.options.Platforms) > 0}
	l, err := a.open(v.blobDirs)
	if err != nil {
		result.Err = err
		return result, nil
	}
	defer l.Close()
	options := v.options
	options.Select = a.selector
	verifier := verify.New(l, options)
	var failing, reported int64
	result.Started = true
	for f, err := range verifier.Findings(ctx) {
		if err != nil {
			result.Err = named(a, err)
			// Without index.json there was nothing to verify.
			result.Started = ctx.Err() != nil || verifier.Stats().IndexDigest != ""
			break
		}
		counts := v.failOn != rule.Unset && f.Severity >= v.failOn
		if counts {
			failing++
		}
		if v.quiet && !counts {
			continue
		}
		if v.most > 0 && reported == v.most {
			result.Omitted++
			continue
		}
		reported++
		if err := cmp.Or(report.Finding(a.given, f), v.out.Flush()); err != nil {
			return result, err
		}
	}
	result.Stats, result.Duration = verifier.Stats(), time.Since(start)
	switch {
	case failing > 0:
		result.Verdict = render.Invalid
	case result.Err == nil && result.Stats.Complete:
		result.Verdict = render.Valid
	}
	return result, nil
}

// named says which layout an error is about.
func named(a address, err error) error {
	return &statusError{statusFailed, errors.New(render.Value(a.path) + ": " + err.Error())}
}

func statusOf(ctx context.Context, r render.Result) int {
	switch {
	case ctx.Err() != nil:
		return statusInterrupted
	case r.Verdict == render.Invalid:
		return statusFindings
	case r.Verdict == render.Incomplete:
		return statusFailed
	}
	return statusOK
}

// worse returns the status of two layouts together: an interrupt, else findings,
// else what could not be carried out.
func worse(a, b int) int {
	for _, status := range []int{statusInterrupted, statusFindings, statusFailed} {
		if a == status || b == status {
			return status
		}
	}
	return statusOK
}
