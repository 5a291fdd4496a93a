package layout_test

import (
	"context"
	"errors"
	"path"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// closingFs calls closed once a file of that name is closed.
type closingFs struct {
	afero.Fs
	name   string
	closed func()
}

func (c closingFs) Open(name string) (afero.File, error) {
	f, err := c.Fs.Open(name)
	if err != nil || path.Clean(name) != c.name {
		return f, err
	}
	return closingFile{f, c.closed}, nil
}

type closingFile struct {
	afero.File
	closed func()
}

func (f closingFile) Close() error { f.closed(); return f.File.Close() }

// A document that was read, but not loaded when ctx was cancelled, is none: half of
// it must not be taken for the whole.
func TestCancelLoading(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	image := b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/motd": "hello\n"}))
	b.Entry(image, "v1")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("enough")
	for _, name := range []string{model.IndexFile, blobs.Path(image.Digest)} {
		ctx, cancel := context.WithCancelCause(t.Context())
		l := layout.New(closingFs{fsys, name, func() { cancel(cause) }})
		if d := l.Index(ctx, layout.Limits{}); name == model.IndexFile && (d.Err != cause || d.Doc != nil || d.Raw != nil) {
			t.Errorf("%v, %v", d.Err, d.Doc)
		}
		if doc, err := l.ReadDocument(ctx, &image, layout.Limits{}); err == nil || doc != nil {
			t.Errorf("%s: %v, %v", name, err, doc)
		}
		ctx, cancel = context.WithCancelCause(t.Context())
		l = layout.New(closingFs{fsys, name, func() { cancel(cause) }})
		for v := range l.Walk(ctx, layout.WalkOptions{}) {
			if v.Document != nil && v.Document.Path == name && (v.Document.Err != cause || v.Document.Doc != nil) {
				t.Errorf("%s: %+v", name, v.Document)
			}
		}
	}
}
