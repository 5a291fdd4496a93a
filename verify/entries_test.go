package verify_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// What is found about the entries of one layer depends on their order, and on
// how their names are written.
func TestEntries(t *testing.T) {
	for _, tc := range []struct {
		name    string
		entries string // see entriesOf
		want    []string
	}{
		{"nothing twice", "a b c/b d/a ab a-b", nil},
		{"way and directory", "d/a d/ d/b", nil},
		{"file and directory", "a a/ a/b", []string{"entry-duplicate a/"}},
		{"file on the way", "a a/b a/", []string{"entry-below-file a/b", "entry-duplicate a/"}},
		{"directory on the way", "a/b a", []string{"entry-replaces-directory a"}},
		{"directory and file", "a/ a", []string{"entry-duplicate a"}},
		{"directory twice", "a/ a/", []string{"entry-duplicate-directory a/"}},
		{"directory thrice", "a/ ./a/ a", []string{"entry-duplicate-directory ./a/", "entry-duplicate a"}},
		{"link and file", "b a=b a", []string{"entry-duplicate a"}},
		{"root twice", "./ /", []string{"entry-duplicate-directory /"}},
		{"root as a file", ".", []string{"entry-root ."}},
		{"whiteout and file", ".wh.a a", []string{"whiteout-no-target .wh.a"}},
		{"whiteout twice", ".wh.a .wh.a", []string{"whiteout-no-target .wh.a", "entry-duplicate .wh.a"}},
		{"dots", "a/./b a//b a/../c c", []string{"entry-duplicate a//b", "entry-duplicate c", "entry-path-dots a/../c"}},
		{"dots to the root", "a/../ ./", []string{"entry-duplicate-directory ./", "entry-path-dots a/../"}},
		{"out and in", "a/../../b b ../b", []string{"entry-path-escape a/../../b", "entry-path-escape ../b"}},
		{"out is nowhere", "../a ../a ../a/b", []string{"entry-path-escape ../a", "entry-path-escape ../a", "entry-path-escape ../a/b"}},
		{"behind a symlink", "l>x l/a m/b l/c", []string{"entry-through-symlink l/a", "entry-through-symlink l/c"}},
		{"behind a later symlink", "l/a l/b l>x", []string{"entry-replaces-directory l"}},
		{"before and behind a symlink", "d/l/a d/l>x d/l/b", []string{"entry-replaces-directory d/l", "entry-through-symlink d/l/b"}},
		{"deep behind a symlink", "d/l>x d/l/e/f/a", []string{"entry-through-symlink d/l/e/f/a"}},
		{"beside a symlink", "l>x ll/a l2 d/l/a", nil},
		{"where a symlink was", "l>x l/ l/a", []string{"entry-duplicate l/"}},
		{"whiteout behind a symlink", "l>x l/.wh.a", []string{"entry-through-symlink l/.wh.a", "whiteout-no-target l/.wh.a"}},
		{"link to a directory", "d/ a=d", []string{"hard-link-directory a"}},
		{"link to an implied directory", "d/x a=d", []string{"hard-link-directory a"}},
		{"link to a symlink", "l>x a=l", nil},
		{"link to a link to itself", "a=b b=a", []string{"hard-link-forward a", "hard-link-missing b"}},
		{"link to itself by another name", "d/a=d/../d//a", []string{"hard-link-self d/a"}},
		{"link to the root", "./ a=/", []string{"hard-link-directory a"}},
		{"links forward", "a=z b=z z c=z", []string{"hard-link-forward a", "hard-link-forward b"}},
		{"link to a whiteout", ".wh.a b=.wh.a", []string{"whiteout-no-target .wh.a", "hard-link-missing b"}},
		{"order is told once", "a .wh.x .wh.y d/a d/.wh.z", []string{
			"whiteout-order .wh.x", "whiteout-no-target .wh.x", "whiteout-no-target .wh.y", "whiteout-no-target d/.wh.z"}},
		{"order of other directories", "d/a .wh.x d/e/.wh.y", []string{"whiteout-no-target .wh.x", "whiteout-no-target d/e/.wh.y"}},
		{"order of the directory itself", "d/ d/.wh.x d/a", []string{"whiteout-no-target d/.wh.x"}},
		{"whiteouts as directories", ".wh.a/b .wh.a/c d/.wh.a/e", []string{
			"whiteout-directory .wh.a/b", "whiteout-directory d/.wh.a/e"}},
		{"names that look like whiteouts", ".wh a.wh.b .why/ .wh-a", nil},
		{"opaque, misspelt", ".wh..wh..opq2 .wh..opq", []string{"whiteout-reserved .wh..wh..opq2", "whiteout-no-target .wh..opq"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var layer layouttest.Layer
			r := verifyFs(t, build(t, func(b *layouttest.Builder) {
				layer = pile(b, tc.entries)[0]
				entered(b, "v1", layer)
			}), verify.Options{})
			var got []string
			for _, f := range r.findings {
				got = append(got, fmt.Sprintf("%s %s", f.Rule, f.Entry))
				if f.Path != blobs.Path(layer.Digest) || f.Digest != layer.Digest || len(f.Trail) != 2 || !strings.HasSuffix(f.Trail[1], "#/layers/0") {
					t.Errorf("%s: of %s, %s, trail %q", f.Rule, f.Path, f.Digest, f.Trail)
				}
			}
			slices.Sort(got)
			slices.Sort(tc.want)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a directory says of itself, saying it twice in another way is worse
// than twice in the same.
func TestDirectoriesTwice(t *testing.T) {
	base := tar.Header{Name: "d", Typeflag: tar.TypeDir, Mode: 0o755, Uid: 1, Gid: 2}
	changes := map[string]func(h *tar.Header){
		"name":  func(h *tar.Header) { h.Name = "./d/" },
		"owner": func(h *tar.Header) { h.Uid++ },
		"group": func(h *tar.Header) { h.Gid++ },
		"mode":  func(h *tar.Header) { h.Mode |= 0o1000 },
		"time":  func(h *tar.Header) { h.ModTime = h.ModTime.AddDate(2000, 0, 0) },
	}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		again := base
		changes[name](&again)
		want := rule.EntryDuplicate
		if name == "name" {
			want = rule.EntryDuplicateDirectory
		}
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			entered(b, "v1", b.Pack(model.MediaTypeLayer, b.Archive(layouttest.Entry{Header: base}, layouttest.Entry{Header: again})))
		}), verify.Options{})
		if len(r.findings) != 1 || r.findings[0].Rule != want {
			t.Errorf("%s: %s", name, describe(r.findings))
		}
	}
}

