package layouttest_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// recorder is a test that notes how it was ended.
type recorder struct {
	testing.TB
	message string
}

func (*recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// required returns how RequireValid ends a test, "" where it goes on.
func required(fsys afero.Fs) string {
	r := new(recorder)
	done := make(chan struct{})
	go func() {
		defer close(done)
		layouttest.RequireValid(r, afero.NewIOFS(fsys))
	}()
	<-done
	return r.message
}

func TestRequireValid(t *testing.T) {
	layer := model.Descriptor{}
	for name, tc := range map[string]struct {
		change func(fsys afero.Fs) error
		want   []string // in the message
	}{
		"valid": {func(afero.Fs) error { return nil }, nil},
		"stray": {func(fsys afero.Fs) error { return afero.WriteFile(fsys, "blobs/stray", nil, 0o644) }, nil},
		"damaged": {func(fsys afero.Fs) error { return layouttest.Corrupt(fsys, blobs.Path(layer.Digest), 1000) },
			[]string{"is not valid:\nblobs/sha256/", "[blob-digest-mismatch]"}},
		"two findings": {func(fsys afero.Fs) error {
			return errors.Join(layouttest.Corrupt(fsys, blobs.Path(layer.Digest), 1000), layouttest.Replace(fsys, "oci-layout", `"1.0.0"`, "1"))
		}, []string{"\noci-layout#/imageLayoutVersion: error: ", "[json-type]\nblobs/sha256/", "[blob-digest-mismatch]"}},
		"no layout": {func(fsys afero.Fs) error { return errors.Join(fsys.Remove("oci-layout"), fsys.Remove("index.json")) },
			[]string{"cannot be verified: ", "neither oci-layout nor index.json"}},
	} {
		fsys := afero.NewMemMapFs()
		b := layouttest.New(fsys)
		l := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
		b.Entry(b.Image("linux/amd64", l), "v1")
		if err := b.Finish(); err != nil {
			t.Fatal(err)
		}
		layer = l.Descriptor
		if err := tc.change(fsys); err != nil {
			t.Fatal(err)
		}
		message := required(fsys)
		if (message == "") != (tc.want == nil) {
			t.Errorf("%s: %q", name, message)
		}
		for _, want := range tc.want {
			if !strings.Contains(message, want) {
				t.Errorf("%s: %q, want in it %q", name, message, want)
			}
		}
	}
}

// What could not be read is not valid.
func TestRequireValidUnread(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	d := b.Blob("text/plain", []byte("hello"))
	b.Entry(d, "")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	f := &faultfs.Faults{Plan: faultfs.On(faultfs.OpRead, blobs.Path(d.Digest), faultfs.Fail(syscall.EIO))}
	if message := required(f.Over(fsys)); !strings.Contains(message, "the layout ") || !strings.Contains(message, blobs.Path(d.Digest)) {
		t.Errorf("%q", message)
	}
}
