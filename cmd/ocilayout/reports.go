package main

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/urfave/cli/v2"
)

// mostFindings is how many a report holds where nobody asked for more.
const mostFindings = 10_000

// stepSummary is the variable by which GitHub Actions names the file that the
// summary of a step is appended to.
const stepSummary = "GITHUB_STEP_SUMMARY"

// reportFile is a report that was asked for.
type reportFile struct {
	flag   string // that asked for it
	format string
	name   string // "" or "-" is standard output

	style report.Style
	width int // of the terminal that it goes to, 0 if it goes elsewhere
}

func (r reportFile) String() string { return r.flag + " " + report.Value(r.name) }

// reportFiles returns the reports that the command line asks for, the one of -f
// and -o first. No two go to one file.
func reportFiles(c *cli.Context) ([]reportFile, error) {
	format, err := formatOf(c)
	if err != nil {
		return nil, err
	}
	asked := []reportFile{{flag: "--output", format: format, name: c.String("output")}}
	for _, value := range c.StringSlice("report") {
		format, name, _ := strings.Cut(value, ":")
		if !slices.Contains(report.Formats, format) || name == "" {
			return nil, usagef("--report %q: write FORMAT:FILE, where FORMAT is one of %s", value, strings.Join(report.Formats, ", "))
		}
		if name == "-" {
			return nil, usagef("--report %q: standard output has the report of --format", value)
		}
		asked = append(asked, reportFile{flag: "--report", format: format, name: name})
	}
	taken := make(map[string]bool)
	for _, r := range asked {
		if r.name == "" || r.name == "-" {
			continue
		}
		target := r.target()
		if taken[target] {
			return nil, usagef("%s: two reports cannot go to the same file", r)
		}
		taken[target] = true
	}
	return asked, nil
}

// target is the one name of a file that has several.
func (r reportFile) target() string {
	if target, err := real(r.name); err == nil {
		return target
	}
	if dir, err := real(filepath.Dir(r.name)); err == nil {
		return filepath.Join(dir, filepath.Base(r.name))
	}
	return filepath.Clean(r.name)
}

// replaces says whether writing the report would replace an existing file.
func (r reportFile) replaces(file string) bool {
	target, err := os.Stat(r.name)
	if err != nil || !target.Mode().IsRegular() {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && os.SameFile(info, target)
}

// sink is one report, and where it goes. Whoever is left behind by an interrupt may
// come back to it while another makes it arrive: each step is taken once.
type sink struct {
	report.Report
	out  *output
	most int64 // findings of a layout by severity, so that an error is not lost among infos; 0 for all

	mu      sync.Mutex            // held during a step, for ever if nobody reads what it writes
	count   [rule.Error + 1]int64 // of this layout, by severity
	omitted int64
	told    *judgement // whose end was the last to be reported
	closed  bool
	err     error // after which there is no further step
}

// reportSet are all those of one run.
type reportSet []*sink

// openReports makes ready to write what was asked for. Nothing is written below
// any of spared. Whoever calls it discards the reports in the end, also those that
// come with an error.
func (j *judging) openReports(stdout io.Writer, spared []string) error {
	summed := false // one report is enough to write the summary
	options := report.Options{Tool: report.Tool{Name: "ocilayout", Version: version()}, Quiet: j.quiet, FailOn: j.failOn}
	for _, r := range j.asked {
		own := options
		own.Style, own.Width = r.style, r.width
		if r.format == "github" && !summed {
			summary, err := summaryFile(os.Getenv(stepSummary), spared)
			if err != nil {
				return err
			}
			own.Summary, summed = summary, true
		}
		out, err := newOutput(stdout, r.flag, r.name, spared)
		if err != nil {
			return err
		}
		s := &sink{Report: report.NewReport(r.format, out, own), out: out, most: j.most}
		if s.most < 0 && !report.Bounded(r.format) {
			s.most = mostFindings
		}
		j.mu.Lock()
		j.report = append(j.report, s)
		j.mu.Unlock()
	}
	return nil
}

// opened returns the reports that are open by now.
func (j *judging) opened() reportSet {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.report)
}

// appender appends to a file what is written in one go.
type appender struct{ name string }

func (a appender) Write(p []byte) (int, error) {
	file, err := os.OpenFile(a.name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return 0, err
	}
	n, err := file.Write(p)
	return n, cmp.Or(err, file.Close())
}

// summaryFile returns what appends to the file, nil for none.
func summaryFile(name string, spared []string) (io.Writer, error) {
	if name == "" {
		return nil, nil
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if err := spare(spared, stepSummary, name); err != nil {
		return nil, err
	}
	return appender{name}, nil
}

// step has the sink do something, unless something failed before.
func (s *sink) step(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = do()
	}
	return s.err
}

func (s *sink) finding(path string, f verify.Finding) error {
	return s.step(func() error {
		switch {
		case s.closed:
			return nil
		case s.most > 0 && s.count[f.Severity] == s.most:
			s.omitted++
			return nil
		}
		s.count[f.Severity]++
		return cmp.Or(s.Finding(path, f), s.out.Flush())
	})
}

// layout ends the layout, or document, of j.
func (s *sink) layout(j *judgement, r report.Result) error {
	return s.step(func() error {
		if s.closed || s.told == j {
			return nil
		}
		r.Omitted = s.omitted
		s.count, s.omitted, s.told = [len(s.count)]int64{}, 0, j
		return cmp.Or(s.Layout(r), s.out.Flush())
	})
}

func (s *sink) close(status int) error {
	return s.step(func() error {
		if s.closed {
			return nil
		}
		s.closed = true
		return cmp.Or(s.Close(status), s.out.Flush())
	})
}

func (s *sink) commit() error { return s.step(s.out.commit) }

// finding hands a finding to every report that still takes any. It is to be seen
// when it is found. The first report comes last: it is that of standard output, and
// if nobody reads that, the others have the finding.
func (all reportSet) finding(path string, f verify.Finding) error {
	for _, s := range slices.Backward(all) {
		if err := s.finding(path, f); err != nil {
			return err
		}
	}
	return nil
}

// layout ends one layout, or document, in every report.
func (all reportSet) layout(j *judgement) error {
	for _, s := range slices.Backward(all) {
		if err := s.layout(j, j.Result); err != nil {
			return err
		}
	}
	return nil
}

// commit makes all reports arrive. Where one cannot be written to its end, no file
// gets its name. None says how the run ended before standard output did.
func (all reportSet) commit(status int) error {
	for _, s := range all {
		if err := s.close(status); err != nil {
			return err
		}
	}
	for _, s := range all {
		if err := s.commit(); err != nil {
			return err
		}
	}
	return nil
}

// discard removes what commit did not make arrive.
func (all reportSet) discard() {
	for _, s := range all {
		s.mu.Lock()
		s.out.discard()
		s.mu.Unlock()
	}
}

// remove is discard where a step may be under way that never ends.
func (all reportSet) remove() {
	for _, s := range all {
		s.out.remove()
	}
}
