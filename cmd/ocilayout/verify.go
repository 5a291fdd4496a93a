package main

import (
	"context"
	"slices"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/progress"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/urfave/cli/v2"
)

func verifyCommand() *cli.Command {
	weights, report := judgingFlags("layout")
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
			blobDirFlag(),
			platformFlag(),
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "`N` blobs read at once", DefaultText: "the number of processors"},
		}, report, []cli.Flag{progressFlag()}, documentLimitFlags(), graphLimitFlags(), layerLimitFlags()),
		Action: runVerify,
	}
}

// verification is the verify command as its flags have it.
type verification struct {
	*judging
	addresses []address
	options   verify.Options
	meter     *progress.Meter // nil: none is to be seen
	blobDirs  []string
}

func newVerification(c *cli.Context) (*verification, error) {
	if err := noEmptyValue(c, "expect-index", "blob-dir"); err != nil {
		return nil, err
	}
	j, err := newJudging(c)
	if err != nil {
		return nil, err
	}
	v := &verification{judging: j, blobDirs: c.StringSlice("blob-dir")}
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
	if v.options.Jobs = c.Int("jobs"); v.options.Jobs < 0 || c.IsSet("jobs") && v.options.Jobs == 0 {
		return nil, usagef("--jobs is a number from 1 up, not %d", v.options.Jobs)
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

func runVerify(c *cli.Context) error {
	v, err := newVerification(c)
	if err != nil {
		return err
	}
	if v.meter, err = newMeter(c, v.judging); err != nil {
		return err
	}
	defer v.meter.Stop()
	return v.all(c, len(v.addresses), v.directories(), func(ctx context.Context, i int) *judgement {
		return v.layout(ctx, i)
	})
}

func (v *verification) layout(ctx context.Context, i int) *judgement {
	a := v.addresses[i]
	start := time.Now()
	j := v.begin(a.given)
	j.Dir, j.Level, j.Selected = a.path, v.options.Level, !a.selector.All() || len(v.options.Platforms) > 0
	l, err := a.open(v.blobDirs)
	if err != nil {
		j.Err = err
		return j
	}
	defer l.Close()
	options := v.options
	options.Select = a.selector
	verifier := verify.New(l, options)
	j.Started = true
	v.meter.Watch(underWay(a.given, i, len(v.addresses)), func() (read, toRead int64) {
		s := verifier.Stats()
		return s.BytesRead, s.BytesToRead
	})
	for f, err := range verifier.Findings(ctx) {
		if err != nil {
			j.Err = named(a.path, err)
			// Without index.json there was nothing to verify.
			j.Started = ctx.Err() != nil || verifier.Stats().IndexDigest != ""
			break
		}
		if !j.find(f) {
			return j
		}
	}
	j.Duration = time.Since(start)
	if v.asksFor("junit") { // the only one to name them all
		j.Manifests = slices.Collect(verifier.Manifests())
	}
	j.end(verifier.Stats())
	return j
}
