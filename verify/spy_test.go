package verify_test

import (
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/spf13/afero"
)

// spied is a file system that notes what it is asked for. Like many, it has no
// Lstat.
type spied struct {
	afero.Fs
	*layouttest.Faults
	base afero.Fs // what a test does to it is not noted
}

func spy(fsys afero.Fs) *spied {
	f := new(layouttest.Faults)
	return &spied{f.Over(struct{ afero.Fs }{fsys}), f, fsys}
}

// refuse is a plan that has all operations of a kind on one file end in an error.
func refuse(kind layouttest.OpKind, name string, err error) func(layouttest.Op) layouttest.Fault {
	return layouttest.On(kind, name, layouttest.Fail(err))
}
