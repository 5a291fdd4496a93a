package consumers

import (
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/spf13/afero"
)

// verdict is what ocilayout says of a stack.
type verdict struct {
	findings []verify.Finding
	complete bool
	files    outcome // of the image's file system
}

// judge verifies a layout of one image that has these layers.
func judge(layers [][]byte) (verdict, error) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	var packed []layouttest.Layer
	for _, raw := range layers {
		packed = append(packed, b.Pack(v1.MediaTypeImageLayer, raw))
	}
	b.Entry(b.Image("linux/amd64", packed...), "v1")
	if err := b.Finish(); err != nil {
		return verdict{}, err
	}
	l := layout.New(fsys)
	defer l.Close()
	var v verdict
	verifier := verify.New(l, verify.Options{Level: verify.LevelContent, Jobs: 1})
	for f, err := range verifier.Findings(context.Background()) {
		if err != nil {
			return verdict{}, err
		}
		v.findings = append(v.findings, f)
	}
	v.complete = verifier.Stats().Complete
	v.files.tree, v.files.err = filesOf(l)
	return v, nil
}

// filesOf returns the tree that the commands which list and read files see.
func filesOf(l *layout.Layout) (tree, error) {
	ctx := context.Background()
	images, err := l.Images(ctx, layout.Selector{})
	if err != nil {
		return nil, err
	}
	if len(images) != 1 {
		return nil, fmt.Errorf("%d images", len(images))
	}
	fsys, err := images[0].FS(ctx, layer.Limits{})
	if err != nil {
		return nil, err
	}
	t := make(tree)
	for path, f := range fsys.Tree.All() {
		n := node{
			kind: kindOf(f.FileMode()), mode: uint32(f.Mode & 0o7777), uid: uint32(f.UID), gid: uint32(f.GID),
			link: f.Link, xattrs: joinXattrs(f.Xattrs), time: seconds(f.Time.Unix(), int64(f.Time.Nanosecond())),
		}
		switch n.kind {
		case "-":
			if n.content, err = contentOf(fsys, path); err != nil {
				return nil, err
			}
		case "c", "b":
			n.device = fmt.Sprintf("%d:%d", f.Major, f.Minor)
		}
		if n.kind != "d" {
			n.same = fmt.Sprint(f.File)
		}
		t[path] = n
	}
	t.link()
	return t, nil
}

// contentOf reads a file. Package fs has no names that are not UTF-8, so that
// those cannot be read.
func contentOf(fsys layer.FS, path string) (string, error) {
	if !fs.ValidPath(path) {
		return unreadable, nil
	}
	f, err := fsys.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	return string(raw), err
}

// unreadable is the content of a file that cannot be read by its name.
const unreadable = "(its name is not UTF-8)"

func kindOf(m fs.FileMode) string {
	switch m.Type() {
	case 0:
		return "-"
	case fs.ModeDir:
		return "d"
	case fs.ModeSymlink:
		return "L"
	case fs.ModeNamedPipe:
		return "p"
	case fs.ModeDevice | fs.ModeCharDevice:
		return "c"
	case fs.ModeDevice:
		return "b"
	}
	return "?"
}
