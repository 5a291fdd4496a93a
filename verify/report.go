package verify

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// MaxFindings is how many findings a Report holds. Beyond that they are only counted, so
// that its memory is bounded: a layout can be made to have any number of them. Who needs
// them all ranges over [Verifier.Findings].
const MaxFindings = 1000

// Report is the result of [Run].
type Report struct {
	Findings []Finding // the first MaxFindings, in the order of Verifier.Findings
	Omitted  int64     // how many came after those
	Stats    Stats

	firstError *Finding // which may be among those omitted
}

// ErrIncomplete is what errors.Is finds where a layout is not proven to be valid, though
// no error was found: something that matters was not checked.
var ErrIncomplete = errors.New("not everything could be checked")

// InvalidError is what errors.AsType finds where a layout has errors.
type InvalidError struct {
	Errors int64   // how many
	First  Finding // the first of them
}

// Error says in one line how many errors there are, and which is the first.
func (e *InvalidError) Error() string {
	if e.Errors == 1 {
		return "1 error: " + e.First.String()
	}
	return fmt.Sprintf("%d errors, the first of them: %v", e.Errors, e.First)
}

// Run verifies a layout, as deep as the options say, and returns all that it found.
//
// A fault of the layout is a Finding and no error: [Report.Err] says whether there is
// one. The error is that of [Verifier.Findings], where the layout could not be looked at
// or ctx was cancelled. The report is there in any case, with what was found until then.
//
// It takes the time of one reading of the layout, and unpacking its layers at
// LevelContent. It holds no more memory than Verifier.Findings does, and MaxFindings
// findings.
func Run(ctx context.Context, l *layout.Layout, o Options) (*Report, error) {
	v, r := New(l, o), new(Report)
	var failure error
	for f, err := range v.Findings(ctx) {
		if err != nil {
			failure = err
			break
		}
		if f.Severity == rule.Error && f.Exception == nil && r.firstError == nil {
			r.firstError = &f
		}
		if len(r.Findings) == MaxFindings {
			r.Omitted++
			continue
		}
		r.Findings = append(r.Findings, f)
	}
	r.Stats = v.Stats()
	return r, failure
}

// Err returns nil if the layout is valid: nothing is wrong that is an error by the
// policy, and nothing that matters at the level was left unchecked. Otherwise it returns
// an *InvalidError if there are errors, and one that is ErrIncomplete if there are none.
func (r *Report) Err() error {
	switch {
	case r.firstError != nil:
		return &InvalidError{Errors: r.Stats.Errors, First: *r.firstError}
	case !r.Stats.Complete && r.Stats.NotChecked > 0:
		return fmt.Errorf("%w: %d blobs", ErrIncomplete, r.Stats.NotChecked)
	case !r.Stats.Complete:
		return ErrIncomplete
	}
	return nil
}

// Stats is how far a verification has come, and in the end its result.
type Stats struct {
	Indexes, Manifests, Configs, Layers int64 // blobs by what refers to them, each once; index.json not counted
	Blobs                               int64 // files that are blobs, referenced or not
	Bytes                               int64 // their bytes
	BytesRead                           int64 // bytes of blobs read so far
	BytesToRead                         int64 // bytes of blobs to read altogether, as far as known
	UnreferencedBlobs                   int64 // that no descriptor which was read names
	UnreferencedBytes                   int64
	// NotChecked are the blobs, absent ones included, whose bytes were not checked
	// against their digest, and those of which more than that would have to be: the
	// manifests of Docker's schema 1.
	NotChecked              int64
	TablesNotChecked        int64 // tables of contents of layers that lie in an image elsewhere
	DiffIDsNotChecked       int64 // diff ids of layers that cannot be unpacked here, or are absent
	NotFollowed             int64 // entries of indexes whose type is not known, and what they name
	Errors, Warnings, Infos int64 // findings, but for those excepted
	Excepted                int64 // findings that an exception of the policy accepts
	// IndexDigest is the sha256 digest of index.json, which nothing in the layout
	// vouches for; "" where it could not be read.
	IndexDigest digest.Digest
	// Complete says that the run went to its end and that nothing which matters
	// at its level was left unchecked. It is false while the run lasts.
	Complete bool
}

// counters are Stats while the run lasts.
type counters struct {
	mu  sync.Mutex
	now Stats
	gap bool // something that matters was left unchecked
}

// count changes the stats. It may be called from any goroutine.
func (c *counters) count(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.now)
}

// finish notes that the run has come to its end.
func (c *counters) finish() { c.count(func(s *Stats) { s.Complete = !c.gap }) }

func (c *counters) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}
