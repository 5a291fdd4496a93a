package report

import (
	"io"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
)

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
	Excepted          int64 `json:"excepted,omitempty"`
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

	Place     *jsonPlace     `json:"place,omitempty"`
	Exception *jsonException `json:"exception,omitempty"`
}

// jsonPlace is where a finding is in the words of people.
type jsonPlace struct {
	Reference string `json:"reference,omitempty"`
	Platform  string `json:"platform,omitempty"`
	Role      string `json:"role,omitempty"`
	Layer     *int   `json:"layer,omitempty"`
	History   string `json:"history,omitempty"`
}

// jsonException is what accepts a finding.
type jsonException struct {
	Reason string `json:"reason"`
	Until  string `json:"until,omitempty"`
}

func newJSONReport(tool Tool) jsonDocument {
	return jsonDocument{SchemaVersion: 1, Tool: tool, Complete: true, Valid: true, Layouts: []jsonLayout{}}
}

func newJSONFinding(f verify.Finding) jsonFinding {
	finding := jsonFinding{
		Rule: string(f.Rule), Severity: f.Severity.String(), Path: f.Path, Pointer: f.Pointer,
		Digest: digestOf(f), Entry: f.Entry, Trail: append([]string{}, f.Trail...),
		Expected: f.Expected, Actual: f.Actual, Message: f.Message, Spec: specOf(f.Rule),
	}
	if p := placeOf(f); p != (Place{Layer: -1}) {
		finding.Place = &jsonPlace{Reference: p.Reference, Platform: p.Platform, Role: p.Role, History: p.History}
		if p.Layer >= 0 {
			finding.Place.Layer = &p.Layer
		}
	}
	if e := f.Exception; e != nil {
		finding.Exception = &jsonException{Reason: e.Reason}
		if !e.Until.IsZero() {
			finding.Exception.Until = e.Until.Format(time.DateOnly)
		}
	}
	return finding
}

// digestOf returns the digest of the blob that a finding is about, or "": what a
// descriptor has in place of a digest is in the finding about that.
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
	if status == exit.StatusInterrupted {
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
		Errors: s.Errors, Warnings: s.Warnings, Infos: s.Infos, Excepted: s.Excepted,
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

// ndjsonReport is one object a line: findings as they come, each layout's end,
// and the report's.
type ndjsonReport struct {
	w      io.Writer
	report jsonDocument
}

func (l *ndjsonReport) Finding(path string, f verify.Finding) error {
	return jsonLine(l.w, struct {
		Type   string `json:"type"`
		Layout string `json:"layout"`
		jsonFinding
	}{"finding", path, newJSONFinding(f)})
}

func (l *ndjsonReport) Layout(r Result) error {
	return jsonLine(l.w, struct {
		Type string `json:"type"`
		jsonLayout
		Findings *struct{} `json:"findings,omitempty"` // they have lines of their own
	}{Type: "layout", jsonLayout: l.report.add(r, nil)})
}

func (l *ndjsonReport) Close(status int) error {
	l.report.close(status)
	return jsonLine(l.w, struct {
		Type string `json:"type"`
		jsonDocument
		Layouts *struct{} `json:"layouts,omitempty"`
	}{Type: "report", jsonDocument: l.report})
}
