package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
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
			choice(&cli.StringFlag{Name: "level", Value: verify.LevelContent.String(), Usage: "how deep to look: `LEVEL` is structure, digest or content"},
				verify.LevelStructure.String(), verify.LevelDigest.String(), verify.LevelContent.String()),
		}, severityFlags(), []cli.Flag{
			&cli.StringFlag{Name: "expect-index", Usage: "`DIGEST` that index.json itself must have"},
			platformFlag(),
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "`N` blobs read at once; more than there are processors where opening a file takes long", DefaultText: "the number of processors"},
		}, reportFlags("layout"), []cli.Flag{progressFlag()}, layoutFlags(), documentLimitFlags(), graphLimitFlags(layout.Limits{}.WithDefaults().Descriptors), layerLimitFlags(), []cli.Flag{tocLimitFlag()}),
		Action: runVerify,
	}
}

// verification is the verify command as its flags have it.
type verification struct {
	run       *Run
	addresses []address
	options   verify.Options
	opener    opener
}

func newVerification(c *cli.Context) (v *verification, err error) {
	v = new(verification)
	if err := noEmptyValue(c, "expect-index"); err != nil {
		return nil, err
	}
	if v.run, v.options.Policy, err = newRun(c); err != nil {
		return nil, err
	}
	if v.opener, err = newOpener(c); err != nil {
		return nil, err
	}
	v.opener.warnings = nil
	level, err := oneOf(c, "level")
	if err != nil {
		return nil, err
	}
	v.options.Level, _ = verify.ParseLevel(level) // one of the choices
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
	if v.options.LayerLimits.TOC, err = byteCount(c, "max-layer-toc"); err != nil {
		return nil, err
	}
	v.options.TempDir = func() (string, error) { return v.opener.tempDir() }
	if v.options.Jobs = c.Int("jobs"); v.options.Jobs < 0 || c.IsSet("jobs") && v.options.Jobs == 0 {
		return nil, usagef("--jobs is a number from 1 up, not %d", v.options.Jobs)
	}
	if c.NArg() == 0 {
		return nil, usagef("verify needs at least one LAYOUT")
	}
	return v, v.parse(c.Args().Slice())
}

// parse understands the arguments. Nothing may be written into what they name.
func (v *verification) parse(arguments []string) error {
	fromStdin := false
	for _, given := range arguments {
		a, err := parseAddress(given)
		if err != nil {
			return err
		}
		if a.stdin && fromStdin {
			return usagef("standard input can be read only once, but - is given twice")
		}
		fromStdin = fromStdin || a.stdin
		v.addresses = append(v.addresses, a)
		v.opener.layouts = append(v.opener.layouts, a.path)
	}
	v.run.Layouts = v.opener.layouts
	return nil
}

func runVerify(c *cli.Context) error {
	v, err := newVerification(c)
	if err != nil {
		return err
	}
	if err := startProgress(c, v.run); err != nil {
		return err
	}
	defer v.run.Progress.Stop()
	return v.run.Each(c.Context, len(v.addresses), v.openAndVerify)
}

// openAndVerify opens and verifies one of the layouts.
func (v *verification) openAndVerify(ctx context.Context, i int) *Check {
	check := v.begin(i)
	l, err := v.opener.open(ctx, v.addresses[i])
	if err != nil {
		return check.Fail(err)
	}
	defer l.Close()
	check.Set(func(r *report.Result) { r.Archive = l.IsArchive() })
	return v.verify(ctx, check, i, l)
}

// begin begins with one of the layouts, which is not open yet.
func (v *verification) begin(i int) *Check {
	a := v.addresses[i]
	return v.run.Begin(report.Result{Path: a.given, Dir: a.path, Level: v.options.Level, Selected: !a.selector.All() || len(v.options.Platforms) > 0})
}

func (v *verification) verify(ctx context.Context, check *Check, i int, l *layout.Layout) *Check {
	a, options := v.addresses[i], v.options
	options.Select = a.selector
	verifier := verify.New(l, options)
	check.Start(verifier.Stats)
	v.run.Progress.Watch(v.label(i), func() (read, toRead int64) {
		s := verifier.Stats()
		return s.BytesRead, s.BytesToRead
	})
	for f, err := range verifier.Findings(ctx) {
		if err != nil {
			check.Set(func(r *report.Result) {
				r.Err = named(a.path, err)
				// Without index.json there was nothing to verify.
				r.Started = ctx.Err() != nil || verifier.Stats().IndexDigest != ""
			})
			break
		}
		if !check.Finding(f) {
			return check
		}
	}
	if slices.ContainsFunc(v.run.Reports, func(d Destination) bool { return d.Format == "junit" }) { // the only one to name them all
		check.Set(func(r *report.Result) { r.Manifests = slices.Collect(verifier.Manifests()) })
	}
	return check.End(verifier.Stats())
}

// label names one of the layouts beside its progress.
func (v *verification) label(i int) string {
	given := report.Value(v.addresses[i].given)
	if len(v.addresses) == 1 {
		return given
	}
	return fmt.Sprintf("layout %d of %d: %s", i+1, len(v.addresses), given)
}
