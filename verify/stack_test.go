package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// entriesOf makes entries of a line of words: "dir/", "file", "soft>target",
// "hard=target".
func entriesOf(line string) []layouttest.Entry {
	var entries []layouttest.Entry
	for _, word := range strings.Fields(line) {
		if name, target, ok := strings.Cut(word, ">"); ok {
			entries = append(entries, layouttest.Symlink(name, target))
		} else if name, target, ok := strings.Cut(word, "="); ok {
			entries = append(entries, layouttest.HardLink(name, target))
		} else if strings.HasSuffix(word, "/") {
			entries = append(entries, layouttest.Dir(word))
		} else {
			entries = append(entries, layouttest.File(word, ""))
		}
	}
	return entries
}

// pile writes a layer for each line.
func pile(b *layouttest.Builder, lines ...string) []layouttest.Layer {
	var layers []layouttest.Layer
	for _, line := range lines {
		layers = append(layers, b.Pack(model.MediaTypeLayerGzip, b.Archive(entriesOf(line)...)))
	}
	return layers
}

// inLayers lists findings as "layer rule entry", by the place of the layer.
func inLayers(r result, layers []layouttest.Layer) []string {
	var list []string
	for _, f := range r.findings {
		at := slices.IndexFunc(layers, func(l layouttest.Layer) bool { return blobs.Path(l.Digest) == f.Path })
		list = append(list, fmt.Sprintf("%d %s %s", at, f.Rule, f.Entry))
	}
	return list
}

