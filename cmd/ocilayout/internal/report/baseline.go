package report

import (
	"errors"
	"io"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/config"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// BaselineFormat is the format of a baseline, which is not one of Formats: it is written
// beside a report.
const BaselineFormat = "baseline"

// baselineReport lists the findings that a later run accepts. Those that no baseline may
// accept are left out, and so are found again.
type baselineReport struct {
	w     io.Writer
	found []config.Accepted
}

func (b *baselineReport) Finding(_ string, f verify.Finding) error {
	if a, ok := config.Accept(rule.Subject{Rule: f.Rule, Digest: digestOf(f), Path: f.Path, Pointer: f.Pointer}); ok {
		b.found = append(b.found, a)
	}
	return nil
}

func (b *baselineReport) Layout(Result) error { return nil }

func (b *baselineReport) Close(status int) error {
	if status == exit.StatusInterrupted {
		return errors.New("the run was interrupted: a baseline of a part of it would hide nothing of the rest")
	}
	return config.WriteBaseline(b.w, b.found)
}
