package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "check everything in a layout, and say where it is wrong and why",
		ArgsUsage: "[LAYOUT...]",
		UsageText: "ocilayout verify [LAYOUT...] [FLAGS]\n\nExample: ocilayout verify ./image-dir --level digest --fail-on warning",
		Description: "Every document, blob and layer is read and checked against its digest and against the specification, whatever else is wrong. " +
			"Without a LAYOUT, it is the one in the working directory.",
		Flags: slices.Concat([]cli.Flag{
			cli.Choice(&cli.StringFlag{Name: "level", Value: verify.LevelContent.String(), Usage: "how deep to look: `LEVEL` is structure, digest or content"},
				verify.LevelStructure.String(), verify.LevelDigest.String(), verify.LevelContent.String()),
		}, cli.SeverityFlags(), []cli.Flag{
			&cli.StringFlag{Name: "expect-index", Usage: "`DIGEST` that index.json itself must have"},
			cli.PlatformFlag(),
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "`N` blobs read at once; more than there are processors where opening a file takes long", DefaultText: "the number of processors"},
		}, cli.ReportFlags("layout"), []cli.Flag{cli.ProgressFlag()}, cli.LayoutFlags(),
			cli.DocumentLimitFlags(), cli.GraphLimitFlags(layout.Limits{}.WithDefaults().Descriptors), cli.LayerLimitFlags(), []cli.Flag{
				&cli.StringFlag{Name: "max-layer-toc", Value: "64MiB", Usage: "`BYTES` that a layer's table of contents may have"},
			}),
		Action: runVerify,
	}
}

// verification is the verify command as its flags have it.
type verification struct {
	run       *report.Run
	addresses []cli.Address
	options   verify.Options
	settings  *cli.Settings
	opener    cli.Opener
}

func newVerification(c *cli.Context) (*verification, error) {
	run, policy, settings, err := cli.NewRun(c)
	if err != nil {
		return nil, err
	}
	v := &verification{run: run, settings: settings, opener: cli.NewOpener(c)}
	v.opener.Warnings = nil // there are findings about archives
	v.options = verify.Options{
		Policy: policy, ExpectIndex: cli.Digest(c, "expect-index"), Platforms: cli.Platforms(c), Limits: cli.GraphLimits(c),
		LayerLimits: cli.LayerLimits(c), Jobs: c.Int("jobs"), TempDir: func() (string, error) { return v.opener.TempDir() },
	}
	v.options.Level, _ = verify.ParseLevel(c.String("level")) // one of the choices
	v.options.LayerLimits.TOC = cli.ByteCount(c, "max-layer-toc")
	arguments := c.Args().Slice()
	if len(arguments) == 0 {
		here, err := cli.Here(c, "LAYOUT")
		if err != nil {
			return nil, err
		}
		arguments = []string{here}
	}
	return v, v.parse(arguments)
}

// parse understands the arguments. Nothing may be written into what they name.
func (v *verification) parse(arguments []string) error {
	fromStdin := false
	for _, given := range arguments {
		a, err := cli.ParseAddress(given)
		if err != nil {
			return err
		}
		if a.Stdin && fromStdin {
			return exit.Usagef("standard input can be read only once, but - is given twice")
		}
		fromStdin = fromStdin || a.Stdin
		v.addresses = append(v.addresses, a)
		v.opener.Layouts = append(v.opener.Layouts, a.Path)
	}
	v.run.Layouts = v.opener.Layouts
	return nil
}

func runVerify(c *cli.Context) error {
	v, err := newVerification(c)
	if err != nil {
		return err
	}
	cli.StartProgress(c, v.run)
	defer v.run.Progress.Stop()
	var paths []string
	for _, a := range v.addresses {
		paths = append(paths, a.Path)
	}
	err = v.run.Each(c.Context, len(v.addresses), v.openAndVerify)
	v.settings.Complain(v.run, v.options.Policy, paths)
	return err
}

// openAndVerify opens and verifies one of the layouts.
func (v *verification) openAndVerify(ctx context.Context, i int) *report.Check {
	check := v.begin(i)
	l, err := v.opener.Open(ctx, &v.addresses[i])
	if err != nil {
		return check.Fail(err)
	}
	defer l.Close()
	check.Set(func(r *report.Result) { r.Archive = l.IsArchive() })
	return v.verify(ctx, check, i, l)
}

// begin begins with one of the layouts, which is not open yet.
func (v *verification) begin(i int) *report.Check {
	a := v.addresses[i]
	return v.run.Begin(report.Result{Path: a.Given, Dir: a.Path, Level: v.options.Level, Selected: !a.Selector.All() || len(v.options.Platforms) > 0})
}

func (v *verification) verify(ctx context.Context, check *report.Check, i int, l *layout.Layout) *report.Check {
	a, options := v.addresses[i], v.options
	options.Select, options.Name = a.Selector, v.settings.LayoutName(a.Path)
	verifier := verify.New(l, options)
	check.Start(verifier.Stats)
	v.run.Progress.Watch(v.label(i), func() (read, toRead int64) {
		s := verifier.Stats()
		return s.BytesRead, s.BytesToRead
	})
	for f, err := range verifier.Findings(ctx) {
		if err != nil {
			check.Set(func(r *report.Result) {
				r.Err = report.Named(a.Path, err)
				// Without index.json there was nothing to verify.
				r.Started = ctx.Err() != nil || verifier.Stats().IndexDigest != ""
			})
			break
		}
		if !check.Finding(f) {
			return check
		}
	}
	if slices.ContainsFunc(v.run.Reports, func(d report.Destination) bool { return d.Format == "junit" }) { // the only one to name them all
		check.Set(func(r *report.Result) { r.Manifests = slices.Collect(verifier.Manifests()) })
	}
	return check.End(verifier.Stats())
}

// label names one of the layouts beside its progress.
func (v *verification) label(i int) string {
	given := report.Value(v.addresses[i].Given)
	if len(v.addresses) == 1 {
		return given
	}
	return fmt.Sprintf("layout %d of %d: %s", i+1, len(v.addresses), given)
}
