package layout

import (
	"errors"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
)

// State says what is wrong with a blob, as far as a walk can see: it reads
// documents, and only looks at other blobs.
type State string

// The states, the worse ones later.
const (
	StateOK         State = ""
	StateMissing    State = "missing"    // it is absent
	StateUnreadable State = "unreadable" // it is there, and could not be read or loaded
	StateDamaged    State = "damaged"    // its bytes do not match its digest
)

var states = []State{StateOK, StateMissing, StateUnreadable, StateDamaged}

func worse(a, b State) State {
	if slices.Index(states, b) > slices.Index(states, a) {
		return b
	}
	return a
}

// StateOf returns the state of a blob that err kept from being read: an error of
// blobs.Store or of this package, or nil.
func StateOf(err error) State {
	switch {
	case err == nil:
		return StateOK
	case blobs.Absent(err):
		return StateMissing
	case errors.Is(err, ErrMismatch):
		return StateDamaged
	}
	return StateUnreadable
}

// State returns the state of the blob that the visit leads to. Of a document it is
// only known at the first visit, before its content is released. An absent blob
// whose content the descriptor embeds is StateOK.
func (v *Visit) State() State {
	d := v.Document
	switch {
	case v.Blob.Err != nil && substitute(v.Edge.Descriptor, v.Blob.Err) == nil:
		return StateOf(v.Blob.Err)
	case d == nil:
		return StateOK
	case d.Err != nil:
		return StateUnreadable
	case v.Blob.Err == nil && v.Blob.Sum.Digest != "" && !v.Blob.Matches():
		return StateDamaged
	case d.Doc == nil || d.Problems.Err() != nil:
		return StateUnreadable
	}
	return StateOK
}

// Wanted says whether one of the platforms is among those that are wanted; any is,
// where wanted is empty. No platform is nil.
func Wanted(wanted []model.Platform, platforms ...*model.Platform) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w model.Platform) bool {
		return slices.ContainsFunc(platforms, func(p *model.Platform) bool { return w.Match(*p) })
	})
}
