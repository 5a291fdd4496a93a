package faultfs_test

import (
	"context"
	"fmt"
	"syscall"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// A program copies blobs, and its test wants to know that it notices when the disk
// fails: each operation fails once, in turn.
func ExampleFaults() {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	d := b.Blob("text/plain", []byte("some text"))
	if err := b.Finish(); err != nil {
		fmt.Println(err)
		return
	}
	copyBlob := func(f *faultfs.Faults) error {
		l := layout.New(f.Over(fsys))
		return l.Copy(context.Background(), discard{}, d.Digest)
	}

	whole := new(faultfs.Faults)
	if err := copyBlob(whole); err != nil {
		fmt.Println(err)
		return
	}
	for _, op := range whole.Ops() {
		err := copyBlob(&faultfs.Faults{Plan: faultfs.At(op, faultfs.Fail(syscall.EIO))})
		fmt.Println(op.Kind, op.Turn, err != nil)
	}

	// What every reading of the index does is one plan, too.
	f := &faultfs.Faults{Plan: faultfs.On(faultfs.OpRead, model.IndexFile, faultfs.Flip(0))}
	index := layout.New(f.Over(fsys)).Index(context.Background(), layout.Limits{})
	fmt.Println(index.Problems.Err() != nil, f.Count(faultfs.OpRead, model.IndexFile), f.Unclosed())
	// Output:
	// lstat 0 true
	// lstat 0 true
	// lstat 0 true
	// open 0 true
	// fstat 0 true
	// read 0 true
	// read 1 true
	// fstat 1 true
	// close 0 false
	// true 2 []
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