// Hard links and whiteouts are held against what lies below, in whatever order
// it came there, and never against what lies above.
func TestLayersAgainstLower(t *testing.T) {
	for _, tc := range []struct {
		name   string
		layers []string
		want   []string
	}{
		{"a target behind a symlink of the same layer", []string{"usr/ usr/lib/ usr/lib/x lib>usr/lib y=lib/x"}, []string{"0 entry-through-symlink y"}},
		{"a target behind a symlink of a lower layer", []string{"usr/ usr/lib/ usr/lib/x lib>usr/lib", "y=lib/x"}, []string{"1 entry-through-symlink y", "1 hard-link-lower y"}},
		{"a target beside a symlink", []string{"usr/ lib>usr", "y=libx/x"}, []string{"1 hard-link-missing y"}},
		{"within the layer", []string{"a b=a", "c d=c"}, nil},
		{"lower", []string{"a", "b=a"}, []string{"1 hard-link-lower b"}},
		{"two below", []string{"a", "x", "b=a"}, []string{"2 hard-link-lower b"}},
		{"only above", []string{"b=a", "a"}, []string{"0 hard-link-missing b"}},
		{"nowhere", []string{"x", "b=a"}, []string{"1 hard-link-missing b"}},
		{"in two layers", []string{"a", "a b=a"}, nil},
		{"forward", []string{"x", "b=a a"}, []string{"1 hard-link-forward b"}},
		{"forward and lower", []string{"a", "b=a a"}, []string{"1 hard-link-lower b"}},
		{"absolute target", []string{"a", "b=/./a"}, []string{"1 hard-link-lower b"}},
		{"lower directory", []string{"d/", "b=d"}, []string{"1 hard-link-directory b"}},
		{"implied lower directory", []string{"d/a", "b=d"}, []string{"1 hard-link-directory b"}},
		{"link of a link", []string{"a b=a", "c=b d=c"}, []string{"1 hard-link-lower c"}},
		{"whiteout", []string{"a", ".wh.a"}, nil},
		{"whiteout two below", []string{"a", "x", ".wh.a"}, nil},
		{"whiteout of what lies above", []string{".wh.a", "a"}, []string{"0 whiteout-no-target .wh.a"}},
		{"whiteout of its own", []string{"x", ".wh.a a"}, []string{"1 whiteout-no-target .wh.a"}},
		{"whiteout of a directory", []string{"d/a", ".wh.d"}, nil},
		{"whiteout of an implied directory", []string{"d/e/a", "d/.wh.e"}, nil},
		{"whiteout in a directory", []string{"d/a", "d/.wh.a"}, nil},
		{"whiteout in another directory", []string{"d/a", ".wh.a"}, []string{"1 whiteout-no-target .wh.a"}},
		{"whiteout of a link", []string{"a b=a c>a", ".wh.b .wh.c"}, nil},
		{"whiteout of the longer name", []string{"ab", ".wh.a"}, []string{"1 whiteout-no-target .wh.a"}},
		{"opaque", []string{"d/a", "d/.wh..wh..opq"}, []string{"1 whiteout-opaque d/.wh..wh..opq"}},
		{"opaque root", []string{"a", ".wh..wh..opq"}, []string{"1 whiteout-opaque .wh..wh..opq", "1 whiteout-root .wh..wh..opq"}},
		{"opaque nothing", []string{"a", "d/.wh..wh..opq"}, []string{"1 whiteout-opaque d/.wh..wh..opq", "1 whiteout-no-target d/.wh..wh..opq"}},
		{"opaque root of nothing", []string{".wh..wh..opq"}, []string{"0 whiteout-opaque .wh..wh..opq", "0 whiteout-no-target .wh..wh..opq"}},
		{"reserved names remove nothing", []string{"x", ".wh..wh.a"}, []string{"1 whiteout-reserved .wh..wh.a"}},
		{"whiteout above another", []string{"d/a", "d/.wh.a .wh.d"}, []string{"1 whiteout-own-entry .wh.d"}},
		{"whiteout above another, where a directory is not", []string{"x", "d/.wh.a .wh.d"}, []string{"1 whiteout-no-target d/.wh.a", "1 whiteout-no-target .wh.d", "1 whiteout-own-entry .wh.d"}},
		{"whiteout above another, in the lowest layer", []string{"d/.wh.a .wh.d"}, []string{"0 whiteout-no-target d/.wh.a", "0 whiteout-no-target .wh.d", "0 whiteout-own-entry .wh.d"}},
		{"whiteout far above another", []string{"d/", "d/e/.wh.a .wh.d"}, []string{"1 whiteout-no-target d/e/.wh.a", "1 whiteout-own-entry .wh.d"}},
		{"whiteout above another in a missing directory", []string{"d/", "d/e/.wh.a d/.wh.e"}, []string{"1 whiteout-no-target d/e/.wh.a", "1 whiteout-no-target d/.wh.e", "1 whiteout-own-entry d/.wh.e"}},
		{"whiteout above an opaque marker", []string{"d/a", "d/.wh..wh..opq .wh.d"}, []string{"1 whiteout-opaque d/.wh..wh..opq", "1 whiteout-own-entry .wh.d"}},
		{"whiteout above another, behind a symlink", []string{"d/a l>d", "l/.wh.a .wh.l"}, []string{"1 entry-through-symlink l/.wh.a", "1 whiteout-own-entry .wh.l"}},
		{"whiteout of what another reaches by a symlink", []string{"d/a l>d", "l/.wh.a .wh.d"}, []string{"1 entry-through-symlink l/.wh.a"}},
		{"whiteout above another, below a file", []string{"d", "d/.wh.a .wh.d"}, []string{"1 entry-below-file d/.wh.a", "1 whiteout-own-entry .wh.d"}},
		{"whiteout above another, below a file of its own", []string{"x", "d d/e/.wh.a d/.wh.e"}, []string{"1 entry-below-file d/e/.wh.a", "1 entry-below-file d/.wh.e"}},
		{"whiteout above an entry and another", []string{"x", "d/a d/.wh.b .wh.d"}, []string{"1 whiteout-order d/.wh.b", "1 whiteout-no-target d/.wh.b", "1 whiteout-own-entry .wh.d"}},
		{"whiteouts below what a lower layer removes", []string{"b/a", ".wh.b", "b/c/.wh.a b/c/.wh.b b/.wh.d"},
			[]string{"2 whiteout-no-target b/c/.wh.a", "2 entry-parent-replaced b/c/.wh.a", "2 whiteout-no-target b/c/.wh.b", "2 whiteout-no-target b/.wh.d"}},
		{"whiteout in what a lower layer removes", []string{"b/a", ".wh.b", "b/.wh.a"}, []string{"2 whiteout-no-target b/.wh.a"}},
		{"whiteout below what was a file", []string{"b", "b/", "b/c/.wh.a"}, []string{"2 whiteout-no-target b/c/.wh.a", "2 entry-parent-replaced b/c/.wh.a"}},
		{"whiteout in what was a file", []string{"b", "b/", "b/.wh.a"}, []string{"2 whiteout-no-target b/.wh.a"}},
		{"whiteout before another below it", []string{"d/a", ".wh.d d/.wh.a"}, []string{"1 entry-below-whiteout d/.wh.a"}},
		{"whiteouts below a whiteout and above one another", []string{"d/a", ".wh.d d/e/.wh.a d/.wh.e"}, []string{"1 entry-below-whiteout d/e/.wh.a", "1 entry-below-whiteout d/.wh.e"}},
		{"whiteout above another, twice", []string{"d/a", "d/.wh.a .wh.d .wh.d"}, []string{"1 whiteout-own-entry .wh.d", "1 entry-duplicate .wh.d"}},
		{"whiteouts beside one another", []string{"d/a d/b", "d/.wh.a d/.wh.b"}, nil},
		{"whiteout above that of a lower layer", []string{"d/a", "d/.wh.a", ".wh.d"}, nil},
		{"removed in between", []string{"a", ".wh.a", ".wh.a", "b=a"}, []string{"1 whiteout-no-target .wh.a", "3 hard-link-missing b"}},
		{"removed and back", []string{"a", ".wh.a", "a", "b=a .wh.a"}, []string{"3 hard-link-lower b", "3 whiteout-order .wh.a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var layers []layouttest.Layer
			fsys := build(t, func(b *layouttest.Builder) {
				layers = pile(b, tc.layers...)
				entered(b, "v1", layers...)
			})
			for _, jobs := range []int{1, 8} {
				r := verifyFs(t, fsys, verify.Options{Jobs: jobs})
				if diff := cmp.Diff(tc.want, inLayers(r, layers)); diff != "" {
					t.Errorf("jobs %d: findings (-want +got):\n%s", jobs, diff)
				}
			}
		})
	}
}

