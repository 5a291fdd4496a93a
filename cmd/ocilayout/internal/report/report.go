package report

import (
	"cmp"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Formats are the names of the formats that a report can have.
var Formats = []string{"text", "line", "json", "ndjson", "sarif", "junit", "github", "markdown", "codequality"}

// Report writes the findings of one layout or document after another. An error
// is one of writing.
type Report interface {
	Finding(path string, f verify.Finding) error
	Layout(Result) error // the end of one layout or document
	// Close ends the report, with the exit status that the run would have. A report
	// of an interrupted run does not claim to be complete, whatever is in it.
	Close(status int) error
}

// Options say how to report.
type Options struct {
	Tool Tool
	// Quiet has text show the findings that it is given, one a line, and nothing else.
	Quiet bool
	// Verbose has text show notes, how each finding was reached, and each layout.
	Verbose bool
	// All has text and Markdown show all findings of a rule, not the first ones.
	All bool
	// Count is how many layouts or documents are to come, 0 where that is not known.
	Count int
	// MaxFindings is how many findings of a severity text and Markdown show of a layout
	// with All, 0 for no limit.
	MaxFindings int64
	// FailOn is the lowest severity of what counts as a failure, Unset for none.
	FailOn rule.Severity
	// Summary takes the page in Markdown that comes with annotations of GitHub, in
	// one Write; nil for none.
	Summary io.Writer
	// Style colours the severities of text.
	Style Style
	// Width is that of the terminal to which text breaks its sentences, between
	// words; 0 breaks nothing.
	Width int
}

// NewReport returns a report of that format, one of Formats, that writes to w.
func NewReport(format string, w io.Writer, o Options) Report {
	switch format {
	case "json":
		return &jsonReport{w: w, report: newJSONReport(o.Tool)}
	case "ndjson":
		return &ndjsonReport{w: w, report: newJSONReport(o.Tool)}
	case "sarif":
		return newSARIF(w, o.Tool)
	case "junit":
		return &junitReport{w: w, failOn: o.FailOn}
	case "github":
		return newGitHub(w, o)
	case "markdown":
		return newMarkdown(w, o)
	case "codequality":
		return newCodeQuality(w)
	case BaselineFormat:
		return &baselineReport{w: w}
	case "line":
		o.Style, o.Quiet = Style{}, false // an editor reads it as it is, and no standard error
		return newLine(w, o)
	}
	if o.Quiet {
		return newLine(w, o)
	}
	return newText(w, o)
}

// acceptedIn are the formats that show findings which an exception accepts. The others
// count them.
var acceptedIn = []string{"json", "ndjson", "sarif"}

// bounded says whether reports of a format keep the worst findings, and leave
// out the others, where there are too many for those who read it.
func bounded(format string) bool {
	return slices.Contains([]string{"sarif", "junit", "github", "codequality"}, format)
}

// counts says whether reports of a format count all findings themselves, and keep those
// that they show.
func counts(d Destination, quiet bool) bool {
	return d.Format == "markdown" || d.Format == "text" && !quiet
}

// forPeople says whether a format is read as it is, so that --quiet is for it. Machines
// get everything.
func forPeople(format string) bool { return format == "text" || format == "line" }

// Tool names the program in reports.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// DefaultMaxFindings is how many findings of one severity a report has where nobody
// asked for more.
const DefaultMaxFindings = 10_000

// sink is one report, and where it goes. After an interrupt a command and finish may
// both write to it: each step is taken once.
type sink struct {
	Report
	out  *output
	only func(verify.Finding) bool // nil: all findings are reported
	most int64                     // findings of a layout by severity, so that an error is not left out for infos; 0 for all
	// accepted: it shows findings that an exception accepts, too
	accepted bool

	mu      sync.Mutex            // held during a step, for ever if nobody reads what it writes
	count   [rule.Error + 1]int64 // of this layout, by severity
	omitted int64
	ended   *Check // the last whose end was reported
	closed  bool
	err     error // after which there is no further step
}

// newSink opens the report that goes to d; with the summary for GitHub Actions if that is
// asked for, and the format has one.
func (r *Run) newSink(d Destination, summary bool) (*sink, error) {
	most := r.MaxFindings
	if most < 0 && !bounded(d.Format) {
		most = DefaultMaxFindings
	}
	options := Options{Tool: r.Tool, Quiet: r.Quiet, Verbose: r.Verbose, All: r.All, Count: r.count, MaxFindings: most,
		FailOn: r.FailOn, Style: d.Style, Width: d.Width}
	if d.Format == "github" && summary {
		var err error
		if options.Summary, err = summaryFile(os.Getenv(StepSummary), r.Layouts); err != nil {
			return nil, err
		}
	}
	out, err := newOutput(r.Stdout, d, r.Layouts)
	if err != nil {
		return nil, err
	}
	s := &sink{Report: NewReport(d.Format, out, options), out: out, most: most, accepted: slices.Contains(acceptedIn, d.Format)}
	if counts(d, r.Quiet) || d.Format == BaselineFormat {
		s.most = 0
	}
	if r.Quiet && forPeople(d.Format) {
		s.only = func(f verify.Finding) bool { return r.fails(f.Severity) || unproven(f) }
	}
	return s, nil
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

// finding is to be seen as soon as it is found.
func (s *sink) finding(path string, f verify.Finding) error {
	return s.step(func() error {
		switch {
		case s.closed || s.only != nil && !s.only(f):
			return nil
		case s.most > 0 && s.count[f.Severity] == s.most:
			s.omitted++
			return nil
		}
		s.count[f.Severity]++
		return cmp.Or(s.Finding(path, f), s.out.Flush())
	})
}

// end ends the layout or document of c.
func (s *sink) end(c *Check, r Result) error {
	return s.step(func() error {
		if s.closed || s.ended == c {
			return nil
		}
		r.Omitted = s.omitted
		s.count, s.omitted, s.ended = [len(s.count)]int64{}, 0, c
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

// finish takes all steps that are left after an interrupt.
func (s *sink) finish(c *Check, r Result) error {
	return blobs.Guard(func() error {
		if err := cmp.Or(s.end(c, r), s.close(exit.StatusInterrupted)); err != nil {
			return err
		}
		return s.commit()
	})
}

// discard removes what commit did not give its name.
func discard(sinks []*sink) {
	for _, s := range sinks {
		s.mu.Lock()
		s.out.discard()
		s.mu.Unlock()
	}
}
