package layout_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A short digest is looked for among entries, then among blobs, then among what documents
// name.
func TestExpand(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	layer, missing := b.Layer(layouttest.Files{"a": "1"}), b.Layer(layouttest.Files{"b": "2"})
	image := b.Image("linux/amd64", layer, missing)
	b.Entry(image, "v1")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	file := func(d digest.Digest) string { return "blobs/sha256/" + d.Encoded() }
	if err := fsys.Remove(file(missing.Digest)); err != nil {
		t.Fatal(err)
	}
	// A blob that begins as the entry does, and two that begin alike.
	like := image.Digest.Encoded()[:8] + strings.Repeat("0", 56)
	for _, name := range []string{like, "00ff00" + strings.Repeat("1", 58), "00ff00" + strings.Repeat("2", 58)} {
		if err := afero.WriteFile(fsys, "blobs/sha256/"+name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l := layout.New(fsys)
	for _, test := range []struct {
		of   layout.Selector
		want digest.Digest
	}{
		{layout.Selector{Short: image.Digest.Encoded()[:6]}, image.Digest},
		{layout.Selector{Short: "sha256:" + image.Digest.Encoded()[:8]}, image.Digest},
		{layout.Selector{RefName: "v1", Short: image.Digest.Encoded()[:8]}, image.Digest},
		{layout.Selector{Short: layer.Digest.Encoded()[:8]}, layer.Digest},
		{layout.Selector{Short: missing.Digest.Encoded()[:8]}, missing.Digest},
		{layout.Selector{Short: like[:9]}, digest.Digest("sha256:" + like)},
		{layout.Selector{Digest: layer.Digest}, layer.Digest},
		{layout.Selector{Short: "sha512:" + image.Digest.Encoded()[:8]}, ""},
		{layout.Selector{RefName: "v1", Short: layer.Digest.Encoded()[:8]}, ""},
		{layout.Selector{RefName: "v2", Short: image.Digest.Encoded()[:8]}, ""},
		{layout.Selector{Short: "fedcba98"}, ""},
	} {
		got, err := l.Expand(t.Context(), test.of)
		if test.want == "" && !errors.Is(err, layout.ErrNoEntry) || test.want != "" && (err != nil || got != layout.Selector{RefName: test.of.RefName, Digest: test.want}) {
			t.Errorf("%s: %+v, %v", test.of, got, err)
		}
	}
	_, err := l.Expand(t.Context(), layout.Selector{Short: "00ff00"})
	ambiguous, ok := errors.AsType[*layout.AmbiguousError](err)
	if !ok || len(ambiguous.Digests) != 2 || !strings.Contains(err.Error(), string(ambiguous.Digests[1])) {
		t.Errorf("%v", err)
	}
	if _, err := layout.New(afero.NewMemMapFs()).Expand(t.Context(), layout.Selector{Short: "00ff00"}); !errors.Is(err, layout.ErrNotLayout) {
		t.Errorf("%v", err)
	}
}
