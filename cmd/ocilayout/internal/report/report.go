package report

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Formats are the names of the formats that a report can have.
var Formats = []string{"text", "json", "ndjson", "sarif", "junit", "github"}

// Verdict is what a verification came to.
type Verdict string

// The verdicts. Only the first is good.
const (
	Valid      Verdict = "valid"
	Invalid    Verdict = "invalid"
	Incomplete Verdict = "incomplete"
)

// Result is how the verification of one layout ended, or of one document.
type Result struct {
	Path     string // as given on the command line
	Dir      string // of a layout, without what selects an entry; "" is Path
	Level    verify.Level
	Document bool       // checked by itself, so that there is no Level
	Kind     model.Kind // what a document was checked as, KindOpaque if that is not known
	Stats    verify.Stats
	Verdict  Verdict
	Selected bool  // not the whole layout was asked for
	Started  bool  // false: it could not be opened, or is no layout or document
	Archive  bool  // it is one file, in which the files of findings lie
	Omitted  int64 // findings that were counted and not reported
	Duration time.Duration
	Err      error // what ended the run, if anything did
	// Manifests, for a format that names them all, are those that were checked,
	// whether anything is wrong with them or not.
	Manifests []verify.Manifest
}

func (r Result) directory() string { return cmp.Or(r.Dir, r.Path) }

// unfinished says what kept a layout or document from being checked, or its check
// from coming to an end, and names it; "" where nothing did.
func (r Result) unfinished() string {
	switch {
	case r.Err != nil:
		return Text(r.Err.Error())
	case !r.Stats.Complete:
		return Value(r.Path) + ": not everything could be checked"
	}
	return ""
}

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
	// Quiet has text show findings, and nothing else.
	Quiet bool
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
		return &lineReport{w: w, report: newJSONReport(o.Tool)}
	case "sarif":
		return newSARIF(w, o.Tool)
	case "junit":
		return &junitReport{w: w, failOn: o.FailOn}
	case "github":
		return newGitHub(w, o)
	}
	return &textReport{w: w, quiet: o.Quiet, style: o.Style, width: o.Width}
}

// Bounded says whether reports of a format keep the worst findings, and leave
// out the others, where there are too many for those who read it.
func Bounded(format string) bool {
	return format == "sarif" || format == "junit" || format == "github"
}

// Tool names the program in reports.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// plural returns "1 blob", "2 blobs".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