// A layer in two images is held against what lies below it in each, and once
// where that is the same.
func TestLayerInManyImages(t *testing.T) {
	var layers []layouttest.Layer
	var trails []string
	fsys := build(t, func(b *layouttest.Builder) {
		layers = pile(b, "a", ".wh.x b=a", "x")
		base, links, x := layers[0], layers[1], layers[2]
		for i, image := range [][]layouttest.Layer{
			{base, links}, {base, links}, {links, base}, {x, base, links}, {base, links, x}, {base, links, links},
		} {
			d, _ := entered(b, fmt.Sprint("v", i), image...)
			trails = append(trails, blobs.Path(d.Digest))
		}
	})
	for _, jobs := range []int{1, 8} {
		r := verifyFs(t, fsys, verify.Options{Jobs: jobs})
		var got []string
		for _, f := range r.findings {
			if f.Path != blobs.Path(layers[1].Digest) {
				t.Errorf("a finding about %s", f.Path)
			}
			manifest, pointer, _ := strings.Cut(f.Trail[len(f.Trail)-1], "#")
			got = append(got, fmt.Sprintf("v%d%s %s %s", slices.Index(trails, manifest), pointer, f.Rule, f.Entry))
		}
		want := []string{
			"v0/layers/1 whiteout-no-target .wh.x", "v0/layers/1 hard-link-lower b",
			"v2/layers/0 whiteout-no-target .wh.x", "v2/layers/0 hard-link-missing b",
			"v3/layers/2 hard-link-lower b",
			"v5/layers/2 whiteout-no-target .wh.x", "v5/layers/2 hard-link-lower b",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("jobs %d: findings (-want +got):\n%s", jobs, diff)
		}
	}
}

