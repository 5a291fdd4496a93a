package blobs_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
)

func TestGuard(t *testing.T) {
	broken := errors.New("broken")
	if err := blobs.Guard(func() error { return broken }); err != broken {
		t.Errorf("Guard = %v", err)
	}
	if err := blobs.Guard(func() error { return nil }); err != nil {
		t.Errorf("Guard = %v", err)
	}
	var none []int
	for _, do := range []func() error{
		func() error { panic(fs.ErrNotExist) },
		func() error { return blobs.Guard(func() error { panic(fs.ErrNotExist) }) },
		func() error { panic(blobs.Guard(func() error { panic(fs.ErrNotExist) })) },
		func() error { none[len(none)] = 1; return nil },
		func() error { panic(nil) },
	} {
		err := blobs.Guard(do)
		p, ok := errors.AsType[*blobs.PanicError](err)
		if !ok {
			t.Fatalf("Guard = %v", err)
		}
		if !strings.HasPrefix(p.Where, "blobs_test.TestGuard.") || !strings.Contains(string(p.Stack), "panic_test.go") {
			t.Errorf("%v\n%s", p, p.Stack)
		}
		if blobs.Absent(err) {
			t.Errorf("%v is taken for an absent file", err)
		}
	}
}