// Of many findings of a rule about a layer the first are told each by themselves,
// and the others by how many they are. The verdict is as if all were.
func TestManyFindings(t *testing.T) {
	testrun.NotShort(t, "it reads one layer of many entries")
	const shown, n = 20, 10_001
	for _, tc := range []struct {
		name   string
		blocks []byte
		id     rule.ID // of what each block gives, "" for nothing
		shown  int
	}{
		{"findings", distinct(tar.Header{Typeflag: tar.TypeBlock}, n), rule.EntryDevice, shown},
		{"links", distinct(tar.Header{Typeflag: tar.TypeLink, Linkname: "a", Mode: 0o644}, n), rule.HardLinkLower, shown},
		{"whiteouts", bytes.Repeat(rawlayer.Header(tar.Header{Name: ".wh.a", Typeflag: tar.TypeReg}), n+1), rule.EntryDuplicate, shown},
		{"whiteouts of files", distinct(tar.Header{Name: ".wh.", Typeflag: tar.TypeReg}, n), rule.WhiteoutNoTarget, shown},
		{"absolute names", distinct(tar.Header{Name: "/", Typeflag: tar.TypeFifo}, n), rule.EntryPathAbsolute, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := verifyFs(t, build(t, func(b *layouttest.Builder) {
				entered(b, "v1", pile(b, "a")[0], b.Pack(model.MediaTypeLayer, append(tc.blocks, rawlayer.End()...)))
			}), verify.Options{})
			want := tc.shown
			if tc.shown > 1 {
				want++
			}
			for _, f := range r.findings {
				if f.Rule != tc.id {
					t.Fatal(describe(r.findings))
				}
			}
			if len(r.findings) != want || !r.stats.Complete {
				t.Fatalf("%d findings, %+v", len(r.findings), r.stats)
			}
			last := r.findings[want-1]
			if !strings.Contains(last.Message, strconv.Itoa(n-tc.shown)) && !strings.Contains(last.Message, strconv.Itoa(n)) || (last.Entry == "") != (tc.shown > 1) {
				t.Errorf("%+v", last)
			}
		})
	}
}

// distinct repeats a header under other names, that all begin with its own.
func distinct(h tar.Header, n int) []byte {
	var out []byte
	prefix := h.Name
	for i := range n {
		h.Name = fmt.Sprintf("%sentry-%d", prefix, i)
		out = append(out, rawlayer.Header(h)...)
	}
	return out
}
