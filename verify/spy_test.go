package verify_test

import (
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/spf13/afero"
)

// spied is a file system that notes what it is asked for. Like many, it has no
// Lstat.
type spied struct {
	afero.Fs
	*faultfs.Faults
	base afero.Fs // what a test does to it is not noted
}

func spy(fsys afero.Fs) *spied {
	f := new(faultfs.Faults)
	return &spied{f.Over(struct{ afero.Fs }{fsys}), f, fsys}
}

// refuse is a plan that has all operations of a kind on one file end in an error.
func refuse(kind faultfs.OpKind, name string, err error) func(faultfs.Op) faultfs.Fault {
	return faultfs.On(kind, name, faultfs.Fail(err))
}
