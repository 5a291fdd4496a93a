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
	Document bool       // judged by itself, so that there is no Level
	Kind     model.Kind // what a document was judged as, KindOpaque if as none
	Stats    verify.Stats
	Verdict  Verdict
	Selected bool  // not the whole layout was asked for
	Started  bool  // false: it could not be opened, or is no layout or document
	Archive  bool  // it is one file, in which the files of findings lie
	Omitted  int64 // findings that were counted and not reported
	Duration time.Duration
	Err      error // what ended the run, if anything did
	// Manifests, for a format that names them all, are those that were judged,
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

// interrupted is the exit status of an interrupted run.
const interrupted = 130

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

// jsonDocument is the whole report.
type jsonDocument struct {
	SchemaVersion int          `json:"schemaVersion"`
	Tool          Tool         `json:"tool"`
	Complete      bool         `json:"complete"`
	Valid         bool         `json:"valid"`
	Layouts       []jsonLayout `json:"layouts"`
}

type jsonLayout struct {
	Path            string        `json:"path"`
	IndexDigest     string        `json:"indexDigest"`
	Level           string        `json:"level"`
	Kind            string        `json:"kind,omitempty"`
	Complete        bool          `json:"complete"`
	Valid           bool          `json:"valid"`
	Error           string        `json:"error,omitempty"`
	FindingsOmitted int64         `json:"findingsOmitted,omitempty"`
	Summary         jsonSummary   `json:"summary"`
	Findings        []jsonFinding `json:"findings"`
}

type jsonSummary struct {
	Indexes           int64 `json:"indexes"`
	Manifests         int64 `json:"manifests"`
	Configs           int64 `json:"configs"`
	Layers            int64 `json:"layers"`
	Blobs             int64 `json:"blobs"`
	Bytes             int64 `json:"bytes"`
	BytesRead         int64 `json:"bytesRead"`
	UnreferencedBlobs int64 `json:"unreferencedBlobs"`
	UnreferencedBytes int64 `json:"unreferencedBytes"`
	NotChecked        int64 `json:"notChecked"`
	TablesNotChecked  int64 `json:"tablesNotChecked,omitempty"`
	DiffIDsNotChecked int64 `json:"diffIdsNotChecked,omitempty"`
	NotFollowed       int64 `json:"notFollowed,omitempty"`
	Errors            int64 `json:"errors"`
	Warnings          int64 `json:"warnings"`
	Infos             int64 `json:"infos"`
	DurationMS        int64 `json:"durationMs"`
}

type jsonFinding struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Path     string   `json:"path"`
	Pointer  string   `json:"pointer"`
	Digest   string   `json:"digest"`
	Entry    string   `json:"entry,omitempty"`
	Trail    []string `json:"trail"`
	Expected string   `json:"expected"`
	Actual   string   `json:"actual"`
	Message  string   `json:"message"`
	Spec     string   `json:"spec"`
}

func newJSONReport(tool Tool) jsonDocument {
	return jsonDocument{SchemaVersion: 1, Tool: tool, Complete: true, Valid: true, Layouts: []jsonLayout{}}
}

func newJSONFinding(f verify.Finding) jsonFinding {
	return jsonFinding{
		Rule: string(f.Rule), Severity: f.Severity.String(), Path: f.Path, Pointer: f.Pointer,
		Digest: digestOf(f), Entry: f.Entry, Trail: append([]string{}, f.Trail...),
		Expected: f.Expected, Actual: f.Actual, Message: f.Message, Spec: specOf(f.Rule),
	}
}

// digestOf returns the digest of the blob that a finding is about, or "": what a
// descriptor has in place of a digest is told by the finding about that.
func digestOf(f verify.Finding) string {
	d, _ := model.ParseDigest(string(f.Digest))
	return string(d)
}

// add notes one layout's end in the report as a whole.
func (d *jsonDocument) add(r Result, findings []jsonFinding) jsonLayout {
	l := jsonLayout{
		Path: r.Path, IndexDigest: string(r.Stats.IndexDigest), Level: r.Level.String(),
		Complete: r.Stats.Complete, Valid: r.Verdict == Valid, FindingsOmitted: r.Omitted,
		Summary: newJSONSummary(r), Findings: append([]jsonFinding{}, findings...),
	}
	if r.Document {
		l.Level = "document"
	}
	if r.Kind != model.KindOpaque {
		l.Kind = r.Kind.String()
	}
	if r.Err != nil {
		l.Error = r.Err.Error()
	}
	d.Complete = d.Complete && l.Complete
	d.Valid = d.Valid && l.Valid
	return l
}

// close notes how the run ended. An interrupted one may have had more layouts to
// look at than there are in the report.
func (d *jsonDocument) close(status int) {
	if status == interrupted {
		d.Complete, d.Valid = false, false
	}
}

func newJSONSummary(r Result) jsonSummary {
	s := r.Stats
	return jsonSummary{
		Indexes: s.Indexes, Manifests: s.Manifests, Configs: s.Configs, Layers: s.Layers,
		Blobs: s.Blobs, Bytes: s.Bytes, BytesRead: s.BytesRead,
		UnreferencedBlobs: s.UnreferencedBlobs, UnreferencedBytes: s.UnreferencedBytes,
		NotChecked: s.NotChecked, TablesNotChecked: s.TablesNotChecked, DiffIDsNotChecked: s.DiffIDsNotChecked, NotFollowed: s.NotFollowed,
		Errors: s.Errors, Warnings: s.Warnings, Infos: s.Infos,
		DurationMS: r.Duration.Milliseconds(),
	}
}

// jsonReport is one object, written at the end.
type jsonReport struct {
	w        io.Writer
	report   jsonDocument
	findings []jsonFinding
}

func (j *jsonReport) Finding(_ string, f verify.Finding) error {
	j.findings = append(j.findings, newJSONFinding(f))
	return nil
}

func (j *jsonReport) Layout(r Result) error {
	j.report.Layouts = append(j.report.Layouts, j.report.add(r, j.findings))
	j.findings = nil
	return nil
}

func (j *jsonReport) Close(status int) error {
	j.report.close(status)
	return JSON(j.w, j.report)
}

// lineReport is one object a line: findings as they come, each layout's end,
// and the report's.
type lineReport struct {
	w      io.Writer
	report jsonDocument
}

func (l *lineReport) Finding(path string, f verify.Finding) error {
	return jsonLine(l.w, struct {
		Type   string `json:"type"`
		Layout string `json:"layout"`
		jsonFinding
	}{"finding", path, newJSONFinding(f)})
}

func (l *lineReport) Layout(r Result) error {
	return jsonLine(l.w, struct {
		Type string `json:"type"`
		jsonLayout
		Findings *struct{} `json:"findings,omitempty"` // they have lines of their own
	}{Type: "layout", jsonLayout: l.report.add(r, nil)})
}

func (l *lineReport) Close(status int) error {
	l.report.close(status)
	return jsonLine(l.w, struct {
		Type string `json:"type"`
		jsonDocument
		Layouts *struct{} `json:"layouts,omitempty"`
	}{Type: "report", jsonDocument: l.report})
}

// plural returns "1 blob", "2 blobs".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