// Where a layer is missing or damaged, or could not be looked at as a whole, that
// is all there is to tell: nobody knows what the layers upon it may rely on.
func TestUnknownLayersDoNotCascade(t *testing.T) {
	const above = ".wh.x b=a"
	for _, tc := range []struct {
		name string
		// spoil makes the lower layer, or breaks it.
		spoil  func(b *layouttest.Builder) layouttest.Layer
		broken func(s *spied, name string) error
		o      verify.Options
		want   []rule.ID
	}{
		{name: "missing", broken: func(s *spied, name string) error { return layouttest.Remove(s.base, name) }, want: []rule.ID{rule.BlobMissing}},
		{name: "damaged", broken: func(s *spied, name string) error { return layouttest.Corrupt(s.base, name, 700) }, want: []rule.ID{rule.BlobDigestMismatch}},
		{name: "cut", broken: func(s *spied, name string) error { return layouttest.Truncate(s.base, name, 700) }, want: []rule.ID{rule.DescriptorSizeMismatch, rule.BlobDigestMismatch}},
		{name: "unreadable", broken: func(s *spied, name string) error { s.Plan = refuse("read", name, fmt.Errorf("no")); return nil }, want: []rule.ID{rule.FileUnreadable}},
		{name: "changing", broken: func(s *spied, name string) error {
			s.Plan = faultfs.On(faultfs.OpOpen, name, faultfs.Do(func() { layouttest.Append(s.base, name, "more") }))
			return nil
		}, want: []rule.ID{rule.FileChanged}},
		{name: "corrupt", spoil: func(b *layouttest.Builder) layouttest.Layer {
			raw := b.Archive(layouttest.File("x", ""))
			return layouttest.Layer{Descriptor: b.Blob(model.MediaTypeLayerGzip, rawlayer.Gzip(raw)[:600])}
		}, want: []rule.ID{rule.LayerStream}},
		{name: "no archive", spoil: func(b *layouttest.Builder) layouttest.Layer {
			return b.Pack(model.MediaTypeLayerGzip, b.Archive(layouttest.File("x", "hello"))[:514])
		}, want: []rule.ID{rule.TarInvalid}},
		{name: "unknown type", spoil: func(b *layouttest.Builder) layouttest.Layer {
			l := b.Layer(nil)
			l.MediaType = "application/vnd.example.layer"
			return l
		}, want: []rule.ID{rule.LayerTypeInImage, rule.DiffIDNotChecked}},
		{name: "unknown algorithm", spoil: func(b *layouttest.Builder) layouttest.Layer {
			l := layouttest.Layer{Descriptor: model.Descriptor{MediaType: model.MediaTypeLayerGzip, Digest: "sha3-256:" + hex64, Size: 1}}
			b.File(blobs.Path(l.Digest), []byte("x"))
			return l
		}, want: []rule.ID{rule.DigestAlgorithmUnsupported}},
		{name: "too many entries", spoil: func(b *layouttest.Builder) layouttest.Layer { return pile(b, "1 2 3 4")[0] },
			o: verify.Options{LayerLimits: limits(0, 3)}, want: []rule.ID{rule.LimitLayerEntries}},
		{name: "too many bytes", spoil: func(b *layouttest.Builder) layouttest.Layer { return pile(b, "1 2 3 4 5 6 7 8 9 10")[0] },
			o: verify.Options{LayerLimits: limits(4000, 0)}, want: []rule.ID{rule.LimitLayerBytes}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var lower layouttest.Layer
			s := spy(build(t, func(b *layouttest.Builder) {
				if tc.spoil == nil {
					lower = pile(b, "a x")[0]
				} else if lower = tc.spoil(b); lower.DiffID == "" {
					lower.DiffID = "sha256:" + hex64
				}
				layers := append(pile(b, "y"), lower)
				entered(b, "v1", append(layers, pile(b, above)...)...)
			}))
			if tc.broken != nil {
				if err := tc.broken(s, blobs.Path(lower.Digest)); err != nil {
					t.Fatal(err)
				}
			}
			r := verifyFs(t, s, terse(t, tc.o))
			var got []rule.ID
			for _, f := range r.findings {
				got = append(got, f.Rule)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s%s", diff, describe(r.findings))
			}
		})
	}
}

// Of layers that may be absent, those that are there are checked all the same.
func TestDiffIDsBesideAbsentLayers(t *testing.T) {
	var config string
	var layers []layouttest.Layer
	fsys := build(t, func(b *layouttest.Builder) {
		layers = pile(b, "a", "b", "c")
		layers[0].MediaType = model.MediaTypeLayerNonDistributableGzip
		layers[2] = wrong(layers[2])
		_, config = entered(b, "v1", layers...)
	})
	if err := layouttest.Remove(fsys, blobs.Path(layers[0].Digest)); err != nil {
		t.Fatal(err)
	}
	r := verifyFs(t, fsys, verify.Options{})
	var got []string
	for _, f := range r.findings {
		got = append(got, string(f.Rule))
	}
	want := []string{"layer-not-to-distribute", "blob-missing-excused", "diff-id-not-checked", "diff-id-mismatch"}
	if diff := cmp.Diff(want, got); diff != "" || r.findings[len(r.findings)-1].Path != config {
		t.Errorf("findings (-want +got):\n%s%s", diff, describe(r.findings))
	}
	if !r.stats.Complete {
		t.Errorf("%+v", r.stats)
	}
}
