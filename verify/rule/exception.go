package rule

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Exception accepts findings of one rule, for a reason. A finding is excepted where
// every field that is set fits it.
type Exception struct {
	Rule ID
	// Layouts are patterns for the name of the layout, as [path.Match] has them, with
	// "**" for any number of elements, also none. Without any, all layouts fit.
	Layouts []string
	// Digest is that of the blob that the finding is about, "algorithm:encoded". Rules
	// that [Rule.NeedsDigest] names are excepted with it alone.
	Digest string
	// Path and Pointer are those of the finding; Pointer counts only beside a Path or
	// a Digest.
	Path, Pointer string
	// Exact has Pointer fit only as it is, also where it is "".
	Exact bool
	// Reason says why the finding is accepted. It is required.
	Reason string
	// Until is a moment on the last day on which the exception holds, in the time zone
	// of the day; the zero value is for ever.
	Until time.Time
}

// Subject is what an exception is compared with: a finding and where it stands.
type Subject struct {
	Rule          ID
	Layout        string // the name of the layout, with slashes
	Digest        string
	Path, Pointer string
}

// NeedsDigest says that findings of the rule are accepted for one blob alone, by its
// digest: those which leave something unchecked, and those of content that is not what
// its digest promises.
func (r Rule) NeedsDigest() bool {
	return r.Unproven || r.ID == BlobDigestMismatch || r.ID == DiffIDMismatch
}

// Expired says whether the last day of the exception is over at the moment now.
func (e Exception) Expired(now time.Time) bool {
	if e.Until.IsZero() {
		return false
	}
	y, m, d := e.Until.Date()
	return !now.Before(time.Date(y, m, d+1, 0, 0, 0, 0, e.Until.Location()))
}

// Check returns what is wrong with the exception, nil for nothing: a rule that there
// is not, no reason, a pattern that is none, or no digest where the rule needs one.
func (e Exception) Check() error {
	row, ok := Lookup(e.Rule)
	switch {
	case e.Rule == "":
		return errors.New("an exception needs a rule")
	case !ok:
		return fmt.Errorf("no rule %q", string(e.Rule))
	case strings.TrimSpace(e.Reason) == "":
		return fmt.Errorf("the exception for %s needs a reason", e.Rule)
	case row.NeedsDigest() && e.Digest == "":
		return fmt.Errorf("%s can be excepted for one blob alone: name its digest", e.Rule)
	case e.Pointer != "" && e.Path == "" && e.Digest == "":
		return fmt.Errorf("the exception for %s has a pointer and neither path nor digest", e.Rule)
	}
	for _, pattern := range e.Layouts {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return fmt.Errorf("%q is not a pattern for layouts", pattern)
		}
	}
	return nil
}

// fits says whether the exception is for the finding. Rule and digest are known to
// agree where the exception has them.
func (e *Exception) fits(s Subject) bool {
	switch {
	case e.Exact && e.Pointer != s.Pointer:
		return false
	case e.Path != "" && e.Path != s.Path:
		return false
	case (e.Path != "" || e.Digest != "") && e.Pointer != "" && e.Pointer != s.Pointer:
		return false
	}
	return e.ForLayout(s.Layout)
}

// ForLayout says whether the exception is for a layout of that name.
func (e *Exception) ForLayout(name string) bool {
	return len(e.Layouts) == 0 || slices.ContainsFunc(e.Layouts, func(pattern string) bool {
		return matchElements(strings.Split(path.Clean(pattern), "/"), strings.Split(path.Clean(name), "/"))
	})
}

// matchElements is path.Match element by element, where "**" is any number of them.
// It takes time by the product of both lengths: of several "**" only the last one is
// ever moved on.
func matchElements(pattern, name []string) bool {
	star, from := -1, 0
	p, n := 0, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == "**" {
			star, from = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if ok, _ := path.Match(pattern[p], name[n]); ok {
				p, n = p+1, n+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		p, n = star+1, from
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

// exceptions are those of a policy, by rule and digest.
type exceptions map[exceptionKey][]*Exception

type exceptionKey struct {
	rule   ID
	digest string
}

// Except adds an exception, after those that are there. Errors are those of
// [Exception.Check], and then nothing is added. Expired exceptions are added and never
// fit.
func (p *Policy) Except(e Exception) error {
	if err := e.Check(); err != nil {
		return err
	}
	e.Layouts = slices.Clone(e.Layouts)
	all := make(exceptions, len(p.exceptions)+1)
	for key, list := range p.exceptions {
		all[key] = list
	}
	key := exceptionKey{e.Rule, e.Digest}
	all[key] = append(slices.Clip(all[key]), &e)
	p.exceptions = all
	p.excepted = append(slices.Clip(p.excepted), &e)
	return nil
}

// Exceptions returns the exceptions in the order in which they were added, as the
// pointers that Exception returns.
func (p Policy) Exceptions() []*Exception { return slices.Clone(p.excepted) }

// Exception returns the first exception that accepts a finding at the moment now, nil
// for none. The same exception is the same pointer each time, and must not be changed.
func (p Policy) Exception(s Subject, now time.Time) *Exception {
	if len(p.exceptions) == 0 {
		return nil
	}
	for _, digest := range []string{s.Digest, ""} {
		for _, e := range p.exceptions[exceptionKey{s.Rule, digest}] {
			if e.fits(s) && !e.Expired(now) {
				return e
			}
		}
		if s.Digest == "" {
			break
		}
	}
	return nil
}
