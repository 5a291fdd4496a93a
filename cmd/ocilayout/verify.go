package main

import (
	"context"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/urfave/cli/v2"
)

func verifyCommand() *cli.Command {
	weights, reports := judgingFlags("layout")
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
		}, weights, []cli.Flag{
			&cli.StringFlag{Name: "expect-index", Usage: "`DIGEST` that index.json itself must have"},
			platformFlag(),
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "`N` blobs read at once; more than there are processors where opening a file takes long", DefaultText: "the number of processors"},
		}, reports, []cli.Flag{progressFlag()}, layoutFlags(), documentLimitFlags(), graphLimitFlags(layout.Limits{}.WithDefaults().Descriptors), layerLimitFlags(), []cli.Flag{tocLimitFlag()}),
		Action: runVerify,
	}
}

// verification is the verify command as its flags have it.
type verification struct {
	*judging
	addresses []address
	options   verify.Options
	opening   opening
}

func newVerification(c *cli.Context) (*verification, error) {
	if err := noEmptyValue(c, "expect-index"); err != nil {
		return nil, err
	}
	j, err := newJudging(c)
	if err != nil {
		return nil, err
	}
	v := &verification{judging: j}
	if v.opening, err = newOpening(c); err != nil {
		return nil, err
	}
	v.opening.doubts = nil
	v.options.Policy = j.policy
	level, err := oneOf(c, "level")
	if err != nil {
		return nil, err
	}
	v.options.Level, _ = verify.ParseLevel(level) // oneOf has seen to it
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
	v.options.TempDir = func() (string, error) { return v.opening.tempDir() }
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
		v.opening.layouts = append(v.opening.layouts, a.path)
	}
	return nil
}

func runVerify(c *cli.Context) error {
	v, err := newVerification(c)
	if err != nil {
		return err
	}
	if v.meter, err = newMeter(c, v.judging); err != nil {
		return err
	}
	defer v.meter.Stop()
	return v.all(c, len(v.addresses), v.opening.layouts, func(ctx context.Context, i int) *judgement {
		return v.layout(ctx, i)
	})
}

func (v *verification) layout(ctx context.Context, i int) *judgement {
	a := v.addresses[i]
	j := v.begin(v.resultOf(i))
	l, err := a.open(ctx, v.opening)
	if err != nil {
		return j.fail(err)
	}
	defer l.Close()
	j.set(func(r *report.Result) { r.Archive = l.IsArchive() })
	return v.judge(ctx, j, i, l)
}

// resultOf is what the result says of a layout before it is opened.
func (v *verification) resultOf(i int) report.Result {
	a := v.addresses[i]
	return report.Result{Path: a.given, Dir: a.path, Level: v.options.Level, Selected: !a.selector.All() || len(v.options.Platforms) > 0}
}

// judge judges the layout l, which is the one with the index i.
func (v *verification) judge(ctx context.Context, j *judgement, i int, l *layout.Layout) *judgement {
	a, options := v.addresses[i], v.options
	options.Select = a.selector
	verifier := verify.New(l, options)
	j.follow(verifier)
	v.meter.Watch(underWay(a.given, i, len(v.addresses)), func() (read, toRead int64) {
		s := verifier.Stats()
		return s.BytesRead, s.BytesToRead
	})
	for f, err := range verifier.Findings(ctx) {
		if err != nil {
			j.set(func(r *report.Result) {
				r.Err = named(a.path, err)
				// Without index.json there was nothing to verify.
				r.Started = ctx.Err() != nil || verifier.Stats().IndexDigest != ""
			})
			break
		}
		if !j.find(f) {
			return j
		}
	}
	if v.asksFor("junit") { // the only one to name them all
		j.set(func(r *report.Result) { r.Manifests = slices.Collect(verifier.Manifests()) })
	}
	return j.end(verifier.Stats())
}
