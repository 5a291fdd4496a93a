package report

import (
	"cmp"
	"fmt"
	"time"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
)

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

// plural returns "1 blob", "2 blobs".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
