package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
)

func validateCommand() *cli.Command {
	return &cli.Command{
		Name:        "validate",
		Usage:       "check single documents, and none of the blobs that they name",
		ArgsUsage:   "FILE...",
		UsageText:   "ocilayout validate FILE... [FLAGS]\n\nExample: ocilayout validate manifest.json --type manifest",
		Description: "FILE is an index, a manifest, a config, a descriptor or an oci-layout file, and - is standard input.",
		Flags: slices.Concat([]cli.Flag{
			cli.Choice(&cli.StringFlag{Name: "type", Usage: "what every FILE is to be: `TYPE` is index, manifest, config, descriptor or layout", DefaultText: "found from the document"},
				kindWords()...),
		}, cli.SeverityFlags(), cli.ReportFlags("document"), cli.DocumentLimitFlags()),
		Action: runValidate,
	}
}

// validation is the validate command as its flags have it.
type validation struct {
	run      *report.Run
	stdin    io.Reader
	options  verify.DocumentOptions
	settings *cli.Settings
}

// documentKinds are the values of --type.
var documentKinds = []model.Kind{model.KindIndex, model.KindManifest, model.KindImage, model.KindDescriptor, model.KindLayout}

func kindWords() []string {
	var words []string
	for _, kind := range documentKinds {
		words = append(words, kind.String())
	}
	return words
}

func newValidation(c *cli.Context) (v *validation, err error) {
	v = &validation{stdin: c.App.Reader}
	if v.run, v.options.Policy, v.settings, err = cli.NewRun(c); err != nil {
		return nil, err
	}
	if c.IsSet("type") {
		v.options.Kind = documentKinds[slices.Index(kindWords(), c.String("type"))]
	}
	v.options.Limits = cli.DocumentLimits(c)
	return v, checkFiles(c.Args().Slice(), v.run.Reports)
}

// checkFiles refuses arguments that can be no documents, and a report that would
// replace one of them.
func checkFiles(files []string, reports []report.Destination) error {
	if len(files) == 0 {
		return cli.NoFile()
	}
	fromStdin := false
	for _, file := range files {
		switch {
		case file == "":
			return exit.Usagef("%q names no file", file)
		case file == "-" && fromStdin:
			return exit.Usagef("standard input can be read only once, but - is given twice")
		case file == "-":
			fromStdin = true
		}
		for _, d := range reports {
			if file != "-" && d.Replaces(file) {
				return exit.Usagef("%s is a document to validate, which is never written to", d)
			}
		}
	}
	return nil
}

func runValidate(c *cli.Context) error {
	v, err := newValidation(c)
	if err != nil {
		return err
	}
	err = v.run.Each(c.Context, c.NArg(), func(_ context.Context, i int) *report.Check { return v.validate(c.Args().Get(i)) })
	v.settings.Complain(v.run, v.options.Policy, c.Args().Slice())
	return err
}

// validate validates one document. A file may be one that never comes to an end, or that
// nobody writes into: an interrupt leaves that behind, whatever it waits for.
func (v *validation) validate(name string) *report.Check {
	check := v.run.Begin(report.Result{Path: name, Document: true})
	raw, err := v.read(name)
	if err != nil {
		return check.Fail(report.Named(name, report.Cause(err)))
	}
	options := v.options
	options.Name = v.settings.LayoutName(name)
	result, err := verify.Document(name, raw, options)
	if errors.Is(err, verify.ErrKind) {
		err = fmt.Errorf("%w: say so with --type", err)
	}
	if err != nil {
		return check.Fail(report.Named(name, err))
	}
	check.Set(func(r *report.Result) { r.Started, r.Kind, r.Stats = true, result.Kind, result.Stats })
	for _, f := range result.Findings {
		if !check.Finding(f) {
			return check
		}
	}
	return check.End(result.Stats)
}

// read returns a file's bytes, or as many as show that it is too long.
func (v *validation) read(name string) ([]byte, error) {
	limit, _ := v.options.Limit(name)
	if name == "-" {
		return io.ReadAll(io.LimitReader(v.stdin, limit+1))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("a directory: 'ocilayout verify' takes layouts")
	}
	return io.ReadAll(io.LimitReader(file, limit+1))
}
