package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// reporter is what all checks emit their findings through: it gives each its severity,
// counts it and hands it to the caller. It also records what was left unchecked. But
// for the counters it is for one goroutine.
type reporter struct {
	*counters
	ctx      context.Context
	policy   rule.Policy
	yield    func(Finding) bool
	stopped  bool // the caller has left the loop
	yielding bool // the caller has a finding in hand
	// partial says that some document could not be followed, so that a blob which
	// nothing seems to name may well be named there.
	partial    bool
	unreadable map[string]bool // paths that were reported as such
	places     *placeNames
	layout     string    // its name, for exceptions
	now        time.Time // by which exceptions expire
}

// ended says that no further finding reaches the caller.
func (r *reporter) ended() bool { return r.stopped || r.ctx.Err() != nil }

// emit counts a finding and hands it to the caller. A cancelled run emits nothing
// more, as what it did not look at would be missing among the findings.
func (r *reporter) emit(f Finding) {
	if r.ended() {
		return
	}
	f.Severity = r.policy.Severity(f.Rule)
	f.Exception = r.policy.Exception(rule.Subject{Rule: f.Rule, Layout: r.layout, Digest: string(f.Digest), Path: f.Path, Pointer: f.Pointer}, r.now)
	if row, _ := rule.Lookup(f.Rule); row.Unproven && f.Exception == nil {
		r.unproven()
	}
	f.Expected, f.Actual = clip(f.Expected), clip(f.Actual)
	if f.Severity == rule.Ignore {
		return
	}
	f.Place = r.places.of(f)
	r.count(func(s *Stats) {
		switch {
		case f.Exception != nil:
			s.Excepted++
		case f.Severity == rule.Error:
			s.Errors++
		case f.Severity == rule.Warning:
			s.Warnings++
		default:
			s.Infos++
		}
	})
	r.yielding = true // and stays so if the caller panics
	r.stopped = !r.yield(f)
	r.yielding = false
}

// emitOn emits a finding about a descriptor, or about a member of it.
func (r *reporter) emitOn(v *layout.Visit, member string, f Finding) {
	r.emit(onDescriptor(v, member, f))
}

// onDescriptor returns the finding with the place of a descriptor, or of a member of it.
func onDescriptor(v *layout.Visit, member string, f Finding) Finding {
	f.Path, f.Pointer, f.Trail = v.From.Path, v.Edge.Pointer+member, v.From.Trail()
	if v.Blob != nil {
		f.Digest = v.Blob.Digest
	}
	return f
}

// onBlob returns the finding with the place of a blob that descriptors name.
func onBlob(n *node, f Finding) Finding {
	f.Path, f.Digest, f.Trail = n.Info.Path, n.Digest, n.place.Trail()
	return f
}

// emitOnce emits a finding about a blob, once for each blob and rule.
func (r *reporter) emitOnce(n *node, f Finding) {
	if !n.reported.add(f.Rule) {
		return
	}
	f.Path, f.Digest = n.Info.Path, n.Digest
	if f.Trail == nil {
		f.Trail = n.place.Trail()
	}
	r.emit(f)
}

// problem emits what is wrong within a document.
func (r *reporter) problem(p model.Problem, d *layout.Document) {
	r.emit(Finding{Rule: p.Rule, Path: d.Path, Pointer: p.Pointer, Trail: d.Trail(), Message: p.Message, Expected: p.Expected, Actual: p.Actual})
}

// emitUnreadable emits what kept a file from being read, once for each file. A
// cancelled run is no fault of the file.
func (r *reporter) emitUnreadable(err error, f Finding) {
	if r.ctx.Err() != nil || r.unreadable[f.Path] {
		return
	}
	if r.unreadable == nil {
		r.unreadable = make(map[string]bool)
	}
	r.unreadable[f.Path] = true
	_, panicked := errors.AsType[*blobs.PanicError](err)
	switch {
	case panicked:
		f.Rule, f.Message = rule.InternalError, "a defect of ocilayout, or of the file system below it, ended the check of this; please report it"
	case errors.Is(err, blobs.ErrChanged):
		f.Rule, f.Message = rule.FileChanged, "the file changed while it was read"
	default:
		f.Rule, f.Message = rule.FileUnreadable, "the file could not be read"
	}
	f.Actual = reason(err)
	r.emit(f)
}

// blobUnreadable is emitUnreadable for a blob of the graph.
func (r *reporter) blobUnreadable(n *node, err error) {
	if r.ctx.Err() == nil && n.reported.add(rule.FileUnreadable) {
		r.emitUnreadable(err, onBlob(n, Finding{}))
	}
}

// guard does something that may be left out. A panic in it is a finding at the place,
// and leaves the layout unproven. A panic of the caller, who gets findings further
// in, passes through.
func (r *reporter) guard(place Finding, do func()) {
	defer func() {
		if r.yielding {
			return
		}
		if p := blobs.Caught(recover()); p != nil {
			r.cannotFollow()
			r.emitUnreadable(p, place)
		}
	}()
	do()
}

// cannotFollow records that a document could not be followed, so that what it names is
// neither checked nor known to be named. Whatever the severities, the layout is then
// not proven.
func (r *reporter) cannotFollow() {
	r.partial = true
	r.unproven()
}

// unproven records that something which matters was not checked.
func (r *reporter) unproven() { r.count(func(*Stats) { r.gap = true }) }

// notChecked counts a blob whose bytes are not checked.
func (r *reporter) notChecked() { r.count(func(s *Stats) { s.NotChecked++ }) }

// clip bounds what a finding quotes: a report must not grow with what somebody wrote
// into a layout.
func clip(s string) string {
	const most = 512
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}

// reason returns what the operating system said, without the path and digest
// that the finding has already.
func reason(err error) string {
	if e, ok := errors.AsType[*blobs.Error](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return err.Error()
}
