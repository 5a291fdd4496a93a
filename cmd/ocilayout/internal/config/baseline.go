package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// maxBaseline is how many bytes a baseline may have: it lists a hundred thousand
// findings in a third of that.
const maxBaseline = 64 << 20

// baselineVersion is the schemaVersion of the baselines that are written and read.
const baselineVersion = 1

// baseline is the JSON of a baseline (docs/baseline.schema.json).
type baseline struct {
	SchemaVersion int        `json:"schemaVersion"`
	Findings      []Accepted `json:"findings"`
}

// Accepted is a finding of a baseline: a rule, and where it was broken. What lies in a
// blob is known by the digest, wherever the blob lies, and all else by its path.
type Accepted struct {
	Rule    rule.ID `json:"rule"`
	Digest  string  `json:"digest,omitempty"`
	Path    string  `json:"path,omitempty"`
	Pointer string  `json:"pointer"`
}

// Accept returns the finding as a baseline has it, and false for one that no baseline
// may accept: it leaves something unchecked, and has no digest to name it by.
func Accept(s rule.Subject) (Accepted, bool) {
	a := Accepted{Rule: s.Rule, Digest: s.Digest, Pointer: s.Pointer}
	if a.Digest == "" {
		a.Path = s.Path
	}
	row, _ := rule.Lookup(s.Rule)
	return a, a.Digest != "" || !row.NeedsDigest()
}

// WriteBaseline writes a baseline: sorted, and each finding once, so that the same
// findings give the same bytes.
func WriteBaseline(w io.Writer, findings []Accepted) error {
	findings = slices.Clone(findings)
	slices.SortFunc(findings, func(a, b Accepted) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Digest, b.Digest), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Pointer, b.Pointer))
	})
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(baseline{baselineVersion, append([]Accepted{}, slices.Compact(findings)...)})
}

// LoadBaseline reads a baseline, and returns what it accepts. A mistake in it is an
// *Error; one of the file system stays what it is.
func LoadBaseline(path string) ([]rule.Exception, error) {
	raw, err := read(path, maxBaseline)
	if err != nil {
		return nil, err
	}
	return ParseBaseline(path, raw)
}

// ParseBaseline reads a baseline from memory. Path stands in its errors.
func ParseBaseline(path string, raw []byte) ([]rule.Exception, error) {
	var b baseline
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return nil, notBaseline(path, raw, d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, notBaseline(path, raw, d.InputOffset(), errors.New("there is more after it"))
	}
	if b.SchemaVersion != baselineVersion {
		return nil, &Error{Path: path, Message: fmt.Sprintf("a baseline of schemaVersion %d: this program reads %d", b.SchemaVersion, baselineVersion)}
	}
	accepted := make([]rule.Exception, 0, len(b.Findings))
	for i, f := range b.Findings {
		e := rule.Exception{Rule: f.Rule, Digest: f.Digest, Path: f.Path, Pointer: f.Pointer, Exact: true, Reason: "it is in the baseline"}
		err := e.Check()
		if err == nil && f.Digest == "" && f.Path == "" {
			err = errors.New("neither digest nor path")
		}
		if _, wrong := model.ParseDigest(f.Digest); err == nil && f.Digest != "" && wrong != nil {
			err = fmt.Errorf("%q is not a digest", f.Digest)
		}
		if err != nil {
			return nil, &Error{Path: path, Message: fmt.Sprintf("finding %d: %v", i, err)}
		}
		accepted = append(accepted, e)
	}
	return accepted, nil
}

// notBaseline says where JSON is wrong, as near as the decoder knows it.
func notBaseline(path string, raw []byte, offset int64, err error) *Error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = e.Offset - 1 // it counts the byte that is wrong
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = e.Offset
	}
	before := raw[:min(max(offset, 0), int64(len(raw)))]
	return &Error{Path: path, Line: 1 + bytes.Count(before, []byte("\n")), Column: len(before) - bytes.LastIndexByte(before, '\n'),
		Message: "not a baseline: " + err.Error()}
}
